"""Open files run short: who has none waits or is refused, and the process lives."""

import resource
import socket
import threading
import unittest
from collections import Counter

from client import ask
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
        self.assertLessEqual(set(seen), {"504 vendor-too-slow", "503 circuit-open", "closed"})
        for connection in idle:
            connection.close()
        until("somebody is let in again", lambda: ask(gateway.port, "dg").status == 200 or None, within=30)
        self.assertEqual(gateway.terminate(), 0)
        self.say(f"{LIMIT} files, 300 callers at a hanging vendor, 240 idle: {dict(seen)}; then 200, exit 0")


if __name__ == "__main__":
    unittest.main()
