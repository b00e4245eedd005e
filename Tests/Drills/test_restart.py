"""Restarts that nobody notices: three replicas behind nginx, and a replica that goes while it waits for a vendor."""

import signal
import socket
import threading
import time

from client import Answer, Client, ask
from gateway import Gateway, Settings
from load import Load
from proxy import in_front
from support import LATE, SECONDS, Drill, until
from vendor import Vendor, hang, taken

#: How often each replica is restarted: with three seconds for a part twice, with thirty ten times.
ROUNDS = max(2, round(SECONDS / 3))


class RollingRestart(Drill):
    def test_over_tcp(self) -> None:
        """Each replica in turn: SIGTERM, exit 0, started again; nginx as in docs/deploy."""
        replicas = [self.gateway(Settings(members={"behindProxy": True}), f"replica-{number}") for number in range(3)]
        self.restart(replicas, [f"127.0.0.1:{replica.port}" for replica in replicas])

    def test_over_unix_sockets(self) -> None:
        """The same, all on one machine."""
        paths = [f"unix:{self.scratch}/{number}.sock" for number in range(3)]
        replicas = [self.gateway(Settings(members={"listen": path}), f"replica-{path[-6]}") for path in paths]
        self.restart(replicas, paths)
        # A process that was killed leaves its socket behind, which is in nobody's way.
        replicas[0].start()
        replicas[0].kill()
        self.assertTrue((self.scratch / "0.sock").exists())
        replicas[0].start()

    def restart(self, replicas: list[Gateway], addresses: list[str]) -> None:
        front, port = in_front(self, addresses)
        load = Load(self.scratch, f"http://127.0.0.1:{port}/v1/routes/dg/badge")
        self.addCleanup(load.kill)
        served: list[int] = []
        restarts, longest = 0, 0.0
        for _ in range(ROUNDS):
            for replica in replicas:
                before = self.lines(replica)
                # It has work when it is asked to go.
                until("the replica has requests", lambda: self.lines(replica) > before + 100 or None)
                began = time.monotonic()
                self.assertEqual(replica.terminate(), 0)
                longest = max(longest, time.monotonic() - began)
                replica.start()
                restarts += 1
                # nginx leaves a server that failed alone for a second; the next goes only when this one works again.
                after = self.lines(replica)
                until("nginx has found the replica again", lambda: self.lines(replica) > after or None)
        figures = load.stop()
        self.say(f"{restarts} restarts under load: {figures}")
        self.say(f"the longest from SIGTERM to exit: {longest * 1000:.0f} ms")
        self.assertEqual(figures.failed, {}, front.errors())
        for replica in replicas:
            self.assertEqual(replica.terminate(), 0)
            self.assertIn("complete", self.audit_is_whole(replica))
            served.append(sum(1 for _ in replica.audited(replica.audit)))
            self.nothing_failed(replica)
        self.say(f"three whole audit files of {', '.join(f'{count:,}' for count in served)} lines")
        self.assertGreaterEqual(sum(served), figures.requests)

    @staticmethod
    def lines(replica: Gateway) -> int:
        """About how many it has recorded."""
        return replica.audit.stat().st_size // 400


class Asking(threading.Thread):
    """Asks once, and keeps the answer."""

    def __init__(self, port: int, route: str) -> None:
        super().__init__(daemon=True)
        self.port, self.route = port, route
        self.answer: Answer | None = None
        self.start()

    def run(self) -> None:
        self.answer = ask(self.port, self.route)

    def wait(self, within: float = 60) -> Answer:
        self.join(within)
        assert self.answer is not None, "there was no answer"
        return self.answer


