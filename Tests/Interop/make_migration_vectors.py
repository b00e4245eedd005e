"""Computes Fixtures/migration: which bucket a customer is in, and which buckets a percentage takes.

    python make_migration_vectors.py        writes the files; a test holds that they are what this computes

The hash is mmh3's, the percentages are `decimal`'s: nothing of Signet has a part in them. The formula:

    bucket = (murmur3_x86_32(utf8(salt + ":" + value), seed 0) * 100000) >> 32      in: bucket < thousandths of a percent
"""

import json
import re
from decimal import Decimal
from typing import Any

import mmh3

from support import REPOSITORY

FOLDER = REPOSITORY / "Fixtures" / "migration"

#: Seed 0, as published: Ian Boyd's table (https://stackoverflow.com/a/31929528), and sentences that many libraries test with.
PUBLISHED: dict[bytes, int] = {
    b"": 0,
    b"\xff\xff\xff\xff": 0x76293B50,
    b"\x21\x43\x65\x87": 0xF55B516B,
    b"\x21\x43\x65": 0x7E4A8634,
    b"\x21\x43": 0xA0F7B07A,
    b"\x21": 0x72661CF4,
    b"\0\0\0\0": 0x2362F9DE,
    b"\0\0\0": 0x85F0B427,
    b"\0\0": 0x30F4C306,
    b"\0": 0x514E28B7,
    b"abc": 0xB3DD93FA,
    b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq": 0xEE925B90,
    b"test": 0xBA6BD213,
    b"Hello, world!": 0xC0363E43,
    b"The quick brown fox jumps over the lazy dog": 0x2E4FF723,
}

LENGTHS = [*range(1, 34), 63, 64, 65, 255, 256, 257]
TEXTS = ["ä", "äö", "日本", "日本語", "a日", "ab日", "👋", "👋!", "👩‍👩‍👧‍👦", "Ωmega", "\x7f", "\x80", "ÿ", "\U0010ffff"]

#: What is easily got wrong in one of the languages: salt, value.
PAIRS: list[tuple[str, str]] = [
    ("help", "12345"), ("help", "12346"), ("Help", "12345"), ("2026-talkative", "12345"),
    ("2026-talkative", "ada@example.com"), ("2026-talkative", "ADA@example.com"),
    ("", ""), ("", "12345"), ("help", ""), (":", ""), ("", ":"),
    ("a:b", "c"), ("a", "b:c"), ("help:", "12345"), ("help", ":12345"), ("help", " 12345"), ("help", "12345 "),
    ("help", "007"), ("help", "7"), ("help", "1e3"), ("help", "1000"), ("help", "9007199254740993"),
    ("help", "zo\u00eb"), ("help", "zoe\u0308"), ("caf\u00e9", "1"), ("cafe\u0301", "1"), ("help", "\u212b"), ("help", "\u00c5"),
    ("help", "пользователь-７"), ("help", "顧客"), ("help", "عميل"), ("help", "straße"), ("help", "STRASSE"),
    ("help", "İstanbul"), ("help", "👋"), ("help", "👩‍👩‍👧‍👦"), ("👋", "👋"), ("help", "\U0010fffd"), ("help", "a\u200db"),
    ("help", "\ufeff12345"), ("help", "C:\\new\\table"), ("help", "a\"quoted\"'id'"), ("help", "100%"), ("help", "$1\\1&"),
    ("help", "x" * 256), ("help", "é" * 128), ("help", "👋" * 64), ("s" * 64, "12345"),
]

