"""nginx, as Debian ships it: in front of replicas, and as a sandbox Pega that never keeps anybody waiting."""

import os
import socket
import subprocess

from gateway import REPOSITORY, WIDGET
from support import Drill, free_port, program, until

SESSION = "s-nginx_1.2~3"

_MAIN = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
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
{http}
}}
"""

# `return` leaves a body unread, and nginx reads what is left of it before the next request.
_PEGA = """
    server {{
        listen 127.0.0.1:{port};
        default_type application/json;
        location = /{widget}/create {{ return 200 '{{"sessionId":"{session}"}}'; }}
        location = /private-data {{ return 200 '{{}}'; }}
        location / {{ return 404; }}
    }}
"""


class Nginx:
    """One nginx with a configuration of its own."""

    def __init__(self, drill: Drill, name: str, http: str, port: int) -> None:
        self.folder = drill.scratch / name
        self.folder.mkdir()
        configuration = self.folder / "nginx.conf"
        # Its workers would run as another user, who may not look into the scratch folder.
        user = "user root;" if os.geteuid() == 0 else ""
        configuration.write_text(_MAIN.format(folder=self.folder, http=http, user=user))
        self.process = subprocess.Popen(
            [program("nginx"), "-e", str(self.folder / "error.log"), "-p", str(self.folder), "-c", str(configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        drill.addCleanup(self.stop)
        until(f"nginx listens: {self.errors()}", lambda: self.process.poll() is not None or is_open(port))
        if self.process.poll() is not None:
            raise AssertionError(f"nginx does not start: {self.errors()}")

    def errors(self) -> str:
        log = self.folder / "error.log"
        return log.read_text()[-2000:] if log.exists() else ""

    def stop(self) -> None:
        # SIGTERM: the worker goes with its master.
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def pega(drill: Drill) -> str:
    """Starts a sandbox Pega, and returns its origin."""
    port = free_port()
    Nginx(drill, "pega", _PEGA.format(port=port, widget=WIDGET, session=SESSION), port)
    return f"http://127.0.0.1:{port}"


def in_front(drill: Drill, replicas: list[str]) -> tuple[Nginx, int]:
    """Starts nginx in front of replicas as docs/deploy/nginx has it; only addresses and the certificate are others."""
    port = free_port()
    lines: list[str] = []
    servers = [f"    server {replica}" for replica in replicas]
    documented = (REPOSITORY / "docs" / "deploy" / "nginx" / "signet.conf").read_text()
    for line in documented.splitlines():
        words = line.split()
        if words[:1] == ["server"] and words[-1].endswith(";"):
            # One address after the other, with the parameters that the documents have.
            if servers:
                lines.append(" ".join([servers.pop(0), *words[2:]]))
        elif words[:1] == ["listen"]:
            lines.append(f"    listen 127.0.0.1:{port};")
        elif not (words and words[0].startswith("ssl_")):
            lines.append(line)
    return Nginx(drill, "front", "\n".join(lines), port), port
