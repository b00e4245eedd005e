"""A configuration that sends everything there is, and customers full of awkward characters."""

import base64
import json
from typing import Any

import payloads
from support import InteropTest

PEGA_SECRET = 'a Pega secret: ünïcödé, "quotes" and \\ too'
DG_SECRET = "eine DG-Geheimnis-Zeichenkette/+=👋"
DG_KEY_ID = 'dg "live"/1 – é'
WIDGET = "4d88d63c-b3d9-49ee-8f77-adeb5d4fc223"
LABELS = {
    "Customer ID": "subject",
    'E-Mail "main"': "email",
    "Näme \\ 名前": "name",
    "a/b 👋": "phone",
    "Note": "attributes.note",
}

CONFIGURATION: dict[str, Any] = {
    "keys": {
        "talkative": {"file": "keys/talkative.private.pem"},
        "pega": {"file": "keys/pega.secret", "encoding": "utf8"},
        "dg": {"file": "keys/dg.secret", "encoding": "utf8", "kid": DG_KEY_ID},
    },
    "connections": {
        "talkative": {
            "vendor": "talkative",
            "key": "talkative",
            "fields": [{"label": label, "from": source, "required": False} for label, source in LABELS.items()],
        },
        "pega": {
            "vendor": "pega",
            "key": "pega",
            "region": "uk",
            "widgetId": WIDGET,
            "privateData": {label: {"from": source, "required": False} for label, source in LABELS.items()},
        },
        "dg": {"vendor": "dg", "key": "dg", "externalId": "attributes.note"},
    },
    "routes": {name: {"connection": name} for name in ("talkative", "pega", "dg")},
}

Customer = dict[str, Any]

BY_HAND: list[Customer] = [
    {"subject": "12345"},
    {"subject": "пользователь-７", "email": "ünï@例え.jp", "name": "Zoë O'Brien", "phone": "+44 20 7946 0000"},
    {"subject": "👩‍👩‍👧‍👦", "name": "🇬🇧 \U0010fffd"},
    {"subject": 'a "quoted" id', "name": 'He said "hi"'},
    {"subject": "back\\slash\\\\", "name": "C:\\new\\table"},
    {"subject": "a/b//c</script>", "name": "\u2028\u2029 é e\u0301"},
    {"subject": "lines", "attributes": {"note": "one\ntwo\r\n\tthree"}},
    {"subject": "large", "attributes": {"note": "0123456789" * 1024}},
    {"subject": "large in UTF-8", "attributes": {"note": "é" * 5000}},
]


def customers() -> list[Customer]:
    """Those written by hand and as many random ones. Each has a note, which DG's token is about."""
    source = payloads.generator("customers")
    made = [
        {
            "subject": payloads.text(source),
            "email": payloads.text(source),
            "name": payloads.text(source, 40),
            "phone": payloads.text(source),
            "attributes": {"note": payloads.text(source, 200)},
        }
        for _ in range(payloads.COUNT)
    ]
    return [{**customer, "attributes": {"note": "n", **customer.get("attributes", {})}} for customer in BY_HAND + made]


def sent(customer: Customer, source: str) -> str | None:
    """What a source of the configuration says of a customer."""
    scope, _, name = source.rpartition(".")
    return customer[scope].get(name) if scope else customer.get(source)


def secret_jwk(secret: str) -> dict[str, str]:
    return {"kty": "oct", "k": base64.urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()}


class VendorsTest(InteropTest):
    """A test with the configuration above and fresh keys."""

    def setUp(self) -> None:
        super().setUp()
        self.signet("keys", "generate", "talkative")
        self.write("keys/pega.secret", PEGA_SECRET + "\n")
        self.write("keys/dg.secret", DG_SECRET + "\n")
        self.write_json("signet.json", CONFIGURATION)
        self.public_jwk: dict[str, str] = self.signet("keys", "public", "keys/talkative.public.pem", "--jwk").json

    def sign_all(self, route: str, people: list[Customer], *more: str) -> list[Any]:
        """Signs customers in one batch."""
        lines = "".join(json.dumps(customer, ensure_ascii=False) + "\n" for customer in people)
        output = self.signet("sign", route, *more, "--batch", "-", stdin=lines).out
        answers = [json.loads(line) for line in output.removesuffix("\n").split("\n")]
        self.assertEqual([answer["line"] for answer in answers], list(range(1, len(people) + 1)))
        return answers
