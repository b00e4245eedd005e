"""The programs of a benchmark: those that are installed, and those that are compiled for it.

One that is missing ends the benchmark. Nothing here skips.
"""

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
OURS = Path(os.environ.get("SIGNET_BENCH", REPOSITORY / ".build" / "release" / "signet-bench")).absolute()

#: What has to be installed, with Debian's package.
PACKAGES = {"cc": "gcc", "go": "golang-go", "nginx": "nginx-light", "openssl": "openssl", "wrk": "wrk"}

#: C programs, with the libraries they link and the header that shows that those are there.
_C = {
    "epoll": ("peers/epoll.c", (), None),
    "microhttpd": ("peers/microhttpd.c", ("-lmicrohttpd",), ("microhttpd.h", "libmicrohttpd-dev")),
    "load": ("clients/load.c", (), None),
    "handshakes": ("clients/handshakes.c", ("-lssl", "-lcrypto"), ("openssl/ssl.h", "libssl-dev")),
}


class Fault(Exception):
    """Why there is no figure."""


def installed(name: str) -> str | None:
    """Where a program is. Debian keeps nginx where a user's PATH does not lead."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")


def program(name: str) -> str:
    path = installed(name)
    if not path:
        raise Fault(f"{name} is missing: apt-get install {PACKAGES[name]}")
    return path


@dataclass(frozen=True)
class Place:
    """Where a server or a client runs: on one processor, in a session of its own."""

    processor: int
    nice: int = 0

    def take(self) -> None:
        """In the new process, before its program."""
        os.sched_setaffinity(0, {self.processor})
        if self.nice:
            os.setpriority(os.PRIO_PROCESS, 0, self.nice)
            # Where the kernel groups by session, the session's own value is what counts against other sessions.
            with contextlib.suppress(FileNotFoundError):
                Path("/proc/self/autogroup").write_text(str(self.nice))


def run(
    *words: str | Path, timeout: float = 300, environment: dict[str, str] | None = None, place: Place | None = None
) -> str:
    """Runs a program to its end and returns what it printed."""
    command = [str(word) for word in words]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, env={**os.environ, **(environment or {})},
            start_new_session=place is not None, preexec_fn=place.take if place else None)
    except subprocess.TimeoutExpired:
        raise Fault(f"{command[0]} did not end within {timeout:.0f} s") from None
    if done.returncode != 0:
        raise Fault(f"{' '.join(command)}\nended with {done.returncode}:\n{(done.stderr or done.stdout)[-3000:]}")
    return done.stdout + done.stderr


class Programs:
    """The programs that this benchmark asks for, compiled into a scratch folder."""

    def __init__(self, scratch: Path, servers: list[str], clients: list[str], tls: bool) -> None:
        self.scratch = scratch
        compiled = [name for name in (*servers, *clients) if name in _C]
        wanted = {"cc": bool(compiled), "go": "go" in servers, "nginx": "nginx" in servers}
        wanted |= {"openssl": tls, "wrk": "wrk" in clients}
        missing = [
            f"{name}: apt-get install {PACKAGES[name]}" for name in wanted if wanted[name] and not installed(name)]
        if installed("cc"):
            missing += [
                f"{header[0]}: apt-get install {header[1]}"
                for name in compiled if (header := _C[name][2]) and not _has_header(header[0])
            ]
        if "ours" in servers and not os.access(OURS, os.X_OK):
            missing.append(f"{OURS}: swift build -c release --product signet-bench, or set SIGNET_BENCH")
        if missing:
            raise Fault("missing:\n  " + "\n  ".join(missing))
        for name in compiled:
            source, libraries, _ = _C[name]
            run(program("cc"), "-O2", "-Wall", "-Wextra", "-o", scratch / name, HERE / source, *libraries)
        if "go" in servers:
            run(program("go"), "build", "-o", scratch / "go", HERE / "peers" / "server.go", environment={
                "GO111MODULE": "off", "GOCACHE": str(scratch / "go-cache"), "GOFLAGS": "", "GOTOOLCHAIN": "local"})
        if tls:
            run(program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", scratch / "key.pem", "-out", scratch / "certificate.pem")
        self.versions = {name: _version(name) for name in wanted if wanted[name]}
        if "microhttpd" in servers:
            self.versions["microhttpd"] = f"libmicrohttpd {_microhttpd_version()}"

    @property
    def certificate(self) -> Path:
        """A self-signed certificate with a P-256 key, made for this run."""
        return self.scratch / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.scratch / "key.pem"


def _has_header(name: str) -> bool:
    return _preprocessed(f"#include <{name}>\n").returncode == 0


def _preprocessed(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("cc"), "-E", "-P", "-x", "c", "-"], input=text, capture_output=True, text=True, check=False)


def _microhttpd_version() -> str:
    """As in `MHD_VERSION`: 0x00097501 is 0.9.75-01."""
    digits = _preprocessed("#include <microhttpd.h>\nMHD_VERSION\n").stdout.split()[-1].removeprefix("0x")
    return f"{int(digits[:2])}.{int(digits[2:4])}.{digits[4:6]}-{digits[6:]}"


def _version(name: str) -> str:
    """The first line of what a program says of itself."""
    words = {"go": ("version",), "nginx": ("-v",), "openssl": ("version",), "wrk": ("-v",)}.get(name, ("--version",))
    said = subprocess.run([program(name), *words], capture_output=True, text=True, timeout=10, check=False)
    return (said.stdout + said.stderr).splitlines()[0].split(" Copyright")[0]
