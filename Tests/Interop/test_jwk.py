"""JWKs go both ways, and RFC 7638 thumbprints agree."""

import json
import unittest
from typing import Any

import jwt
from joserfc import jwk
from jwt.algorithms import ECAlgorithm, HMACAlgorithm

from peers import PEERS, NodeJose
from support import InteropTest

PAYLOAD = b'{"sub":"12345"}'


def new_private_jwks() -> dict[str, dict[str, Any]]:
    """A private P-256 key as each peer writes it."""
    return {
        "joserfc": jwk.ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": "k-1"}).as_dict(private=True),
        "joserfc with key_ops": jwk.ECKey.generate_key("P-256", {"key_ops": ["sign", "verify"]}).as_dict(private=True),
        "PyJWT": ECAlgorithm.to_jwk(jwk.ECKey.generate_key("P-256").private_key, as_dict=True),
        "node-jose": NodeJose().ask("newJWK", alg="ES256"),
    }


def public_half(key: dict[str, Any]) -> dict[str, Any]:
    half = {name: value for name, value in key.items() if name != "d"}
    if "key_ops" in half:
        half["key_ops"] = ["verify"]
    return half


class OurJWKsAreTakenElsewhere(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.signet("keys", "generate", "fresh")
        self.jwk = self.signet("keys", "public", "keys/fresh.private.pem", "--jwk").json

    def test_it_has_the_members_of_a_public_signing_key_and_no_private_one(self) -> None:
        self.assertEqual(list(self.jwk), ["kty", "crv", "x", "y", "use", "alg"])
        self.assertEqual(self.jwk, self.signet("keys", "public", "keys/fresh.public.pem", "--jwk").json)

    def test_every_peer_makes_the_same_key_of_it_as_of_the_pem(self) -> None:
        pem = (self.scratch / "keys/fresh.public.pem").read_text()
        self.assertEqual(jwk.ECKey.import_key(self.jwk).as_pem(private=False).decode(), pem)
        numbers = jwt.PyJWK(self.jwk).key.public_numbers()
        self.assertEqual(numbers, jwk.ECKey.import_key(pem).public_key.public_numbers())
        coordinates = {name: self.jwk[name] for name in ("kty", "crv", "x", "y")}
        self.assertEqual(NodeJose().ask("publicJWK", pem=pem), coordinates)

    def test_every_peer_verifies_our_token_with_it(self) -> None:
        self.write_json(
            "signet.json",
            {
                "keys": {"fresh": {"file": "keys/fresh.private.pem"}},
                "connections": {"talkative": {"vendor": "talkative", "key": "fresh"}},
            },
        )
        token = self.signet("sign", "--connection", "talkative", "--subject", "12345").out.strip()
        for peer in PEERS:
            with self.subTest(peer.name):
                self.assertIn(b"12345", peer.verify(token, self.jwk, "ES256"))

    def test_thumbprints_agree(self) -> None:
        for _ in range(20):
            self.signet("keys", "generate", "fresh", "--force")
            public = self.signet("keys", "public", "keys/fresh.public.pem", "--jwk").json
            ours = {
                self.signet("keys", "inspect", f"keys/fresh.{half}.pem", "--output", "json").json["thumbprint"]
                for half in ("private", "public")
            }
            self.assertEqual(
                ours, {jwk.ECKey.import_key(public).thumbprint(), NodeJose().ask("thumbprint", jwk=public)}
            )


class TheirJWKsAreTakenHere(InteropTest):
    def test_their_private_and_public_keys_verify(self) -> None:
        for made_by, key in new_private_jwks().items():
            self.write_json("private.jwk", key)
            self.write_json("public.jwk", public_half(key))
            for peer in PEERS:
                token = peer.sign({"alg": "ES256"}, PAYLOAD, key)
                for name in ("private.jwk", "public.jwk"):
                    with self.subTest(made_by=made_by, signed_by=peer.name, file=name):
                        self.signet("verify", "--key", name, stdin=token)

    def test_their_private_keys_have_the_public_half_that_they_say(self) -> None:
        for made_by, key in new_private_jwks().items():
            with self.subTest(made_by):
                self.write_json("private.jwk", key)
                pem = jwk.ECKey.import_key(key).as_pem(private=False).decode()
                self.assertEqual(self.signet("keys", "public", "private.jwk").out, pem)
                public = self.signet("keys", "public", "private.jwk", "--jwk").json
                self.assertEqual({name: public[name] for name in "xy"}, {name: key[name] for name in "xy"})
                self.assertEqual(public.get("kid"), key.get("kid"))
                inspected = self.signet("keys", "inspect", "private.jwk", "--output", "json").json
                self.assertEqual(inspected["kind"], "private key")
                self.assertEqual(inspected["thumbprint"], NodeJose().ask("thumbprint", jwk=public_half(key)))

    def test_their_private_keys_sign(self) -> None:
        for made_by, key in new_private_jwks().items():
            self.write_json("keys/theirs.jwk", key)
            self.write_json(
                "signet.json",
                {
                    "keys": {"theirs": {"file": "keys/theirs.jwk"}},
                    "connections": {"talkative": {"vendor": "talkative", "key": "theirs"}},
                },
            )
            token = self.signet("sign", "--connection", "talkative", "--subject", "12345").out.strip()
            for peer in PEERS:
                with self.subTest(made_by=made_by, verified_by=peer.name):
                    peer.verify(token, public_half(key), "ES256")

    def test_their_pems_are_read_too(self) -> None:
        for private in (True, False):
            with self.subTest(private=private):
                key = jwk.ECKey.generate_key("P-256")
                self.write("joserfc.pem", key.as_pem(private=private))
                self.assertEqual(self.signet("keys", "public", "joserfc.pem").out, key.as_pem(private=False).decode())

    def test_their_octet_keys_verify(self) -> None:
        secrets = {
            "joserfc": jwk.OctKey.generate_key(256, {"use": "sig", "alg": "HS256", "kid": "k-1"}).as_dict(private=True),
            "PyJWT": HMACAlgorithm.to_jwk("a secret of at least 32 bytes, ünïcödé", as_dict=True),
            "node-jose": NodeJose().ask("newSecretJWK", alg="HS256"),
        }
        for made_by, key in secrets.items():
            self.write("secret.jwk", json.dumps(key))
            for peer in PEERS:
                with self.subTest(made_by=made_by, signed_by=peer.name):
                    self.signet("verify", "--key", "secret.jwk", stdin=peer.sign({"alg": "HS256"}, PAYLOAD, key))

    def test_their_octet_keys_kid_is_held_against_the_tokens(self) -> None:
        key = jwk.OctKey.generate_key(256, {"kid": "k-1"}).as_dict(private=True)
        self.write_json("secret.jwk", key)
        plain = {"kty": "oct", "k": key["k"]}
        token = PEERS[0].sign({"alg": "HS256", "kid": "k-2"}, PAYLOAD, plain)
        self.signet("verify", "--key", "secret.jwk", stdin=token, status=1)

    def test_an_octet_key_has_no_public_half(self) -> None:
        self.write_json("secret.jwk", jwk.OctKey.generate_key(256).as_dict(private=True))
        self.assertIn("no public key", self.signet("keys", "public", "secret.jwk", status=2).err)
        self.assertEqual(
            self.signet("keys", "inspect", "secret.jwk", "--output", "json").json,
            {"kind": "HMAC secret", "algorithm": "HS256", "bits": 256, "mode": "0600"},
        )


class JWKsThatDoNotFitAreRefused(InteropTest):
    """Each is a fresh key with one thing changed."""

    def changed(self, **members: Any) -> dict[str, Any]:
        key = {**jwk.ECKey.generate_key("P-256").as_dict(private=True), **members}
        return {name: value for name, value in key.items() if value is not None}

    def test_members_that_do_not_fit(self) -> None:
        other = jwk.ECKey.generate_key("P-256").as_dict(private=True)
        changes: dict[str, dict[str, Any]] = {
            "for encryption": {"use": "enc"},
            "for another algorithm": {"alg": "ES384"},
            "to derive": {"key_ops": ["deriveKey"]},
            "an operation twice": {"key_ops": ["sign", "sign"]},
            "no kty": {"kty": None},
            "another kty": {"kty": "RSA"},
            "another curve's name": {"crv": "P-384"},
            "secp256k1": {"crv": "secp256k1"},
            "no x": {"x": None},
            "a padded x": {"x": other["x"] + "="},
            "a short x": {"x": other["x"][:-2]},
            "another key's y": {"y": other["y"]},
            "another key's d": {"d": other["d"]},
            "a zero d": {"d": "A" * 43},
            "a kid that is a number": {"kid": 1},
        }
        for what, members in changes.items():
            with self.subTest(what):
                self.write_json("changed.jwk", self.changed(**members))
                self.signet("keys", "public", "changed.jwk", status=2)
                self.signet("verify", "--key", "changed.jwk", status=2, stdin="a.b.c")

    def test_a_set_is_no_key(self) -> None:
        self.write_json("set.jwk", {"keys": [self.changed(d=None)]})
        self.assertIn("JWK Set", self.signet("keys", "public", "set.jwk", status=2).err)

    def test_other_kinds_of_keys(self) -> None:
        others = [jwk.RSAKey.generate_key(2048), jwk.OKPKey.generate_key("Ed25519"), jwk.ECKey.generate_key("P-521")]
        for key in others:
            with self.subTest(key.key_type):
                self.write_json("other.jwk", key.as_dict(private=False))
                self.signet("keys", "public", "other.jwk", status=2)

    def test_a_member_that_stands_twice(self) -> None:
        key = json.dumps(self.changed(d=None))
        self.write("twice.jwk", key[:-1] + ', "kty": "EC"}')
        self.assertIn("occurs twice", self.signet("keys", "public", "twice.jwk", status=2).err)
