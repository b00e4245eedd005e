"""Open files run short: who has none waits or is refused, and the process lives."""

import resource
import socket
import threading
import time
import unittest
from collections import Counter

from client import Answer, ask
from gateway import Settings
from support import Drill, until
from vendor import Vendor, hang

LIMIT = 512


def few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, LIMIT))


class Descriptors(Drill):
    def test_everybody_waits_for_a_vendor(self) -> None:
        """More callers than the limit allows, all waiting for a vendor that hangs, and idle ones beside them."""
        vendor = Vendor()
        self.addCleanup(vendor.stop)
        vendor.behave([hang])
        gateway = self.unstarted(
            Settings(pega=vendor.origin, members={"delivery": {"call": "3s", "total": "3s"}, "drain": "5s"})
        )
        gateway.start(preexec=few_files)
        idle = []
        for port in [gateway.port] * 40 + [gateway.admin] * 200:
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
            self.addCleanup(connection.close)
            idle.append(connection)
        seen: Counter[str] = Counter()
        lock = threading.Lock()

        def badge() -> None:
            try:
                outcome = ask(gateway.port, "pega")
                name = f"{outcome.status} {outcome.code}"
            except OSError:
                name = "closed"
            with lock:
                seen[name] += 1

        callers = [threading.Thread(target=badge) for _ in range(300)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(60)
        self.assertIsNone(gateway.running.poll(), gateway.log_tail())
        self.assertLessEqual(set(seen), {"504 vendor-too-slow", "503 vendor-busy", "503 circuit-open", "closed"})
        for connection in idle:
            connection.close()
        until("somebody is let in again", lambda: ask(gateway.port, "dg").status == 200 or None, within=30)
        self.assertEqual(gateway.terminate(), 0)
        self.say(f"{LIMIT} files, 300 callers at a hanging vendor, 240 idle: {dict(seen)}; then 200, exit 0")

    def test_a_slow_vendor_holds_up_no_other(self) -> None:
        """Files for 32 calls at once, and 40 calls to a vendor that hangs: another vendor does not notice."""
        slow, healthy = Vendor(), Vendor()
        for vendor in (slow, healthy):
            self.addCleanup(vendor.stop)
        slow.behave([hang])
        settings = Settings(pega=slow.origin, members={"delivery": {"call": "20s", "total": "20s"}, "drain": "1s"})
        gateway = self.unstarted(settings)
        members = gateway.members(settings)
        members["connections"]["healthy"] = {**members["connections"]["pega"], "origin": healthy.origin}
        members["routes"]["healthy"] = {"connection": "healthy"}
        gateway.write_configuration(members)
        gateway.start(preexec=few_files)
        answers: list[Answer] = []
        lock = threading.Lock()

        def badge() -> None:
            try:
                answer = ask(gateway.port, "pega")
            except OSError:
                return
            with lock:
                answers.append(answer)

        callers = [threading.Thread(target=badge, daemon=True) for _ in range(40)]
        for caller in callers:
            caller.start()
        until("the vendor has its share", lambda: len(slow.calls) == 16 or None)
        began = time.monotonic()
        self.assertEqual([ask(gateway.port, "healthy").status for _ in range(5)], [200] * 5)
        took = (time.monotonic() - began) / 5
        until("the others have their answer", lambda: len(answers) == 24 or None)
        self.assertEqual({(answer.status, answer.code) for answer in answers}, {(503, "vendor-busy")})
        self.assertEqual({answer.headers["retry-after"] for answer in answers}, {"1"})
        self.assertEqual(len(slow.calls), 16)
        metrics = gateway.metrics()
        for line in (
            'signet_vendor_calls_in_use{vendor_connection="pega"} 16',
            'signet_vendor_busy_total{vendor_connection="pega"} 24',
            'signet_vendor_circuit_state{vendor_connection="pega",state="closed"} 1',
        ):
            self.assertIn(line, metrics)
        self.assertIn("share-reduced", gateway.log_file.read_text())
        self.assertEqual(gateway.terminate(), 0)
        self.say(f"{LIMIT} files, 40 callers at a hanging vendor: 16 wait, 24 vendor-busy; another one's badge {took:.3f} s")


if __name__ == "__main__":
    unittest.main()
