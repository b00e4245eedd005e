"""A PostgreSQL server of its own: in a scratch folder, on a Unix-domain socket alone."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

#: Debian keeps the server's programs out of everybody's PATH.
PATH = os.pathsep.join([os.environ["PATH"], *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin")))])


class Postgres:
    """Runs from when this is made until `stop`. Root, whom PostgreSQL refuses, becomes Debian's `postgres`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="signet-pg-", dir="/tmp"))  # short: a socket's path has 107 bytes
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.data = self.folder / "data"
        try:
            self.run("initdb", "--auth=trust", "--username=signet", "--encoding=UTF8", "--locale=C", "--no-sync", self.data)
            settings = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
            self.run("pg_ctl", "start", "-D", self.data, "-o", settings, "-w", "-t", "60", "-l", self.folder / "log")
        except BaseException:
            self.stop()
            raise

    def run(self, *command: str | Path, stdin: str = "") -> str:
        """Runs one of PostgreSQL's programs; what it wrote to standard output."""
        user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        output = self.folder / "output"  # the server inherits it, so a pipe would not end
        with output.open("wb") as file:
            done = subprocess.run(
                [*user, *map(str, command)], input=stdin.encode(), stdout=file, stderr=subprocess.STDOUT, cwd=self.folder,
                env={"PATH": PATH, "LC_ALL": "C.UTF-8"}, timeout=300,
            )
        text = output.read_text()
        if done.returncode:
            raise AssertionError(f"{command[0]} ended with {done.returncode}: {text[:2000]}")
        return text

    def sql(self, statements: str) -> str:
        """What psql prints: values alone, a row a line, a tab between columns. An error raises."""
        return self.run(
            "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", "--set=ON_ERROR_STOP=1",
            "--host", self.folder, "--username=signet", "--dbname=postgres", stdin=statements,
        )

    def stop(self) -> None:
        try:
            if (self.data / "postmaster.pid").exists():
                self.run("pg_ctl", "stop", "-D", self.data, "-m", "immediate", "-w")
        finally:
            shutil.rmtree(self.folder)
