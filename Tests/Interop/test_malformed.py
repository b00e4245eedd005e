"""Things that others accept and we refuse, each with exit status 1 and the check that says why."""

import jwt
from joserfc import jwk

from encoding import base64url
from forging import KEY_ID, SECRET, Forge
from malformed import ARRAY, CLAIMS, ES, HS, table
from peer_table import takes
from peers import Joserfc, NodeJose, PyJWTPeer, Refused
from support import Finished, InteropTest


class MalformedTokensAreRefused(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.forge = Forge()
        self.write("secret", SECRET + "\n")
        self.write_json("public.jwk", self.forge.public_jwk)
        self.write("public.pem", self.forge.public_pem)

    def verify(self, algorithm: str, token: str, status: int) -> Finished:
        key = "secret" if algorithm == "HS256" else "public.jwk"
        return self.signet("verify", "--key", key, "--output", "json", stdin=token, status=status)

    def test_what_is_forged_without_a_fault_is_valid(self) -> None:
        self.verify("HS256", self.forge.hs256(HS, CLAIMS), 0)
        self.verify("HS256", self.forge.hs256(HS, CLAIMS) + "\n", 0)
        self.verify("ES256", self.forge.es256(ES, ARRAY), 0)
        self.verify("ES256", self.forge.es256({**ES, "kid": KEY_ID}, ARRAY), 0)

    def test_each_fails_the_check_that_is_its_fault_and_no_later_one_is_made(self) -> None:
        for row in table(self.forge):
            with self.subTest(row.what):
                report = self.verify(row.algorithm, row.token, 1)
                self.assertFalse(report.json["valid"])
                self.assertEqual(report.failed_check, row.check)
                self.assertEqual(report.json["checks"][-1]["name"], row.check)

    def test_each_is_refused_as_an_operand_too(self) -> None:
        for row in table(self.forge):
            if "\0" in row.token or row.token.startswith("-"):
                continue
            with self.subTest(row.what):
                key = "secret" if row.algorithm == "HS256" else "public.jwk"
                self.signet("verify", "--key", key, row.token, status=1)

    def test_inspect_names_the_problem_of_all_that_are_wrong_whatever_the_key_is(self) -> None:
        for row in table(self.forge):
            if row.check not in ("serialization", "header", "payload"):
                continue
            with self.subTest(row.what):
                seen = self.signet("inspect", stdin=row.token, status=1).json
                self.assertFalse(seen["verified"])
                self.assertNotEqual(seen["problems"], [])

    def test_the_table_says_rightly_what_the_pinned_peers_take(self) -> None:
        # node-jose's version is the distribution's, so that its column is only printed: peer_table.py.
        for row in table(self.forge):
            for initial, peer in [("P", PyJWTPeer()), ("J", Joserfc())]:
                with self.subTest(what=row.what, peer=peer.name):
                    self.assertEqual(takes(peer, row, self.forge), initial in row.taken_by)


class APublicKeyIsNoSecret(InteropTest):
    """The oldest confusion: HS256 made with the public PEM, given to a verifier that takes both algorithms."""

    def setUp(self) -> None:
        super().setUp()
        self.forge = Forge()
        self.pem = self.forge.public_pem
        self.octets = {"kty": "oct", "k": base64url(self.pem.encode())}
        self.token = self.forge.hs256(HS, CLAIMS, secret=self.pem)

    def test_with_the_public_key_the_algorithm_does_not_fit(self) -> None:
        self.write("public.pem", self.pem)
        report = self.signet("verify", "--key", "public.pem", "--output", "json", stdin=self.token, status=1)
        self.assertEqual(report.failed_check, "algorithm")

    def test_the_pem_is_not_taken_for_a_secret_even_if_it_is_said_to_be_one(self) -> None:
        self.write("public.pem", self.pem)
        refusal = self.signet("verify", "--key", "public.pem", "--encoding", "utf8", stdin=self.token, status=2)
        self.assertIn("a PEM file is not an HMAC secret", refusal.err)
        self.write_json("public.jwk", self.forge.public_jwk)
        refusal = self.signet("verify", "--key", "public.jwk", "--encoding", "utf8", stdin=self.token, status=2)
        self.assertIn("a JWK is not an HMAC secret", refusal.err)

    def test_an_octet_jwk_that_holds_the_pem_is_refused(self) -> None:
        self.write_json("secret.jwk", self.octets)
        refusal = self.signet("verify", "--key", "secret.jwk", stdin=self.token, status=2)
        self.assertIn("a PEM file is not an HMAC secret", refusal.err)

    def test_pyjwt_and_joserfc_refuse_it_too_and_node_jose_takes_any_bytes(self) -> None:
        with self.assertRaises(jwt.InvalidKeyError):
            jwt.decode(self.token, self.pem, algorithms=["HS256", "ES256"])
        with self.assertRaises(ValueError):
            jwk.OctKey.import_key(self.pem)
        for peer in (PyJWTPeer(), Joserfc()):
            with self.subTest(peer.name), self.assertRaises(Refused):
                peer.verify(self.token, self.octets, "HS256")
        NodeJose().verify(self.token, self.octets, "HS256")
