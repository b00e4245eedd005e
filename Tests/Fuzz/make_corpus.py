"""Makes the first inputs of the fuzz targets http-head and http-client from Fixtures/http/framing.json.

    python3 Tests/Fuzz/make_corpus.py
"""

import json
import pathlib

FIXTURES = pathlib.Path(__file__).parents[2] / "Fixtures"

# Events of http-client, in the order in which HTTPClientFuzz has them.
EVENTS = (
    "readable writable ends breaks hangsUp leaves waitsForOpposite takesAll takesPieces takesRoom takesNothing takesNoMore replies "
    "repliesAgain repliesLate deadline passes stalls works drains expires fillsAll fillsAllButOne replacesCertificate").split()

GET = "GET %s HTTP/1.1\r\nHost: x\r\n\r\n"
EXPECT = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
CHUNKS = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
PLAIN, TLS, FAILED_TLS, NO_TLS, IN_BYTES = 0, 4 | 0x20, 6, 7, 24
SCRIPTS = {
    "kept": (PLAIN, GET % "/1", "readable", GET % "/2", "deadline"),
    "pending": (PLAIN, GET % "/w" + GET % "/2", "replies", "repliesAgain"),
    "pending-late": (PLAIN, GET % "/w" + GET % "/w", "replies", "repliesLate", "replies"),
    "pending-deadline": (PLAIN, GET % "/w" + GET % "/2", "deadline", "replies"),
    "pending-left": (PLAIN, GET % "/w", "leaves", "replies"),
    "pending-drain": (PLAIN, GET % "/w" + GET % "/2", "drains", "expires", "replies"),
    "blocked": (PLAIN, "", "takesNothing", GET % "/m", "writable", "takesRoom", "writable", "writable", "deadline"),
    "broken": (PLAIN, "", "takesNoMore", GET % "/", "readable"),
    "pieces": (PLAIN, "", "takesPieces", GET % "/m", "writable", GET % "/n" + GET % "/u" + GET % "/f"),
    "big": (PLAIN, "", "takesRoom", GET % "/b", "takesAll", "writable"),
    "many": (PLAIN, GET % "/" * 40, "works", "deadline", "works"),
    "half": (PLAIN, "GET / HT", "stalls", "TP/1.1\r\nHost: x\r\n", "passes", "\r\n"),
    "half-deadline": (PLAIN, "GET / HT", "deadline", GET % "/smuggled"),
    "body-deadline": (PLAIN, EXPECT, "passes", "he", "deadline"),
    "expect": (PLAIN, "", "takesNothing", EXPECT, "takesAll", "writable", "hello"),
    "chunks": (IN_BYTES, CHUNKS + GET % "/after", *["readable"] * 20),
    "memory": (PLAIN, "GET /", "fillsAll", " HTTP/1.1\r\n"),
    "memory-body": (PLAIN, "", "fillsAllButOne", EXPECT),
    "drain-half": (PLAIN, "GET / HT", "drains", "TP/1.1\r\nHost: x\r\n\r\n"),
    "drain-answer": (PLAIN, "", "takesRoom", GET % "/m", "drains", "takesAll", "writable"),
    "tls": (TLS, GET % "/1", "readable", "waitsForOpposite", GET % "/2", "writable", "replacesCertificate", GET % "/3"),
    "tls-drain": (TLS, "", "drains", GET % "/1", "readable"),
    "tls-failed": (FAILED_TLS, "x", "readable"),
    "tls-plain": (NO_TLS, GET % "/", "readable"),
    "tls-on-plain": (PLAIN, "\x16\x03\x01", "readable"),
    "ends": (PLAIN, GET % "/w", "ends"),
    "hangs-up": (PLAIN, EXPECT + "he", "hangsUp"),
}


def stream(send):
    """The bytes of a case of framing.json."""
    parts = [send] if isinstance(send, str) else send
    text = "".join(part if isinstance(part, str) else part["repeat"] * part["times"] for part in parts)
    return text.encode("latin-1")


def escaped(data):
    """Bytes that http-client takes for the client's."""
    return b"".join(bytes([0xFF, byte]) if byte >= 0x80 else bytes([byte]) for byte in data)


def chosen(cases):
    """A few short cases of each kind, and all that ask several times."""
    counts = {}
    for case in cases:
        data = stream(case["send"])
        kind = (case["status"], case.get("fault"))
        counts[kind] = counts.get(kind, 0) + 1
        if len(data) < 600 and (counts[kind] <= 3 or len(case.get("asked", [])) > 1 and counts[kind] <= 60):
            yield "".join(letter if letter.isalnum() else "-" for letter in case["name"])[:60], data


def main():
    for name, data in chosen(json.loads((FIXTURES / "http/framing.json").read_text())):
        (FIXTURES / "fuzz/http-head" / name).write_bytes(b"\x00" + data)
        (FIXTURES / "fuzz/http-client" / name).write_bytes(bytes([PLAIN]) + escaped(data) + b"\x80\x8f")
    for name, (kind, *steps) in SCRIPTS.items():
        data = b"".join(
            bytes([0x80 + EVENTS.index(step)]) if step in EVENTS else escaped(step.encode()) for step in steps)
        (FIXTURES / "fuzz/http-client" / f"script-{name}").write_bytes(bytes([kind]) + data)


if __name__ == "__main__":
    main()
