"""Requests that no client should send, through nginx to three replicas: honest clients notice nothing."""

import re
import socket
import threading
import time

from gateway import Settings
from load import Load
from proxy import in_front
from support import SECONDS, Drill

#: Heads that once ended without an answer, so that nginx took the replica for dead, and their neighbours.
POISON = (
    [b"GET /.well-known/jwks.json?%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a&" * count) for count in (1, 491, 492, 497, 700, 2_000, 4_000)]
    + [b"GET /.well-known/jwks.json?%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"&" * count) for count in (492, 8_000)]
    + [
        b"GET / HTTP/1.1\r\nHost: x\r\n%s\r\n" % b"".join(b"X-%d: y\r\n" % number for number in range(count))
        for count in (90, 448, 451, 1_000)
    ]
    + [b"GET / HTTP/1.1\r\nHost: x\r\nX: %s\r\n\r\n" % (b"a" * count) for count in (7_000, 8_150, 8_200, 16_000, 32_500)]
    + [b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * count) for count in (8_150, 8_170, 8_180, 8_190, 8_200, 24_000, 32_500)]
    + [
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n\r\n" % b"; ".join(b"c%d=%s" % (n, b"v" * 100) for n in range(count))
        for count in (10, 60, 75)
    ]
    + [b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/1.1\r\nHost: x\r\n\r\n", b"get / HTTP/1.1\r\nHost: x\r\n\r\n"]
    + [b"POST /v1/routes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s" % body for body in (b"zz\r\n", b"fffff\r\n")]
    + [b"GET / HTTP/1.1\r\nHost: x\r\nExpect: something\r\n\r\n", b"GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n"]
)  # fmt: skip


class Poison(Drill):
    def test_three_replicas(self) -> None:
        """A request of each kind again and again, through nginx as in docs/deploy; beside it a load that has to stay whole."""
        replicas = [self.gateway(Settings(members={"behindProxy": True}), f"replica-{number}") for number in range(3)]
        front, port = in_front(self, [f"127.0.0.1:{replica.port}" for replica in replicas])
        load = Load(self.scratch, f"http://127.0.0.1:{port}/v1/routes/dg/badge")
        self.addCleanup(load.kill)
        end = time.monotonic() + max(SECONDS, 3)
        statuses: dict[str, int] = {}
        lock = threading.Lock()

        def poison(first: int) -> None:
            number = first
            while time.monotonic() < end:
                with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
                    client.sendall(POISON[number % len(POISON)])
                    found = re.match(rb"HTTP/1\.1 (\d{3}) ", client.recv(64))
                status = found.group(1).decode() if found else "nothing"
                with lock:
                    statuses[status] = statuses.get(status, 0) + 1
                number += 7

        workers = [threading.Thread(target=poison, args=(number,)) for number in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        figures = load.stop()
        self.say(f"poisoned requests answered {dict(sorted(statuses.items()))}; beside them {figures}")
        self.assertEqual(figures.failed, {}, front.errors())
        self.assertGreater(sum(statuses.values()), len(POISON))
        self.assertNotIn("502", statuses)
        self.assertNotIn("nothing", statuses)
        for replica in replicas:
            self.nothing_failed(replica)
            self.assertEqual(replica.terminate(), 0)
