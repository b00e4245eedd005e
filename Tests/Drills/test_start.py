"""The start: how soon a gateway is ready, and how little it takes when nobody asks."""

import statistics

from gateway import Settings
from support import Drill


class Start(Drill):
    def test_start_to_ready(self) -> None:
        """From fork to the first 200 of /health/ready, and memory then."""
        gateway = self.unstarted(Settings(pega="http://127.0.0.1:9"))
        seconds, resident = [], []
        for _ in range(20):
            seconds.append(gateway.start())
            resident.append(gateway.resident())
            self.assertEqual(gateway.terminate(), 0)
        middle, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
        self.say(
            f"ready after {middle:.1f} ms (median of 20), {worst:.1f} ms (worst); "
            f"resident when idle {max(resident):.1f} MB at most"
        )
        self.assertLess(middle, 100)
        self.assertLess(max(resident), 40)
