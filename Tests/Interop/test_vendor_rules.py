"""Tokens whose signature is right and whose content is not what the vendor takes."""

import json
import time
from typing import Any

import jwt
from joserfc import jwk

from customers import DG_KEY_ID, DG_SECRET, PEGA_SECRET, WIDGET, VendorsTest, secret_jwk
from peers import PEERS, Peer, PyJWTPeer

DG_HEADER = {"alg": "HS256", "typ": "JWT", "kid": DG_KEY_ID}
PEGA_HEADER = {"alg": "HS256", "typ": "JWT"}


class WhatAVendorWouldRefuse(VendorsTest):
    def setUp(self) -> None:
        super().setUp()
        self.now = int(time.time())
        self.peer: Peer = PyJWTPeer()

    def assert_refused(self, what: str, connection: str, token: str, check: str, *more: str) -> None:
        with self.subTest(what):
            report = self.signet("verify", "--connection", connection, *more, "--output", "json", stdin=token, status=1)
            self.assertEqual(report.failed_check, check)

    def test_dg(self) -> None:
        good = {"scope": "user", "external_id": "7", "iat": self.now, "exp": self.now + 600}
        rows: list[tuple[str, dict[str, Any], str]] = [
            ("another scope", {"scope": "appUser"}, "scope"),
            ("a scope in capitals", {"scope": "USER"}, "scope"),
            ("no scope", {"scope": None}, "scope"),
            ("an empty external_id", {"external_id": ""}, "external_id"),
            ("an external_id that is a number", {"external_id": 7}, "external_id"),
            ("issued in the future", {"iat": self.now + 120}, "iat"),
            ("an iat that is text", {"iat": str(self.now)}, "iat"),
            ("expired", {"exp": self.now - 120}, "exp"),
            ("an exp that is text", {"exp": str(self.now + 600)}, "exp"),
            ("an exp in milliseconds", {"exp": (self.now + 600) * 1000}, "exp"),
            ("not good yet", {"nbf": self.now + 120}, "nbf"),
        ]
        for what, change, check in rows:
            claims = {name: value for name, value in {**good, **change}.items() if value is not None}
            token = self.peer.sign(DG_HEADER, json.dumps(claims).encode(), secret_jwk(DG_SECRET))
            self.assert_refused(what, "dg", token, check)
        # RFC 7519 allows fractions of a second; no vendor's signer makes any.
        fraction = self.peer.sign(DG_HEADER, json.dumps({**good, "exp": self.now + 600.5}).encode(), secret_jwk(DG_SECRET))
        report = json.loads(self.signet("verify", "--connection", "dg", "--output", "json", stdin=fraction).out)
        self.assertEqual([check["result"] for check in report["checks"] if check["name"] == "exp"], ["warn"])
        no_kid = self.peer.sign(PEGA_HEADER, json.dumps(good).encode(), secret_jwk(DG_SECRET))
        self.assert_refused("no kid", "dg", no_kid, "kid")
        other_kid = self.peer.sign({**DG_HEADER, "kid": "other"}, json.dumps(good).encode(), secret_jwk(DG_SECRET))
        self.assert_refused("another kid", "dg", other_kid, "key-id")
        array = self.peer.sign(DG_HEADER, b"[]", secret_jwk(DG_SECRET))
        self.assert_refused("an array of claims", "dg", array, "claims")

    def test_pega(self) -> None:
        good = {"iss": WIDGET, "iat": self.now, "exp": self.now + 300}
        rows: list[tuple[str, dict[str, Any], str]] = [
            ("no iss", {"iss": None}, "iss"),
            ("another widget", {"iss": WIDGET.upper()}, "iss"),
            ("no iat", {"iat": None}, "iat"),
            ("issued in the future", {"iat": self.now + 120}, "iat"),
            ("older than five minutes", {"iat": self.now - 400}, "age"),
            ("expired", {"exp": self.now - 120}, "exp"),
        ]
        for what, change, check in rows:
            claims = {name: value for name, value in {**good, **change}.items() if value is not None}
            token = self.peer.sign(PEGA_HEADER, json.dumps(claims).encode(), secret_jwk(PEGA_SECRET))
            self.assert_refused(what, "pega", token, check, "--for", "create")
        another = self.peer.sign(PEGA_HEADER, json.dumps(good).encode(), secret_jwk(DG_SECRET))
        self.assert_refused("another vendor's secret", "pega", another, "signature", "--for", "create")

    def test_talkative(self) -> None:
        private = jwk.ECKey.import_key((self.scratch / "keys/talkative.private.pem").read_text()).as_dict(private=True)
        entry = {"label": "Customer ID", "data": "7", "type": "string"}
        rows: list[tuple[str, Any, str]] = [
            ("an object", {"label": "Customer ID"}, "array"),
            ("an entry that is text", ["7"], "entries"),
            ("data that is a number", [{**entry, "data": 7}], "entries"),
            ("another type", [entry, {**entry, "type": "number"}], "entries"),
            ("no type", [{"label": "Customer ID", "data": "7"}], "entries"),
            ("one member more", [{**entry, "x": ""}], "entries"),
        ]
        for what, payload, check in rows:
            token = self.peer.sign({"alg": "ES256"}, json.dumps(payload).encode(), private)
            self.assert_refused(what, "talkative", token, check)
        # The sample of Talkative's own page ends in a comma.
        sample = b'[{"label": "INTERACTION_DATA_NAME", "data": "INTERACTION_DATA_CONTENT", "type": "string"}, ]'
        self.assert_refused(
            "a trailing comma", "talkative", self.peer.sign({"alg": "ES256"}, sample, private), "payload"
        )

    def test_one_vendors_token_is_none_for_another(self) -> None:
        tokens = {
            "pega": self.signet("sign", "pega", "--subject", "1", "--for", "create").out,
            "dg": self.signet("sign", "dg", "--subject", "1", "--attribute", "note=1").out,
            "talkative": self.signet("sign", "talkative", "--subject", "1").out,
        }
        for made_for, token in tokens.items():
            for given_to in tokens.keys() - {made_for}:
                with self.subTest(made_for=made_for, given_to=given_to):
                    more = ["--for", "create"] if given_to == "pega" else []
                    self.signet("verify", given_to, *more, stdin=token, status=1)

    def test_expired_tokens_of_ours_are_refused_here_and_elsewhere(self) -> None:
        # Signed for one second, and looked at when the peers allow for no skew and we for thirty seconds.
        self.write_json(
            "short.json",
            {
                "keys": {"pega": {"file": "keys/pega.secret", "encoding": "utf8"}},
                "connections": {
                    "pega": {"vendor": "pega", "key": "pega", "region": "uk", "widgetId": WIDGET, "tokenLifetime": "1s"}
                },
            },
        )
        token = self.signet(
            "sign", "-c", "short.json", "--connection", "pega", "--subject", "1", "--for", "create"
        ).out.strip()
        end = jwt.decode(token, options={"verify_signature": False})["exp"]
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end + 31))
        self.assert_refused("expired", "pega", token, "exp", "--for", "create", "--at", later)
        time.sleep(max(0.0, end + 1 - time.time()))
        for peer in PEERS:
            with self.subTest(peer.name), self.assertRaisesRegex(Exception, "(?i)expired|exp"):
                peer.claims(token, secret_jwk(PEGA_SECRET), "HS256")
