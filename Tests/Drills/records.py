"""A client of TLS that makes and reads its own records: what Python's ssl and openssl's s_client never send.

The handshake is ssl's own. Then the keys are taken from its key log, and each record is made here: KeyUpdate, records without
data, a handshake message of any kind, several records in one piece or half a one.
"""

import hashlib
import hmac
import socket
import ssl
import tempfile
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
#: The kinds of content (RFC 8446 §5.1).
ALERT, HANDSHAKE, DATA = 21, 22, 23
#: Alerts: level and description.
CLOSE_NOTIFY, USER_CANCELED, NO_RENEGOTIATION = b"\1\0", b"\1\x5a", b"\1\x64"
#: A KeyUpdate that wants none back, and one that does (RFC 8446 §4.6.3).
UPDATE, UPDATE_AND_ASK = b"\x18\0\0\1\0", b"\x18\0\0\1\1"
#: The beginning of a ClientHello: enough to be refused for one within a session.
CLIENT_HELLO = b"\1\0\0\0"

_HASHES = {"SHA256": hashlib.sha256, "SHA384": hashlib.sha384}


def unverified(version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """A client that takes any certificate, for one version of TLS or for 1.2 and 1.3."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def client_hello() -> bytes:
    """The record that a client begins with."""
    outgoing = ssl.MemoryBIO()
    session = unverified().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Closed(Exception):
    """The connection has ended without close_notify."""


class _Keys13:
    """The keys of one direction in TLS 1.3."""

    def __init__(self, hash_: Callable[..., Any], length: int, secret: bytes) -> None:
        self.hash, self.length = hash_, length
        self._renew(secret)

    def seal(self, kind: int, content: bytes) -> bytes:
        head = b"\x17\3\3" + (len(content) + 17).to_bytes(2, "big")
        return head + self.cipher.encrypt(self._nonce(), content + bytes([kind]), head)

    def open(self, head: bytes, sealed: bytes) -> tuple[int, bytes]:
        inner = self.cipher.decrypt(self._nonce(), sealed, head).rstrip(b"\0")
        if inner[-1] == HANDSHAKE and inner[0] == UPDATE[0]:
            self.update()
        return inner[-1], inner[:-1]

    def update(self) -> None:
        self._renew(self._expand(b"traffic upd", self.hash().digest_size))

    def _renew(self, secret: bytes) -> None:
        self.secret, self.number = secret, 0
        self.cipher, self.iv = AESGCM(self._expand(b"key", self.length)), self._expand(b"iv", 12)

    def _nonce(self) -> bytes:
        self.number += 1
        return (int.from_bytes(self.iv, "big") ^ (self.number - 1)).to_bytes(12, "big")

    def _expand(self, label: bytes, length: int) -> bytes:
        """HKDF-Expand-Label without a context (RFC 8446 §7.1); no length here is more than one digest."""
        label = b"tls13 " + label
        info = length.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0"
        return hmac.digest(self.secret, info + b"\1", self.hash)[:length]


class _Keys12:
    """The keys of one direction in TLS 1.2 (RFC 5288 §3). Finished was the first record."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        self.cipher, self.salt, self.number = AESGCM(key), salt, 1

    def seal(self, kind: int, content: bytes) -> bytes:
        nonce = self.number.to_bytes(8, "big")
        head = bytes([kind]) + b"\3\3" + (len(content) + 24).to_bytes(2, "big")
        return head + nonce + self.cipher.encrypt(self.salt + nonce, content, self._covered(head, len(content)))

    def open(self, head: bytes, sealed: bytes) -> tuple[int, bytes]:
        covered = self._covered(head, len(sealed) - 24)
        return head[0], self.cipher.decrypt(self.salt + sealed[:8], sealed[8:], covered)

    def _covered(self, head: bytes, length: int) -> bytes:
        self.number += 1
        return (self.number - 1).to_bytes(8, "big") + head[:3] + length.to_bytes(2, "big")


class Connection:
    """One connection, with its handshake done."""

    def __init__(
        self, port: int, version: ssl.TLSVersion = TLS_1_3, timeout: float = 20, source: str = "127.0.0.1"
    ) -> None:
        context = unverified(version)
        context.set_ciphers("ECDHE+AESGCM")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        sent = received = b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with tempfile.NamedTemporaryFile("r") as log:
            context.keylog_filename = log.name
            session = context.wrap_bio(incoming, outgoing)
            while True:
                try:
                    session.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    data = outgoing.read()
                    self.socket.sendall(data)
                    sent += data
                    data = self.socket.recv(65_536)
                    if not data:
                        raise Closed("in the handshake") from None
                    received += data
                    incoming.write(data)
            self.socket.sendall(outgoing.read())
            secrets = {words[0]: bytes.fromhex(words[2]) for words in map(str.split, log) if len(words) == 3}
        #: What came behind the handshake.
        self.buffer = incoming.read()
        cipher = (session.cipher() or ("none",))[0]
        hash_ = _HASHES[cipher.replace("-", "_").rpartition("_")[2]]
        length = 32 if "256" in cipher.partition("GCM")[0] else 16
        if version == TLS_1_3:
            self.writing: Any = _Keys13(hash_, length, secrets["CLIENT_TRAFFIC_SECRET_0"])
            self.reading: Any = _Keys13(hash_, length, secrets["SERVER_TRAFFIC_SECRET_0"])
        else:
            # The randoms stand behind the headers of the record and the message, and the version.
            seed = b"key expansion" + received[11:43] + sent[11:43]
            block = _pseudorandom(hash_, secrets["CLIENT_RANDOM"], seed, 2 * length + 8)
            self.writing = _Keys12(block[:length], block[2 * length : 2 * length + 4])
            self.reading = _Keys12(block[length : 2 * length], block[2 * length + 4 :])

    def record(self, content: bytes, kind: int = DATA) -> bytes:
        """The next record to be sent."""
        return self.writing.seal(kind, content)  # type: ignore[no-any-return]

    def update(self, ask: bool = False) -> bytes:
        """A record with a KeyUpdate. What is made after it has the new keys."""
        made = self.record(UPDATE_AND_ASK if ask else UPDATE, HANDSHAKE)
        self.writing.update()
        return made

    def send(self, *records: bytes) -> None:
        """Sends records in one piece."""
        self.socket.sendall(b"".join(records))

    def receive(self) -> tuple[int, bytes]:
        """The kind and the content of the next record."""
        head = self._take(5)
        return self.reading.open(head, self._take(int.from_bytes(head[3:], "big")))  # type: ignore[no-any-return]

    def answer(self) -> bytes:
        """The next answer, whose header has a Content-Length, whatever other records come between."""
        data = b""
        while True:
            head, end, body = data.partition(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:]) if end else {}
            if end and len(body) >= int(fields[b"content-length"]):
                return data
            kind, content = self.receive()
            if kind == DATA:
                data += content
            elif kind == ALERT and content == CLOSE_NOTIFY:
                return data

    def rest(self) -> list[tuple[int, bytes]]:
        """All records up to the end of the connection, however it ends."""
        found = []
        try:
            while True:
                found.append(self.receive())
        except (Closed, ConnectionError):
            return found

    def _take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            part = self.socket.recv(65_536)
            if not part:
                raise Closed
            self.buffer += part
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def close(self) -> None:
        self.socket.close()


def _pseudorandom(hash_: Callable[..., Any], secret: bytes, seed: bytes, length: int) -> bytes:
    """RFC 5246 §5."""
    made, part = b"", seed
    while len(made) < length:
        part = hmac.digest(secret, part, hash_)
        made += hmac.digest(secret, part + seed, hash_)
    return made[:length]
