"""The table of tokens that break one rule each. What the peers make of them was measured: `python peer_table.py`."""

import hashlib
from dataclasses import dataclass

from encoding import base64url, segment
from forging import SECRET, Forge, flattened, nested, padded, plain_alphabet, text_of, with_spare_bit

HS = {"alg": "HS256", "typ": "JWT"}
ES = {"alg": "ES256"}
CLAIMS = {"sub": "12345"}
ARRAY = [{"label": "Customer ID", "data": "12345", "type": "string"}]
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Malformed:
    """A token that is refused."""

    what: str
    algorithm: str
    #: The check of `signet verify` that has to fail.
    check: str
    token: str
    #: Which of PyJWT, joserfc and node-jose take it, by their initials. The second column of the tables below.
    taken_by: str
    #: Whether the fault is one of the claims' JSON, so that the peers are asked for claims and not for bytes.
    as_claims: bool = False


def serialization(forge: Forge) -> list[Malformed]:
    token = forge.hs256(HS, CLAIMS)
    header, payload, signature = token.split(".")
    plus = forge.hs256_where(HS, "-")
    slash = forge.hs256_where(HS, "_")
    loose = with_spare_bit(segment({"sub": "1234"}))
    loose_header = with_spare_bit(segment({"alg": "HS256", "typ": "JW"}))
    rows = [
        ("spare bits set in the signature", "N", f"{header}.{payload}.{with_spare_bit(signature)}"),
        ("spare bits set in the payload", "N", forge.hs256(HS, loose)),
        ("spare bits set in the header", "N", forge.hs256(loose_header, CLAIMS)),
        ("= padding of the signature", "PN", f"{header}.{payload}.{padded(signature)}"),
        ("= padding of the payload", "PN", forge.hs256(HS, padded(segment({"sub": "1234"})))),
        ("= padding of the header", "PN", forge.hs256(padded(segment({"alg": "HS256", "typ": "JW"})), CLAIMS)),
        ("+ in the place of -", "N", plain_alphabet(plus)),
        ("/ in the place of _", "N", plain_alphabet(slash)),
        ("a space before the token", "", f" {token}"),
        ("a space after the token", "N", f"{token} "),
        ("two line ends after the token", "N", f"{token}\n\n"),
        ("a line end inside the payload", "N", forge.hs256(HS, f"{payload[:8]}\n{payload[8:]}")),
        ("a line end at the end of the payload", "N", forge.hs256(HS, f"{payload}\n")),
        ("a line end inside the signature", "N", f"{header}.{payload}.{signature[:8]}\n{signature[8:]}"),
        ("a letter outside ASCII", "N", f"{header}.{payload}.{signature}é"),
        ("a NUL after the token", "N", f"{token}\0"),
        ("two segments", "", f"{header}.{payload}"),
        ("four segments", "", f"{token}.{signature}"),
        ("a dot at the end", "", f"{token}."),
        ("one character too many in the payload", "N", forge.hs256(HS, segment(CLAIMS) + "A")),
        ("the JSON serialization", "", flattened(token)),
        ("more than 16 KiB", "PJN", forge.hs256(HS, {"sub": "1" * 16_384})),
    ]
    return [Malformed(what, "HS256", "serialization", token, taken) for what, taken, token in rows]


