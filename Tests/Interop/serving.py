"""The real `signet serve` with a configuration of its own, and a sandbox Pega on loopback."""

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support import SIGNET, InteropTest


class SandboxPega:
    """Answers Pega's two calls and remembers them. Checks no signature: what is signed is tested elsewhere."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stand_in.calls.append((self.path, body))
                answer = {"sessionId": f"session-{len(stand_in.calls)}"} if self.path.endswith("/create") else {}
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Serving:
    """A running gateway whose configuration says "systemd" for both addresses. It is ready when this is made.

    The sockets are opened here and passed in, as systemd would: so every test has ports of its own.
    """

    def __init__(
        self, configuration: Path, environment: dict[str, str] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.tls = tls
        self.asked = False
        self.log: list[dict[str, Any]] = []
        self.started = threading.Event()
        callers, admin = (socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in range(2))
        self.address, self.admin = (f"127.0.0.1:{opened.getsockname()[1]}" for opened in (callers, admin))
        # The process that execs is the one whose number LISTEN_PID has to be.
        script = f'exec 3<&{callers.fileno()} 4<&{admin.fileno()}; LISTEN_PID=$$ exec "$@"'
        passed = {"LISTEN_FDS": "2", "LISTEN_FDNAMES": "signet:signet-admin"}
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", str(SIGNET), "serve", "-c", str(configuration)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **passed, **(environment or {})}, pass_fds=(callers.fileno(), admin.fileno()),
        )
        callers.close()
        admin.close()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.started.wait(60)
        if not any(line["event"] == "started" for line in self.log):
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"signet serve did not start: {self.log}")
        self._await_ready()

    def _read(self) -> None:
        assert self.process.stderr
        for text in self.process.stderr:
            line = json.loads(text) if text.startswith("{") else {"event": "text", "message": text.rstrip()}
            self.log.append(line)
            if line["event"] == "started":
                self.started.set()
        self.started.set()

    def _await_ready(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if self.get("/health/ready", admin=True)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.01)
        raise AssertionError("signet serve did not become ready")

    def get(self, path: str, admin: bool = False) -> tuple[int, dict[str, str], bytes]:
        return self.request("GET", path, admin=admin)

    def request(
        self, method: str, path: str, body: Any = None, token: str | None = None, admin: bool = False
    ) -> tuple[int, dict[str, str], bytes]:
        if self.tls and not admin:
            connection = http.client.HTTPSConnection(self.address, timeout=60, context=self.tls)
        else:
            connection = http.client.HTTPConnection(self.admin if admin else self.address, timeout=60)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()

    def ask_to_stop(self) -> None:
        self.asked = True
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Asks it to stop, once, and waits until it has."""
        if self.process.poll() is None and not self.asked:
            self.ask_to_stop()
        status = self.process.wait(60)
        self.reader.join(10)
        assert self.process.stderr
        self.process.stderr.close()
        return status


def serve_init(test: InteropTest) -> Serving:
    """The gateway of `signet init`, which has run in the test's scratch folder, with a sandbox Pega."""
    pega = SandboxPega()
    test.addCleanup(pega.stop)
    text = (test.scratch / "signet.json").read_text()
    text = re.sub(r'"127\.0\.0\.1:\d+"', '"systemd"', text)
    text = text.replace('"region": "use1",', f'"origin": "{pega.origin}", "allowForeignOrigin": true,')
    gateway = Serving(test.write("signet.json", text))
    test.addCleanup(gateway.stop)
    return gateway
