"""The audit when the process is killed, when its file is moved away, and when the disk is full."""

import json
import os
import resource
import signal
import subprocess
from pathlib import Path

from client import ask
from gateway import SIGNET, Gateway, Settings
from load import Load, recorded
from proxy import pega
from support import SECONDS, Drill, run, until

#: How often the gateway is killed.
KILLS = max(3, round(SECONDS / 3))
#: How much audit, in bytes, is written between two kills or rotations: some 300 lines for each second of a part.
STRETCH = round(SECONDS * 150_000)


class AuditUnderLoad(Drill):
    def load(self, gateway: Gateway, route: str, record: Path) -> Load:
        load = Load(self.scratch, f"http://127.0.0.1:{gateway.port}/v1/routes/{route}/badge", record=record)
        self.addCleanup(load.kill)
        return load

    def all_are_recorded(self, record: Path, *files: Path) -> tuple[int, int]:
        """Whether each badge that wrk has read is in the audit; returns how many those were, and the audit's lines."""
        answers = recorded(record)
        self.assertEqual({status for status, _, _ in answers}, {200})
        answered = {request_id for _, request_id, _ in answers}
        self.assertEqual(len(answered), len(answers), "a request id came twice")
        lines = [line["requestId"] for line in Gateway.audited(*files)]
        self.assertEqual(len(set(lines)), len(lines), "a request is recorded twice")
        missing = answered - set(lines)
        self.assertEqual(len(missing), 0, f"answered and not recorded: {sorted(missing)[:5]}")
        return len(answered), len(lines)

    def test_kill(self) -> None:
        """kill -9 in mid-load, several times; a line that a crash cut off is put right."""
        gateway = self.gateway(Settings(pega=pega(self)))
        record = self.scratch / "answers"
        record.mkdir()
        for number in range(KILLS):
            route = ("dg", "talkative", "pega")[number % 3]
            before = self.size(gateway)
            load = self.load(gateway, route, record / f"kill-{number}")
            until("the audit grows", lambda: self.size(gateway) > before + STRETCH or None, within=120)
            os.kill(gateway.pid, signal.SIGKILL)
            self.assertEqual(gateway.running.wait(10), -signal.SIGKILL)
            load.stop()
            if number % 2:
                # What a lost machine may leave, and a killed process hardly ever: the beginning of a line.
                with gateway.audit.open("ab") as audit:
                    audit.write(b'{"v":1,"chain":"')
            gateway.start()
            until("the restart is logged", lambda: len(gateway.events("started")) == number + 2 or None)
        repaired = len(gateway.events("audit-repaired"))
        answered = lines = 0
        for number in range(KILLS):
            count, lines = self.all_are_recorded(record / f"kill-{number}", gateway.audit)
            self.assertGreater(count, 0)
            answered += count
        chains = {line["chain"] for line in Gateway.audited(gateway.audit)}
        self.assertEqual(len(chains), 1, "a restart began a new chain")
        self.assertGreaterEqual(repaired, KILLS // 2)
        self.assertIn("complete", self.audit_is_whole(gateway))
        self.say(
            f"killed {KILLS} times: {answered:,} badges answered, {lines:,} recorded, none missing; one whole chain, "
            f"{repaired} cut lines removed"
        )

    def test_rotation(self) -> None:
        """The file moved away and SIGUSR1, under load, several times."""
        gateway = self.gateway()
        load = self.load(gateway, "dg", self.scratch / "rotation")
        files = []
        for number in range(5):
            until("the audit grows", lambda: self.size(gateway) > STRETCH or None, within=120)
            old = gateway.folder / f"audit.{number}.jsonl"
            gateway.audit.rename(old)
            files.append(old)
            gateway.signal(signal.SIGUSR1)
            until("a new file", lambda: gateway.audit.exists() or None)
        until("the last file grows", lambda: self.size(gateway) > STRETCH or None, within=120)
        figures = load.stop()
        self.assertEqual(gateway.terminate(), 0)
        self.assertEqual(figures.failed, {})
        files.append(gateway.audit)
        answered, lines = self.all_are_recorded(self.scratch / "rotation", *files)
        self.assertIn("complete", self.audit_is_whole(gateway, *files))
        # In the wrong order, or with one left out, it is not.
        for wrong in (files[1:] + files[:1], files[:2] + files[3:]):
            done = run(SIGNET, "audit", "verify", "-c", gateway.configuration, *wrong)
            self.assertEqual(done.returncode, 1, done.stdout)
        self.say(f"{len(files)} files of one chain: {answered:,} answered, {lines:,} recorded, none missing; {figures}")

    @staticmethod
    def size(gateway: Gateway) -> int:
        return gateway.audit.stat().st_size


class DiskFull(Drill):
    def test_full_file_system(self) -> None:
        """A file system of 512 KiB that fills up; where none can be mounted, a limit on the size of files."""
        disk = self.scratch / "disk"
        disk.mkdir()
        mounted = (
            os.geteuid() == 0
            and subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True, timeout=20
            ).returncode
            == 0
        )
        settings = Settings(pega=pega(self), members={"audit": {"file": str(disk / "audit.jsonl")}})
        # The limit would be the log's as well.
        gateway = self.unstarted(settings, quiet=not mounted)
        gateway.audit = disk / "audit.jsonl"
        if mounted:
            self.addCleanup(subprocess.run, ["umount", "-l", disk], capture_output=True, timeout=20)
            filler = disk / "filler"
            filler.write_bytes(b"x" * 200_000)
            gateway.start()
        else:
            gateway.start(preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY)))
        self.fill(gateway)
        refused = [ask(gateway.port, route) for route in ("dg", "talkative", "pega") for _ in range(20)]
        refused += [ask(gateway.port, "dg", right="sign")]
        for got in refused:
            self.assertEqual((got.status, got.code), (503, "audit-unavailable"), got.body)
            self.assertNotIn(b"eyJ", got.body)
            self.assertIn("retry-after", got.headers)
        # The answers say that the log says why.
        if mounted:
            self.assertIn("No space left on device", json.dumps(gateway.events("audit-failed")))
        # What needs no record is answered all the same.
        self.assertEqual(ask(gateway.port, "dg", {"anonymous": True}).status, 200)
        # A load balancer is told after five seconds, and told again when there is room, without a request or a signal.
        until("it is not ready", lambda: gateway.ready() == 503 or None)
        answered = recorded(self.scratch / "filling")
        good = {request_id for status, request_id, _ in answered if status == 200}
        bad = [body for status, _, body in answered if status != 200]
        self.assertGreater(len(bad), 0)
        self.assertTrue(all('"audit-unavailable"' in body and "eyJ" not in body for body in bad))
        lines = {line["requestId"] for line in Gateway.audited(gateway.audit)}
        self.assertEqual(good - lines, set(), "answered and not recorded")
        # A line that found no room leaves nothing behind.
        self.audit_is_whole(gateway)
        if mounted:
            filler.unlink()
        else:
            resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        until("it is ready again", lambda: gateway.ready() == 200 or None)
        for route in ("dg", "talkative", "pega"):
            self.assertEqual(ask(gateway.port, route).status, 200, "there is room again")
        self.assertEqual(gateway.terminate(), 0)
        self.assertIn("complete", self.audit_is_whole(gateway))
        # A chain that goes on after a restart on the same disk.
        gateway.start()
        self.assertEqual(ask(gateway.port, "dg").status, 200)
        self.assertEqual(gateway.terminate(), 0)
        self.audit_is_whole(gateway)
        self.say(
            f"{'a full tmpfs' if mounted else 'a limit on file sizes'}: {len(good):,} badges handed out and recorded; "
            f"then {len(bad) + len(refused):,} requests 503 audit-unavailable; with room again 200, chain whole"
        )

    def fill(self, gateway: Gateway) -> None:
        load = Load(
            self.scratch, f"http://127.0.0.1:{gateway.port}/v1/routes/dg/badge", record=self.scratch / "filling"
        )
        self.addCleanup(load.kill)

        def is_full() -> bool | None:
            return ask(gateway.port, "dg").status == 503 or None

        until("the disk is full", is_full)
        figures = load.stop()
        self.assertEqual(set(figures.failed) - {"status"}, set(), "connections broke")
