"""What is measured, and how."""

import json
import os
import socket
import ssl
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from programs import Fault, Place, Programs, program, run
from servers import Server

#: wrk runs no Lua for a request; at its end it writes its figures as JSON.
_WRK = """
function done(summary, latency, requests)
  local failures = summary.errors
  io.write(string.format(
    '\\n{"requests":%d,"microseconds":%d,"failed":%d,"p50":%d,"p99":%d,"longest":%d}\\n',
    summary.requests, summary.duration,
    failures.connect + failures.read + failures.write + failures.status + failures.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
"""


@dataclass(frozen=True)
class Sample:
    """One run of a client against one server."""

    #: Requests, or connections where each has one request, a second.
    rate: float
    #: Processor time of the server for a request.
    cost: float
    #: Share of the time that the server ran. Below 0.95 the client, or a neighbour, was the limit.
    busy: float
    #: Share of the server's processor that others used.
    others: float
    p50: float
    p99: float
    longest: float
    failed: int
    #: Further counts of the client.
    counts: dict[str, int]


def _used(processor: int) -> float:
    """Seconds in which a processor was not idle, those that the host took included."""
    with open("/proc/stat", encoding="ascii") as lines:
        fields = next(line for line in lines if line.startswith(f"cpu{processor} ")).split()
    ticks = [int(field) for field in fields[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


class Clients:
    """The clients, all on one processor."""

    def __init__(self, programs: Programs, place: Place, server_processor: int) -> None:
        self._programs = programs
        self._place = place
        self._processor = server_processor
        self._script = programs.scratch / "wrk.lua"
        self._script.write_text(_WRK)

    def load(self, server: Server, connections: int, seconds: int) -> Sample:
        """Kept connections by our own client: it begins to count when 0.5 s are over."""
        return self._sample(server, lambda: run(
            self._programs.scratch / "load", "--port", str(server.port), "--connections", str(connections),
            "--seconds", str(seconds), "--processes", ",".join(map(str, server.processes)),
            timeout=seconds + 60, place=self._place))

    def wrk(self, server: Server, connections: int, seconds: int) -> Sample:
        """Kept connections by wrk, with one thread."""
        scheme = "https" if server.tls else "http"
        return self._sample(server, lambda: run(
            program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", self._script,
            f"{scheme}://127.0.0.1:{server.port}/", timeout=seconds + 60, place=self._place))

    def handshakes(self, server: Server, processes: int, seconds: int, version: str) -> Sample:
        """New TLS connections, each with one request."""
        return self._sample(server, lambda: run(
            self._programs.scratch / "handshakes", "--port", str(server.port), "--seconds", str(seconds),
            "--processes", str(processes), "--version", version, timeout=seconds + 60, place=self._place))

    def _sample(self, server: Server, client: Callable[[], str]) -> Sample:
        used, spent, began = _used(self._processor), server.processor_seconds(), time.monotonic()
        text = client()
        taken = time.monotonic() - began
        spent = server.processor_seconds() - spent
        used = _used(self._processor) - used
        if server.ended():
            raise Fault(f"{server.name} ended under load")
        figures = json.loads(next(line for line in text.splitlines() if line.startswith('{"requests"')))
        seconds = figures["microseconds"] / 1e6
        if not figures["requests"]:
            raise Fault(f"{server.name} answered nothing in {seconds:.1f} s: {text[-500:]}")
        # Our own client reads the server's clocks itself, at the ends of what it counts.
        counted = figures["server"] / 1e6 if "server" in figures else spent
        return Sample(
            rate=figures["requests"] / seconds, cost=counted * 1e6 / figures["requests"], busy=counted / seconds,
            others=max(0, used - spent) / taken, p50=figures["p50"] / 1000, p99=figures["p99"] / 1000,
            longest=figures["longest"] / 1000, failed=figures["failed"],
            counts={name: figures[name] for name in ("resumed", "unclean") if name in figures})


def rounds(
    servers: list[Server], count: int, seconds: int, measure: Callable[[Server, int], Sample]
) -> dict[str, list[Sample]]:
    """Interleaved: each round has a run of every server, and each round begins with another one."""
    samples: dict[str, list[Sample]] = {server.name: [] for server in servers}
    for server in servers:
        measure(server, 1)
    for index in range(count):
        shift = index % len(servers)
        for server in servers[shift:] + servers[:shift]:
            tell(f"round {index + 1} of {count}: {server.name}")
            samples[server.name].append(measure(server, seconds))
    tell("")
    return samples


def tell(text: str) -> None:
    """How far it is, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def medians(samples: list[Sample]) -> dict[str, float]:
    names = ("rate", "cost", "busy", "others", "p50", "p99", "longest")
    return {name: statistics.median(getattr(sample, name) for sample in samples) for name in names}


def ratios(above: list[Sample], below: list[Sample], name: str) -> tuple[float, float, float]:
    """Of each round a ratio; returns their median, the least and the greatest."""
    each = [getattr(one, name) / getattr(other, name) for one, other in zip(above, below)]
    return statistics.median(each), min(each), max(each)


@dataclass(frozen=True)
class Memory:
    """Resident bytes of a server."""

    connections: int
    #: After one connection, which was closed.
    base: int
    #: All connections are open, each has had one answer, none asks.
    idle: int
    #: All of them have sent half a head.
    half: int
    #: They have sent the other half and had their answers, and none asks.
    again: int
    #: All are closed.
    closed: int


def memory(server: Server, connections: int) -> Memory:
    """What idle connections cost."""
    context = server.context()
    request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
    base = _settled(server)
    clients: list[socket.socket] = []
    try:
        for _ in range(connections):
            plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            clients.append(context.wrap_socket(plain, server_hostname="127.0.0.1") if context else plain)
            clients[-1].sendall(request)
            _read_answer(clients[-1], server)
        idle = _settled(server)
        for client in clients:
            client.sendall(request[:20])
        half = _settled(server)
        for client in clients:
            client.sendall(request[20:])
        for client in clients:
            _read_answer(client, server)
        again = _settled(server)
    except (OSError, ssl.SSLError) as fault:
        raise Fault(f"{server.name} with {len(clients)} connections open: {fault!r}") from None
    finally:
        for client in clients:
            client.close()
    return Memory(connections, base, idle, half, again, _settled(server))


def _settled(server: Server) -> int:
    time.sleep(0.5)
    return server.resident()


def _read_answer(client: Any, server: Server) -> None:
    text = b""
    while True:
        head, end, body = text.partition(b"\r\n\r\n")
        if end and len(body) >= server.answer:
            break
        got = client.recv(65536)
        if not got:
            raise Fault(f"{server.name} closed a connection after {len(text)} bytes of its answer")
        text += got
    if not head.startswith(b"HTTP/1.1 200 ") or len(body) != server.answer:
        raise Fault(f"{server.name} answered {head[:200]!r}, {len(body)} bytes")
