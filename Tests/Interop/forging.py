"""Tokens that break one rule and are otherwise right: the signature is made over exactly what stands in the token."""

import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jwk

from encoding import base64url, segment

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SECRET = "a secret that both sides have got"
KEY_ID = "k-1"


class Forge:
    """A secret and a key pair, and what can be made with them."""

    def __init__(self) -> None:
        key = jwk.ECKey.generate_key("P-256", {"kid": KEY_ID})
        self.private: ec.EllipticCurvePrivateKey = key.private_key
        self.public_jwk: dict[str, Any] = key.as_dict(private=False)
        self.public_pem: str = key.as_pem(private=False).decode()
        self.secret_jwk = {"kty": "oct", "k": base64url(SECRET.encode())}

    def hs256(self, header: Any, payload: Any, secret: str = SECRET) -> str:
        """A JWT over values, or over text for a segment that is taken as it stands."""
        signing_input = f"{text_of(header)}.{text_of(payload)}"
        return f"{signing_input}.{base64url(self.mac(signing_input, secret))}"

    def es256(self, header: Any, payload: Any) -> str:
        signing_input = f"{text_of(header)}.{text_of(payload)}"
        return f"{signing_input}.{base64url(self.signature(signing_input))}"

    def mac(self, signing_input: str, secret: str = SECRET, digest: Any = hashlib.sha256) -> bytes:
        return hmac.new(secret.encode(), signing_input.encode(), digest).digest()

    def der(self, signing_input: str) -> bytes:
        return self.private.sign(signing_input.encode(), ec.ECDSA(hashes.SHA256()))

    def signature(self, signing_input: str) -> bytes:
        r, s = decode_dss_signature(self.der(signing_input))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def hs256_where(self, header: Any, has: str) -> str:
        """A token whose signature holds a certain character."""
        tries = (self.hs256(header, {"sub": "12345", "try": number}) for number in range(10_000))
        return next(token for token in tries if has in token.split(".")[2])


def text_of(part: Any) -> str:
    """A segment: text stands for itself, bytes are encoded, other values are written as compact JSON first."""
    if isinstance(part, str):
        return part
    return base64url(part) if isinstance(part, bytes) else segment(part)


def with_spare_bit(text: str) -> str:
    """The same bytes in another way: the last character has a spare bit set (RFC 4648 §3.5)."""
    assert len(text) % 4, "there are no spare bits"
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) | 1]


def padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def flattened(token: str) -> str:
    """The JSON serialization of RFC 7515 §7.2.2."""
    protected, payload, signature = token.split(".")
    return json.dumps({"protected": protected, "payload": payload, "signature": signature})


def plain_alphabet(token: str) -> str:
    """Its signature in plain base64's alphabet."""
    return token.replace("-", "+").replace("_", "/")
