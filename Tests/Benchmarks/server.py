#!/usr/bin/env python3
"""Measures our HTTP server against others. README.md says how; --help says with which options."""

import argparse
import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmark import Benchmark
from programs import Fault
from servers import ALL, WITH_TLS

LATENCY_CONNECTIONS = [32, 256, 1000, 4000]

#: libmicrohttpd 0.9.75 fetches up to 128 events; after exactly 128 it waits for more before it handles them.
MOST_MICROHTTPD = 100


def _listed(allowed: tuple[str, ...]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        names = text.split(",")
        unknown = [name for name in names if name not in allowed]
        if unknown:
            raise argparse.ArgumentTypeError(f"{unknown[0]} is not one of {', '.join(allowed)}")
        return list(dict.fromkeys(names))

    return parse


def _counts(text: str) -> list[int]:
    counts = [int(word) for word in text.split(",")]
    if not all(0 < count <= 10000 for count in counts):
        raise argparse.ArgumentTypeError("a count is 1 to 10000")
    return counts


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Measures our HTTP server against others. Without --latency, --memory or --tls: requests a second.")
    parser.add_argument("--latency", action="store_true", help="99th percentiles at 32, 256, 1000 and 4000 connections")
    parser.add_argument("--memory", action="store_true", help="resident memory of idle connections")
    parser.add_argument("--tls", action="store_true", help="over TLS; alone: kept requests and new connections")
    parser.add_argument(
        "--servers", type=_listed(ALL), help="of ours,epoll,microhttpd,go,nginx; all, or ours,epoll with --latency, "
        "ours with --memory, ours,nginx with --tls")
    parser.add_argument(
        "--client", type=_listed(("load", "wrk")), help="of load,wrk; both, or load with --latency. TLS is always wrk")
    parser.add_argument("--connections", type=_counts, help="counts of kept connections, as in 32,256 (32)")
    parser.add_argument("--seconds", type=int, default=3, help="of each run (3)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each server, interleaved (5)")
    parser.add_argument("--answer", type=int, default=700, help="bytes of the body of an answer (700)")
    parser.add_argument("--idle", type=int, default=1000, help="idle connections with --memory (1000)")
    parser.add_argument("--processes", type=int, default=8, help="of the client that makes new TLS connections (8)")
    parser.add_argument("--tls-version", choices=("1.2", "1.3"), default="1.3", help="of new TLS connections (1.3)")
    parser.add_argument("--server-cpu", type=int, default=0, help="processor of the servers (0)")
    parser.add_argument("--client-cpu", type=int, default=1, help="processor of the clients (1)")
    parser.add_argument(
        "--nice", type=int, default=0, help="of servers and clients; as root, -20 keeps neighbours off them (0)")
    parser.add_argument("--check", action="store_true", help="exit 1 when an aim is missed")
    parser.add_argument("--json", metavar="FILE", help="write all figures to a file, with those of each round")
    options = parser.parse_args()
    if options.tls:
        options.servers = options.servers or ["ours", "nginx"]
        unable = [name for name in options.servers if name not in WITH_TLS]
        if unable:
            parser.error(f"{unable[0]} has no TLS; of {', '.join(WITH_TLS)}")
    elif options.latency or options.memory:
        options.servers = options.servers or (["ours", "epoll"] if options.latency else ["ours"])
    options.servers = options.servers or list(ALL)
    options.client = options.client or (["load"] if options.latency else ["load", "wrk"])
    options.connections = options.connections or (LATENCY_CONNECTIONS if options.latency else [32])
    if "microhttpd" in options.servers and max(options.connections) > MOST_MICROHTTPD:
        parser.error(f"libmicrohttpd stalls above {MOST_MICROHTTPD} connections (README.md): name others by --servers")
    if min(options.seconds, options.rounds, options.idle, options.processes) < 1 or not 16 <= options.answer <= 4000:
        parser.error("--seconds, --rounds, --idle and --processes are 1 or more, --answer is 16 to 4000")
    return options


def main() -> int:
    options = _options()
    # Servers and clients have sessions of their own: they end with this process only if it ends them.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    scratch = Path(tempfile.mkdtemp(prefix="signet-benchmark-"))
    try:
        allowed = os.sched_getaffinity(0)
        if options.server_cpu == options.client_cpu or not {options.server_cpu, options.client_cpu} <= allowed:
            raise Fault(f"servers and clients need a processor each; allowed are {sorted(allowed)}")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        needed = max([*options.connections, options.idle]) + 200
        if most < needed:
            raise Fault(f"{needed} open files are needed, {most} are allowed: ulimit -n")
        if options.nice < 0 and os.geteuid() != 0:
            raise Fault(f"--nice {options.nice} needs root")
        Benchmark(options, scratch).run()
    except Fault as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