TAKEN = [
    "0", "0.0", "0.000", "0.001", "0.01", "0.010", "0.029", "0.07", "0.57", "0.999", "1", "1.0", "1.001", "1.005", "1.1", "1.115",
    "2.007", "2.01", "4.35", "8.2", "9.995", "12.5", "16.1", "19.99", "32.768", "33.333", "50", "50.0", "64.1", "65.536", "66.667",
    "79.3", "90", "99", "99.9", "99.99", "99.999", "100", "100.0", "100.00", "100.000",
]
REFUSED = [
    "", " ", "1e1", "1E1", "1e-3", "+1", "-1", "-0", "-0.0", "00", "01", "00.5", "001", "100.001", "100.0000", "100.1", "101", "110",
    "200", "1000", "2.0071", "1.0000", ".5", "5.", ".", "1.2.3", "1,5", " 1", "1 ", "1\n", "\t1", "12.5%", "1_0", "0x1", "1/2",
    "NaN", "Infinity", "abc", "１", "٣", "1.５", "½",
]


def hashed(data: bytes) -> int:
    return mmh3.hash(data, 0, signed=False)


def bucket(salt: str, value: str) -> int:
    return hashed(f"{salt}:{value}".encode()) * 100_000 >> 32


def thousandths(text: str) -> int | None:
    """A percentage in thousandths, exactly; `None` for what is none."""
    if not re.fullmatch(r"(0|[1-9][0-9]*)(\.[0-9]{1,3})?", text) or Decimal(text) > 100:
        return None
    count = Decimal(text) * 1000
    assert count == int(count)
    return int(count)


def inputs() -> list[bytes]:
    """ASCII, bytes from 0x80 on and texts, so that every length of the tail comes with every kind of byte."""
    ascii_bytes = [bytes(97 + index % 26 for index in range(length)) for length in LENGTHS]
    high_bytes = [bytes(255 - index * 7 % 128 for index in range(length)) for length in LENGTHS]
    return list(dict.fromkeys([*PUBLISHED, *ascii_bytes, *high_bytes, *(text.encode() for text in TEXTS)]))


def murmur3() -> list[dict[str, Any]]:
    rows = []
    for data in inputs():
        value = hashed(data)
        assert PUBLISHED.get(data, value) == value, data
        row: dict[str, Any] = {"bytes": data.hex(), "hash": value, "hashHex": f"{value:08x}", "published": data in PUBLISHED}
        try:
            rows.append({"text": data.decode(), **row})
        except UnicodeDecodeError:
            rows.append(row)
    return rows


def customers(buckets: set[int]) -> dict[int, str]:
    """For each bucket the first customer-N that is in it, with the salt `help`."""
    found: dict[int, str] = {}
    number = 0
    while len(found) < len(buckets):
        place = bucket("help", f"customer-{number}")
        if place in buckets:
            found.setdefault(place, f"customer-{number}")
        number += 1
    return found


def percentages() -> dict[str, Any]:
    assert not any(thousandths(text) is not None for text in REFUSED)
    counts = {text: count for text in TAKEN if (count := thousandths(text)) is not None}
    assert len(counts) == len(TAKEN)
    edges = {text: [edge for edge in (count - 1, count) if 0 <= edge < 100_000] for text, count in counts.items()}
    people = customers({edge for pair in edges.values() for edge in pair})
    accepted = [
        {
            "text": text,
            "thousandths": count,
            "edges": [{"bucket": edge, "salt": "help", "value": people[edge], "in": edge < count} for edge in edges[text]],
        }
        for text, count in counts.items()
    ]
    return {"accepted": accepted, "refused": REFUSED}


def files() -> dict[str, str]:
    """Every file's text: one row a line, so that a change can be read; ASCII, so that no editor changes an accent's form."""

    def rows(items: list[Any], indent: str = "") -> str:
        lines = ",\n".join(f"{indent}  {json.dumps(item)}" for item in items)
        return f"[\n{lines}\n{indent}]"

    places = [{"salt": salt, "value": value, "bucket": bucket(salt, value)} for salt, value in PAIRS]
    shares = percentages()
    parts = ",\n".join(f'  "{name}": {rows(shares[name], "  ")}' for name in ("accepted", "refused"))
    return {
        "murmur3.json": rows(murmur3()) + "\n",
        "buckets.json": rows(places) + "\n",
        "percentages.json": f"{{\n{parts}\n}}\n",
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
