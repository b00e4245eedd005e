"""Makes the first inputs of the fuzz targets token, json, pem, jwk and configuration from the other fixtures.

    python3 Tests/Fuzz/make_reader_corpus.py FOLDER

A target is then run once with -merge=1 to keep the inputs that reach something of their own.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

FIXTURES = pathlib.Path(__file__).parents[2] / "Fixtures"

JSON_TEXTS = [
    "{}", "[]", "null", "true", "false", '""', "0", "-0", "1", "-1.5e+3", "1E-2", "9223372036854775807", "-9223372036854775808",
    "9223372036854775808", "01", "1.", ".5", "-", "1e", "nul", "[1,2,]", "[1,,2]", "{\"a\":1,}", "{\"a\":1,\"a\":2}",
    '{"a":1,"\\u0061":2}', '{"a":{"b":[{"c":1,"c":2}]}}', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"\\u0000\\u001f"',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\x"', '"\\u12g4"', '"a\nb"', '"é😀"', "\ufeff{}", " \t\r\n{ \"a\" : [ 1 , { } ] } \n",
    "[" * 32 + "]" * 32, "[" * 33 + "]" * 33, '{"a":' * 31 + "{}" + "}" * 31, "// a\n{/* b */\"a\":1,/**/}", "/* open", "{}{}",
    "[1 2]", "{\"a\" 1}", "{a:1}", "{'a':1}", "NaN", '{"d":"abc","k":"a\\u0062c","a":"x","b":[{"d":[1]}]}',
    '{"\\u00e9":1,"e\\u0301":2}', "{" + ",".join(f'"m{i}":{i}' for i in range(12)) + "}", "1" * 40, "1.5" + "0" * 30,
    '{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"a":0}', '"\u2028\u202e\u200b\u009b"', "[[],[{}],{\"x\":[]}]",
]
JSON_BYTES = [b'"\xc3"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b"\xff", b'{"\xc0\x80":1}', b'"\x00"', b'"\x7f"']

JWK_MEMBERS = [
    {"use": "sig", "alg": "ES256", "kid": "k\u202e1"}, {"use": "enc"}, {"alg": "HS256"}, {"key_ops": ["sign"]}, {"key_ops": ["verify"]},
    {"key_ops": ["sign", "verify"]}, {"key_ops": ["verify", "verify"]}, {"key_ops": "verify"}, {"crv": "P-384"}, {"crv": "a\u001b[31m"},
    {"kty": "RSA"}, {"kty": 1}, {"kid": 1}, {"x": "AA"}, {"x": "a="}, {"y": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}, {"d": "AA"},
    {"d": 1}, {"d": "//"}, {"kty": "oct", "k": "AAAA"}, {"kty": "oct"}, {"keys": []}, {"x5c": ["MIIB"]},
]

HEADERS = [
    '{"alg":"%s"}', '{"alg":"%s","typ":"JWT"}', '{"alg":"%s","typ":"JWT","kid":"live-1"}', '{"alg":"%s","kid":"live-2"}',
    '{"alg":"%s","kid":1}', '{"alg":"%s","crit":["exp"]}', '{"alg":"%s","\\u0063rit":[]}', '{"alg":"%s","b64":false}',
    '{"alg":"%s","b64":true}', '{"alg":"%s","jwk":{}}', '{"alg":"%s","jku":"https://x"}', '{"alg":"%s","x5u":"","x5c":[]}',
    '{"typ":"JWT"}', '{"alg":"none"}', '{"alg":"nOnE"}', '{"alg":"%s","alg":"none"}', '{"\\u0061lg":"%s"}', '{"alg":["%s"]}', "[]",
    '{"alg":"%s"} ', '{"alg":"%s","x":{"a":1,"a":2}}', '{"alg":"%s","x":9223372036854775808}',
]
NOW = 1767225600
PAYLOADS = [
    '{"scope":"user","external_id":"c-1","iat":%d,"exp":%d}' % (NOW, NOW + 900),
    '{"scope":"user","external_id":"c-1","iat":%d.5,"exp":%d.25,"nbf":%de0}' % (NOW, NOW + 900, NOW),
    '{"scope":"user","external_id":"c-1","iat":%d000,"exp":%d000,"nbf":%d000}' % (NOW, NOW + 900, NOW),
    '{"scope":"user","external_id":"c-1","exp":1E400}', '{"scope":"user","external_id":"c-1","exp":-1.5e-7,"nbf":0.17672256e10}',
    '{"scope":"admin","external_id":""}', '{"iss":"4d88d63c-b3d9-49ee-8f77-adeb5d4fc223","iat":%d,"exp":%d}' % (NOW, NOW + 300),
    '{"iss":"session-1","iat":%d,"exp":%d,"nbf":%d}' % (NOW, NOW + 300, NOW),
    '{"iss":"session-1","iat":%d.999999999999999999999,"exp":%d}' % (NOW + 30, NOW + 301),
    '[{"label":"Customer ID","data":"c-1","type":"string"}]', '[{"label":"a","data":"","type":"number"}]',
    '[{"label":"a","data":"b","type":"string","more":1}]', "[]", "{}", "not JSON", "", '{"exp":1,"exp":2}', '{"exp":"\\ud800"}',
]

EDITED = [
    b"{}", b'{"a":1}', b'{"a":1,"b":[1,2,3]}', b'{\n  "a": 1, // one\n  "b": {\n    "c": [] /* none */\n  }\n}\n',
    b'{\n\t"a": [\r\n\t\t1,\r\n\t\t2,\r\n\t],\r\n}', b'{"a": 1\n, "b": 2\n, "c": [ /* x */ ]\n}', b'{"a":1,"a":2}', b"[[],[1],{}]",
    b'{ "a" : "//" , "b" : "/*" }', b'{"a":[// c\n1// d\n,// e\n2// f\n]}', b"7", b'{"e\xcc\x81":1,"\xc3\xa9":2}',
    b'{"keys":{},"connections":{},"\\u202e":1,"vendors":{"a":"\\u001b[31m"}}',
    b'{"keys":{"a":{"file":"a","encoding":"utf8","kid":"k"}},"connections":{"c":{"vendor":"dg","key":"a"}},"routes":{}}',
    b'{"keys":{"a":{"file":"a","encoding":"utf8","kid":"k"}},"connections":{"c":{"vendor":"dg","key":"a"}},'
    b'"routes":{"r":{"connection":"c"}, // last\n}}',
]


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def json_inputs():
    yield from ((f"text-{index}", text.encode()) for index, text in enumerate(JSON_TEXTS))
    yield from ((f"bytes-{index}", data) for index, data in enumerate(JSON_BYTES))
    for path in sorted((FIXTURES / "config/refused").glob("syntax-*.json*")):
        yield path.stem, path.read_bytes()


def pem_inputs():
    for path in sorted((FIXTURES / "jose/keys").glob("*.pem")):
        yield path.stem, b"\0" + path.read_bytes()
    for number, label in enumerate(("EC PRIVATE KEY", "PRIVATE KEY", "PUBLIC KEY", "EC PARAMETERS")):
        for path in sorted((FIXTURES / "jose/keys").glob("*.pem")):
            text = path.read_text()
            begin, end = f"-----BEGIN {label}-----\n", f"-----END {label}-----"
            if begin in text and "Proc-Type" not in text:
                content = base64.b64decode(text.split(begin)[1].split(end)[0])
                yield f"{path.stem}-content-{number}", bytes([4 + number]) + content
    key = (FIXTURES / "jose/keys/p256.public.pem").read_text()
    for name, text in {
        "twice": key + key, "crlf": key.replace("\n", "\r\n"), "indented": " " + key, "no-end": key.replace("END", "AND"),
        "one-line": key.replace("\n", ""), "explained": "A key:\n" + key + "Its end.\n", "label": key.replace("PUBLIC", "P\x1b[31m"),
        "label-utf8": key.replace("PUBLIC", "P\u202e\u009b"), "byte-order-mark": "\ufeff" + key, "nested": key.replace("M", key, 1),
        "certificate": key.replace("PUBLIC KEY", "CERTIFICATE"), "escaped": key.replace("\n", "\\n"), "secret": "x" * 32, "empty": "",
    }.items():
        yield f"text-{name}", b"\0" + text.encode()


def jwk_inputs():
    for path in sorted([*(FIXTURES / "jose/keys").glob("*.jwk"), *(FIXTURES / "jose/not-secrets").glob("*.jwk*")]):
        yield path.name, path.read_bytes()
    key = json.loads((FIXTURES / "jose/keys/p256.private.jwk").read_text())
    public = {name: value for name, value in key.items() if name != "d"}
    for index, members in enumerate(JWK_MEMBERS):
        for name, base in (("private", key), ("public", public)):
            yield f"{name}-{index}", json.dumps({**base, **members}).encode()
    yield "oct", json.dumps(json.loads((FIXTURES / "jose/vectors/rfc7515-a1.json").read_text())["key"]).encode()
    yield "escaped-kty", json.dumps(public).replace('"kty"', '"\\u006bty"').encode()
    yield "set", json.dumps({"keys": [public, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {**public, "kid": "b"}]}).encode()
    yield "set-private", json.dumps({"keys": [key]}).encode()
    yield "set-none", b'{"keys":[]}'
    yield "set-of-what", b'{"keys":[1,{},{"kty":"EC"},{"kty":"EC","crv":"P-256"}]}'


def made(flags, header, payload, place=0):
    return bytes([flags]) + (place % 65536).to_bytes(2, "big") + bytes([len(header)]) + header.encode() + payload.encode()


def token_inputs():
    vectors = [json.loads((FIXTURES / f"jose/vectors/rfc7515-{name}.json").read_text()) for name in ("a1", "a3")]
    for name, vector in zip(("a1", "a3"), vectors):
        yield f"rfc7515-{name}", b"\0" + vector["token"].encode()
    good = vectors[0]["token"]
    header, payload, signature = good.split(".")
    for name, text in {
        "padded": good + "=", "four-segments": good + ".AAAA", "two-segments": f"{header}.{payload}", "empty": "", "dots": "..",
        "unsigned": "eyJhbGciOiJub25lIn0.e30.", "spare-bits": good[:-1] + "l", "plain-base64": good.replace("_", "/").replace("-", "+"),
        "line-end": good + "\n", "no-signature": f"{header}.{payload}.", "short": good[:-4], "utf8": good + "é",
    }.items():
        yield f"text-{name}", b"\0" + text.encode()
    der = "MEUCIQDXVW2gEJQUCqrUUkxgLaPYTvDzGqmVZcJy4sY0J6OZTAIgH1b4Vg0PzXzpQkM5x1b2Vw0PzXzpQkM5x1b2Vw0PzXw"
    yield "text-der", b"\0" + f'{vectors[1]["token"].rsplit(".", 1)[0]}.{der}'.encode()
    key = base64.urlsafe_b64decode(vectors[0]["key"]["k"] + "==")
    for index, text in enumerate(PAYLOADS):
        signed = base64url(b'{"alg":"HS256"}') + b"." + base64url(text.encode())
        yield f"hs256-{index}", b"\0" + signed + b"." + base64url(hmac.new(key, signed, hashlib.sha256).digest())
        for flags, header in ((0x10, '{"alg":"HS256"}'), (0x50, '{"alg":"HS256","kid":"live-1"}'), (0x30, '{"alg":"ES256"}')):
            yield f"made-{flags:x}-{index}", made(flags, header, text)
    for index, header in enumerate(HEADERS):
        for flags, algorithm in ((0x50, "HS256"), (0x30, "ES256")):
            yield f"header-{index}-{algorithm}", made(flags, header.replace("%s", algorithm), "{}")
    for change in range(16):
        yield f"changed-{change}", made(0x50 | change, HEADERS[2] % "HS256", PAYLOADS[0], 4711 * change)
        yield f"changed-es256-{change}", made(0x30 | change, HEADERS[0] % "ES256", PAYLOADS[9], 4711 * change)
    yield "too-large", made(0x10, HEADERS[0] % "HS256", '"' + "x" * 3900 + '"')


def configuration_inputs():
    for folder in ("accepted", "refused"):
        for index, path in enumerate(sorted((FIXTURES / "config" / folder).glob("*.json*"))):
            yield f"{folder}-{path.stem}", bytes([index % 4, index * 7 % 256, index * 3 % 256]) + path.read_bytes()
    for index, text in enumerate(EDITED):
        for change in range(4):
            yield f"edited-{index}-{change}", bytes([change, 1 + index % 5, index]) + text


def main():
    folder = pathlib.Path(sys.argv[1])
    for target, inputs in {
        "token": token_inputs, "json": json_inputs, "pem": pem_inputs, "jwk": jwk_inputs, "configuration": configuration_inputs,
    }.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for name, data in inputs():
            (folder / target / name).write_bytes(data)


if __name__ == "__main__":
    main()