class Drain(Drill):
    def setUp(self) -> None:
        super().setUp()
        self.vendor = Vendor()
        self.addCleanup(self.vendor.stop)

    def waiting(self, port: int, count: int) -> list[Asking]:
        """Clients whose requests have come through to the vendor."""
        clients = [Asking(port, "pega") for _ in range(count)]
        until("all wait for the vendor", lambda: len(self.vendor.calls) >= count or None)
        return clients

    def test_vendor_hangs(self) -> None:
        """What still waits when the time is up is answered 503, and the exit status is 0; for SIGINT as well."""
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                self.vendor.behave([hang])
                gateway = self.gateway(
                    Settings(
                        pega=self.vendor.origin,
                        members={"drain": "500ms", "delivery": {"call": "25s", "total": "25s"}},
                    ),
                    number.name.lower(),
                )
                clients = self.waiting(gateway.port, 50)
                began = time.monotonic()
                gateway.signal(number)
                self.assertEqual(gateway.running.wait(60), 0)
                took = time.monotonic() - began
                answers = [client.wait() for client in clients]
                said = {(answer.status, answer.code, answer.closes) for answer in answers}
                self.assertEqual(said, {(503, "draining", True)})
                self.assertTrue(all(int(answer.headers["retry-after"]) >= 1 for answer in answers))
                self.say(
                    f"{number.name} with 50 requests at a hanging vendor: 503 draining each, exit 0 after {took:.2f} s"
                )
                # Its vendor may take 25 s.
                self.assertLess(took, 1 + LATE)
                self.audit_is_whole(gateway)

    def test_vendor_answers_in_time(self) -> None:
        """What the vendor answers within the drain is handed out."""
        go_on = threading.Event()
        self.vendor.behave(private=[lambda call: go_on.wait(60) and taken(call)])
        gateway = self.gateway(
            Settings(pega=self.vendor.origin, members={"drain": "15s", "delivery": {"call": "20s", "total": "20s"}})
        )
        clients = [Asking(gateway.port, "pega") for _ in range(20)]
        until("all private data came", lambda: len(self.vendor.calls) == 40 or None)
        gateway.signal(signal.SIGTERM)
        until("not ready", lambda: gateway.ready() == 503 or None)
        until("the listener is closed", lambda: self.refuses(gateway.port) or None)
        began = time.monotonic()
        go_on.set()
        answers = [client.wait() for client in clients]
        self.assertEqual({(answer.status, answer.closes) for answer in answers}, {(200, True)})
        self.assertEqual(gateway.running.wait(60), 0)
        took = time.monotonic() - began
        self.say(f"20 requests answered while draining; exit 0 {took:.2f} s after the vendor's answer")
        self.nothing_failed(gateway)

    def test_drain_delay(self) -> None:
        """Not ready at once, but requests are answered until the delay is over: kept connections and new ones."""
        gateway = self.gateway(Settings(members={"drainDelay": "8s", "drain": "5s"}))
        kept = Client(gateway.port)
        self.assertEqual(kept.badge("dg").status, 200)
        began = time.monotonic()
        gateway.signal(signal.SIGTERM)
        until("not ready", lambda: gateway.ready() == 503 or None, pause=0.002)
        unready = time.monotonic() - began
        load = Load(self.scratch, f"http://127.0.0.1:{gateway.port}/v1/routes/dg/badge", 1, connections=8)
        self.addCleanup(load.kill)
        asked = 0
        while load.is_running:
            self.assertEqual(ask(gateway.port, "dg").status, 200)
            self.assertEqual(kept.badge("dg").status, 200)
            self.assertEqual(gateway.ready(), 503)
            asked += 2
        figures = load.figures()
        self.assertEqual(figures.failed, {})
        self.assertGreater(asked, 0)
        self.assertEqual(gateway.running.wait(60), 0)
        took = time.monotonic() - began
        kept.close()
        self.say(
            f"drainDelay 8 s: not ready after {unready * 1000:.0f} ms, {asked} requests of new and kept connections "
            f"and {figures.requests:,} of wrk answered meanwhile, exit 0 after {took:.2f} s"
        )
        self.assertGreater(took, 7.9)
        self.assertLess(took, 8 + LATE)

    @staticmethod
    def refuses(port: int) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", port)) != 0
