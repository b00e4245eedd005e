"""Pega's two calls, sent exactly as signet gives them to a sandbox vendor that checks what Pega's documents say."""

import json
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

from support import InteropTest

SECRET = "a JWT secret as the Security tab shows it"
WIDGET = "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223"
SESSION = "s-1.2_3~4"


class Unacceptable(Exception):
    """The sandbox vendor refuses a request, and why."""


class SandboxPega(BaseHTTPRequestHandler):
    """Pega Digital Messaging's two endpoints."""

    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path == f"/{WIDGET}/create":
                self.check(body, issuer=WIDGET)
                if json.loads(body).keys() - {"customerId"}:
                    raise Unacceptable("a new session has a customerId and nothing else")
                answer = {"sessionId": SESSION}
            elif self.path == "/private-data":
                self.check(body, issuer=SESSION)
                answer = {}
            else:
                raise Unacceptable(f"there is no {self.path}")
        except (Unacceptable, jwt.PyJWTError, ValueError) as error:
            self.answer(401, {"error": f"{type(error).__name__}: {error}"})
        else:
            self.received.append((self.path, body))
            self.answer(200, answer)

    def check(self, body: bytes, issuer: str) -> None:
        if self.headers["Content-Type"] != "application/json":
            raise Unacceptable("the body is not said to be JSON")
        scheme, _, token = self.headers["Authorization"].partition(" ")
        if scheme != "Bearer":
            raise Unacceptable("there is no bearer token")
        if jwt.get_unverified_header(token) != {"alg": "HS256", "typ": "JWT"}:
            raise Unacceptable("the header is another than documented")
        claims = jwt.decode(
            token, SECRET, algorithms=["HS256"], issuer=issuer, options={"require": ["iss", "iat", "exp"]}
        )
        # What jsonwebtoken's maxAge of five minutes asks for.
        if not 0 <= time.time() - claims["iat"] + 1 <= 301 or claims["exp"] > claims["iat"] + 300:
            raise Unacceptable("the token is good for longer than five minutes")
        data = json.loads(body)
        if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
            raise Unacceptable("the body is not an object of strings")

    def answer(self, status: int, value: dict[str, Any]) -> None:
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""


class PegaTakesOurRequests(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.received: list[tuple[str, bytes]] = []
        handler = type("Handler", (SandboxPega,), {"received": self.received})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.write("pega.secret", SECRET + "\n")
        self.write_json(
            "signet.json",
            {
                "keys": {"pega": {"file": "pega.secret", "encoding": "utf8"}},
                "connections": {
                    "pega": {
                        "vendor": "pega",
                        "key": "pega",
                        "widgetId": WIDGET,
                        "origin": f"http://127.0.0.1:{self.server.server_port}",
                        "allowForeignOrigin": True,
                        "privateData": {
                            "externalUserId": "subject",
                            'Näme / "名前"': {"from": "name", "required": False},
                            "authenticated": {"value": "true"},
                        },
                    }
                },
                "routes": {"help": {"connection": "pega"}},
            },
        )

    def send(self, *arguments: str) -> dict[str, Any]:
        """Signs, and sends the request exactly as it is given."""
        request = self.signet("sign", "help", *arguments, "--output", "json").json["request"]
        self.assertEqual(list(request), ["method", "url", "headers", "body"])
        return self.post(request["method"], request["url"], request["headers"], request["body"])

    def post(self, method: str, url: str, headers: dict[str, str], body: str) -> dict[str, Any]:
        sent = urllib.request.Request(url, data=body.encode(), headers=headers, method=method)
        try:
            with urllib.request.urlopen(sent, timeout=10) as answer:
                return {"status": answer.status, **json.load(answer)}
        except urllib.error.HTTPError as error:
            with error:
                return {"status": error.code, **json.load(error)}

    def test_a_session_is_made_and_told_who_the_customer_is(self) -> None:
        made = self.send("--subject", "12345", "--for", "create")
        self.assertEqual(made, {"status": 200, "sessionId": SESSION})
        told = self.send("--subject", "12345", "--name", 'Zoë "Z" 👋 \\/', "--session", made["sessionId"])
        self.assertEqual(told, {"status": 200})
        self.assertEqual([path for path, _ in self.received], [f"/{WIDGET}/create", "/private-data"])
        self.assertEqual(json.loads(self.received[0][1]), {"customerId": "12345"})
        self.assertEqual(
            json.loads(self.received[1][1]),
            {"externalUserId": "12345", 'Näme / "名前"': 'Zoë "Z" 👋 \\/', "authenticated": "true"},
        )

    def test_an_anonymous_visitors_session_is_made_of_nothing(self) -> None:
        self.assertEqual(self.send("--anonymous", "--for", "create")["status"], 200)
        self.assertEqual(self.received[0][1], b"{}")

    def test_an_anonymous_visitor_has_no_private_data(self) -> None:
        refusal = self.signet("sign", "help", "--anonymous", "--session", SESSION, status=1)
        self.assertIn("anonymous visitor", refusal.err)

    def test_the_stand_in_refuses_what_pega_would(self) -> None:
        request = self.signet("sign", "help", "--subject", "1", "--for", "create", "--output", "json").json["request"]
        private_data = request["url"].replace(f"{WIDGET}/create", "private-data")
        self.assertEqual(self.post("POST", private_data, request["headers"], request["body"])["status"], 401)
        self.assertEqual(self.post("POST", request["url"], request["headers"], '{"name":"x"}')["status"], 401)
        plain = {**request["headers"], "Content-Type": "text/plain"}
        self.assertEqual(self.post("POST", request["url"], plain, request["body"])["status"], 401)
        old = jwt.encode({"iss": WIDGET, "iat": int(time.time()) - 400, "exp": int(time.time()) + 60}, SECRET)
        stale = {**request["headers"], "Authorization": f"Bearer {old}"}
        self.assertEqual(self.post("POST", request["url"], stale, request["body"])["status"], 401)
        self.assertEqual(self.send("--subject", "1", "--session", "another-session")["status"], 401)

    def test_sign_says_what_is_missing_if_it_is_not_told_what_the_token_is_for(self) -> None:
        refusal = self.signet("sign", "help", "--subject", "1", status=2)
        self.assertIn("--session", refusal.err)
        self.assertIn("--for create", refusal.err)
