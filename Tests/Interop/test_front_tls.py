"""TLS of the HTTP front, as handshakes show it: what is spoken, what is refused, and that nothing but us decides it.

Each check that something is refused is made against openssl's s_server too, which takes it: so the client can ask for it.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from certificates import Chain, chain
from serving import Serving
from support import InteropTest
from tls import (
    DEADLINE, LAST_GET, TLS_1_2, TLS_1_3, Tickets, answer, chosen, connect, context, everything, groups, record,
    record_lengths, renegotiates, resumed, s_client, suites, tickets, versions,
)  # fmt: skip

#: What openssl.cnf may say of every context of a process.
WEAK = """
MinProtocol = TLSv1
MaxProtocol = TLSv1.3
CipherString = ALL:COMPLEMENTOFALL:@SECLEVEL=0
Ciphersuites = TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256
Options = UnsafeLegacyRenegotiation,UnsafeLegacyServerConnect,ClientRenegotiation,Compression,-SessionTicket,-EncryptThenMac,-ExtendedMasterSecret,Bugs,AllowNoDHEKEX,KTLS
Groups = secp521r1:brainpoolP256r1:ffdhe2048:P-384
SignatureAlgorithms = RSA+SHA1:ECDSA+SHA1
ClientSignatureAlgorithms = RSA+SHA1
NumTickets = 5
RecordPadding = 4096
VerifyMode = Request,Require
"""
NARROW = """
MinProtocol = TLSv1.2
MaxProtocol = TLSv1.2
CipherString = ECDHE-ECDSA-AES128-GCM-SHA256
Groups = P-384
SignatureAlgorithms = ed25519
NumTickets = 0
Options = -SessionTicket,NoRenegotiation
"""


def configuration(defaults: str) -> str:
    return f"openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = defaults\n[defaults]\n{defaults}"


class Servers(unittest.TestCase):
    """Servers with a certificate of each kind of key, and openssl's own, which takes nearly anything."""

    maxDiff = None
    chains: dict[str, Chain]

    @classmethod
    def setUpClass(cls) -> None:
        cls.chains = {"P-256": chain("P-256"), "RSA 2048": chain("RSA 2048")}

    def folder(self) -> Path:
        made = Path(tempfile.mkdtemp(prefix="signet-tls-"))
        self.addCleanup(shutil.rmtree, made)
        return made

    def ours(self, kind: str = "P-256", *flags: str, conf: str | None = None) -> int:
        folder = self.folder()
        file = folder / "openssl.cnf"
        if conf:
            file.write_text(configuration(conf))
        made = self.chains[kind]
        return record(self, folder, made.pem, made.own.key_pem, *flags, conf=file if conf else None)

    def weak(self, kind: str = "RSA 2048", *options: str, conf: str | None = None) -> int:
        """openssl's server, which answers with a page."""
        folder = self.folder()
        for name, content in (("server.crt", self.chains[kind].pem), ("server.key", self.chains[kind].own.key_pem)):
            (folder / name).write_bytes(content)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        file = folder / "openssl.cnf"
        if conf:
            file.write_text(configuration(conf))
        with mock.patch.dict(os.environ, {"OPENSSL_CONF": str(file)} if conf else {}):
            process = subprocess.Popen(
                ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-cert", folder / "server.crt",
                 "-key", folder / "server.key", *options],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.terminate)
        assert process.stdout
        self.addCleanup(process.stdout.close)
        for line in process.stdout:
            if line == b"ACCEPT\n":
                return port
        self.fail("openssl s_server does not start")