def headers(forge: Forge) -> list[Malformed]:
    jwk = forge.public_jwk
    rows = [
        ("crit with an unknown extension", "", forge.hs256({**HS, "crit": ["exp"], "exp": 1}, CLAIMS)),
        ("crit that is empty", "J", forge.hs256({**HS, "crit": []}, CLAIMS)),
        ("crit that names b64, which is true", "PJN", forge.hs256({**HS, "crit": ["b64"], "b64": True}, CLAIMS)),
        (
            "b64 false, with crit and an unencoded payload",
            "JN",
            forge.hs256({**HS, "crit": ["b64"], "b64": False}, "1234"),
        ),
        ("b64 false without crit", "N", forge.hs256({**HS, "b64": False}, CLAIMS)),
        ("an embedded jwk", "PJN", forge.es256({**ES, "jwk": jwk}, ARRAY)),
        ("jku", "PJN", forge.es256({**ES, "jku": "https://example.com/jwks.json"}, ARRAY)),
        ("x5u", "PJN", forge.es256({**ES, "x5u": "https://example.com/x.pem"}, ARRAY)),
        ("x5c", "PJN", forge.es256({**ES, "x5c": ["MAMCAQE="]}, ARRAY)),
        ("alg twice in the header", "PJN", forge.hs256(b'{"alg":"none","alg":"HS256"}', CLAIMS)),
        ("alg twice, once with an escape", "PJN", forge.hs256(b'{"alg":"HS256","\\u0061lg":"HS256"}', CLAIMS)),
        ("a trailing comma in the header", "", forge.hs256(b'{"alg":"HS256",}', CLAIMS)),
        ("a comment in the header", "", forge.hs256(b'{"alg":"HS256"/**/}', CLAIMS)),
        ("a byte order mark before the header", "PJN", forge.hs256(b'\xef\xbb\xbf{"alg":"HS256"}', CLAIMS)),
        ("a header that is not UTF-8", "N", forge.hs256(b'{"alg":"HS256","x":"\xff"}', CLAIMS)),
        ("a header in UTF-16", "PJ", forge.hs256('{"alg":"HS256"}'.encode("utf-16"), CLAIMS)),
        ("a header that is an array", "", forge.hs256([HS], CLAIMS)),
        # joserfc refuses it for its member "x", which nobody registered, and not for its depth.
        ("a header that is 33 levels deep", "PN", forge.hs256(f'{{"alg":"HS256","x":{nested(33)}}}'.encode(), CLAIMS)),
        ("an empty header", "", forge.hs256("", CLAIMS)),
        ("nothing but dots", "", ".."),
    ]
    return [
        Malformed(what, "ES256" if header_says_es256(token) else "HS256", "header", token, taken)
        for what, taken, token in rows
    ]


def header_says_es256(token: str) -> bool:
    return token.startswith(base64url(b'{"alg":"ES256"')[:18])


def algorithms(forge: Forge) -> list[Malformed]:
    none = text_of({"alg": "none"})
    hs384 = f"{text_of({'alg': 'HS384'})}.{text_of(CLAIMS)}"
    rows = [
        ("alg none, no signature", "", "HS256", f"{none}.{text_of(CLAIMS)}."),
        ("alg none, a right signature", "", "HS256", forge.hs256({"alg": "none"}, CLAIMS)),
        ("alg nOnE, no signature", "", "ES256", f"{text_of({'alg': 'nOnE'})}.{text_of(CLAIMS)}."),
        ("no alg", "", "HS256", forge.hs256({"typ": "JWT"}, CLAIMS)),
        ("alg in small letters", "", "HS256", forge.hs256({"alg": "hs256"}, CLAIMS)),
        ("alg that is a list", "", "HS256", forge.hs256({"alg": ["HS256"]}, CLAIMS)),
        ("alg that is null", "", "HS256", forge.hs256({"alg": None}, CLAIMS)),
        ("HS384 with the right secret", "", "HS256", f"{hs384}.{base64url(forge.mac(hs384, digest=hashlib.sha384))}"),
        ("ES256 for a secret", "", "HS256", forge.es256(ES, CLAIMS)),
        ("HS256 for a public key", "", "ES256", forge.hs256(HS, CLAIMS)),
        ("HS256 with the public PEM as the secret", "", "ES256", forge.hs256(HS, CLAIMS, secret=forge.public_pem)),
    ]
    return [Malformed(what, algorithm, "algorithm", token, taken) for what, taken, algorithm, token in rows]


