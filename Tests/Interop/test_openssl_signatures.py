"""openssl verifies what we sign, and we what it signs."""

import base64
import random
import re

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from encoding import base64url, unbase64url
from support import InteropTest

SIGNING_INPUT_OF_OPENSSL = b"eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9"
HMAC_INPUT_OF_OPENSSL = b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9"
SECRET = "a secret of thirty-two characters"


class OpenSSLVerifiesWhatWeSign(InteropTest):
    def test_openssl_verifies_an_es256_token_as_der(self) -> None:
        self.signet("init")
        token = self.signet("sign", "talkative", "--subject", "12345").out.strip()
        signing_input, _, signature = token.rpartition(".")
        raw = unbase64url(signature)
        self.assertEqual(len(raw), 64)
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        self.write("signature", encode_dss_signature(r, s))
        command = "dgst -sha256 -verify keys/talkative.public.pem -signature signature".split()
        self.assertEqual(self.openssl(*command, stdin=signing_input).out, "Verified OK\n")
        self.openssl(*command, stdin=signing_input + "x", status=1)

    def test_openssl_comes_to_the_same_hmac(self) -> None:
        self.signet("init")
        for name, more in [("pega", ["--for", "create"]), ("dg", [])]:
            with self.subTest(name):
                secret = self.write(f"keys/{name}.secret", SECRET + name + "\n").read_text().strip()
                token = self.signet("sign", name, "--subject", "12345", *more).out.strip()
                signing_input, _, signature = token.rpartition(".")
                printed = self.openssl(
                    "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"key:{secret}", stdin=signing_input
                ).out
                digest = re.search(r"[0-9a-f]{64}", printed)
                self.assertIsNotNone(digest, printed)
                self.assertEqual(base64url(bytes.fromhex(digest.group())), signature)

    def test_openssl_comes_to_the_same_hmac_whatever_the_secrets_encoding_is(self) -> None:
        secret = random.Random("signet secret").randbytes(40)
        texts = {
            "hex": secret.hex(),
            "base64": base64.b64encode(secret).decode(),
            "base64url": base64url(secret),
        }
        for encoding, text in texts.items():
            with self.subTest(encoding):
                self.write("secret", text + "\n")
                self.write_json(
                    "signet.json",
                    {
                        "keys": {"dg": {"file": "secret", "encoding": encoding, "kid": "k"}},
                        "connections": {"dg": {"vendor": "dg", "key": "dg"}},
                    },
                )
                token = self.signet("sign", "--connection", "dg", "--subject", "12345").out.strip()
                self.signet("verify", "--key", "secret", "--encoding", encoding, stdin=token)
                signing_input, _, signature = token.rpartition(".")
                command = [
                    "dgst",
                    "-sha256",
                    "-mac",
                    "HMAC",
                    "-macopt",
                    f"hexkey:{secret.hex()}",
                    "-binary",
                    "-out",
                    "mac",
                ]
                self.openssl(*command, stdin=signing_input)
                self.assertEqual(base64url((self.scratch / "mac").read_bytes()), signature)


class WeVerifyWhatOpenSSLSigns(InteropTest):
    def test_an_es256_signature_made_by_openssl_verifies(self) -> None:
        self.openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "private.pem")
        self.openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
        for _ in range(20):
            self.openssl("dgst", "-sha256", "-sign", "private.pem", "-out", "der", stdin=SIGNING_INPUT_OF_OPENSSL)
            der = (self.scratch / "der").read_bytes()
            r, s = decode_dss_signature(der)
            raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
            token = f"{SIGNING_INPUT_OF_OPENSSL.decode()}.{base64url(raw)}"
            self.signet("verify", "--key", "public.pem", stdin=token)
            # The same numbers as openssl writes them are no JWS signature (RFC 7518 §3.4).
            token = f"{SIGNING_INPUT_OF_OPENSSL.decode()}.{base64url(der)}"
            refusal = self.signet("verify", "--key", "public.pem", "--output", "json", stdin=token, status=1)
            self.assertEqual(refusal.failed_check, "signature")

    def test_an_hmac_made_by_openssl_verifies(self) -> None:
        self.write("secret", SECRET + "\n")
        self.openssl(
            "dgst",
            "-sha256",
            "-mac",
            "HMAC",
            "-macopt",
            f"key:{SECRET}",
            "-binary",
            "-out",
            "mac",
            stdin=HMAC_INPUT_OF_OPENSSL,
        )
        token = f"{HMAC_INPUT_OF_OPENSSL.decode()}.{base64url((self.scratch / 'mac').read_bytes())}"
        self.signet("verify", "--key", "secret", stdin=token)