class Spoken(Servers):
    def test_tls_1_2_and_1_3_and_nothing_older(self) -> None:
        refused = "PROTOCOL_VERSION"
        expected = {"TLS 1.0": refused, "TLS 1.1": refused, "TLS 1.2": "", "TLS 1.3": ""}
        for kind in self.chains:
            with self.subTest(kind):
                self.assertEqual(versions(self.ours(kind)), expected)
        self.assertEqual(set(versions(self.weak("RSA 2048", "-cipher", "ALL:@SECLEVEL=0")).values()), {""})

    def test_hellos_of_ssl_2_and_3_get_an_alert(self) -> None:
        """OpenSSL's clients do not make them any more."""
        port = self.ours()
        hello = b"\x03\0" + bytes(32) + b"\0" + b"\0\2\0\x0a" + b"\1\0"
        hello = b"\1" + len(hello).to_bytes(3, "big") + hello
        old = b"\1\0\2" + b"\0\3\0\0\0\x10" + b"\1\0\x80" + bytes(16)
        for name, data in (
            ("SSL 3", b"\x16\3\0" + len(hello).to_bytes(2, "big") + hello),
            ("SSL 2", (0x8000 | len(old)).to_bytes(2, "big") + old),
        ):
            with self.subTest(name), socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:
                connection.sendall(data)
                received = b""
                while part := connection.recv(4_096):
                    received += part
                self.assertRegex(received, rb"(?s)\A\x15\x03.\0\x02\x02.\Z")

    def test_suites_have_ephemeral_keys_and_authenticated_encryption(self) -> None:
        new = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"]
        for kind, name in (("P-256", "ECDSA"), ("RSA 2048", "RSA")):
            with self.subTest(kind):
                old = [f"ECDHE-{name}-{suite}" for suite in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")]
                self.assertEqual(suites(self.ours(kind)), old + new)
        everything_else = suites(self.weak("RSA 2048", "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-nocert"))
        self.assertTrue({"ADH-AES128-SHA", "AECDH-NULL-SHA"} & set(everything_else), everything_else)
        weak = suites(self.weak("RSA 2048", "-cipher", "ALL:@SECLEVEL=0"))
        self.assertTrue({"AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA"} <= set(weak), weak)

    def test_the_server_chooses_the_suite_and_spares_clients_without_aes(self) -> None:
        port = self.ours("RSA 2048")
        with connect(port, context(TLS_1_2, "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384")) as connection:
            self.assertEqual(connection.cipher()[0], "ECDHE-RSA-AES256-GCM-SHA384")  # type: ignore[index]
        with connect(port, context(TLS_1_2, "ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384")) as connection:
            self.assertEqual(connection.cipher()[0], "ECDHE-RSA-CHACHA20-POLY1305")  # type: ignore[index]

    def test_groups_are_x25519_and_p_256(self) -> None:
        expected = ["X25519", "prime256v1"]
        for kind in self.chains:
            with self.subTest(kind):
                port = self.ours(kind)
                self.assertEqual(groups(port, TLS_1_3), expected)
                # A certificate with a key on P-256 takes a client of TLS 1.2 that has P-256 (RFC 8422 §5.1).
                self.assertEqual(groups(port, TLS_1_2), expected if kind == "RSA 2048" else expected[1:])
        everything_else = groups(self.weak(), TLS_1_3)
        self.assertTrue({"X448", "secp384r1", "secp521r1", "ffdhe2048"} <= set(everything_else), everything_else)

    def test_a_client_whose_first_share_is_of_another_group_is_asked_for_a_second(self) -> None:
        said = s_client(self.ours(), "-tls1_3", "-groups", "P-384:P-256")
        self.assertRegex(said, r"Server Temp Key: ECDH, prime256v1")
        self.assertIn("New, TLSv1.3", said)

    def test_http_1_1_is_the_only_protocol(self) -> None:
        port = self.ours()
        alert = 120  # no_application_protocol (RFC 7301 §3.2)
        for offered, expected in (
            ([], ""),
            (["http/1.1"], "http/1.1"),
            (["h2", "http/1.1"], "http/1.1"),
            (["http/1.0", "http/1.1", "h2"], "http/1.1"),
            (["h2"], alert),
            (["http/1.0"], alert),
            (["HTTP/1.1"], alert),
            (["http/1.1x"], alert),
            (["http/1.", "1"], alert),
            (["x" * 255, "h3"], alert),
        ):
            with self.subTest(offered=offered):
                self.assertEqual(chosen(port, *offered), expected)

    def test_no_second_handshake_in_a_session(self) -> None:
        for kind in self.chains:
            port = self.ours(kind)
            self.assertFalse(renegotiates(port))
            self.assertIn("Secure Renegotiation IS supported", s_client(port, "-tls1_2"))
        self.assertTrue(renegotiates(self.weak("RSA 2048", "-client_renegotiation")))

    def test_one_ticket_and_no_early_data(self) -> None:
        port = self.ours()
        self.assertEqual(tickets(port), Tickets(1, {0}))
        folder = self.folder()
        (folder / "early").write_bytes(LAST_GET)
        said = s_client(port, "-tls1_3", "-ign_eof", "-sess_out", folder / "session", stdin=LAST_GET)
        self.assertTrue((folder / "session").exists(), said[-2_000:])
        said = s_client(
            port, "-tls1_3", "-ign_eof", "-sess_in", folder / "session", "-early_data", folder / "early", stdin=LAST_GET
        )
        self.assertIn("Reused, TLSv1.3", said)
        self.assertIn("Early data was not sent", said)
        self.assertEqual(said.count("HTTP/1.1 200"), 1)
        weak = s_client(
            self.weak("RSA 2048", "-max_early_data", "1000"), "-tls1_3", "-ign_eof", stdin=b"GET / HTTP/1.0\r\n\r\n"
        )
        self.assertRegex(weak, r"Max Early Data: [1-9]")
        self.assertEqual(weak.count("New Session Ticket arrived"), 2)

    def test_no_certificate_of_the_client_is_asked_for(self) -> None:
        for version in ("-tls1_2", "-tls1_3"):
            self.assertIn("No client certificate CA names sent", s_client(self.ours(), version))

    def test_sha_1_signs_no_handshake(self) -> None:
        for kind, port in ((kind, self.ours(kind)) for kind in self.chains):
            said = s_client(port, "-tls1_2", "-sigalgs", "RSA+SHA1:ECDSA+SHA1", "-cipher", "DEFAULT:@SECLEVEL=0")
            self.assertIn("New, (NONE)", said, kind)
        said = s_client(
            self.weak("RSA 2048", "-cipher", "DEFAULT:@SECLEVEL=0"),
            "-tls1_2", "-sigalgs", "RSA+SHA1", "-cipher", "DEFAULT:@SECLEVEL=0",
        )  # fmt: skip
        self.assertIn("Peer signing digest: SHA1", said)

    def test_any_name_or_none_is_served(self) -> None:
        port = self.ours()
        for name in ("localhost", "elsewhere.example", None):
            with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as opened:
                with context().wrap_socket(opened, server_hostname=name) as connection:
                    self.assertIn(b" 200 ", answer(connection)[:15])


class Sessions(Servers):
    def test_sessions_go_on_by_ticket_whichever_thread_has_the_connection(self) -> None:
        port = self.ours("P-256", "--threads", "3")
        for version in (TLS_1_2, TLS_1_3):
            with self.subTest(version.name):
                self.assertEqual(resumed(port, context(version)), [True] * 8)

    def test_nothing_is_kept_for_a_client_without_tickets(self) -> None:
        client = context(TLS_1_2)
        client.options |= ssl.OP_NO_TICKET
        self.assertEqual(resumed(self.ours(), client, 3), [False] * 3)

    def test_a_ticket_of_another_process_is_not_taken(self) -> None:
        first, second = self.ours(), self.ours()
        for version in (TLS_1_2, TLS_1_3):
            client = context(version)
            with connect(first, client) as connection:
                answer(connection)
                session = connection.session
            with connect(second, client, session) as connection:
                self.assertIn(b" 200 ", answer(connection)[:15])
                self.assertFalse(connection.session_reused)


class Configuration(Servers):
    """OPENSSL_CONF is read by libssl by itself; an openssl.cnf of the system is read in the same way."""

    def test_an_openssl_configuration_changes_nothing(self) -> None:
        for kind in self.chains:
            expected = everything(self.ours(kind))
            for name, conf in (("weak", WEAK), ("narrow", NARROW)):
                with self.subTest(kind, configuration=name):
                    self.assertEqual(everything(self.ours(kind, conf=conf)), expected)

    def test_such_a_configuration_changes_another_server(self) -> None:
        plain = self.weak()
        weak = self.weak(
            conf=WEAK.replace("SignatureAlgorithms = RSA+SHA1:ECDSA+SHA1", "").replace("VerifyMode = Request,Require", "")
        )
        self.assertNotEqual(versions(plain)["TLS 1.0"], "")
        self.assertEqual(versions(weak)["TLS 1.0"], "")
        self.assertIn("secp521r1", groups(weak, TLS_1_3))
        self.assertNotIn("X25519", groups(weak, TLS_1_3))
        # The padded content, and its tag.
        self.assertEqual((record_lengths(weak)[-1] - 16) % 4_096, 0)
        self.assertEqual(
            versions(self.weak("P-256", conf=NARROW.replace("SignatureAlgorithms = ed25519", "")))["TLS 1.3"],
            "PROTOCOL_VERSION",
        )


class Reload(InteropTest):
    """`signet serve` with a certificate that is replaced."""

    def put(self, made: Chain) -> None:
        for name, content in (("tls/tls.key", made.own.key_pem), ("tls/tls.crt", made.pem)):
            self.write(f"{name}.new", content).rename(self.scratch / name)

    def start(self) -> Serving:
        self.signet("init")
        text = re.sub(r'"127\.0\.0\.1:\d+"', '"systemd"', (self.scratch / "signet.json").read_text())
        text = text.replace("{", '{ "tls": { "certificate": "tls/tls.crt", "key": "tls/tls.key" },', 1)
        self.write("signet.json", text)
        gateway = Serving(self.scratch / "signet.json", tls=context())
        self.addCleanup(gateway.stop)
        return gateway

    def await_certificate(self, port: int, made: Chain) -> None:
        end = time.monotonic() + DEADLINE
        while True:
            with connect(port, context()) as connection:
                if connection.getpeercert(binary_form=True) == made.own.der:
                    return
            self.assertLess(time.monotonic(), end, "the new certificate is not served")
            time.sleep(0.02)

    def test_a_new_certificate_ends_old_connections_with_an_answer_and_old_sessions_with_a_handshake(self) -> None:
        first, second = chain(), chain("RSA 2048")
        (self.scratch / "tls").mkdir()
        self.put(first)
        gateway = self.start()
        port = int(gateway.address.rsplit(":", 1)[1])
        request = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        clients = {version: context(version) for version in (TLS_1_2, TLS_1_3)}
        kept: dict[ssl.TLSVersion, ssl.SSLSocket] = {}
        sessions: dict[ssl.TLSVersion, ssl.SSLSession] = {}
        for version, client in clients.items():
            with connect(port, client) as connection:
                answer(connection, request)
                session = connection.session
            kept[version] = connect(port, client, session)
            self.addCleanup(kept[version].close)
            self.assertNotIn(b"connection: close", answer(kept[version], request).lower())
            self.assertTrue(kept[version].session_reused)
            sessions[version] = kept[version].session or session  # type: ignore[assignment]
        self.put(second)
        gateway.process.send_signal(1)  # SIGHUP
        self.await_certificate(port, second)

        for version, client in clients.items():
            with self.subTest(version.name):
                old = kept[version]
                self.assertEqual(old.getpeercert(binary_form=True), first.own.der)
                last = answer(old, request)
                self.assertIn(b" 200 ", last[:15])
                self.assertIn(b"\r\nconnection: close\r\n", last.lower())
                self.assertEqual(old.recv(1), b"", "close_notify")
                with connect(port, client, sessions[version]) as connection:
                    self.assertFalse(connection.session_reused)
                    self.assertEqual(connection.getpeercert(binary_form=True), second.own.der)
                    self.assertNotIn(b"connection: close", answer(connection, request).lower())
                self.assertEqual(resumed(port, client, 2, request), [True, True])
        self.assertEqual([line for line in gateway.log if line.get("level") == "error"], [])
        self.assertEqual(gateway.stop(), 0)

    def test_a_certificate_that_cannot_be_served_with_leaves_the_old_one(self) -> None:
        first, second = chain(), chain()
        (self.scratch / "tls").mkdir()
        self.put(first)
        gateway = self.start()
        port = int(gateway.address.rsplit(":", 1)[1])
        self.put(Chain(second.root, second.intermediate, type(second.own)(second.own.certificate, first.own.key)))
        end = time.monotonic() + DEADLINE
        while not (failed := [line for line in gateway.log if line["event"] == "reload-failed"]):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)
        self.assertTrue(any("do not belong together" in text for text in failed[0]["problems"]), failed)
        self.await_certificate(port, first)
