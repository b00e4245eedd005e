"""The programs that README.md and docs/login.md show are run as they stand there."""

import base64
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from serving import serve_init
from support import REPOSITORY, InteropTest, snippet

#: Cookies, requests and pages, and what a site's endpoint makes of them. The Swift test of the endpoint reads them too.
TABLES = json.loads((REPOSITORY / "Fixtures" / "site" / "requests.json").read_text())
JSON = {"Content-Type": "application/json"}
NO_BADGE = {"badge": None}
ADA = {"Cookie": "session=7d1f-of-ada"}

#: Fields and body of a request, and the status that each program answers with.
LENGTHS = [
    ("", b"", {"node": 200, "python": 200}),
    ("Content-Length: 0\r\n", b"", {"node": 200, "python": 200}),
    ("Content-Length: 4096\r\n", b"{}" + b" " * 4094, {"node": 200, "python": 200}),
    ("Content-Length: 4097\r\n", b"{}" + b" " * 4095, {"node": 413, "python": 413}),
    ("Content-Length: 99999999999\r\n", b"{}", {"node": 413, "python": 413}),
    (f"Content-Length: {'9' * 5000}\r\n", b"{}", {"node": 400, "python": 413}),
    ("Content-Length: -1\r\n", b"{}", {"node": 400, "python": 411}),
    ("Content-Length: +2\r\n", b"{}", {"node": 400, "python": 411}),
    ("Content-Length: 0x2\r\n", b"{}", {"node": 400, "python": 411}),
    ("Content-Length: two\r\n", b"{}", {"node": 400, "python": 411}),
    ("Content-Length:\r\n", b"{}", {"node": 400, "python": 411}),
    ("Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", {"node": 200, "python": 411}),
    ("Transfer-Encoding: chunked\r\n", b"2000\r\n" + b" " * 8192 + b"\r\n0\r\n\r\n", {"node": 413, "python": 411}),
    ("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", {"node": 400, "python": 411}),
]


