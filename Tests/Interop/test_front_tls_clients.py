"""Clients of TLS that nobody here wrote, and certificates of every kind that a gateway may have."""

import json
import os
import re
import shutil
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

from certificates import Issued, chain, issue
from support import SIGNET, Finished, InteropTest, run
from tls import DEADLINE, GET, LAST_GET, answer, connect, record, s_client

PEERS = Path(__file__).parent / "peers"
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

_NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    client_max_body_size 2m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_next_upstream off;
    proxy_ssl_verify on;
    proxy_ssl_verify_depth 2;
    proxy_ssl_trusted_certificate {folder}/root.crt;
    proxy_ssl_name localhost;
    proxy_ssl_server_name on;
    upstream signet {{ server 127.0.0.1:{port}; keepalive 8; keepalive_timeout 60s; }}
    server {{
        listen unix:{folder}/nginx.sock;
        location /1.2/ {{ proxy_ssl_protocols TLSv1.2; proxy_pass https://signet; }}
        location /1.3/ {{ proxy_ssl_protocols TLSv1.3; proxy_pass https://signet; }}
        location /unbuffered/ {{ proxy_request_buffering off; proxy_pass https://signet; }}
        location /fresh/ {{ proxy_pass https://127.0.0.1:{port}; }}
        location /1.1/ {{ proxy_ssl_protocols TLSv1.1; proxy_ssl_ciphers ALL:@SECLEVEL=0; proxy_pass https://127.0.0.1:{port}; }}
        location /stranger/ {{ proxy_ssl_name elsewhere.example; proxy_pass https://127.0.0.1:{port}; }}
    }}
}}
"""


class Clients(InteropTest):
    """Each verifies the chain with its root alone, so the intermediate has to be sent."""

    def setUp(self) -> None:
        super().setUp()
        self.chain = chain()
        self.root = self.write("root.crt", self.chain.root.pem, mode=0o644)
        self.log = self.scratch / "asked"
        self.port = record(self, self.scratch, self.chain.pem, self.chain.own.key_pem, "--log", str(self.log))

    def asked(self) -> list[str]:
        """What has reached the handler."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [f"{line['method']} {line['target']} {line['length']}" for line in lines]

    def found(self, *command: str | Path) -> Any:
        return self.ran(run(*command, cwd=self.scratch), 0, command).json

    def check(self, name: str, found: Any, version: str) -> None:
        """What peers/tls_client.go and peers/tls_client.js say."""
        expected = [f"GET /{name} 0", f"POST /{name}/body 10000", f"POST /{name}/chunks 10000", f"GET /{name}/again 0"]
        self.assertEqual((found["version"], found["protocol"]), (version, "http/1.1"))
        self.assertEqual(found["asked"], expected)
        self.assertEqual(found["reused"], [False, True, True, False])
        self.assertEqual(found["resumed"], [False, False, False, True])

    def test_openssl(self) -> None:
        for version in VERSIONS:
            with self.subTest(version):
                said = s_client(
                    self.port, f"-tls{version.replace('.', '_')}", "-CAfile", self.root, "-verify_return_error",
                    "-verify_ip", "127.0.0.1", "-ign_eof", stdin=GET + LAST_GET,
                )  # fmt: skip
                self.assertIn("Verify return code: 0 (ok)", said)
                self.assertEqual(said.count("HTTP/1.1 200 OK"), 2, said[-3_000:])
                self.assertIn('"target":"/last"', said)

    def test_curl(self) -> None:
        for version in VERSIONS:
            for alpn in ([], ["--no-alpn"]):
                with self.subTest(version, alpn=alpn):
                    done = run(
                        "curl", "--silent", "--show-error", "--cacert", self.root, f"--tlsv{version}", "--tls-max", version, *alpn,
                        "--write-out", "%{stderr}%{http_code} %{http_version} %{num_connects} %{ssl_verify_result}\n",
                        "--data-binary", "@-", f"https://127.0.0.1:{self.port}/[1-3]",
                        stdin=b"x" * 20_000,
                    )  # fmt: skip
                    self.assertEqual(done.status, 0, done.err)
                    self.assertEqual(done.err.splitlines(), ["200 1.1 1 0"] + ["200 1.1 0 0"] * 2)
                    said = [json.loads(line) for line in done.out.splitlines()]
                    self.assertEqual([one["target"] for one in said], ["/1", "/2", "/3"])
        # Whoever knows another root does not go on.
        other = self.write("other.crt", issue("another root", signs=True).pem)
        self.assertEqual(run("curl", "--silent", "--cacert", other, f"https://127.0.0.1:{self.port}/").status, 60)

    def test_python(self) -> None:
        for version, number in VERSIONS.items():
            with self.subTest(version):
                client = ssl.create_default_context(cafile=str(self.root))
                client.minimum_version = client.maximum_version = number
                with connect(self.port, client) as connection:
                    for _ in range(3):
                        self.assertIn(b" 200 ", answer(connection)[:15])

    def test_go(self) -> None:
        go = shutil.which("go")
        if not go:
            self.fail("go is missing: apt-get install golang-go")
        client = self.scratch / "tls_client"
        done = subprocess.run(
            [go, "build", "-o", client, PEERS / "tls_client.go"], capture_output=True, text=True, timeout=300,
            env={**os.environ, "GOFLAGS": "", "GO111MODULE": "off"},
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        for version in VERSIONS:
            with self.subTest(version):
                found = self.found(client, f"127.0.0.1:{self.port}", self.root, version)
                self.check("go", found, version)
                self.assertEqual(found["chain"], 2, "certificates that were sent")

    def test_node(self) -> None:
        for version in VERSIONS:
            with self.subTest(version):
                self.check("node", self.found("node", PEERS / "tls_client.js", str(self.port), self.root, version), version)

    def test_nginx_as_a_proxy(self) -> None:
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not program:
            self.fail("nginx is missing: apt-get install nginx-light")
        # Its workers would run as another user, who may not look into the folder.
        user = "user root;" if os.geteuid() == 0 else ""
        self.write("nginx.conf", _NGINX.format(folder=self.scratch, user=user, port=self.port))
        nginx = subprocess.Popen(
            [program, "-e", self.scratch / "error.log", "-p", self.scratch, "-c", self.scratch / "nginx.conf"],
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(nginx.wait, 10)
        self.addCleanup(nginx.terminate)
        end = time.monotonic() + DEADLINE
        while not (self.scratch / "nginx.sock").exists():
            self.assertIsNone(nginx.poll())
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

        def ask(path: str, *options: str, body: bytes = b"") -> list[str]:
            done = run(
                "curl", "--silent", "--show-error", "--unix-socket", self.scratch / "nginx.sock", "--output", "/dev/null",
                "--write-out", "%{http_code}\n", *options, f"http://localhost{path}", stdin=body,
            )  # fmt: skip
            self.assertEqual(done.status, 0, done.err)
            return done.out.splitlines()

        for kind in ("1.2", "1.3", "fresh"):
            with self.subTest(kind):
                self.assertEqual(ask(f"/{kind}/[1-20]"), ["200"] * 20)
                self.assertEqual(ask(f"/{kind}/body", "--data-binary", "@-", body=b"x" * 1_000_000), ["200"])
                self.assertEqual(ask(f"/{kind}/head", "--head"), ["200"])
        chunks = ("--data-binary", "@-", "--header", "Transfer-Encoding: chunked", "--header", "Expect:")
        self.assertEqual(ask("/unbuffered/chunks", *chunks, body=b"x" * 300_000), ["200"])
        self.assertEqual(ask("/unbuffered/large", *chunks, body=b"x" * 1_200_000), ["413"])
        asked = self.asked()
        # nginx hands on the body's length; the handler counts so much of it as it keeps.
        self.assertEqual(len(asked), 3 * 22 + 1)
        self.assertEqual([line for line in asked if "body" in line or "chunks" in line],
                         [f"POST /{kind}/body 16385" for kind in ("1.2", "1.3", "fresh")] + ["POST /unbuffered/chunks 16385"])  # fmt: skip
        # What nginx may refuse it refuses: it has verified, and it cannot speak anything older.
        self.assertEqual(ask("/stranger/"), ["502"])
        self.assertEqual(ask("/1.1/"), ["502"])
        errors = (self.scratch / "error.log").read_text()
        self.assertIn("upstream SSL certificate does not match", errors)
        self.assertRegex(errors, "(?i)alert protocol version")


class Certificates(InteropTest):
    def test_each_kind_is_served_and_verified(self) -> None:
        for kind, signature in (("P-256", "ECDSA"), ("P-384", "ECDSA"), ("RSA 2048", "RSA-PSS"), ("Ed25519", "ed25519")):
            made = chain(kind)
            root = self.write("root.crt", made.root.pem)
            port = record(self, self.scratch, made.pem, made.own.key_pem)
            for version in VERSIONS:
                with self.subTest(kind, version=version):
                    said = s_client(
                        port, f"-tls{version.replace('.', '_')}", "-CAfile", root, "-showcerts", "-ign_eof", stdin=LAST_GET
                    )
                    self.assertIn("Verify return code: 0 (ok)", said)
                    self.assertIn(f"Peer signature type: {signature}", said)
                    self.assertIn("HTTP/1.1 200 OK", said)
                    sent = [one.encode() for one in re.findall(r"(?s)-----BEGIN CERT.*?-----END CERTIFICATE-----\n", said)]
                    self.assertEqual(sent, [made.own.pem, made.intermediate.pem])

    def test_one_that_signs_itself_is_sent_alone(self) -> None:
        own = issue("localhost")
        port = record(self, self.scratch, own.pem, own.key_pem)
        said = s_client(port, "-showcerts", "-CAfile", self.write("own.crt", own.pem))
        self.assertEqual(said.count("BEGIN CERTIFICATE"), 1)
        self.assertIn("Verify return code: 0 (ok)", said)

    def check(self, certificate: bytes, key: bytes) -> Finished:
        """What `signet check` says of a configuration with these two files."""
        self.write("tls.crt", certificate)
        self.write("tls.key", key)
        return run(SIGNET, "check", "-c", "signet.json", cwd=self.scratch)

    def configure(self) -> None:
        self.signet("init")
        text = (self.scratch / "signet.json").read_text()
        self.write("signet.json", text.replace("{", '{ "tls": { "certificate": "tls.crt", "key": "tls.key" },', 1))

    def test_check_takes_what_can_be_served_with(self) -> None:
        self.configure()
        for kind in ("P-256", "P-384", "RSA 2048", "Ed25519"):
            made = chain(kind)
            done = self.check(made.pem, made.own.key_pem)
            self.assertEqual(done.status, 0, f"{kind}: {done.out}{done.err}")

    def test_check_refuses_the_others_by_name(self) -> None:
        self.configure()
        good, other = chain(), chain()
        damaged = good.pem.replace(b"MII", b"MXX", 1)
        cut = good.own.pem[: len(good.own.pem) // 2]
        self.openssl("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "pss.key")
        self.openssl("req", "-x509", "-key", "pss.key", "-subj", "/CN=localhost", "-days", "2", "-out", "pss.crt")
        cases: list[tuple[str, bytes, bytes, str]] = [
            ("another's key", good.pem, other.own.key_pem, "do not belong together"),
            ("the files the wrong way round", good.own.key_pem, good.pem, "the wrong way round"),
            ("a certificate where the key should be", good.pem, good.pem, "holds a certificate and no private key"),
            (
                "the intermediate first",
                good.intermediate.pem + good.own.pem,
                good.own.key_pem,
                "does not begin with the server's own",
            ),
            ("an encrypted key", good.pem, good.own.encrypted_key_pem, "is encrypted"),
            ("RSA with 1024 bits", *pair(issue("localhost", "RSA 1024")), "key too small"),
            ("signed with SHA-1", *self.sha_1(), "md too weak"),
            ("a damaged certificate", damaged, good.own.key_pem, "no PEM certificate that can be read"),
            ("a damaged second certificate", good.own.pem + damaged, good.own.key_pem, "no PEM certificate that can be read"),
            ("half a certificate", cut, good.own.key_pem, "no PEM certificate that can be read"),
            ("half a key", good.pem, good.own.key_pem[:100], "no PEM private key that can be read"),
            ("DER", good.own.der, good.own.key_pem, "no PEM certificate that can be read"),
            ("nothing", b"", good.own.key_pem, "no PEM certificate that can be read"),
            ("no key", good.pem, b"", "no PEM private key that can be read"),
            ("expired", *pair(issue("localhost", days=(-3, -1))), "expired on"),
            ("not valid yet", *pair(issue("localhost", days=(1, 3))), "is not valid before"),
            # Keys that no client of TLS 1.2 or 1.3 can verify with the algorithms that are offered.
            ("DSA", *pair(issue("localhost", "DSA")), "the certificate cannot be used"),
            ("Ed448", *pair(issue("localhost", "Ed448")), "the certificate cannot be used"),
            ("secp256k1", *pair(issue("localhost", "secp256k1")), "the certificate cannot be used"),
            (
                "RSA-PSS",
                (self.scratch / "pss.crt").read_bytes(),
                (self.scratch / "pss.key").read_bytes(),
                "the certificate cannot be used",
            ),
        ]
        for name, certificate, key, words in cases:
            with self.subTest(name):
                done = self.check(certificate, key)
                self.assertEqual(done.status, 2, f"{name} is taken: {done.out}{done.err}")
                self.assertIn(words, done.err)
                self.assertIn("hint: ", done.err)
                for line in key.splitlines()[1:-1]:
                    self.assertNotIn(line.decode(), done.err + done.out)

    def sha_1(self) -> tuple[bytes, bytes]:
        """cryptography signs nothing with SHA-1 any more."""
        made = chain()
        self.write("by.crt", made.intermediate.pem)
        self.write("by.key", made.intermediate.key_pem)
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                     "-keyout", "sha1.key", "-out", "sha1.csr")  # fmt: skip
        self.openssl(
            "x509", "-req", "-in", "sha1.csr", "-CA", "by.crt", "-CAkey", "by.key", "-days", "2", "-sha1", "-out", "sha1.crt"
        )
        return (self.scratch / "sha1.crt").read_bytes(), (self.scratch / "sha1.key").read_bytes()


def pair(issued: Issued) -> tuple[bytes, bytes]:
    return issued.pem, issued.key_pem
