"""The start: how soon a gateway is ready, and how little it takes when nobody asks."""

import statistics
from pathlib import Path

from gateway import Gateway, Settings
from support import Drill

RUNS = 40


class Start(Drill):
    def test_start_to_ready(self) -> None:
        """From fork to the first 200 of /health/ready, and memory then."""
        gateway = self.unstarted(Settings(pega="http://127.0.0.1:9"))
        seconds, computing, resident = [], [], []
        for _ in range(RUNS):
            seconds.append(gateway.start())
            computing.append(self.computing(gateway))
            resident.append(gateway.resident())
            self.assertEqual(gateway.terminate(), 0)
        quarter, middle, _ = (1000 * part for part in statistics.quantiles(seconds, n=4))
        self.say(
            f"ready after {middle:.1f} ms (median of {RUNS}; a quarter within {quarter:.1f}, the worst "
            f"{max(seconds) * 1000:.1f}), of which {statistics.median(computing) * 1000:.1f} ms on a processor; "
            f"resident when idle {max(resident):.1f} MB at most"
        )
        # On a machine that others keep busy, time on a processor is the one that tells of the gateway.
        self.assertLess(statistics.median(computing), 0.1)
        self.assertLess(max(resident), 40)

    @staticmethod
    def computing(gateway: Gateway) -> float:
        """How many seconds its threads have been on a processor."""
        tasks = Path(f"/proc/{gateway.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
