"""A thousand connections that ask for nothing and hundreds that never come to the point, beside a client that works."""

import errno
import select
import socket
import statistics
import threading
import time

from gateway import TOKEN
from load import Load
from support import LATE, SECONDS, Drill

IDLE, SLOW_HEADERS, SLOW_BODIES, DEAF = 1_000, 200, 20, 50
#: The limits of docs/gateway.md, in seconds.
HEADER, BODY_CEILING = 5.0, 10.0

_GET = b"GET /v1/routes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n" % TOKEN.encode()
_POST = b"POST /v1/routes/dg/badge HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" % TOKEN.encode()


def connect(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=30)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def one_answer(connection: socket.socket) -> bytes:
    """Reads one answer with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"])
    while len(body) < length:
        body += connection.recv(65536)
    return head


class Dripping(threading.Thread):
    """Connections that send a byte now and then, and when each of them was cut."""

    def __init__(self, port: int, count: int, start: bytes, drip: bytes, limit: float) -> None:
        super().__init__()
        self.drip, self.limit = drip, limit
        self.cut: list[float] = []
        self.answered = 0
        self.open: dict[int, tuple[socket.socket, float]] = {}
        for _ in range(count):
            began = time.monotonic()
            connection = connect(port)
            connection.sendall(start)
            connection.setblocking(False)
            self.open[connection.fileno()] = (connection, began)

    def run(self) -> None:
        poller = select.poll()
        for number in self.open:
            poller.register(number, select.POLLIN)
        end = time.monotonic() + self.limit
        turn = 0
        while self.open and time.monotonic() < end:
            for number, _ in poller.poll(100):
                connection, began = self.open[number]
                try:
                    data = connection.recv(4096)
                except OSError as error:
                    data = b"" if error.errno == errno.ECONNRESET else b"?"
                if data.startswith(b"HTTP/1.1 408 "):
                    # What counts is when it is told; the connection stays for a moment more, for what is on its way.
                    self.cut.append(time.monotonic() - began)
                    continue
                self.answered += bool(data)
                if not data:
                    poller.unregister(number)
                    connection.close()
                    del self.open[number]
            byte = self.drip[turn % len(self.drip) : turn % len(self.drip) + 1]
            turn += 1
            for connection, _ in self.open.values():
                try:
                    connection.send(byte)
                except OSError:
                    pass  # It was cut this moment; poll says so.

    def close(self) -> None:
        for connection, _ in self.open.values():
            connection.close()


class ManyConnections(Drill):
    def test_idle_and_slow(self) -> None:
        """1,000 idle, 200 that drip their header, 20 that drip their body, 50 that do not read, and 8 that work."""
        gateway = self.gateway()
        before = gateway.resident()
        idle = [connect(gateway.port) for _ in range(IDLE)]
        for connection in idle:
            self.addCleanup(connection.close)
            connection.sendall(_GET)
        for connection in idle:
            self.assertTrue(one_answer(connection).startswith(b"HTTP/1.1 200 "))
        # And some who ask and ask and read nothing: what they are owed must not pile up.
        for _ in range(DEAF):
            deaf = connect(gateway.port)
            self.addCleanup(deaf.close)
            deaf.setblocking(False)
            try:
                while True:
                    deaf.send(_GET * 100)
            except BlockingIOError:
                pass
        headers = Dripping(gateway.port, SLOW_HEADERS, _POST, b"X-Slow: yes\r\n", HEADER + LATE)
        bodies = Dripping(
            gateway.port,
            SLOW_BODIES,
            _POST + b"Content-Type: application/json\r\nContent-Length: 2000\r\n\r\n",
            b" ",
            BODY_CEILING + LATE,
        )
        for dripping in (headers, bodies):
            self.addCleanup(dripping.close)
            dripping.start()
        load = Load(
            self.scratch, f"http://127.0.0.1:{gateway.port}/v1/routes/dg/badge", max(SECONDS, 11), connections=8
        )
        self.addCleanup(load.kill)
        headers.join()
        bodies.join()
        figures = load.figures()
        self.say(f"beside {IDLE:,} idle, {SLOW_HEADERS} slow headers, {SLOW_BODIES} slow bodies: {figures}")
        after = gateway.resident()
        self.say(f"resident memory {before:.1f} -> {after:.1f} MB, with {DEAF} more that never read an answer")
        self.assertLess(after, 150)
        self.assertEqual(figures.failed, {})
        for what, dripping, count, ceiling in (
            ("headers", headers, SLOW_HEADERS, HEADER),
            ("bodies", bodies, SLOW_BODIES, BODY_CEILING),
        ):
            self.assertEqual(len(dripping.cut), count, f"slow {what} that were cut with a 408")
            self.assertEqual(dripping.answered, 0, f"slow {what} that got any other answer")
            self.say(
                f"slow {what} cut after {min(dripping.cut):.2f} to {max(dripping.cut):.2f} s "
                f"(median {statistics.median(dripping.cut):.2f} s)"
            )
            self.assertGreater(min(dripping.cut), ceiling - 0.3)
            self.assertLess(max(dripping.cut), ceiling + LATE)
        # Nobody who was idle has lost the connection: the ceiling for that is 75 s.
        if SECONDS < 60:
            for connection in idle:
                connection.sendall(_GET)
            for connection in idle:
                self.assertTrue(one_answer(connection).startswith(b"HTTP/1.1 200 "))
        self.nothing_failed(gateway)
        self.assertEqual(gateway.terminate(), 0)
