"""What PyJWT, joserfc and node-jose sign verifies here, in whatever order and spacing the members stand."""

import json
import time
from typing import Any

from joserfc import jwk

import payloads
from customers import DG_KEY_ID, DG_SECRET, PEGA_SECRET, WIDGET, VendorsTest, secret_jwk
from peers import PEERS
from support import Finished, InteropTest


class TheirTokensVerifyByKeyAlone(InteropTest):
    def assert_every_peers_tokens_verify(self, algorithm: str, key: dict[str, Any], key_file: str) -> None:
        source = payloads.generator(f"theirs {algorithm}")
        for number in range(payloads.COUNT):
            content = payloads.value(source)
            text = payloads.written(source, content)
            # An HMAC is the same whoever makes it, so that one look is enough.
            tokens = {peer.sign({"alg": algorithm}, text, key): peer for peer in PEERS}
            self.assertEqual(len(tokens), 1 if algorithm == "HS256" else len(PEERS))
            for token, peer in tokens.items():
                with self.subTest(number=number, peer=peer.name, text=text):
                    report = self.signet("verify", "--key", key_file, "--output", "json", stdin=token).json
                    self.assertTrue(report["valid"])
                    self.assertEqual(report["payload"], content)

    def test_random_json_signed_es256_verifies_with_a_public_pem(self) -> None:
        key = jwk.ECKey.generate_key("P-256")
        self.write("public.pem", key.as_pem(private=False))
        self.assert_every_peers_tokens_verify("ES256", key.as_dict(private=True), "public.pem")

    def test_random_json_signed_hs256_verifies_with_a_secret_file(self) -> None:
        self.write("secret", "a secret of at least 32 bytes, ünïcödé\n")
        key = secret_jwk("a secret of at least 32 bytes, ünïcödé")
        self.assert_every_peers_tokens_verify("HS256", key, "secret")

    def test_bytes_that_are_no_json_verify_too_for_a_jws_signs_any(self) -> None:
        self.write("secret", "a secret of at least 32 bytes, plain\n")
        key = secret_jwk("a secret of at least 32 bytes, plain")
        for payload in [b"plain text", b"", b"\xff\xfe\x00", "naïve".encode()]:
            for peer in PEERS:
                with self.subTest(payload=payload, peer=peer.name):
                    self.signet("verify", "--key", "secret", stdin=peer.sign({"alg": "HS256"}, payload, key))


class TheirTokensVerifyAsTheVendors(VendorsTest):
    """Each with a random payload of the vendor's form: members shuffled, compact or loose, escaped or not."""

    def check(self, connection: str, token: str, *more: str) -> Finished:
        return self.signet("verify", "--connection", connection, *more, "--output", "json", stdin=token)

    def test_talkative_arrays(self) -> None:
        private = jwk.ECKey.import_key((self.scratch / "keys/talkative.private.pem").read_text()).as_dict(private=True)
        source = payloads.generator("talkative")
        for number in range(payloads.COUNT):
            array = [
                payloads.shuffled(
                    source,
                    {"label": f"{index} {payloads.text(source)}", "data": payloads.text(source), "type": "string"},
                )
                for index in range(source.randint(1, 5))
            ]
            peer = PEERS[number % len(PEERS)]
            with self.subTest(number=number, peer=peer.name):
                token = peer.sign({"alg": "ES256"}, payloads.written(source, array), private)
                self.assertEqual(self.check("talkative", token).json["payload"], array)

    def test_dg_claims(self) -> None:
        source = payloads.generator("dg")
        for number in range(payloads.COUNT):
            now = int(time.time())
            claims = {"scope": "user", "external_id": payloads.text(source), "iat": now, "exp": now + 600}
            claims = payloads.shuffled(source, {**claims, "more": payloads.value(source)})
            header = payloads.shuffled(source, {"alg": "HS256", "typ": "JWT", "kid": DG_KEY_ID})
            peer = PEERS[number % len(PEERS)]
            with self.subTest(number=number, peer=peer.name):
                token = peer.sign(header, payloads.written(source, claims), secret_jwk(DG_SECRET))
                self.assertEqual(self.check("dg", token).json["payload"], claims)

    def test_pega_claims(self) -> None:
        source = payloads.generator("pega")
        for number in range(payloads.COUNT):
            now = int(time.time())
            session = f"session-{number}"
            claims = payloads.shuffled(source, {"iss": session, "iat": now, "exp": now + 300})
            peer = PEERS[number % len(PEERS)]
            with self.subTest(number=number, peer=peer.name):
                token = peer.sign(
                    {"typ": "JWT", "alg": "HS256"}, payloads.written(source, claims), secret_jwk(PEGA_SECRET)
                )
                self.assertEqual(self.check("pega", token, "--session", session).json["payload"], claims)

    def test_what_the_vendors_samples_leave_out_is_a_warning_and_no_fault(self) -> None:
        # DG's own sample has neither exp nor, before jsonwebtoken adds it, iat.
        header = {"alg": "HS256", "typ": "JWT", "kid": DG_KEY_ID}
        claims = json.dumps({"scope": "user", "external_id": "7"}).encode()
        for peer in PEERS:
            with self.subTest(peer.name):
                report = self.check("dg", peer.sign(header, claims, secret_jwk(DG_SECRET))).json
                warned = [check["name"] for check in report["checks"] if check["result"] == "warn"]
                self.assertEqual(warned, ["iat", "exp"])

    def test_a_token_for_making_a_session_is_none_for_a_session(self) -> None:
        now = int(time.time())
        claims = json.dumps({"iss": WIDGET, "iat": now, "exp": now + 300}).encode()
        for peer in PEERS:
            with self.subTest(peer.name):
                token = peer.sign({"alg": "HS256", "typ": "JWT"}, claims, secret_jwk(PEGA_SECRET))
                self.check("pega", token, "--for", "create")
                refusal = self.signet("verify", "pega", "--session", "s", "--output", "json", stdin=token, status=1)
                self.assertEqual(refusal.failed_check, "iss")
