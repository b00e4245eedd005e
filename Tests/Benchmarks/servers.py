"""Servers that run, one after the other or at once, on a processor that they share with no client."""

import http.client
import os
import re
import select
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

from programs import OURS, Fault, Place, Programs, program

ALL = ("ours", "epoll", "microhttpd", "go", "nginx")
WITH_TLS = ("ours", "nginx", "go")

WHAT = {
    "ours": "signet-bench: SignetServer and a handler that answers through RequestHandling",
    "epoll": "peers/epoll.c: one thread, level-triggered, reads where a head ends and nothing else",
    "microhttpd": "peers/microhttpd.c: libmicrohttpd, one internal thread on epoll",
    "go": "peers/server.go: Go's net/http with GOMAXPROCS=1",
    "nginx": "nginx with one worker and `return 200`",
}

_NGINX = """
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
{user}
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  default_type application/json;
  keepalive_timeout 75s;
  keepalive_requests 1000000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} {tls} backlog=4096;
    {certificate}
    location / {{
      add_header X-Request-Id $request_id;
      return 200 '{body}';
    }}
  }}
}}
"""

_NGINX_TLS = """
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
    ssl_ecdh_curve X25519:prime256v1;
    ssl_session_tickets on;
"""


def _body(length: int) -> str:
    return '{"token":"' + "x" * (length - 12) + '"}'


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Server:
    """One server, from its making to `stop()`."""

    def __init__(self, name: str, programs: Programs, place: Place, answer: int, files: int, tls: bool) -> None:
        self.name = name
        self.tls = programs.certificate if tls else None
        self.answer = answer
        self.folder = programs.scratch / f"run-{name}"
        self.folder.mkdir(exist_ok=True)
        command, port = self._command(programs, files, tls)
        with open(self.folder / "errors", "wb") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, "GOMAXPROCS": "1"}, start_new_session=True, preexec_fn=place.take)
        try:
            self.port = port or self._announced_port()
            self.processes = self._processes()
            self.description = self._check()
        except BaseException:
            self.stop()
            raise

    def _command(self, programs: Programs, files: int, tls: bool) -> tuple[list[str], int | None]:
        certificate, key = str(programs.certificate), str(programs.key)
        listen, size = "127.0.0.1:0", str(self.answer)
        compiled = str(programs.scratch / self.name)
        if self.name == "ours":
            words = [str(OURS), "serve", "--listen", listen, "--threads", "1", "--answer", size]
            return words + (["--tls", certificate, key] if tls else []), None
        if self.name == "go":
            words = [compiled, "-listen", listen, "-answer", size]
            return words + (["-certificate", certificate, "-key", key] if tls else []), None
        if self.name == "nginx":
            port = _free_port()
            configuration = self.folder / "nginx.conf"
            configuration.write_text(_NGINX.format(
                folder=self.folder, files=files, connections=files - 64, port=port, body=_body(self.answer),
                user="user root;" if os.geteuid() == 0 else "", tls="ssl" if tls else "",
                certificate=_NGINX_TLS.format(certificate=certificate, key=key) if tls else ""))
            return [program("nginx"), "-c", str(configuration), "-e", str(self.folder / "nginx.log")], port
        return [compiled, "--listen", listen, "--answer", size], None

    def _announced_port(self) -> int:
        assert self.process.stdout
        end, text = time.monotonic() + 10, b""
        while b"\n" not in text:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            got = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            if not got:
                raise Fault(f"{self.name} does not say where it listens: {text!r}\n{self._errors()}")
            text += got
        found = re.match(rb"listening on 127\.0\.0\.1:(\d+)\n", text)
        if not found:
            raise Fault(f"{self.name} does not say where it listens: {text!r}")
        return int(found[1])

    def _errors(self) -> str:
        texts = [path.read_text() for path in (self.folder / "errors", self.folder / "nginx.log") if path.exists()]
        return "".join(texts)[-2000:]

    def _processes(self) -> list[int]:
        """The process and its children. nginx has its worker shortly after it listens."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        end = time.monotonic() + 10
        while True:
            try:
                found = [int(word) for word in children.read_text().split()]
            except OSError:
                found = []
            if self.process.poll() is not None or time.monotonic() > end:
                raise Fault(f"{self.name} ended with {self.process.poll()}:\n{self._errors()}")
            if found or self.name != "nginx":
                return [self.process.pid, *found]
            time.sleep(0.01)

    def context(self) -> ssl.SSLContext | None:
        """For clients, which hold the server to its certificate."""
        return ssl.create_default_context(cafile=str(self.tls)) if self.tls else None

    def _check(self) -> str:
        """Its answer is what is measured: returns what it is like."""
        context = self.context()
        if context:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=10, context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        protocol, ids, sockets = "", set(), set()
        try:
            for _ in range(2):
                connection.request("GET", "/", headers={"Accept-Encoding": "identity"})
                answer = connection.getresponse()
                body = answer.read()
                fields = {name.lower(): value for name, value in answer.getheaders()}
                wanted = ("date", "content-type", "content-length", "x-request-id")
                wrong = [name for name in wanted if name not in fields]
                if answer.status != 200 or len(body) != self.answer or wrong:
                    raise Fault(f"{self.name} answers {answer.status}, {len(body)} bytes, without {wrong or 'nothing'}")
                ids.add(fields["x-request-id"])
                sockets.add(connection.sock)
            if len(sockets) != 1 or None in sockets:
                raise Fault(f"{self.name} does not keep its connections")
            if isinstance(connection.sock, ssl.SSLSocket):
                protocol = f", {connection.sock.version()} {(connection.sock.cipher() or ('?',))[0]}"
        except (OSError, http.client.HTTPException) as fault:
            raise Fault(f"{self.name} does not answer: {fault!r}\n{self._errors()}") from None
        finally:
            connection.close()
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + len("HTTP/1.1 200 OK\r\n\r\n")
        return f"head of {head} bytes{protocol}{'' if len(ids) == 2 else ', the same X-Request-Id in each'}"

    def processor_seconds(self) -> float:
        """What it has used since its start, threads that ended included: the processes' CPU clocks, in nanoseconds."""
        return sum(time.clock_gettime(_clock(process)) for process in self.processes)

    def resident(self) -> int:
        """Resident bytes, counted page by page. The kernel's quick count, VmRSS, is up to some hundred KiB off."""
        total = 0
        for process in self.processes:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(re.search(r"^Rss:\s+(\d+) kB", text, re.MULTILINE)[1]) * 1024  # type: ignore[index]
        return total

    def ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


def _clock(process: int) -> int:
    """The clock of another process, as clock_getcpuclockid(3) makes it."""
    return (~process << 3) | 2
