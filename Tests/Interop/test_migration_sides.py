"""One customer, one side: by the command, by two gateways, and by the functions of docs/reference."""

import hashlib
import json
from typing import Any

import make_migration_vectors as vectors
from bucket_languages import LANGUAGES
from serving import Serving
from support import InteropTest

TOKEN = "signet_" + "A" * 43
SHARED = "2026-talkative"
MIGRATION = {"from": "dg", "to": "talkative", "stage": "live", "percent": 12.5}
#: Two routes with a salt of their own, their name; two brands with one salt.
ROUTES = {
    "help": MIGRATION,
    "narrow": {**MIGRATION, "percent": 2.007},
    "brand-a": {**MIGRATION, "salt": SHARED},
    "brand-b": {**MIGRATION, "salt": SHARED, "percent": 2.007},
}
BY_HAND = [
    "12345", "007", "7", "a:b", ":", " 12345", "12345 ", "-12345", "--output", "ada@example.com", "zo\u00eb", "zoe\u0308", "İstanbul",
    "straße", "пользователь-７", "顧客", "عميل", "👋", "👩‍👩‍👧‍👦", "\ufeff12345", "a\u200db", "\U0010fffd", "C:\\new", '"quoted"',
    "x" * 256, "é" * 128, "👋" * 64,
    # The last in and the first out, at 12.5 and at 2.007: from Fixtures/migration/percentages.json.
    "customer-37156", "customer-29906", "customer-143751", "customer-3534",
]
#: Whom few percent take, so that there are some.
RARE = [name for name in (f"customer-{n}" for n in range(150, 1000)) if vectors.bucket("narrow", name) < 2007]
SUBJECTS = [
    *BY_HAND, *RARE, *(f"customer-{n}" for n in range(150)), *(f"клиент-{n}" for n in range(60)), *(f"顧客{n}👋" for n in range(60)),
]


def expected(route: str) -> list[str]:
    """Each subject's connection, by mmh3."""
    migration = ROUTES[route]
    share = vectors.thousandths(str(migration["percent"]))
    assert share is not None
    places = [vectors.bucket(migration.get("salt", route), subject) for subject in SUBJECTS]
    return ["talkative" if place < share else "dg" for place in places]


class OneCustomerOneSide(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.signet("keys", "generate", "talkative")
        self.write("keys/dg.secret", "d" * 40)
        self.write("keys/log.secret", "l" * 40)
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        self.configuration = {
            "listen": "systemd",
            "admin": {"listen": "systemd"},
            "digestKey": "log",
            "callers": [{"name": "shop", "tokenSha256": [digest], "routes": ["*"]}],
            "keys": {
                "talkative": {"file": "keys/talkative.private.pem"},
                "dg": {"file": "keys/dg.secret", "encoding": "utf8", "kid": "dg_live_1"},
                "log": {"file": "keys/log.secret", "encoding": "utf8"},
            },
            "connections": {"talkative": {"vendor": "talkative", "key": "talkative"}, "dg": {"vendor": "dg", "key": "dg"}},
            "routes": {name: {"migrate": migration} for name, migration in ROUTES.items()},
        }

    def test_there_are_enough_on_either_side_to_tell(self) -> None:
        for route in ROUTES:
            with self.subTest(route):
                self.assertGreaterEqual(expected(route).count("talkative"), 3)
                self.assertGreater(expected(route).count("dg"), 200)

    def test_brands_with_one_salt_agree(self) -> None:
        pairs = list(zip(expected("brand-a"), expected("brand-b")))
        self.assertNotIn(("dg", "talkative"), pairs)
        self.assertIn(("talkative", "talkative"), pairs)

    def test_in_each_language(self) -> None:
        for name, make in LANGUAGES.items():
            language = make()
            self.addCleanup(language.stop)
            for route, migration in ROUTES.items():
                with self.subTest(language=name, route=route):
                    questions = [(migration.get("salt", route), subject, str(migration["percent"])) for subject in SUBJECTS]
                    sides = ["talkative" if inside else "dg" for inside in language.inside(questions)]
                    self.assertEqual(sides, expected(route))

    def test_by_the_command(self) -> None:
        self.write_json("signet.json", self.configuration)
        for route in ("help", "narrow"):
            with self.subTest(route):
                answers = [
                    self.signet("explain", route, f"--subject={subject}", "--output", "json").json for subject in SUBJECTS
                ]
                self.assertEqual([answer["connection"] for answer in answers], expected(route))
                self.assert_decisions([answer["decision"] for answer in answers], route)
                self.assertEqual(
                    [answer["decision"]["bucket"] for answer in answers], [vectors.bucket(route, each) for each in SUBJECTS]
                )

    def test_by_two_gateways(self) -> None:
        path = self.write_json("signet.json", self.configuration)
        gateways = {name: Serving(path) for name in ("one", "two")}
        for gateway in gateways.values():
            self.addCleanup(gateway.stop)
        for name, gateway in gateways.items():
            for route in ROUTES:
                with self.subTest(gateway=name, route=route):
                    answers = [self.badge(gateway, route, subject) for subject in SUBJECTS]
                    self.assertEqual([answer["connection"] for answer in answers], expected(route))
                    self.assert_decisions([answer["decision"] for answer in answers], route)

    def badge(self, gateway: Serving, route: str, subject: str) -> Any:
        status, _, body = gateway.request("POST", f"/v1/routes/{route}/badge", {"subject": subject}, TOKEN)
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def assert_decisions(self, decisions: list[Any], route: str) -> None:
        sides = {"talkative": "to", "dg": "from"}
        self.assertEqual(
            [(decision["side"], decision["reason"]) for decision in decisions],
            [(sides[connection], "percent") for connection in expected(route)],
        )
