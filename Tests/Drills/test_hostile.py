"""Hostile input to the process: noise, damaged requests, and bodies of every shape."""

import json
import random
import re
import socket
import threading
from collections import Counter
from typing import Any

from client import Client, ask
from gateway import BODY, TOKEN
from support import SECONDS, Drill

#: With three seconds for a part 2,000 streams, with thirty 10,000.
STREAMS = 2_000 if SECONDS < 30 else 10_000
#: Most of them wait: a stream that ends in mid-request may be held until its ceiling.
WORKERS = 256

_WORDS = [
    b"GET", b"POST", b"PRI", b" ", b"  ", b"\t", b"/", b"//", b"*", b"%00", b"/v1/routes/dg/badge", b"http://x/", b"HTTP/1.1",
    b"HTTP/1.0", b"HTTP/2.0", b"\r\n", b"\n", b"\r", b"\0", b"\r\n\r\n", b"Host: x", b"Host:", b":", b"Content-Length: 5",
    b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Transfer-Encoding: chunked", b"Transfer-Encoding: x",
    b"Connection: upgrade", b"Upgrade: h2c", b"Expect: 100-continue", b"Authorization: Bearer x", b"5\r\nhello\r\n", b"0\r\n\r\n",
    b"ffffffffffffffff\r\n", b"\xff\xfe", b"\x16\x03\x01\x02\x00\x01\x00", b"A" * 9000, b"Cookie: a=b", b"{}", b"\r\n x",
]  # fmt: skip


