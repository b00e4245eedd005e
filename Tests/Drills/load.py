"""Load by wrk, a program that sends as fast as it gets answers."""

import json
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gateway import BODY, TOKEN
from support import program

_SCRIPT = """
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer {token}"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [[{body}]]
{recording}
function done(summary, latency, requests)
  io.write(string.format(
    '\\n{{"requests":%d,"microseconds":%d,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,' ..
    '"p50":%d,"p99":%d,"longest":%d}}\\n',
    summary.requests, summary.duration, summary.errors.connect, summary.errors.read, summary.errors.write,
    summary.errors.status, summary.errors.timeout, latency:percentile(50), latency:percentile(99), latency.max))
end
"""

# Each of wrk's threads has a Lua of its own, so each writes a file of its own. A line is written when it is complete:
# what was read stands in the file, however wrk ends.
# Each thread has customers of its own, one after the other, so that nobody asks twice at the same time.
_CUSTOMERS = """
local asked = 0
function request()
  local customer = asked * {threads} + number
  asked = (asked + 1) % {each}
  return wrk.format(nil, nil, nil, '{{"subject":"customer-' .. customer .. '"}}')
end
"""

_RECORDING = """
local count = 0
function setup(thread) thread:set("number", count); count = count + 1 end
function init(arguments)
  record = io.open("{record}." .. number, "a")
  record:setvbuf("line")
end
function response(status, headers, body)
  record:write(status, "\\t", headers["X-Request-Id"] or "-", "\\t", body, "\\n")
end
"""


@dataclass(frozen=True)
class Figures:
    """What wrk counted."""

    requests: int
    seconds: float
    failed: dict[str, int]
    p50: float
    p99: float
    longest: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.requests:,} requests, {self.rate:,.0f}/s, p50 {self.p50:.2f} ms, p99 {self.p99:.2f} ms, "
            f"longest {self.longest:.0f} ms, failed {sum(self.failed.values())}"
        )


class Load:
    """wrk at work."""

    def __init__(
        self,
        scratch: Path,
        url: str,
        seconds: float = 3600,
        connections: int = 32,
        threads: int = 2,
        record: Path | None = None,
        token: str = TOKEN,
        customers: int | None = None,
    ) -> None:
        recording = _RECORDING.format(record=record) if record else ""
        if customers:
            # What numbers the threads is in what records.
            assert record, "customers are told apart in a record"
            recording += _CUSTOMERS.format(threads=threads, each=customers // threads)
        script = scratch / f"wrk-{len(list(scratch.glob('wrk-*')))}.lua"
        script.write_text(_SCRIPT.format(token=token, body=json.dumps(BODY), recording=recording))
        self.process = subprocess.Popen(
            [
                program("wrk"),
                f"-t{threads}",
                f"-c{connections}",
                f"-d{max(1, round(seconds))}s",
                "--timeout",
                "20s",
                "-s",
                str(script),
                url,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def figures(self) -> Figures:
        """Waits for its end."""
        out, _ = self.process.communicate(timeout=3600)
        line = next((line for line in out.splitlines() if line.startswith('{"requests"')), None)
        if not line:
            raise AssertionError(f"wrk gave no figures: {out[-1500:]}")
        value = json.loads(line)
        failed = {name: value[name] for name in ("connect", "read", "write", "status", "timeout") if value[name]}
        return Figures(
            value["requests"],
            value["microseconds"] / 1e6,
            failed,
            value["p50"] / 1000,
            value["p99"] / 1000,
            value["longest"] / 1000,
        )

    def stop(self) -> Figures:
        """Ends it early; wrk prints what it has so far."""
        self.process.send_signal(signal.SIGINT)
        return self.figures()

    def kill(self) -> None:
        if self.is_running:
            self.process.kill()
            self.process.communicate()


def recorded(record: Path) -> list[tuple[int, str, str]]:
    """Status, request id and body of every answer that wrk read."""
    answers = []
    for file in sorted(record.parent.glob(record.name + ".*")):
        whole, _, _ = file.read_text().rpartition("\n")
        for line in whole.split("\n"):
            if line:
                status, request_id, body = line.split("\t", 2)
                answers.append((int(status), request_id, body))
    return answers
