"""Root runs every command that writes in a folder of another user, who swaps what is in it for links to what is root's."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from gateway import SIGNET
from support import SECONDS, program

#: 200 at the full length.
ROUNDS = max(20, round(SECONDS * 200 / 30))
#: The user nobody: the owner of the folder.
OTHER = 65534
MODES = ["named", "draft", "hard", "old", "keys", "settings", "folder"]
MARK = "for root alone"

CONFIGURATION = """{ // %s
  "keys": {
    "talkative": { "file": "keys/talkative.private.pem" },
    "next": { "file": "keys/next.private.pem" },
    "dg": { "file": "keys/dg.secret", "encoding": "utf8", "kid": "one" }
  },
  "connections": {
    "talkative": { "vendor": "talkative", "keys": ["talkative", "next"], "region": "eu", "widgetId": "w" },
    "dg": { "vendor": "dg", "key": "dg", "env": "eu", "widgetId": "w" }
  },
  "routes": { "help": { "migrate": { "from": "dg", "to": "talkative", "stage": "live", "percent": 5 } } }
}
"""

#: Each command that writes, as it is called beside the folder.
COMMANDS = {
    "keys generate": "keys generate made --dir work/keys",
    "keys generate, a secret": "keys generate made --algorithm hs256 --dir work/keys",
    "keys generate --force": "keys generate talkative --force --dir work/keys",
    "keys generate, a folder that is not there": "keys generate made --dir work/new/keys",
    "keys rotate, a key pair": "keys rotate talkative -c work/signet.json",
    "keys rotate, a secret": "keys rotate dg --kid two -c work/signet.json",
    "keys promote": "keys promote talkative next -c work/signet.json",
    "keys retire": "keys retire talkative next -c work/signet.json",
    "migrate advance": "migrate advance help -c work/signet.json",
    "migrate back": "migrate back help -c work/signet.json",
    "init": "init work/site",
}


class ForeignFolder(unittest.TestCase):
    """A folder of another user's, and beside it what is root's."""

    maxDiff = None

    def setUp(self) -> None:
        if os.geteuid() != 0:
            self.fail("only root can show what root does in a folder of another user: sudo make drills")
        if not os.access(SIGNET, os.X_OK):
            self.fail(f"there is no signet at {SIGNET}: make build, or set SIGNET")
        self.scratch = Path(tempfile.mkdtemp(prefix="signet-drill-"))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        self.scratch.chmod(0o755)
        self.swapper = self.scratch / "swapper"
        source = Path(__file__).parent / "clients" / "swapper.c"
        subprocess.run([program("cc"), "-O2", "-o", self.swapper, source], check=True, timeout=120)
        self.place = self.scratch / "place"
        self.work = self.place / "work"
        self.model = self.scratch / "model"
        self.victim = self.scratch / "victim"
        # One that another user may give a second name, whatever fs.protected_hardlinks says.
        self.shared = self.scratch / "shared"
        self.vault = self.scratch / "vault"
        self.prepare(self.model, "nothing of root's")
        self.make_what_is_roots()

    def make_what_is_roots(self) -> None:
        """The files and the folder that are to stay as they are."""
        shutil.rmtree(self.vault, ignore_errors=True)
        self.prepare(self.vault, MARK)
        (self.vault / "signet.json").chmod(0o600)
        for path, mode in [(self.victim, 0o600), (self.shared, 0o666)]:
            path.unlink(missing_ok=True)
            path.write_text(MARK)
            path.chmod(mode)

    def prepare(self, folder: Path, remark: str) -> None:
        """A configuration and its keys."""
        (folder / "keys").mkdir(parents=True)
        (folder / "signet.json").write_text(CONFIGURATION % remark)
        for name in ["talkative", "next"]:
            made = subprocess.run([SIGNET, "keys", "generate", name, "--dir", folder / "keys"], capture_output=True)
            self.assertEqual(made.returncode, 0, made.stderr)
        secret = folder / "keys" / "dg.secret"
        secret.write_text("d" * 40)
        secret.chmod(0o600)

    def reset(self) -> None:
        """The folder as it is at the start of a round, with everything in it and around it the other user's."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        shutil.copytree(self.model, self.work)
        for path in [self.place, self.work, *self.work.rglob("*")]:
            os.chown(path, OTHER, OTHER)

    def what_is_roots(self) -> list[tuple[object, ...]]:
        """Each file and folder of root's with its owner, mode, number of links and content."""
        found: list[tuple[object, ...]] = []
        for path in [self.victim, self.shared, self.vault, *sorted(self.vault.rglob("*"))]:
            state = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            # The other user gives the shared one second names.
            links = state.st_nlink if path != self.shared else 0
            found.append((str(path), state.st_uid, state.st_gid, oct(state.st_mode), links, content))
        return found

    def given_away(self) -> list[str]:
        """Files of the other user that hold what is for root alone."""
        found = []
        for path in self.place.rglob("*"):
            state = path.lstat()
            if path.is_symlink() or not path.is_file() or os.path.samestat(state, self.shared.stat()):
                continue
            if (state.st_uid == OTHER or state.st_mode & 0o004) and MARK in path.read_text(errors="replace"):
                found.append(path.name)
        return found

    def round(self, words: list[str], mode: str) -> tuple[int, str]:
        """One command while the other user swaps."""
        return self.swapped(
            mode,
            lambda: subprocess.run([SIGNET, *words], cwd=self.place, capture_output=True, timeout=120).returncode,
        )

    def swapped(self, mode: str, command: Callable[[], int]) -> tuple[int, str]:
        """Does something while the other user swaps: its status, and what root lost, if anything."""
        self.reset()
        before = self.what_is_roots()
        victim = self.shared if mode == "hard" else self.victim
        swapping = subprocess.Popen(
            [self.swapper, str(OTHER), self.work, mode, victim, self.vault], stdout=subprocess.PIPE
        )
        try:
            assert swapping.stdout and swapping.stdout.readline() == b"swapping\n"
            status = command()
        finally:
            swapping.kill()
            swapping.communicate()
        after = self.what_is_roots()
        # A new name in a folder is a change too: it has another number of links, or more in it.
        lost = [f"{was} became {now}" for was, now in zip(before, after) if was != now]
        if len(before) != len(after):
            lost.append(f"root's folder has {len(after)} entries, and had {len(before)}")
        lost += [f"{name} can be read by the other user" for name in self.given_away()]
        if lost:
            self.make_what_is_roots()
        return status, lost[0] if lost else ""

    def test_root_loses_nothing_to_the_owner_of_the_folder(self) -> None:
        """Each command so many times, in turn with each way of swapping."""
        for name, words in COMMANDS.items():
            with self.subTest(name):
                statuses: Counter[int] = Counter()
                wins: Counter[str] = Counter()
                example = ""
                for number in range(ROUNDS):
                    mode = MODES[number % len(MODES)]
                    status, lost = self.round(words.split(), mode)
                    statuses[status] += 1
                    if lost:
                        wins[mode] += 1
                        example = example or f"{mode}: {lost}"
                print(f"\n    {name}: {sum(wins.values())} of {ROUNDS} lost {dict(wins)}, statuses {dict(statuses)}", end="", file=sys.stderr)
                # Where nothing was ever written, nothing was shown.
                self.assertGreater(statuses[0], ROUNDS // 20)
                self.assertLessEqual(set(statuses), {0, 2, 3})
                self.assertEqual(dict(wins), {}, example)

    # MARK: What it calls

    def traced(self, words: list[str]) -> list[str]:
        """The system calls of a command that name, own or open files."""
        self.reset()
        log = self.scratch / "calls"
        done = subprocess.run(
            [program("strace"), "-f", "-o", log, "-e", "trace=%file,fchown,fchmod,close,bind", SIGNET, *words],
            cwd=self.place,
            capture_output=True,
            timeout=120,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return [re.sub(r"^\d+ +", "", line) for line in log.read_text().splitlines()]

    def test_owner_and_mode_come_before_the_name(self) -> None:
        """No call changes a file by its path, and what gets a name has its owner and mode by then."""
        by_path = re.compile(r"(chown|lchown|fchownat|chmod|fchmodat|rename|link|symlink|unlink|rmdir|mkdir|truncate)\(")
        for name, words in COMMANDS.items():
            with self.subTest(name):
                calls = self.traced(words.split())
                self.assertEqual([call for call in calls if by_path.match(call)], [])
                placings = [number for number, call in enumerate(calls) if re.match(r"(linkat|renameat2?)\(", call)]
                self.assertTrue(placings, calls)
                for number in placings:
                    # Both names are in an open folder; the first may be that of an open file.
                    names = re.match(r'\w+\((AT_FDCWD, "/proc/self/fd/(\d+)"|\d+, "([^"/]+)"), \d+, "[^"/]+"', calls[number])
                    assert names, calls[number]
                    before = calls[:number]
                    opened = names[2] or next(
                        call.split("= ")[-1] for call in reversed(before) if f'"{names[3]}", O_WRONLY|O_CREAT|O_EXCL' in call
                    )
                    start = max(at for at, call in enumerate(before) if "openat(" in call and call.endswith(f" = {opened}"))
                    wanted = {"fchmod"} if words.startswith(("init", "keys generate")) else {"fchown", "fchmod"}
                    done = {call.split("(")[0] for call in before[start:] if re.match(rf"\w+\({opened}, ", call)}
                    self.assertLessEqual(wanted, done, calls[number])

    def test_a_socket_has_its_mode_before_its_name(self) -> None:
        """fchmod and then bind, and nothing by the path before or afterwards."""
        self.reset()
        log = self.scratch / "calls"
        watched = ["strace", "-o", log, "-e", "trace=%file,fchmod,bind,umask"]
        status, mode = self.serve(watched, self.gateway())
        self.assertEqual(status, 0, log.read_text()[-2000:])
        self.assertEqual(oct(mode or 0), oct(0o140660))
        calls = [re.sub(r"^\d+ +", "", line) for line in log.read_text().splitlines()]
        named = [call.split("(")[0] for call in calls if re.match(r"fchmod\(|bind\(|umask\(", call)]
        self.assertEqual(named[:4], ["fchmod", "umask", "bind", "umask"], named)
        changing = [call for call in calls if re.match(r"(chown|chmod|fchmodat|unlink|rename)\(", call)]
        self.assertEqual(changing, [])
        self.assertFalse((self.work / "signet.sock").exists())

    def gateway(self) -> Path:
        """The configuration, in a folder of root's, of a gateway whose socket is in the other user's folder."""
        folder = self.scratch / "gateway"
        if not folder.exists():
            subprocess.run([SIGNET, "init", folder], check=True, capture_output=True)
            written = (folder / "signet.json").read_text()
            written = written.replace("127.0.0.1:8787", f"unix:{self.work}/signet.sock")
            (folder / "signet.json").write_text(written.replace("127.0.0.1:9787", f"unix:{self.scratch}/admin.sock"))
        return folder / "signet.json"

    def serve(self, before: list[str | Path], configuration: Path) -> tuple[int, int | None]:
        """Starts a gateway and stops it: its status, and the mode of its socket."""
        serving = subprocess.Popen(
            [*before, SIGNET, "serve", "-c", configuration], stderr=subprocess.PIPE, start_new_session=True
        )
        assert serving.stderr
        mode = None
        try:
            # A line of the log, or of an error.
            if b'"started"' in serving.stderr.readline():
                # The other user may have swapped the folder.
                with contextlib.suppress(OSError):
                    mode = (self.work / "signet.sock").lstat().st_mode
                # The gateway, and what watches it.
                os.killpg(serving.pid, signal.SIGTERM)
            serving.communicate(timeout=60)
        finally:
            if serving.poll() is None:
                os.killpg(serving.pid, signal.SIGKILL)
                serving.wait()
        return serving.returncode, mode

    def test_root_loses_nothing_to_the_owner_of_a_sockets_folder(self) -> None:
        """The same for the socket of a gateway."""
        configuration = self.gateway()
        lost: Counter[str] = Counter()
        statuses: Counter[int] = Counter()
        example = ""
        # A gateway takes longer than a command.
        rounds = max(1, ROUNDS // 4)
        for number in range(rounds):
            mode = ["named", "folder"][number % 2]
            status, found = self.swapped(mode, lambda: self.serve([], configuration)[0])
            statuses[status] += 1
            if found:
                lost[mode] += 1
                example = example or found
        print(f"\n    a socket: {sum(lost.values())} of {rounds} lost {dict(lost)}, statuses {dict(statuses)}", end="", file=sys.stderr)
        self.assertGreater(statuses[0], rounds // 20)
        self.assertEqual(dict(lost), {}, example)


if __name__ == "__main__":
    unittest.main()