def key_ids(forge: Forge) -> list[Malformed]:
    rows = [
        ("another key's kid", "PJN", forge.es256({**ES, "kid": "k-2"}, ARRAY)),
        ("the kid in capitals", "PJN", forge.es256({**ES, "kid": "K-1"}, ARRAY)),
        ("an empty kid", "PJN", forge.es256({**ES, "kid": ""}, ARRAY)),
        ("a kid that is a number", "N", forge.es256({**ES, "kid": 1}, ARRAY)),
        ("a kid that is null", "N", forge.es256({**ES, "kid": None}, ARRAY)),
    ]
    return [Malformed(what, "ES256", "key-id", token, taken) for what, taken, token in rows]


def signatures(forge: Forge) -> list[Malformed]:
    es_input = f"{text_of(ES)}.{text_of(ARRAY)}"
    hs_input = f"{text_of(HS)}.{text_of(CLAIMS)}"
    raw = forge.signature(es_input)
    r, s = raw[:32], raw[32:]
    order = ORDER.to_bytes(32, "big")
    es_rows = [
        ("a DER signature", "", forge.der(es_input)),
        ("a signature of 63 bytes", "", raw[:-1]),
        ("a signature of 65 bytes", "", raw + b"\0"),
        ("no signature", "", b""),
        ("r and s zero", "", bytes(64)),
        ("r zero", "", bytes(32) + s),
        ("s zero", "", r + bytes(32)),
        ("r is the order, s is 1", "", order + (1).to_bytes(32, "big")),
        ("s is the order", "", r + order),
        ("r and s exchanged", "", s + r),
        ("another key's signature", "", Forge().signature(es_input)),
    ]
    mac = forge.mac(hs_input)
    hs_rows = [
        ("an HMAC of 16 bytes", "", mac[:16]),
        ("an HMAC of 31 bytes", "", mac[:31]),
        ("an HMAC and a byte more", "", mac + b"\0"),
        ("no HMAC", "", b""),
        ("another secret's HMAC", "", forge.mac(hs_input, secret=SECRET + "!")),
        ("SHA-256 without a secret", "", hashlib.sha256(hs_input.encode()).digest()),
    ]
    return [
        Malformed(what, "ES256", "signature", f"{es_input}.{base64url(data)}", taken) for what, taken, data in es_rows
    ] + [Malformed(what, "HS256", "signature", f"{hs_input}.{base64url(data)}", taken) for what, taken, data in hs_rows]


def payloads(forge: Forge) -> list[Malformed]:
    rows = [
        ("a claim that stands twice", "PJN", b'{"sub":"1","sub":"2"}'),
        ("a claim that stands twice, once with an escape", "PJN", b'{"sub":"1","s\\u0075b":"2"}'),
        ("a member that stands twice further down", "PJN", b'{"sub":"1","x":[{"a":1,"a":2}]}'),
        ("half of a surrogate pair", "PJN", b'{"sub":"\\ud800"}'),
        ("an integer beyond 64 bits", "PJN", b'{"sub":"1","n":18446744073709551616}'),
        ("33 levels", "PJN", nested(33).encode()),
        ("claims that are not UTF-8", "N", b'{"sub":"\xff"}'),
        ("an overlong NUL", "N", b'{"sub":"\xc0\x80"}'),
        ("a byte order mark before the claims", "PJN", b'\xef\xbb\xbf{"sub":"1"}'),
        ("a trailing comma", "", b'{"sub":"1",}'),
        ("NaN", "PJ", b'{"sub":"1","n":NaN}'),
        ("a line end inside a string", "", b'{"sub":"1\n"}'),
        ("a leading zero", "", b'{"sub":"1","n":01}'),
        ("single quotes", "", b"{'sub':'1'}"),
        ("something after the claims", "", b'{"sub":"1"}x'),
        ("nothing", "", b""),
    ]
    return [
        Malformed(what, "HS256", "payload", forge.hs256(HS, data), taken, as_claims=True) for what, taken, data in rows
    ]


def table(forge: Forge) -> list[Malformed]:
    parts = [serialization, headers, algorithms, key_ids, signatures, payloads]
    return [row for part in parts for row in part(forge)]
