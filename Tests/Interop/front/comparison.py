"""The comparison of all readings of one stream, and the reasons for which a reader may have less than ours."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from front.elements import Element, Reading, Refused, origin_form
from front.rules import RulesReading, read
from front.streams import Stream


@dataclass(frozen=True)
class Gap:
    """An element of ours that another reader does not have."""

    #: What the reader answered instead, if it answered.
    refused: int | None
    #: Whether the reader closed the connection without an answer to the element.
    ended: bool
    #: What stands before the request line, the head of the element, and the head of the one before.
    lead: bytes
    head: bytes
    before: bytes

    @property
    def method(self) -> bytes:
        return self.head.split(b" ", 1)[0]

    @property
    def authority(self) -> bytes:
        """Of a target in absolute form."""
        found = re.match(rb"[^ ]+ https?://([^/? ]*)", self.head, re.IGNORECASE)
        return found[1] if found else b""

    @property
    def path(self) -> str:
        return origin_form(self.head.split(b" ", 2)[1].decode("latin-1")).partition("?")[0]

    def values(self, name: bytes) -> list[bytes]:
        """The values of a field with the blanks around them."""
        return values(self.head, name)

    @property
    def connection_before(self) -> list[bytes]:
        """The Connection fields of the request before."""
        return values(self.before, b"connection")

    def repeats(self, *names: bytes) -> bool:
        """Whether one of these fields stands twice."""
        return any(len(self.values(name)) > 1 for name in names)

    @property
    def climbs(self) -> bool:
        """Whether the path, decoded, goes above the root."""
        depth = 0
        for part in unquote_to_bytes(self.path).split(b"/"):
            depth += -1 if part == b".." else 1 if part not in (b"", b".") else 0
            if depth < 0:
                return True
        return False

    @property
    def has_bad_escape(self) -> bool:
        return bool(re.search(r"%(?![0-9A-Fa-f]{2})", self.path))


@dataclass(frozen=True)
class Reason:
    """Why a reader may lack an element that ours has. It counts only for elements that the rules let through too."""

    reader: str
    name: str
    holds: Callable[[Gap], bool]


@dataclass(frozen=True)
class Fault:
    """What must not be."""

    stream: int
    #: Who lacks it: "go", "nginx", "rules", or "ours" where ours contradicts itself.
    reader: str
    what: str


@dataclass
class Comparison:
    """The readings of one stream by all readers, compared."""

    stream: Stream
    readings: dict[str, Reading]
    reasons: list[Reason]

    def __post_init__(self) -> None:
        self.rules: RulesReading = read(self.stream.data)
        self.ours = self.readings["ours"]
        self.faults: list[Fault] = []
        #: The reasons that were needed.
        self.used: list[Reason] = []
        self.check_ours()
        self.check_rules()
        self.check_peer("go")
        self.check_peer("nginx")
        self.check_behind_nginx()

    def fault(self, reader: str, what: str) -> None:
        self.faults.append(Fault(self.stream.number, reader, what))

    def check_ours(self) -> None:
        """The rules that answers show: a refusal is the last answer, and the connection is closed when it must be."""
        entries = self.ours.entries
        if any(isinstance(entry, Refused) for entry in entries[:-1]):
            self.fault("ours", "there is an answer after a refusal")
        ended = entries and (
            isinstance(entries[-1], Refused) or entries == self.rules.entries and self.rules.end == "closed"
        )
        if ended and self.ours.end != "closed":
            self.fault("ours", "the connection stays open after its last answer")

    def check_rules(self) -> None:
        for index, element in enumerate(self.ours.elements):
            if index >= len(self.rules.elements) or self.rules.elements[index] != element:
                self.fault("rules", f"element {index} is not what the rules have")
                return
        if self.stream.kind == "valid" and self.ours.elements != self.rules.elements:
            self.fault("rules", "the stream is valid, and not all of it reached the handler")

    def check_peer(self, name: str) -> None:
        peer = self.readings[name]
        for index, element in enumerate(self.ours.elements):
            entry = peer.entries[index] if index < len(peer.entries) else None
            if entry == element:
                continue
            if isinstance(entry, Element):
                self.fault(name, f"element {index} is another one")
            elif reason := self.reason(name, index, entry):
                self.used.append(reason)
            else:
                self.fault(name, f"element {index} is lacking")
            return

    def check_behind_nginx(self) -> None:
        """What reached ours through nginx is what nginx read, at the same place."""
        alone = self.readings["nginx"].entries
        for index, entry in enumerate(self.readings["front"].entries):
            if isinstance(entry, Element) and (index >= len(alone) or alone[index] != entry):
                self.fault("front", f"element {index} reached ours through nginx and is not what nginx read")
                return

    def reason(self, name: str, index: int, entry: Refused | None) -> Reason | None:
        if index >= len(self.rules.spans) or self.rules.elements[index] != self.ours.elements[index]:
            return None
        data, span = self.stream.data, self.rules.spans[index]
        before = self.rules.spans[index - 1] if index else None
        gap = Gap(
            refused=entry.status if entry else None,
            ended=entry is None and self.readings[name].end == "closed",
            lead=data[span.start : span.head],
            head=data[span.head : span.body],
            before=data[before.head : before.body] if before else b"",
        )
        return next((reason for reason in self.reasons if reason.reader == name and reason.holds(gap)), None)

    def __str__(self) -> str:
        lines = [
            f"stream {self.stream.number}, {self.stream.kind}, faults put in: {', '.join(self.stream.faults) or 'none'}"
        ]
        lines += [f"  {shown(segment)}" for segment in self.stream.segments]
        for name, reading in {"rules": self.rules, **self.readings}.items():
            lines.append(f"{name}, then {reading.end}:")
            lines += [f"  {entry}" for entry in reading.entries]
        lines += [f"FAULT, {fault.reader}: {fault.what}" for fault in self.faults]
        lines += [f"allowed, {reason.reader}: {reason.name}" for reason in self.used]
        return "\n".join(lines)


def shown(data: bytes) -> str:
    """As Python writes it, a long run of one letter as a product."""
    parts = re.split(rb"(a{60,}|b{60,}|e{60,}|q{60,}|v{60,}|X{60,})", data)
    texts = [f"{part[:1]!r} * {len(part)}" if odd % 2 else repr(part) for odd, part in enumerate(parts) if part]
    return " + ".join(texts) or "b''"


def values(head: bytes, name: bytes) -> list[bytes]:
    """The values of a field with the blanks around them."""
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return [value for shown, _, value in lines if shown.lower() == name]
