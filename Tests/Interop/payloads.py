"""Random JSON, the same in every run."""

import json
import random
from typing import Any

COUNT = 200

AWKWARD = [
    '"',
    "\\",
    "/",
    "</script>",
    "\u2028",
    "é",
    "e\u0301",
    "ß",
    "Ω",
    "日本語",
    "עברית",
    "👩‍👩‍👧‍👦",
    "🇬🇧",
    "\ufeff",
    "\U0010fffd",
    "'",
    "&",
    "+",
    "=",
    "%",
    " ",
    "~",
    "-",
    "_",
    ".",
    "{}",
    "[]",
    "null",
    "0",
]


def generator(name: str) -> random.Random:
    """A generator of its own for each test, so that they do not depend on their order."""
    return random.Random(f"signet {name}")


def text(source: random.Random, longest: int = 12) -> str:
    """Letters and awkward characters, without control characters, not empty."""
    letters = [
        source.choice(AWKWARD) if source.random() < 0.4 else chr(source.randint(33, 126))
        for _ in range(source.randint(1, longest))
    ]
    return "".join(letters).strip() or "x"


def value(source: random.Random, depth: int = 0) -> Any:
    """Any JSON value; its integers fit into 64 bits."""
    kinds = ["text", "control", "integer", "fraction", "boolean", "null"] + (
        ["array", "object"] * 2 if depth < 5 else []
    )
    kind = source.choice(kinds)
    if kind == "text":
        return text(source)
    if kind == "control":
        return text(source) + source.choice(["\n", "\t", "\u0001", "\u001f", "\u007f", "\b", "\f", "\r"])
    if kind == "integer":
        return source.choice([0, -1, 2**53, -(2**63), 2**63 - 1, source.randint(-(10**9), 10**9)])
    if kind == "fraction":
        return round(source.uniform(-1000, 1000), 6)
    if kind == "boolean":
        return source.choice([True, False])
    if kind == "array":
        return [value(source, depth + 1) for _ in range(source.randint(0, 4))]
    if kind == "object":
        return members(source, depth + 1)
    return None


def members(source: random.Random, depth: int = 0) -> dict[str, Any]:
    """An object with up to five members."""
    return {text(source): value(source, depth) for _ in range(source.randint(0, 5))}


def written(source: random.Random, content: Any) -> bytes:
    """JSON text, compact or loose, escaped or not."""
    loose = source.random() < 0.5
    return json.dumps(
        content,
        ensure_ascii=source.random() < 0.5,
        indent=2 if loose else None,
        separators=None if loose else (",", ":"),
    ).encode()


def shuffled(source: random.Random, content: dict[str, Any]) -> dict[str, Any]:
    """The same members in another order."""
    names = list(content)
    source.shuffle(names)
    return {name: content[name] for name in names}
