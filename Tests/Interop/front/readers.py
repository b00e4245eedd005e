"""The readers of a stream: ours, Go's net/http, nginx alone, and nginx in front of ours.

nginx alone tells a recorder what it read: it makes a request of its own with the client's method and target in two fields, and
the body. Nothing else of the client's is in it. So nginx' reading counts, and a body has a digest.

nginx in front of ours is as docs/deploy/nginx has it, with and without `proxy_request_buffering`. Without it, nginx hands on the
beginning of a body before it has seen the end. It does not try again (`proxy_next_upstream off`): what ours recorded twice was
sent twice.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from front.client import Address
from front.streams import Stream

PEERS = Path(__file__).parents[1] / "peers"

_NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
worker_processes 1;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    client_max_body_size 1m;
    client_body_buffer_size 64k;
    # A request line of 8 KiB comes back in a field.
    large_client_header_buffers 8 16k;
    proxy_buffer_size 32k;
    proxy_buffers 8 32k;
    proxy_http_version 1.1;
    proxy_next_upstream off;
    upstream recorder {{ server {recorder}; keepalive 64; }}
    upstream signet {{ server {ours}; keepalive 64; keepalive_timeout 60s; }}
    server {{
        listen unix:{folder}/alone.sock backlog=1024;
        location / {{
            proxy_pass http://recorder/;
            proxy_method POST;
            proxy_pass_request_headers off;
            proxy_set_header Connection "";
            proxy_set_header X-Method $request_method;
            proxy_set_header X-Target $request_uri;
        }}
    }}
    server {{
        listen unix:{folder}/front.sock backlog=1024;
        location / {{
            proxy_pass http://signet;
            proxy_set_header Connection "";
        }}
    }}
    server {{
        listen unix:{folder}/unbuffered.sock backlog=1024;
        location / {{
            proxy_pass http://signet;
            proxy_set_header Connection "";
            proxy_request_buffering off;
        }}
    }}
}}
"""


class Recorder:
    """A running program that has the flags of `signet-bench record`."""

    def __init__(self, command: list[str | Path], *flags: str | Path) -> None:
        words = [*command, *flags, "--listen", "127.0.0.1:0"]
        environment = {**os.environ, "PYTHONPATH": str(PEERS.parent)}
        self.process = subprocess.Popen(
            [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
        )
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        if not line.startswith("listening on "):
            self.stop()
            raise AssertionError(f"{words} says {line!r} and not where it listens")
        host, port = line.removeprefix("listening on ").rsplit(":", 1)
        self.address = (host, int(port))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()

    def __str__(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"


class Readers:
    """All of them, started for one run; `ours` is the command of the server that is tested."""

    def __init__(self, ours: list[str | Path]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="signet-front-"))
        self.running: list[Recorder] = []
        self.nginx: subprocess.Popen[bytes] | None = None
        try:
            self._start(ours)
        except BaseException:
            self.stop()
            raise

    def _start(self, ours: list[str | Path]) -> None:
        go = build_go(self.folder)
        self.direct = self._recorder(ours, "--log", self.log("direct"))
        self.behind = self._recorder(ours, "--log", self.log("behind"))
        self.go = self._recorder(go)
        self._start_nginx(self._recorder(go, "--from-fields"))

    def of(self, stream: Stream) -> dict[str, Address]:
        """Where a stream goes: half of them to the nginx that does not wait for the end of a body."""
        front = "front.sock" if stream.number % 2 else "unbuffered.sock"
        return {
            "ours": self.direct.address,
            "go": self.go.address,
            "nginx": str(self.folder / "alone.sock"),
            "front": str(self.folder / front),
        }

    def log(self, name: str) -> Path:
        """What ours recorded: "direct", or "behind" nginx."""
        return self.folder / f"{name}.log"

    def _recorder(self, command: list[str | Path], *flags: str | Path) -> Recorder:
        recorder = Recorder(command, *flags)
        self.running.append(recorder)
        return recorder

    def _start_nginx(self, recorder: Recorder) -> None:
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not program:
            raise AssertionError("nginx is missing: apt-get install nginx-light")
        # Its workers would run as another user, who may not look into the folder.
        user = "user root;" if os.geteuid() == 0 else ""
        configuration = self.folder / "nginx.conf"
        configuration.write_text(_NGINX.format(folder=self.folder, user=user, recorder=recorder, ours=self.behind))
        errors = self.folder / "error.log"
        self.nginx = subprocess.Popen(
            [program, "-e", str(errors), "-p", str(self.folder), "-c", str(configuration)], stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 60
        while not (self.folder / "unbuffered.sock").exists():
            if self.nginx.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"nginx does not start: {errors.read_text() if errors.exists() else ''}")
            time.sleep(0.01)

    def stop(self) -> None:
        if self.nginx:
            self.nginx.terminate()
            self.nginx.wait(10)
        for recorder in self.running:
            recorder.stop()
        shutil.rmtree(self.folder)


def build_go(folder: Path) -> list[str | Path]:
    """Go's recorder. go is only there to compile it."""
    go = shutil.which("go")
    if not go:
        raise AssertionError("go is missing: apt-get install golang-go")
    program = folder / "recorder"
    done = subprocess.run(
        [go, "build", "-o", str(program), str(PEERS / "recorder.go")],
        capture_output=True,
        text=True,
        env={**os.environ, "GOFLAGS": "", "GO111MODULE": "off"},
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    return [program, "record"]
