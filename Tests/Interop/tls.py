"""What a server of TLS does, found out by handshakes: versions, suites, groups, protocols, tickets."""

import os
import re
import socket
import ssl
import subprocess
import unittest
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from front.readers import Recorder
from support import REPOSITORY

BENCH = Path(os.environ.get("SIGNET_BENCH", REPOSITORY / ".build" / "release" / "signet-bench")).resolve()
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
#: For one handshake or one answer.
DEADLINE = 60.0

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST_GET = b"GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def record(test: unittest.TestCase, folder: Path, certificate: bytes, key: bytes, *flags: str, conf: Path | None = None) -> int:
    """Starts `signet-bench record` with a certificate, and says on which port it listens."""
    if not os.access(BENCH, os.X_OK):
        test.fail(f"there is no signet-bench at {BENCH}: swift build -c release, or set SIGNET_BENCH")
    for name, content in (("server.crt", certificate), ("server.key", key)):
        (folder / name).write_bytes(content)
    with mock.patch.dict(os.environ, {"OPENSSL_CONF": str(conf)} if conf else {}):
        recorder = Recorder([BENCH, "record"], "--tls", folder / "server.crt", folder / "server.key", *flags)
    test.addCleanup(recorder.stop)
    return recorder.address[1]


def context(version: ssl.TLSVersion | None = None, ciphers: str | None = None) -> ssl.SSLContext:
    """A client that takes any certificate, for one version of TLS or for 1.2 and 1.3."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the old versions, which is why they are asked for
        if version:
            made.minimum_version = made.maximum_version = version
    if ciphers:
        made.set_ciphers(ciphers)
    return made


def connect(port: int, client: ssl.SSLContext, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
    """Makes a connection and its handshake."""
    opened = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
    try:
        return client.wrap_socket(opened, server_hostname="localhost", session=session)
    except BaseException:
        opened.close()
        raise


def outcome(port: int, client: ssl.SSLContext) -> str:
    """`""` after a handshake, or the alert for which there was none."""
    try:
        connect(port, client).close()
        return ""
    except ssl.SSLError as error:
        return re.sub(r"^(TLSV1|SSLV3)_ALERT_", "", error.reason or str(error))


def answer(connection: ssl.SSLSocket, request: bytes = GET) -> bytes:
    """Sends a request and reads its answer, which has a Content-Length."""
    connection.sendall(request)
    data = b""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            return data
        part = connection.recv(65_536)
        if not part:
            raise AssertionError(f"the connection ended with half an answer: {data!r}")
        data += part


def s_client(port: int, *options: str | Path, stdin: bytes = b"") -> str:
    """What openssl's client prints, up to its end."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", *map(str, options)],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=DEADLINE,
    )
    return done.stdout.decode(errors="replace")


# What a server does

VERSIONS = {
    "TLS 1.0": ssl.TLSVersion.TLSv1, "TLS 1.1": ssl.TLSVersion.TLSv1_1, "TLS 1.2": TLS_1_2, "TLS 1.3": TLS_1_3,
}  # fmt: skip
GROUPS = [
    "X25519", "prime256v1", "secp384r1", "secp521r1", "X448", "secp224r1", "secp256k1", "brainpoolP256r1", "brainpoolP384r1",
    "brainpoolP512r1", "ffdhe2048", "ffdhe3072",
]  # fmt: skip
SUITES_1_3 = [
    "AES_256_GCM_SHA384",
    "CHACHA20_POLY1305_SHA256",
    "AES_128_GCM_SHA256",
    "AES_128_CCM_SHA256",
    "AES_128_CCM_8_SHA256",
]
EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"


def versions(port: int) -> dict[str, str]:
    return {name: outcome(port, context(version, EVERYTHING)) for name, version in VERSIONS.items()}


@cache
def all_suites() -> list[str]:
    """All suites up to TLS 1.2 that the client can offer."""
    found = [cipher["name"] for cipher in context(TLS_1_2, EVERYTHING).get_ciphers()]
    return [name for name in found if not name.startswith("TLS_")]


def suites(port: int) -> list[str]:
    """The suites that are taken, each offered alone."""
    old = [name for name in all_suites() if not outcome(port, context(TLS_1_2, f"{name}:@SECLEVEL=0"))]
    new = [name for name in SUITES_1_3 if "New, TLSv1.3" in s_client(port, "-tls1_3", "-ciphersuites", f"TLS_{name}")]
    return sorted(old) + sorted(new)


