"""An honest client of TLS in a process of its own, at a measured pace, beside whatever else is done to the gateway.

It asks for badges over one kept connection, and over a new one each time. A request has failed if it has no 200 within 20 s, or if
the kept connection ends without an answer that said so.
"""

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from client import Client

_PACES = {"kept": 0.005, "new": 0.03}


@dataclass(frozen=True)
class Figures:
    """What an honest client saw, in milliseconds."""

    kept: list[float]
    new: list[float]
    failures: list[str]
    #: How many answers over the kept connection said that they are its last.
    closes: int

    @staticmethod
    def p99(times: list[float]) -> float:
        return sorted(times)[len(times) * 99 // 100]

    def __str__(self) -> str:
        return "; ".join(
            f"{len(times):,} over {what}, p99 {self.p99(times):.1f} ms, longest {max(times):.0f} ms"
            for what, times in (("a kept connection", self.kept), ("new ones", self.new))
        ) + f"; failed {len(self.failures)}"  # fmt: skip


class GoodClient:
    """The process."""

    def __init__(self, port: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout and self.process.stdout.readline() == "asking\n"

    def stop(self) -> Figures:
        out, _ = self.process.communicate(timeout=60)
        return Figures(**json.loads(out))

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class _Asking(threading.Thread):
    """Asks until it is told to stop."""

    def __init__(self, port: int, kind: str, stop: threading.Event) -> None:
        super().__init__()
        self.port, self.kind, self.stop = port, kind, stop
        self.client = Client(port, timeout=20, tls=True)
        self.times: list[float] = []
        self.failures: list[str] = []
        self.closes = 0
        # Before anything is done to the gateway, it has had an answer.
        self.ask()

    def run(self) -> None:
        while not self.stop.wait(_PACES[self.kind]):
            began = time.monotonic()
            try:
                self.ask()
            except Exception as error:  # whatever it is, it is a request that has failed
                self.failures.append(f"{self.kind}, after {time.monotonic() - began:.2f} s: {error!r}")
                self.client.close()
            self.times.append((time.monotonic() - began) * 1000)
        self.client.close()

    def ask(self) -> None:
        if self.kind == "new":
            self.client.close()  # http.client connects again
        answer = self.client.badge("dg")
        assert answer.status == 200, f"{answer.status} {answer.body!r}"
        self.closes += answer.closes


def main(port: int) -> None:
    stop = threading.Event()
    kept, new = (_Asking(port, kind, stop) for kind in _PACES)
    print("asking", flush=True)
    kept.start()
    new.start()
    sys.stdin.read()
    stop.set()
    kept.join()
    new.join()
    found = {"kept": kept.times, "new": new.times, "failures": kept.failures + new.failures, "closes": kept.closes}
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
