"""What a reader makes of a stream: a list of requests that reached a handler and of answers that refused one."""

import hashlib
import re
from dataclasses import dataclass, field

#: A handler sees so many bytes of a body. The rest, up to MOST, is read and dropped.
SEEN = 16_385
MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Element:
    """A request that reached a recording handler."""

    method: str
    #: In origin form.
    target: str
    #: SHA-256 of the first SEEN bytes of the body, and how many they are.
    digest: str
    length: int

    def __str__(self) -> str:
        return f"{self.method} {self.target[:80]!a} body {self.length} {self.digest[:8]}"


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that no handler gave."""

    status: int

    def __str__(self) -> str:
        return f"refused {self.status}"


Entry = Element | Refused


@dataclass(slots=True)
class Reading:
    """All entries of a stream, in order, and how it ended: "closed" by the reader, or "waiting" for more bytes."""

    entries: list[Entry] = field(default_factory=list)
    end: str = "waiting"

    @property
    def elements(self) -> list[Element]:
        return [entry for entry in self.entries if isinstance(entry, Element)]


def element(method: bytes, target: bytes, body: bytes) -> Element:
    seen = body[:SEEN]
    return Element(
        method.decode("latin-1"), origin_form(target.decode("latin-1")), hashlib.sha256(seen).hexdigest(), len(seen)
    )


def origin_form(target: str) -> str:
    """Go hands on an absolute form as it was sent, nginx what stands after the authority; ours never has any but this."""
    authority = re.match(r"https?://[^/?#]*", target, re.IGNORECASE)
    rest = target[authority.end() :] if authority else target
    return f"/{rest}" if rest.startswith("?") or authority and not rest else rest
