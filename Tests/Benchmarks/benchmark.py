"""One run: starts the servers, has them measured, prints the figures, holds them against the aims."""

import argparse
import contextlib
import dataclasses
import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from measures import Clients, Memory, Sample, medians, memory, ratios, rounds
from programs import Fault, Place, Programs
from servers import WHAT, Server

#: What issues 8 and 9 ask for, by what is compared.
SPEED_AIMS = {"epoll": 0.85, "microhttpd": 1.0, "go": 2.0}
MOST_TLS_COST = 1.3
MOST_FAIR_SHARES = 2.0
MOST_IDLE_MEGABYTES = 3.0
MOST_IDLE_TLS_KIB = 20.0

#: The share of the server's processor that neighbours may use.
MOST_OTHERS = 0.05

CLIENTS = {
    "load": "clients/load.c, which begins to count after 0.5 s and never sleeps",
    "wrk": "wrk with one thread; where a server is less than 95 % busy, the rate is wrk's limit",
}


class Benchmark:
    """One run of this program."""

    def __init__(self, options: argparse.Namespace, scratch: Path) -> None:
        self.options = options
        self.sections: list[dict[str, Any]] = []
        self.missed: list[str] = []
        self.failed: list[str] = []
        os.sched_setaffinity(0, {options.client_cpu})
        clients = ["handshakes", "wrk"] if options.tls else options.client
        self.programs = Programs(scratch, options.servers, [] if self.only_memory else clients, options.tls)
        self.place = Place(options.server_cpu, options.nice)
        self.clients = Clients(self.programs, Place(options.client_cpu, options.nice), options.server_cpu)
        self.measured_by = (
            f"busy, cost: the CPU clocks of the server's processes (clock_gettime, ns), over the client's seconds and "
            f"requests.\nothers: /proc/stat of CPU {options.server_cpu}, less the server's clocks.")

    @property
    def only_memory(self) -> bool:
        return bool(self.options.memory and not self.options.latency)

    def run(self) -> None:
        options = self.options
        self._print_setting()
        if options.latency:
            self._latency()
        if options.memory:
            self._memory()
        if not options.latency and not options.memory:
            if options.tls:
                self._tls()
            else:
                self._speed()
        self._write()
        if self.failed:
            raise Fault("requests failed, so the figures do not count:\n  " + "\n  ".join(self.failed))
        if options.check and self.missed:
            raise Fault("aims are missed:\n  " + "\n  ".join(self.missed))

    @contextlib.contextmanager
    def _servers(self) -> Iterator[list[Server]]:
        options = self.options
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        with contextlib.ExitStack() as stack:
            started = [
                stack.enter_context(
                    Server(name, self.programs, self.place, options.answer, files, options.tls))
                for name in options.servers
            ]
            for server in started:
                print(f"{server.name}: {server.description}")
            yield started

    # Speed

    def _speed(self) -> None:
        with self._servers() as servers:
            for client in self.options.client:
                self._kept(servers, client)

    def _kept(self, servers: list[Server], client: str) -> dict[str, list[Sample]]:
        options = self.options
        for connections in options.connections:
            ask: Callable[[Server, int, int], Sample] = self.clients.wrk if client == "wrk" else self.clients.load
            samples = rounds(
                servers, options.rounds, options.seconds, lambda server, seconds: ask(server, connections, seconds))
            title = f"{'TLS requests' if options.tls else 'Requests'} on {connections} kept connections, by {client}"
            self._table(title, samples, f"requests/s, p50, p99, failed: {CLIENTS[client]}.")
            if options.tls:
                self._cost_ratios(samples, title)
            else:
                self._speed_ratios(samples, title)
        return samples

    def _table(self, title: str, samples: dict[str, list[Sample]], measured_by: str, unit: str = "requests/s") -> None:
        self._print_title(title)
        print(f"{'':12}{unit:>13}{'cost us':>10}{'busy':>7}{'p50 ms':>9}{'p99 ms':>9}{'failed':>8}{'others':>8}")
        for name, each in samples.items():
            middle = medians(each)
            failed = sum(sample.failed for sample in each)
            print(
                f"{name:12}{middle['rate']:13,.0f}{middle['cost']:10.2f}{middle['busy']:7.0%}{middle['p50']:9.3f}"
                f"{middle['p99']:9.3f}{failed:8}{middle['others']:8.0%}")
            if failed:
                self.failed.append(f"{title}: {name}: {failed}")
        print(f"{measured_by}\n{self.measured_by}")
        self._warn([sample for each in samples.values() for sample in each])
        self.sections.append({
            "title": title, "measuredBy": f"{measured_by}\n{self.measured_by}", "servers": {
                name: {"medians": medians(each), "rounds": [dataclasses.asdict(sample) for sample in each]}
                for name, each in samples.items()}})

    def _speed_ratios(self, samples: dict[str, list[Sample]], title: str) -> None:
        """Above 1 ours is faster. The aim is held against the cost: neighbours and a slow client disturb it least."""
        if "ours" not in samples:
            return
        found = {}
        for name in samples:
            if name == "ours":
                continue
            rate, speed = ratios(samples["ours"], samples[name], "rate"), ratios(samples[name], samples["ours"], "cost")
            line = f"ours / {name:12} by rate {_spread(rate)}   by cost (theirs / ours) {_spread(speed)}"
            print(line + self._aim(f"{title}, ours / {name}", speed[0], SPEED_AIMS.get(name), least=True))
            found[name] = {"rate": rate, "cost": speed}
        print("ratios: one a round; their median, with the least and the greatest. Aims are held against the cost.")
        self.sections[-1]["ratios"] = found

    # TLS

    def _tls(self) -> None:
        options = self.options
        with self._servers() as servers:
            self._kept(servers, "wrk")
            title = f"New TLS connections (TLS {options.tls_version}, full handshakes), each with one request"
            samples = rounds(servers, options.rounds, options.seconds, lambda server, seconds: self.clients.handshakes(
                server, options.processes, seconds, options.tls_version))
            self._table(
                title, samples,
                f"connections/s, p50, p99, failed: clients/handshakes.c, {options.processes} processes, no session is "
                f"offered again.", "connections/s")
            for name, each in samples.items():
                resumed, unclean = (sum(sample.counts[count] for sample in each) for count in ("resumed", "unclean"))
                print(f"{name}: {resumed} resumed, {unclean} ended without close_notify")
                if resumed:
                    self.failed.append(f"{title}: {name}: {resumed} handshakes were resumed")
            self._cost_ratios(samples, title)

    def _cost_ratios(self, samples: dict[str, list[Sample]], title: str) -> None:
        """Below 1 ours is cheaper."""
        if "ours" not in samples:
            return
        found = {}
        for name in samples:
            if name == "ours":
                continue
            cost, rate = ratios(samples["ours"], samples[name], "cost"), ratios(samples["ours"], samples[name], "rate")
            aim = self._aim(f"{title}, ours / {name}", cost[0], MOST_TLS_COST if name == "nginx" else None, least=False)
            print(f"ours / {name:12} by cost {_spread(cost)}   by rate {_spread(rate)}{aim}")
            found[name] = {"cost": cost, "rate": rate}
        print("ratios: one a round; their median, with the least and the greatest. Aims are held against the cost.")
        self.sections[-1]["ratios"] = found

    # Latency

    def _latency(self) -> None:
        options = self.options
        with self._servers() as servers:
            for client in ["wrk"] if options.tls else options.client:
                ask: Callable[[Server, int, int], Sample] = self.clients.wrk if client == "wrk" else self.clients.load
                title = f"99th percentile{' under TLS' if options.tls else ''}, by {client}"
                lines: list[str] = []
                taken: list[Sample] = []
                section: dict[str, Any] = {"title": title, "measuredBy": CLIENTS[client], "servers": {}}
                for connections in options.connections:
                    samples = rounds(
                        servers, options.rounds, options.seconds,
                        lambda server, seconds: ask(server, connections, seconds))
                    for name, each in samples.items():
                        taken += each
                        shares = [sample.p99 / (connections / sample.rate * 1000) for sample in each]
                        share, middle = statistics.median(shares), medians(each)
                        failed = sum(sample.failed for sample in each)
                        line = (
                            f"{name:12}{connections:12}{middle['rate']:13,.0f}{middle['p50']:9.2f}{middle['p99']:9.2f}"
                            f"{middle['longest']:10.1f}{connections / middle['rate'] * 1000:12.2f}{share:8.2f}"
                            f"{middle['busy']:7.0%}{failed:8}{middle['others']:8.0%}")
                        if name == "ours":
                            what = f"{title}, {connections} connections"
                            line += self._aim(what, share, MOST_FAIR_SHARES, least=False)
                        lines.append(line)
                        if failed:
                            self.failed.append(f"{title}: {name}: {failed}")
                        section["servers"].setdefault(name, {})[connections] = {
                            "medians": middle, "ratios": shares,
                            "rounds": [dataclasses.asdict(sample) for sample in each]}
                self._print_title(title)
                print(f"{'':12}{'connections':>12}{'requests/s':>13}{'p50 ms':>9}{'p99 ms':>9}{'longest':>10}"
                      f"{'fair share':>12}{'ratio':>8}{'busy':>7}{'failed':>8}{'others':>8}")
                print("\n".join(lines))
                print(f"requests/s and times: {CLIENTS[client]}.\nfair share: connections / rate, in ms. "
                      f"ratio: p99 / fair share, one a round; their median.\n{self.measured_by}")
                self._warn(taken)
                self.sections.append(section)

    # Memory

    def _memory(self) -> None:
        options, kind = self.options, "TLS connections" if self.options.tls else "connections"
        figures: dict[str, Memory] = {}
        with self._servers() as servers:
            for server in servers:
                figures[server.name] = memory(server, options.idle)
        title = f"Memory of {options.idle:,} idle {kind}"
        print(f"\n{title}, each after one answer of {options.answer} bytes")
        print(f"{'':12}{'base MB':>10}{'idle MB':>10}{'more MB':>10}{'KiB each':>10}{'half head':>11}{'again idle':>12}"
              f"{'closed':>10}")
        for name, found in figures.items():
            more = found.idle - found.base
            aim = ""
            if name == "ours" and options.tls:
                aim = self._aim(f"{title}, KiB each", more / 1024 / found.connections, MOST_IDLE_TLS_KIB, least=False)
            elif name == "ours":
                aim = self._aim(
                    f"{title}, MB for 1,000", more / 1e6 * 1000 / found.connections, MOST_IDLE_MEGABYTES, least=False)
            print(f"{name:12}{found.base / 1e6:10.2f}{found.idle / 1e6:10.2f}{more / 1e6:10.2f}"
                  f"{more / 1024 / found.connections:10.2f}{found.half / 1e6:11.2f}{found.again / 1e6:12.2f}"
                  f"{found.closed / 1e6:10.2f}{aim}")
        measured_by = (
            "Rss in /proc/PID/smaps_rollup of the server's processes, 0.5 s after the last byte. The kernel's socket\n"
            "buffers are not in it. base: after a connection with two requests. half head: all have sent 20 bytes of\n"
            "a second request. again idle: all have its answer. closed: all have closed.")
        print(measured_by)
        self.sections.append({
            "title": title, "measuredBy": measured_by,
            "servers": {name: dataclasses.asdict(found) for name, found in figures.items()}})

    # What all have in common

    def _print_title(self, title: str) -> None:
        options = self.options
        print(
            f"\n{title}\n{options.answer} bytes, {options.seconds} s a run, medians of {options.rounds} interleaved "
            f"round{'' if options.rounds == 1 else 's'}")

    def _warn(self, samples: list[Sample]) -> None:
        disturbed = sum(sample.others > MOST_OTHERS for sample in samples)
        if disturbed:
            print(f"DISTURBED: in {disturbed} of {len(samples)} runs others used more than {MOST_OTHERS:.0%} of CPU "
                  f"{self.options.server_cpu}. Rates and times say little, costs and their ratios are less exact.")

    def _aim(self, what: str, figure: float, aim: float | None, least: bool) -> str:
        if aim is None:
            return ""
        met = figure >= aim if least else figure <= aim
        if not met:
            self.missed.append(f"{what}: {figure:.2f}, {'at least' if least else 'at most'} {aim:g} is asked for")
        return f"   {'at least' if least else 'at most'} {aim:g}: {'met' if met else 'MISSED'}"

    def _setting(self) -> dict[str, Any]:
        model = next(
            (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")), platform.machine())
        return {
            "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "processor": model,
            "processors": os.cpu_count(), "kernel": platform.release(), "loadAverage": os.getloadavg()[0],
            "programs": self.programs.versions, "options": {
                name: value for name, value in vars(self.options).items() if name != "json"}}

    def _print_setting(self) -> None:
        self.setting = self._setting()
        options = self.options
        print(
            f"{self.setting['when']}, {self.setting['processor']}, {self.setting['processors']} processors, "
            f"Linux {self.setting['kernel']}, load average {self.setting['loadAverage']:.2f}; "
            f"servers on CPU {options.server_cpu}, clients on CPU {options.client_cpu}")
        print("; ".join(self.programs.versions.values()))
        for name in options.servers:
            print(f"{name}: {WHAT[name]}")

    def _write(self) -> None:
        if self.options.json:
            document = {**self.setting, "sections": self.sections, "missed": self.missed, "failed": self.failed}
            Path(self.options.json).write_text(json.dumps(document, indent=2) + "\n")


def _spread(ratio: tuple[float, float, float]) -> str:
    return f"{ratio[0]:.2f} ({ratio[1]:.2f} to {ratio[2]:.2f})"