def noise(random_numbers: random.Random) -> bytes:
    """One stream: bytes, words of HTTP without order, or a request with damage. None of them has a caller's token."""
    kind = random_numbers.randrange(3)
    if kind == 0:
        return random_numbers.randbytes(random_numbers.choice((1, 10, 100, 1_000, 20_000)))
    if kind == 1:
        return b"".join(random_numbers.choice(_WORDS) for _ in range(random_numbers.randrange(1, 40)))
    body = json.dumps(BODY).encode()
    request = bytearray(
        b"POST /v1/routes/dg/badge HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer signet_nobody\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    for _ in range(random_numbers.randrange(1, 8)):
        place = random_numbers.randrange(len(request))
        damage = random_numbers.randrange(4)
        if damage == 0:
            request[place] = random_numbers.randrange(256)
        elif damage == 1:
            del request[place : place + random_numbers.randrange(1, 30)]
        elif damage == 2:
            request[place:place] = random_numbers.choice(_WORDS)
        else:
            request[place:place] = random_numbers.randbytes(random_numbers.randrange(1, 30))
        if not request:
            break
    return bytes(request)


def exchange(port: int, data: bytes, pieces: int) -> bytes:
    """Sends a stream in pieces, says that nothing follows, and reads to the end."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        try:
            step = max(1, len(data) // pieces)
            for start in range(0, len(data), step):
                connection.sendall(data[start : start + step])
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answer += part
        except TimeoutError:
            raise
        except OSError:
            pass  # Closed while we were still sending, or with something unread: that is a closed connection.
    return answer


def long(member: str, length: int) -> bytes:
    return json.dumps({**BODY, member: "x" * length}).encode()


def with_members(**members: Any) -> bytes:
    return json.dumps({**BODY, **members}).encode()


_PIECES = [b"{", b"}", b"[", b'"', b",", b":", b"\\", b"\\u0000", b"null"]
_TEXT = json.dumps(BODY)
#: Bodies, and the statuses that are right for them.
BODIES: list[tuple[str, bytes, set[int]]] = [
    ("nothing", b"", {400}),
    ("white space", b" \n", {400}),
    ("null", b"null", {400}),
    ("true", b"true", {400}),
    ("a number", b"1e400", {400}),
    ("a string", b'"subject"', {400}),
    ("an array", b"[]", {400}),
    ("an array with the request", f"[{_TEXT}]".encode(), {400}),
    ("an empty object", b"{}", {400}),
    ("two documents", f"{_TEXT}{_TEXT}".encode(), {400}),
    ("something behind", f"{_TEXT}x".encode(), {400}),
    ("a zero byte behind", _TEXT.encode() + b"\0", {400}),
    ("a byte order mark", b"\xef\xbb\xbf" + _TEXT.encode(), {400}),
    ("UTF-16", _TEXT.encode("utf-16"), {400}),
    ("not UTF-8", b'{"subject":"\xff"}', {400}),
    ("overlong UTF-8", b'{"subject":"\xc0\xaf"}', {400}),
    ("a surrogate in UTF-8", b'{"subject":"\xed\xa0\x80"}', {400}),
    ("half a surrogate pair", b'{"subject":"\\ud800"}', {400}),
    ("the wrong order of surrogates", b'{"subject":"\\udc00\\ud800"}', {400}),
    ("a control character", b'{"subject":"a\nb"}', {400}),
    ("an escaped control character", b'{"subject":"a\\u0000b"}', {400}),
    ("a comment", b'{/* */"subject":"x"}', {400}),
    ("a comma too many", b'{"subject":"x",}', {400}),
    ("single quotes", b"{'subject':'x'}", {400}),
    ("half", _TEXT[:-1].encode(), {400}),
    ("a member twice", b'{"subject":"a","subject":"b"}', {400}),
    ("a member twice, escaped", b'{"subject":"a","\\u0073ubject":"b"}', {400}),
    ("an unknown member", with_members(admin=True), {400}),
    ("subject and anonymous", with_members(anonymous=True), {400}),
    ("anonymous alone, but false", b'{"anonymous":false}', {400}),
    ("anonymous as a string", b'{"anonymous":"true"}', {400}),
    ("a subject of nothing", b'{"subject":""}', {400}),
    ("a subject of null", b'{"subject":null}', {400}),
    ("a subject of a number", b'{"subject":7}', {400}),
    ("a subject of an object", b'{"subject":{"a":1}}', {400}),
    ("a subject of 257 bytes", long("subject", 257), {400}),
    ("an email of a list", with_members(email=["a@b"]), {400}),
    ("attributes of a list", with_members(attributes=[1]), {400}),
    ("an attribute of a number", with_members(attributes={"a": 1}), {400}),
    ("an attribute without a name", with_members(attributes={"": "x"}), {400}),
    ("an attribute of an object", with_members(attributes={"a": {"b": "c"}}), {400}),
    ("a context of a string", with_members(context="x"), {400}),
    ("a page of a string", with_members(page="x"), {400}),
    ("a page with an identity", with_members(page={"subject": "other"}), {400}),
    ("a deep array", b'{"subject":' + b"[" * 5_000 + b"]" * 5_000 + b"}", {400}),
    ("a deep object", b'{"a":' * 2_500 + b"1" + b"}" * 2_500, {400}),
    ("a number of many digits", b'{"subject":"x","context":{"a":' + b"9" * 10_000 + b"}}", {400}),
    ("16 KiB and one byte", long("name", 16 * 1024 - len(_TEXT) + len(BODY["name"]) + 1), {413}),
    ("1 MiB", long("name", (1 << 20) - 200), {413}),
    ("2 MiB", long("name", 2 << 20), {413}),
]


class HostileInput(Drill):
    def test_noise(self) -> None:
        """Thousands of random streams: 4xx, 5xx and closed connections, and nothing else."""
        gateway = self.gateway()
        before = gateway.resident()
        seed = random.SystemRandom().getrandbits(32)
        seen: Counter[str] = Counter()
        failures: list[str] = []
        lock = threading.Lock()

        def work(worker: int) -> None:
            for number in range(worker, STREAMS, WORKERS):
                data = noise(random.Random(f"{seed}/{number}"))
                try:
                    answer = exchange(gateway.port, data, random.Random(number).choice((1, 1, 3)))
                except OSError as error:
                    with lock:
                        failures.append(f"{seed}/{number}: {error!r}")
                    continue
                statuses = [int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3}) ", answer, re.MULTILINE)]
                with lock:
                    # A client that begins with a record of TLS gets an alert of TLS.
                    if answer and not statuses and not answer.startswith(b"\x15\x03"):
                        failures.append(f"{seed}/{number}: {answer[:80]!r}")
                    # 100 asks for the body, as the client wished; it is no answer.
                    failures.extend(
                        f"{seed}/{number}: {status}" for status in statuses if status != 100 and not 400 <= status < 600
                    )
                    failures.extend(f"{seed}/{number}: a token" for _ in range(b"eyJ" in answer))
                    seen.update(str(status) for status in statuses)
                    seen["closed without an answer"] += not statuses

        workers = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.say(f"{STREAMS:,} streams, seed {seed}: {dict(sorted(seen.items()))}")
        self.assertEqual(failures[:5], [], f"{len(failures)} failures")
        self.assertFalse(any(name.startswith("5") for name in seen - Counter({"505": 10**9, "501": 10**9})), seen)
        self.still_well(gateway, before)

    def test_bodies(self) -> None:
        """Bodies of every shape, each over a connection that is used again."""
        gateway = self.gateway()
        before = gateway.resident()
        client = Client(gateway.port)
        for name, body, expected in BODIES:
            for route in ("dg", "talkative"):
                with self.subTest(name, route=route):
                    try:
                        got = client.badge(route, body)
                    except (BrokenPipeError, ConnectionResetError):
                        # Closed while a body that is far too long was still on its way.
                        self.assertGreater(len(body), 1 << 20)
                        client.close()
                        client = Client(gateway.port)
                        continue
                    self.assertIn(got.status, expected, got.body)
                    self.assertEqual(got.headers["content-type"], "application/problem+json")
                    self.assertEqual(got.headers["cache-control"], "no-store")
                    self.assertEqual(got.json["status"], got.status)
                    self.assertEqual(got.json["requestId"], got.request_id)
                    self.assertNotIn(BODY["email"].encode(), got.body)
        client.close()
        random_numbers = random.Random(1)
        counted: Counter[int] = Counter()
        client = Client(gateway.port)
        for _ in range(STREAMS // 2):
            body = bytearray(_TEXT.encode())
            for _ in range(random_numbers.randrange(1, 4)):
                place = random_numbers.randrange(len(body))
                if random_numbers.randrange(2):
                    body[place] = random_numbers.randrange(256)
                else:
                    body[place:place] = random_numbers.choice(_PIECES)
            got = client.badge("dg", bytes(body))
            counted[got.status] += 1
            # Damage within a string may leave a sound request.
            self.assertIn(got.status, (200, 400, 422), got.body)
        client.close()
        self.say(f"{len(BODIES)} shapes on two routes; {STREAMS // 2:,} damaged bodies: {dict(counted)}")
        self.still_well(gateway, before)

    def still_well(self, gateway: Any, before: float) -> None:
        """It answers, has lost nothing, and ends as it should."""
        self.assertEqual(ask(gateway.port, "dg").status, 200)
        self.assertIn("signet_connections_open", gateway.metrics())
        after = gateway.resident()
        self.assertLess(after - before, 16, "resident memory")
        self.nothing_failed(gateway)
        log = gateway.log_file.read_text()
        self.assertIn('"event":"started"', log)
        self.assertNotIn(TOKEN, log)
        self.assertNotIn(BODY["email"], log)
        self.assertEqual(gateway.terminate(), 0)
