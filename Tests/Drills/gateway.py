"""`signet serve` as a process: its folder, its start, its signals, its end."""

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
SIGNET = Path(os.environ.get("SIGNET", REPOSITORY / ".build" / "release" / "signet")).resolve()

TOKEN = "signet_Drills0Drills0Drills0Drills0Drills0Drills"
WIDGET = "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223"
TALKATIVE_WIDGET = "7e6ad4f2-1d4c-4b0e-9d0a-2c1f5a3b9e77"
DG_SECRET = "the dg secret of the drills, long enough"
DG_KID = "dg_drills_1"
DG_WIDGET = "22df40c4-110f-4b6f-aa2b-aeaffd6d1179"
PEGA_SECRET = "the pega secret of the drills, long enough"
DIGEST_SECRET = "the digest key of the drills, long enough"

BODY = {"subject": "customer-1", "email": "customer-1@example.com", "name": "Ada Lovelace"}


def digest(token: str) -> str:
    """A caller's token as the configuration has it."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass
class Settings:
    """What a drill's gateway is configured with, beside what all of them have."""

    #: Where the sandbox Pega listens.
    pega: str | None = None
    #: Members of the configuration that replace or join those below.
    members: dict[str, Any] = field(default_factory=dict)
    #: Members of the connection to Pega.
    connection: dict[str, Any] = field(default_factory=dict)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Gateway:
    """One gateway and its folder."""

    def __init__(self, folder: Path, settings: Settings, quiet: bool = False) -> None:
        self.folder = folder
        self.configuration = folder / "signet.json"
        self.audit = folder / "audit.jsonl"
        self.log_file = Path("/dev/null") if quiet else folder / "log.jsonl"
        self.port = _free_port()
        self.admin = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.lines: list[dict[str, Any]] = []
        self.read_so_far = 0
        #: Members of the process's environment.
        self.environment: dict[str, str] = {}
        (folder / "keys").mkdir(parents=True)
        self.write("keys/dg.secret", DG_SECRET)
        self.write("keys/pega.secret", PEGA_SECRET)
        self.write("keys/digest.secret", DIGEST_SECRET)
        made = subprocess.run(
            [SIGNET, "keys", "generate", "talkative", "--dir", folder / "keys"], capture_output=True, timeout=60
        )
        assert made.returncode == 0, made.stderr
        self.write_configuration(self.members(settings))

    def members(self, settings: Settings) -> dict[str, Any]:
        """The configuration."""
        connections: dict[str, Any] = {
            "dg": {"vendor": "dg", "key": "dg", "widgetId": DG_WIDGET, "env": "eu"},
            "talkative": {
                "vendor": "talkative",
                "key": "talkative",
                "region": "eu",
                "widgetId": TALKATIVE_WIDGET,
                "fields": [{"label": "Customer ID", "from": "subject"}],
            },
        }
        keys: dict[str, Any] = {
            "dg": {"file": "keys/dg.secret", "encoding": "utf8", "kid": DG_KID},
            "talkative": {"file": "keys/talkative.private.pem"},
            "log-digest": {"file": "keys/digest.secret", "encoding": "utf8"},
        }
        if settings.pega:
            keys["pega"] = {"file": "keys/pega.secret", "encoding": "utf8"}
            connections["pega"] = {
                "vendor": "pega",
                "key": "pega",
                "widgetId": WIDGET,
                "origin": settings.pega,
                "allowForeignOrigin": True,
                **settings.connection,
            }
        return {
            "listen": f"127.0.0.1:{self.port}",
            "admin": {"listen": f"127.0.0.1:{self.admin}"},
            "callers": [
                {"name": "drills", "tokenSha256": [digest(TOKEN)], "routes": ["*"], "allow": ["badge", "sign"]}
            ],
            "keys": keys,
            "digestKey": "log-digest",
            "audit": {"file": "audit.jsonl"},
            "connections": connections,
            "routes": {name: {"connection": name} for name in connections},
            **settings.members,
        }

    def write(self, name: str, content: str | bytes, mode: int = 0o600) -> Path:
        """Puts a file in place in one step, as whoever changes a file under a running service should."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        beside.chmod(mode)
        beside.rename(path)
        return path

    def write_configuration(self, members: dict[str, Any]) -> None:
        self.write("signet.json", json.dumps(members, indent=2))

    # The process

    def spawn(self, *, preexec: Any = None) -> None:
        """Starts it and does not wait."""
        environment = {name: value for name, value in os.environ.items() if name != "SIGNET_CONFIG"} | self.environment
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [SIGNET, "serve", "-c", self.configuration],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment,
                preexec_fn=preexec,
            )

    def start(self, *, preexec: Any = None, within: float = 60) -> float:
        """Starts it, and returns after how many seconds it was ready."""
        began = time.monotonic()
        self.spawn(preexec=preexec)
        while self.ready() != 200:
            if self.running.poll() is not None:
                raise AssertionError(f"signet ended with {self.running.returncode}: {self.log_tail()}")
            if time.monotonic() > began + within:
                raise AssertionError(f"signet is not ready after {within} s: {self.log_tail()}")
            time.sleep(0.001)
        return time.monotonic() - began

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None, "signet was not started"
        return self.process

    @property
    def pid(self) -> int:
        return self.running.pid

    def signal(self, number: signal.Signals) -> None:
        self.running.send_signal(number)

    def terminate(self, within: float = 60) -> int:
        """SIGTERM, and the exit status."""
        self.signal(signal.SIGTERM)
        return self.running.wait(within)

    def kill(self) -> None:
        """The end, without asking."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def ready(self) -> int | None:
        """What /health/ready says; None when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def metrics(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=30)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def processor_seconds(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> float:
        """Resident memory in MB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("signet is gone")

    # What it wrote

    def log(self) -> list[dict[str, Any]]:
        """The log's lines so far, but for those of requests that went well: they are hundreds of thousands."""
        if not self.log_file.is_file():
            return []
        with self.log_file.open("rb") as file:
            file.seek(self.read_so_far)
            # The last line may not be there as a whole.
            whole, end, _ = file.read().rpartition(b"\n")
        self.read_so_far += len(whole + end)
        for line in whole.split(b"\n"):
            if line and not (b'"level":"info","event":"request"' in line and line.endswith(b"}")):
                self.lines.append(json.loads(line))
        return self.lines

    def events(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.log() if line.get("event") == event]

    def log_tail(self) -> str:
        return self.log_file.read_text()[-1500:] if self.log_file.is_file() else ""

    @staticmethod
    def audited(*files: Path) -> Iterator[dict[str, Any]]:
        """The lines of audit files that are about a request."""
        for file in files:
            with file.open("rb") as lines:
                for line in lines:
                    members = json.loads(line)
                    if "event" not in members:
                        yield members
