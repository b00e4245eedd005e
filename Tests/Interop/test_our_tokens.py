"""What we sign verifies in PyJWT, joserfc and node-jose, with the right payload."""

import json
import time
from typing import Any

from customers import (
    BY_HAND,
    DG_KEY_ID,
    DG_SECRET,
    LABELS,
    PEGA_SECRET,
    WIDGET,
    Customer,
    VendorsTest,
    customers,
    secret_jwk,
    sent,
)
from encoding import unbase64url
from peers import PEERS
from support import InteropTest


def header_of(token: str) -> Any:
    return json.loads(unbase64url(token.split(".")[0]))


def entries(customer: Customer) -> list[dict[str, str]]:
    """The array that Talkative gets of a customer."""
    said = {label: sent(customer, source) for label, source in LABELS.items()}
    return [{"label": label, "data": data, "type": "string"} for label, data in said.items() if data]


class OurTokensVerifyElsewhere(VendorsTest):
    def test_talkatives_array_is_what_every_peer_reads(self) -> None:
        people = customers()
        for customer, answer in zip(people, self.sign_all("talkative", people), strict=True):
            token = answer["token"]
            self.assertEqual(header_of(token), {"alg": "ES256"})
            for peer in PEERS:
                with self.subTest(customer=customer["subject"], peer=peer.name):
                    payload = peer.verify(token, self.public_jwk, "ES256")
                    self.assertEqual(json.loads(payload), entries(customer))

    def test_dgs_claims_are_what_every_peer_reads(self) -> None:
        people = customers()
        for customer, answer in zip(people, self.sign_all("dg", people), strict=True):
            token = answer["token"]
            self.assertEqual(header_of(token), {"alg": "HS256", "typ": "JWT", "kid": DG_KEY_ID})
            for peer in PEERS:
                with self.subTest(customer=customer["subject"], peer=peer.name):
                    claims = peer.claims(token, secret_jwk(DG_SECRET), "HS256")
                    self.assertEqual(list(claims), ["scope", "external_id", "iat", "exp"])
                    self.assertEqual((claims["scope"], claims["external_id"]), ("user", customer["attributes"]["note"]))
                    self.assertEqual(claims["exp"] - claims["iat"], 900)
                    self.assertLess(abs(claims["iat"] - time.time()), 60)

    def test_pegas_claims_are_what_every_peer_reads_and_the_body_is_the_customers(self) -> None:
        people = customers()
        answers = self.sign_all("pega", people, "--session", "Session-1.2_3~4")
        for customer, answer in zip(people, answers, strict=True):
            token = answer["token"]
            self.assertEqual(header_of(token), {"alg": "HS256", "typ": "JWT"})
            said = {label: sent(customer, source) for label, source in LABELS.items()}
            self.assertEqual(json.loads(answer["request"]["body"]), {name: data for name, data in said.items() if data})
            for peer in PEERS:
                with self.subTest(customer=customer["subject"], peer=peer.name):
                    claims = peer.claims(token, secret_jwk(PEGA_SECRET), "HS256")
                    self.assertEqual(list(claims), ["iss", "iat", "exp"])
                    self.assertEqual((claims["iss"], claims["exp"] - claims["iat"]), ("Session-1.2_3~4", 300))

    def test_customers_of_the_command_line_are_signed_like_those_of_a_batch(self) -> None:
        for customer in BY_HAND:
            with self.subTest(customer["subject"]):
                flags = [
                    f"--{name}={customer[name]}" for name in ("subject", "email", "name", "phone") if name in customer
                ]
                flags += [f"--attribute={name}={text}" for name, text in customer.get("attributes", {}).items()]
                token = self.signet("sign", "talkative", *flags).out.strip()
                for peer in PEERS:
                    self.assertEqual(
                        json.loads(peer.verify(token, self.public_jwk, "ES256")),
                        entries({"attributes": {}, **customer}),
                    )

    def test_pegas_token_for_making_a_session_names_the_widget(self) -> None:
        answer = self.signet("sign", "pega", "--subject", "12345", "--for", "create", "--output", "json").json
        for peer in PEERS:
            with self.subTest(peer.name):
                self.assertEqual(peer.claims(answer["token"], secret_jwk(PEGA_SECRET), "HS256")["iss"], WIDGET)

    def test_a_key_id_and_a_type_can_be_put_into_talkatives_header(self) -> None:
        self.write_json(
            "keyed.json",
            {
                "keys": {"talkative": {"file": "keys/talkative.private.pem", "kid": "k-1"}},
                "connections": {
                    "talkative": {"vendor": "talkative", "key": "talkative", "includeKeyId": True, "typ": "JOSE"}
                },
            },
        )
        token = self.signet("sign", "-c", "keyed.json", "--connection", "talkative", "--subject", "1").out.strip()
        self.assertEqual(header_of(token), {"alg": "ES256", "typ": "JOSE", "kid": "k-1"})
        for peer in PEERS:
            with self.subTest(peer.name):
                peer.verify(token, self.public_jwk, "ES256")


class TheConfigurationOfInitWorksElsewhere(InteropTest):
    def test_all_three_vendors_tokens_verify_with_every_peer(self) -> None:
        self.signet("init")
        public = self.signet("keys", "public", "keys/talkative.public.pem", "--jwk").json
        talkative = self.signet("sign", "talkative", "--subject", "12345", "--email", "ada@example.com").out.strip()
        secrets = {
            name: (self.scratch / f"keys/{name}.secret").read_text().removesuffix("\n") for name in ("pega", "dg")
        }
        pega = self.signet("sign", "pega", "--subject", "12345", "--for", "create").out.strip()
        dg = self.signet("sign", "dg", "--subject", "12345").out.strip()
        for peer in PEERS:
            with self.subTest(peer.name):
                array = json.loads(peer.verify(talkative, public, "ES256"))
                self.assertEqual([entry["label"] for entry in array], ["Customer ID", "Email", "Signed at"])
                self.assertEqual([entry["data"] for entry in array[:2]], ["12345", "ada@example.com"])
                self.assertEqual(
                    peer.claims(pega, secret_jwk(secrets["pega"]), "HS256")["iss"],
                    "00000000-0000-4000-8000-000000000002",
                )
                self.assertEqual(peer.claims(dg, secret_jwk(secrets["dg"]), "HS256")["external_id"], "12345")