class Site:
    """A site's backend, as docs/login.md has it, as a process."""

    def __init__(self, test: InteropTest, name: str, gateway: str) -> None:
        program, file = {"node": ("node", "site.js"), "python": (sys.executable, "site.py")}[name]
        self.name = name
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [program, test.write(file, snippet("docs/login.md", name))], cwd=test.scratch, stderr=subprocess.DEVNULL,
            env={**os.environ, "PORT": str(self.port), "SIGNET_URL": f"http://{gateway}"},
        )
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.terminate)
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.01)
        test.fail(f"the site did not start: {self.process.poll()}")

    def send(self, head: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Sends a request line with its fields, and a body, as they are."""
        with socket.create_connection(("127.0.0.1", self.port), 60) as connection:
            try:
                connection.sendall(head.encode() + b"Host: localhost\r\nConnection: close\r\n\r\n" + body)
            except ConnectionError:
                pass  # The answer came before the body had been read.
            response = http.client.HTTPResponse(connection, method=head.split(" ")[0])
            response.begin()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return response.status, headers, response.read()

    def ask(
        self, headers: dict[str, str | None], body: str | bytes = "{}", method: str = "POST", path: str = "/chat"
    ) -> tuple[int, dict[str, str], bytes]:
        data = body.encode() if isinstance(body, str) else body
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
        return self.send(f"{method} {path} HTTP/1.1\r\n{fields}Content-Length: {len(data)}\r\n", data)


def customer(reply: dict[str, Any]) -> str | None:
    """Whom a reply's badge is for."""
    if reply["badge"]["kind"] == "none":
        return None
    payload = reply["badge"]["value"].split(".")[1]
    fields = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return next(field["data"] for field in fields if field["label"] == "Customer ID")


class TheReadmesPrograms(InteropTest):
    programs = ["node", "python"]

    def setUp(self) -> None:
        super().setUp()
        self.signet("init")

    def test_curl_fetches_a_badge_of_each_vendor(self) -> None:
        self.gateway = serve_init(self)
        lines = snippet("README.md", "curl").splitlines()
        self.assertEqual(lines.pop(0), "signet serve &")
        script = "\n".join(lines).replace("127.0.0.1:8787", self.gateway.address).replace("curl ", "curl --silent -w '\\n' ")
        done = subprocess.run(["bash", "-eu", "-c", script], cwd=self.scratch, capture_output=True, text=True, timeout=60)
        kinds = [json.loads(line)["badge"]["kind"] for line in done.stdout.splitlines() if line]
        self.assertEqual(kinds, ["signedInteractionData", "authToken", "sessionId"], done.stdout + done.stderr)

    def test_each_program_is_short(self) -> None:
        for name in [*self.programs, "swift"]:
            self.assertLessEqual(len(snippet("docs/login.md", name).splitlines()), 50, name)

    def test_the_session_decides_who_the_customer_is_whatever_other_cookies_there_are(self) -> None:
        self.gateway = serve_init(self)
        for name in self.programs:
            site = Site(self, name, self.gateway.address)
            for row in TABLES["cookies"]:
                with self.subTest(name, cookie=row["cookie"]):
                    status, _, body = site.ask({**JSON, "Cookie": row["cookie"]})
                    self.assertEqual((status, customer(json.loads(body))), (200, row["customer"]))
            with self.subTest(name, cookie="in two fields"):
                head = "POST /chat HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                _, _, body = site.send(head + "Cookie: a/b=1\r\nCookie: session=7d1f-of-ada\r\n", b"{}")
                self.assertEqual(customer(json.loads(body)), "12345")

    def test_other_requests_are_refused(self) -> None:
        self.gateway = serve_init(self)
        for name in self.programs:
            site = Site(self, name, self.gateway.address)
            for row in TABLES["requests"]:
                with self.subTest(name, **row):
                    status, headers, body = site.ask({**ADA, **row["headers"]}, method=row["method"], path=row["path"])
                    self.assertEqual((status, headers["cache-control"]), (row["status"], "no-store"))
                    self.assertEqual([field for field in headers if field.startswith("access-control")], [])
                    if status == 200:
                        self.assertEqual(customer(json.loads(body)), "12345")
                    elif row["method"] != "HEAD":
                        self.assertEqual(json.loads(body), NO_BADGE)

    def test_what_the_page_sent_never_decides(self) -> None:
        self.gateway = serve_init(self)
        for name in self.programs:
            site = Site(self, name, self.gateway.address)
            for row in [*TABLES["pages"], {"page": b'{"ongoing":"\xff"}', "badge": False}]:
                with self.subTest(name, page=row["page"][:80]):
                    status, _, body = site.ask(JSON, row["page"])
                    reply = json.loads(body)
                    self.assertEqual(status, row.get("status", 200))
                    self.assertEqual(reply["badge"] and reply["badge"]["kind"], "none" if row["badge"] else None)

    def test_any_length_is_answered(self) -> None:
        self.gateway = serve_init(self)
        for name in self.programs:
            site = Site(self, name, self.gateway.address)
            for fields, body, statuses in LENGTHS:
                with self.subTest(name, fields=fields[:80]):
                    head = f"POST /chat HTTP/1.1\r\nContent-Type: application/json\r\nCookie: {ADA['Cookie']}\r\n{fields}"
                    status, _, answer = site.send(head, body)
                    self.assertEqual(status, statuses[name])
                    if status == 200:
                        self.assertEqual(customer(json.loads(answer)), "12345")

    def test_page_and_reply_pass_unchanged(self) -> None:
        recorder = Recorder()
        self.addCleanup(recorder.stop)
        recorder.reply = (200, b' {"badge" : {"kind":"x", "value":"\xc3\xa9 \\u00e9"},"n":1.0, "n":1e2 }\n')
        for name in self.programs:
            site = Site(self, name, recorder.address)
            for row in TABLES["pages"]:
                if "status" in row:
                    continue
                with self.subTest(name, page=row["page"][:80]):
                    status, headers, body = site.ask({**JSON, **ADA}, row["page"])
                    self.assertEqual((status, headers["content-type"], body), (200, "application/json", recorder.reply[1]))
                    self.assertEqual(recorder.asked, {"subject": "12345", "email": "ada@example.com", "page": row["page"]})
            if name == "node":
                head = "POST /chat HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
                site.send(head, b'2\r\n"\xc3\r\n2\r\n\xa9"\r\n0\r\n\r\n')
                self.assertEqual(recorder.asked, {"anonymous": True, "page": '"é"'})
            with self.subTest(name, customer="without an e-mail"):
                site.ask({**JSON, "Cookie": "session=9c02-of-grace"})
                self.assertNotIn(None, recorder.asked.values())

    def test_without_a_gateway_the_page_goes_on(self) -> None:
        self.gateway = serve_init(self)
        recorder = Recorder()
        self.addCleanup(recorder.stop)
        for name in self.programs:
            site = Site(self, name, recorder.address)
            for recorder.reply in [(500, b'{"code":"signing-failed"}'), (503, b"\xff<html>"), (404, b""), (204, b""), (0, b"no HTTP\r\n\r\n"), (0, b"")]:
                with self.subTest(name, reply=recorder.reply):
                    status, _, body = site.ask({**JSON, **ADA})
                    self.assertEqual((status, json.loads(body)), (200, NO_BADGE))
        sites = [Site(self, name, self.gateway.address) for name in self.programs]
        self.assertEqual(self.gateway.stop(), 0)
        for site in sites:
            status, _, body = site.ask({**JSON, **ADA})
            self.assertEqual((status, json.loads(body)), (200, NO_BADGE), site.name)


class Recorder:
    """Stands in for the gateway: remembers what it was asked, and answers what the test says; status 0 is no HTTP."""

    def __init__(self) -> None:
        self.reply = (200, b"{}")
        self.asked: dict[str, Any] = {}
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                recorder.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, body = recorder.reply
                if status:
                    self.send_response(status)
                    self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
