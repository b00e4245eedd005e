"""Clients: one that asks for a badge and reads all of the answer, and what a badge has to hold."""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from gateway import BODY, TOKEN


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The code of a problem."""
        value = self.json
        return value.get("code") if isinstance(value, dict) else None

    @property
    def request_id(self) -> str:
        return self.headers["x-request-id"]

    @property
    def closes(self) -> bool:
        return self.headers.get("connection", "").lower() == "close"


class Client:
    """One connection, kept as long as the gateway keeps it."""

    def __init__(self, port: int, token: str = TOKEN, timeout: float = 40, tls: bool = False) -> None:
        self.token = token
        if tls:
            # The certificates of the drills are nobody's; which one it is, is looked at elsewhere.
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", port, timeout=timeout, context=context
            )
        else:
            self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def badge(self, route: str, body: Any = BODY, right: str = "badge") -> Answer:
        """Asks for a badge. `http.client` connects anew when the answer before said that it ends the connection."""
        self.send(route, body, right)
        return self.answer()

    def send(self, route: str, body: Any = BODY, right: str = "badge") -> None:
        """Sends the request for a badge and does not wait for the answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self.connection.request("POST", f"/v1/routes/{route}/{right}", data, fields)

    def get(self, path: str) -> Answer:
        self.connection.request("GET", path)
        return self.answer()

    def answer(self) -> Answer:
        response = self.connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())

    def close(self) -> None:
        self.connection.close()


def ask(port: int, route: str, body: Any = BODY, token: str = TOKEN, right: str = "badge") -> Answer:
    """Asks once, over a connection of its own."""
    client = Client(port, token)
    try:
        return client.badge(route, body, right)
    finally:
        client.close()


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def is_signed(token: str, secret: str) -> bool:
    """Whether an HS256 token has this secret's MAC."""
    covered, _, mac = token.rpartition(".")
    return hmac.compare_digest(hmac.digest(secret.encode(), covered.encode(), hashlib.sha256), decode(mac))


def check_dg(reply: Any, secret: str, kid: str, widget: str, subject: str = BODY["subject"]) -> None:
    """Everything that a DG badge has to be; PyJWT reads it."""
    badge = reply["badge"]
    assert badge["kind"] == "authToken" and badge["widgetId"] == widget, badge
    token = badge["value"]
    assert jwt.get_unverified_header(token)["kid"] == kid, token
    claims = jwt.decode(token, secret, algorithms=["HS256"], options={"require": ["exp"]})
    assert claims["external_id"] == subject, claims


def check_talkative(reply: Any, public: Path, widget: str, subject: str = BODY["subject"]) -> None:
    """Everything that a Talkative badge has to be; PyJWT verifies the signature."""
    badge = reply["badge"]
    assert badge["kind"] == "signedInteractionData" and badge["widgetId"] == widget, badge
    data = json.loads(jwt.PyJWS().decode(badge["value"], public.read_bytes(), algorithms=["ES256"]))
    assert {"label": "Customer ID", "data": subject, "type": "string"} in data, data


def check_pega(reply: Any, session: str) -> None:
    """Everything that a Pega badge has to be."""
    badge = reply["badge"]
    assert badge["kind"] == "sessionId" and badge["value"] == session and badge["sessions"] == "create", badge
