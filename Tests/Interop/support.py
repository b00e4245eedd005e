"""What every test needs: the signet binary, a scratch folder, and programs to run.

A program that is missing fails the test. Nothing here skips.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
import time
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
SIGNET = Path(os.environ.get("SIGNET", REPOSITORY / ".build" / "release" / "signet")).resolve()


def snippet(page: str, name: str) -> str:
    """What stands in a page between `<!-- snippet: NAME; … -->` and its end."""
    found = re.findall(
        rf"^ *<!-- snippet: {name};[^>]*-->\n *```\w+\n(.*?)^ *```\n *<!-- end of snippet -->",
        (REPOSITORY / page).read_text(), re.DOTALL | re.MULTILINE,
    )
    assert len(found) == 1, f"{page}: {len(found)} snippets are called {name}"
    return textwrap.dedent(found[0])


@dataclass(frozen=True)
class Finished:
    """How a program ended and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def failed_check(self) -> str | None:
        """The first failed check of `signet verify --output json`."""
        return next((check["name"] for check in self.json["checks"] if check["result"] == "fail"), None)


def run(*command: str | Path, stdin: str | bytes = b"", cwd: Path | None = None) -> Finished:
    """Runs a program to its end, away from the caller's configuration."""
    environment = {name: value for name, value in os.environ.items() if name != "SIGNET_CONFIG"}
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [str(word) for word in command], input=data, cwd=cwd, env=environment, capture_output=True, timeout=300
    )
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


def until(what: str, holds: Callable[[], object], within: float = 60) -> None:
    """Waits for something that nobody announces."""
    end = time.monotonic() + within
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"after {within} s still not: {what}")
        time.sleep(0.01)


class InteropTest(unittest.TestCase):
    """A test with a scratch folder of its own."""

    maxDiff = None

    def setUp(self) -> None:
        if not os.access(SIGNET, os.X_OK):
            self.fail(f"there is no signet at {SIGNET}: make build, or set SIGNET")
        self.scratch = Path(tempfile.mkdtemp(prefix="signet-interop-"))
        self.addCleanup(shutil.rmtree, self.scratch)

    def signet(self, *arguments: str | Path, status: int = 0, stdin: str | bytes = b"") -> Finished:
        """Runs signet in the scratch folder and expects this exit status."""
        return self.ran(run(SIGNET, *arguments, stdin=stdin, cwd=self.scratch), status, arguments)

    def openssl(self, *arguments: str | Path, status: int = 0, stdin: str | bytes = b"") -> Finished:
        """Runs openssl in the scratch folder and expects this exit status."""
        return self.ran(run("openssl", *arguments, stdin=stdin, cwd=self.scratch), status, arguments)

    def ran(self, finished: Finished, status: int, arguments: tuple[str | Path, ...]) -> Finished:
        words = " ".join(str(argument) for argument in arguments)
        self.assertEqual(finished.status, status, f"{words[:300]}\n{finished.out[:2000]}\n{finished.err[:2000]}")
        return finished

    def write(self, name: str, content: str | bytes, mode: int = 0o600) -> Path:
        """Writes a file into the scratch folder."""
        path = self.scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return path

    def write_json(self, name: str, value: Any) -> Path:
        return self.write(name, json.dumps(value, ensure_ascii=False))