def groups(port: int, version: ssl.TLSVersion) -> list[str]:
    """The groups that are taken, each offered alone."""

    def client(name: str) -> ssl.SSLContext:
        made = context(version, "DEFAULT:@SECLEVEL=0")
        made.set_ecdh_curve(name)
        return made

    return [name for name in GROUPS if not outcome(port, client(name))]


def chosen(port: int, *offered: str) -> str | int:
    """The protocol that is chosen (`""` for none), or the number of the alert."""
    options = ["-alpn", ",".join(offered)] if offered else []
    said = s_client(port, "-ign_eof", *options, stdin=LAST_GET)
    if alert := re.search(r"SSL alert number (\d+)", said):
        return int(alert[1])
    assert "HTTP/1.1 200" in said, said[-2_000:]
    found = re.search(r"ALPN protocol: (.*)", said)
    return found[1] if found else ""


def renegotiates(port: int) -> bool:
    """Whether a client of TLS 1.2 may begin another handshake."""
    said = s_client(port, "-tls1_2", stdin=b"R\n")
    assert "RENEGOTIATING" in said and "New, TLSv1.2" in said, said[-2_000:]
    return "no renegotiation" not in said


@dataclass(frozen=True)
class Tickets:
    """What came after a handshake of TLS 1.3."""

    count: int
    early_data: set[int]


def tickets(port: int) -> Tickets:
    said = s_client(port, "-tls1_3", "-ign_eof", stdin=LAST_GET)
    assert "HTTP/1.1 200" in said, said[-2_000:]
    return Tickets(said.count("New Session Ticket arrived"), {int(most) for most in re.findall(r"Max Early Data: (\d+)", said)})


def resumed(port: int, client: ssl.SSLContext, times: int = 8, request: bytes = GET) -> list[bool]:
    """Whether sessions go on in later connections, each with the session of the one before."""
    session, found = None, []
    for number in range(times + 1):
        with connect(port, client, session) as connection:
            assert b" 200 " in answer(connection, request)[:15]  # after it, the ticket of TLS 1.3 is there
            if number:
                found.append(connection.session_reused)
            session = connection.session
    return found


def record_lengths(port: int, request: bytes = GET) -> list[int]:
    """The lengths of the records of an answer in TLS 1.3, and of what comes with it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context(TLS_1_3).wrap_bio(incoming, outgoing, server_hostname="localhost")
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:

        def run(step: Callable[[], Any]) -> Any:
            nonlocal received
            while True:
                try:
                    done = step()
                    connection.sendall(outgoing.read())
                    return done
                except ssl.SSLWantReadError:
                    connection.sendall(outgoing.read())
                    part = connection.recv(65_536)
                    received += part
                    incoming.write(part) if part else incoming.write_eof()

        run(session.do_handshake)
        run(lambda: session.write(request))
        assert b" 200 " in run(lambda: session.read(65_536))[:15]
    lengths, place = [], 0
    while place < len(received):
        lengths.append(int.from_bytes(received[place + 3 : place + 5], "big"))
        place += 5 + lengths[-1]
    return lengths


def everything(port: int) -> dict[str, Any]:
    """All of the above, to be compared with that of another server of the same certificate."""
    no_tickets = context(TLS_1_2)
    no_tickets.options |= ssl.OP_NO_TICKET
    said = s_client(port, "-tls1_3")
    return {
        "versions": versions(port),
        "suites": suites(port),
        "groups of 1.2": groups(port, TLS_1_2),
        "groups of 1.3": groups(port, TLS_1_3),
        "protocols": [chosen(port), chosen(port, "h2", "http/1.1"), chosen(port, "h2")],
        "renegotiates": renegotiates(port),
        "tickets": tickets(port),
        "resumed in 1.2": resumed(port, context(TLS_1_2), 2),
        "resumed in 1.2 by an id": resumed(port, no_tickets, 2),
        "resumed in 1.3": resumed(port, context(TLS_1_3), 2),
        "signature": re.findall(r"Peer sign(?:ing digest|ature type): .*", said),
        "asks for a certificate": "Acceptable client certificate CA names" in said or "Client Certificate Types" in said,
        "SHA-1": "New, TLSv1.2"
        in s_client(port, "-tls1_2", "-sigalgs", "ECDSA+SHA1:RSA+SHA1", "-cipher", "DEFAULT:@SECLEVEL=0"),
        # The number in a problem or in a date has always the same length; a certificate's signature has not.
        "records": record_lengths(port)[-1],
    }
