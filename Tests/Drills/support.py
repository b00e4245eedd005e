"""What every drill needs: a scratch folder, printed figures, and gateways that are gone at the end.

A program that is missing fails the drill. Nothing here skips.
"""

import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gateway import SIGNET, Gateway, Settings

#: How long a part under load lasts. Three seconds show that a drill works; thirty are what is asked for.
SECONDS = float(os.environ.get("DRILL_SECONDS", "3"))

#: How much later than it should anything may come on a machine that others keep busy, in seconds. What a drill forbids, a wait
#: for another deadline or for ever, takes longer.
LATE = 10.0

Value = TypeVar("Value")


def free_port() -> int:
    """A port on loopback where nobody listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def until(what: str, found: Callable[[], Value | None], within: float = 60, pause: float = 0.01) -> Value:
    """What `found` comes to have, asked again and again."""
    end = time.monotonic() + within
    while True:
        value = found()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {within} s still not: {what}")
        time.sleep(pause)


def program(name: str) -> str:
    """Where a program is; Debian keeps nginx where a user's PATH does not lead."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    if not path:
        raise AssertionError(f"{name} is not installed: make drills-deps")
    return path


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end."""
    return subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=120)


class Drill(unittest.TestCase):
    """A drill with a scratch folder of its own."""

    maxDiff = None

    def setUp(self) -> None:
        if not os.access(SIGNET, os.X_OK):
            self.fail(f"there is no signet at {SIGNET}: make build, or set SIGNET")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.scratch = Path(tempfile.mkdtemp(prefix="signet-drill-"))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)

    def say(self, text: str) -> None:
        """Prints a figure."""
        print(f"\n    {text}", end="", file=sys.stderr, flush=True)

    def gateway(self, settings: Settings | None = None, name: str = "signet", quiet: bool = False) -> Gateway:
        """A gateway that is ready. `quiet` throws its log away, for loads that would fill a disk with it."""
        made = self.unstarted(settings, name, quiet)
        made.start()
        return made

    def unstarted(self, settings: Settings | None = None, name: str = "signet", quiet: bool = False) -> Gateway:
        """A gateway that is configured."""
        made = Gateway(self.scratch / name, settings or Settings(), quiet=quiet)
        self.addCleanup(made.kill)
        return made

    def audit_is_whole(self, gateway: Gateway, *files: Path) -> str:
        """Has signet verify audit files, and returns what it says."""
        done = run(SIGNET, "audit", "verify", "-c", gateway.configuration, *(files or [gateway.audit]))
        self.assertEqual(done.returncode, 0, f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return (done.stdout + done.stderr).strip()

    def nothing_failed(self, gateway: Gateway) -> None:
        """The log has nothing above a warning."""
        bad = [line for line in gateway.log() if line.get("level") == "error"]
        self.assertEqual(bad[:5], [], f"{len(bad)} errors are logged")
