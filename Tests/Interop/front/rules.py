"""The rules of our HTTP front, written down a second time: what may reach a handler, and where each request ends.

Whole streams only, so that there is no state to get wrong. `LAX` names faults that can be put in: each is a mistake that a
server has made, and the differential test has to find each.

    python -m front.rules record --listen 127.0.0.1:0 [--log FILE] [--lax NAME]

serves by these rules, with the command line and the answers of `signet-bench record`.
"""

import argparse
import json
import re
import socketserver
import sys
from dataclasses import dataclass, field
from typing import TextIO

from front.elements import MOST, Element, Reading, Refused, element

LAX = {
    "bare-lf-in-chunks": "takes LF for CR LF after a chunk's size and after its data",
    "first-length": "takes the first of several lengths",
    "length-beside-coding": "takes the length and does not look at a coding beside it",
    "signed-length": "reads a length as a language's library does: with a sign, underscores, other white space",
    "blank-before-colon": "takes a name with blanks before its colon",
    "coding-that-contains-chunked": "looks for the word anywhere in the coding",
    "chunk-size-prefix": "takes the digits at the beginning of a chunk's size and no notice of the rest",
    "chunk-size-overflow": "keeps the low 64 bits of a chunk's size",
    "coding-under-1.0": "takes a coding under HTTP/1.0",
    "no-body-of-get": "thinks that a GET has no body",
    "goes-on-after-refusal": "parses the next request after one that it refused",
    "two-codings": "takes a second coding for the first",
}

_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Z]+) ([!\"$-~]+) HTTP/1\.([0-9])")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.\-_]+)(?::([0-9]{0,5}))?")
_ABSOLUTE = re.compile(rb"(https?)://([^/?]*)(.*)", re.IGNORECASE)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(;[\t\x20-\x7e\x80-\xff]*)?")
_ONCE = {b"host", b"content-length", b"transfer-encoding", b"authorization", b"content-type", b"origin", b"sec-fetch-site"}


class Refusal(Exception):
    """The stream ends here, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Incomplete(Exception):
    """The bytes end inside a request."""


@dataclass(frozen=True)
class Span:
    """Where an element stands in its stream: what comes before its head, its head, and its body with its framing."""

    start: int
    head: int
    body: int
    end: int


@dataclass
class RulesReading(Reading):
    """A reading with the place of each element."""

    spans: list[Span] = field(default_factory=list)


def read(stream: bytes, lax: str = "") -> RulesReading:
    """All that the rules make of these bytes, and no more will come."""
    reading = RulesReading()
    position = 0
    while True:
        try:
            request = _Request(stream, position, lax)
        except Incomplete:
            return reading
        except Refusal as refusal:
            reading.entries.append(Refused(refusal.status))
            end = stream.find(b"\r\n\r\n", position)
            if lax == "goes-on-after-refusal" and end >= 0:
                position = end + 4
                continue
            reading.end = "closed"
            return reading
        reading.entries.append(request.element)
        reading.spans.append(request.span)
        position = request.span.end
        if request.closes:
            reading.end = "closed"
            return reading


class _Request:
    """One request that is read whole."""

    def __init__(self, stream: bytes, start: int, lax: str) -> None:
        self.lax = lax
        # One empty line before a request is skipped.
        head = start + 2 if stream.startswith(b"\r\n", start) else start
        end = stream.find(b"\r\n\r\n", head)
        if end < 0:
            raise Incomplete
        if end + 4 - head > 32_768:
            raise Refusal(431)
        line, *fields = stream[head:end].split(b"\r\n")
        self.read_line(line)
        self.read_fields(fields)
        self.check_host()
        body, after = self.read_body(stream, end + 4)
        self.element: Element = element(self.method, self.target, body)
        self.span = Span(start, head, end + 4, after)
        options = [option.strip(b" \t").lower() for value in self.all(b"connection") for option in value.split(b",")]
        self.closes = self.minor == 0 or b"close" in options

    def read_line(self, line: bytes) -> None:
        if len(line) + 2 > 8_192:
            raise Refusal(414)
        matched = _LINE.fullmatch(line)
        if not matched:
            raise Refusal(400)
        self.method, self.target = matched[1], matched[2]
        self.minor = int(matched[3])

    def read_fields(self, lines: list[bytes]) -> None:
        self.fields: list[tuple[bytes, bytes]] = []
        for line in lines:
            if len(line) + 2 > 8_192:
                raise Refusal(431)
            name, colon, value = line.partition(b":")
            if self.lax == "blank-before-colon":
                name = name.rstrip(b" \t")
            if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise Refusal(400)
            self.fields.append((name.lower(), value.strip(b" \t")))
        names = [name for name, _ in self.fields]
        for name in _ONCE:
            tolerated = {"first-length": b"content-length", "two-codings": b"transfer-encoding"}.get(self.lax)
            if names.count(name) > 1 and name != tolerated:
                raise Refusal(400)

    def all(self, name: bytes) -> list[bytes]:
        return [value for other, value in self.fields if other == name]

    def check_host(self) -> None:
        hosts = self.all(b"host")
        if not hosts and self.minor > 0:
            raise Refusal(400)
        host = hosts[0] if hosts else b""
        if host and not _is_host(host):
            raise Refusal(400)
        absolute = _ABSOLUTE.fullmatch(self.target)
        if absolute:
            port = {b"http": b"80", b"https": b"443"}[absolute[1].lower()]
            if not _is_host(absolute[2]) or _authority(absolute[2], port) != _authority(host, port):
                raise Refusal(400)
        elif not self.target.startswith(b"/"):
            raise Refusal(400)

    def read_body(self, stream: bytes, start: int) -> tuple[bytes, int]:
        """The body, and where the next request begins."""
        lengths, codings = self.all(b"content-length"), self.all(b"transfer-encoding")
        if self.lax == "length-beside-coding" and lengths:
            codings = []
        if self.lax == "no-body-of-get" and self.method == b"GET":
            lengths = codings = []
        if codings:
            self.check_coding(codings[0], lengths)
        length = None
        if lengths and not codings:
            length = self.length(lengths[0])
        if self.minor > 0:
            expectations = [value.lower() for value in self.all(b"expect")]
            if any(expectation != b"100-continue" for expectation in expectations):
                raise Refusal(417)
        if length is not None:
            if length > MOST:
                raise Refusal(413)
            if len(stream) < start + length:
                raise Incomplete
            return stream[start : start + length], start + length
        return self.chunks(stream, start) if codings else (b"", start)

    def check_coding(self, coding: bytes, lengths: list[bytes]) -> None:
        if lengths or self.minor == 0 and self.lax != "coding-under-1.0":
            raise Refusal(400)
        if self.lax == "coding-that-contains-chunked" and b"chunked" in coding.lower():
            return
        if coding.lower() != b"chunked":
            raise Refusal(400 if b"chunked" in coding.lower() else 501)

    def length(self, value: bytes) -> int:
        if self.lax == "signed-length":
            try:
                return abs(int(value))
            except ValueError:
                raise Refusal(400) from None
        if not re.fullmatch(rb"[0-9]+", value):
            raise Refusal(400)
        return int(value) if len(value) < 4_000 else MOST + 1

    def chunks(self, stream: bytes, position: int) -> tuple[bytes, int]:
        body = bytearray()
        extensions = 0
        for _ in range(4_096):
            line, position = self.chunk_line(stream, position)
            matched = _SIZE.fullmatch(line)
            if self.lax == "chunk-size-prefix":
                matched = re.match(rb"([0-9A-Fa-f]{1,16})()", line)
            if self.lax == "chunk-size-overflow":
                matched = re.fullmatch(rb"([0-9A-Fa-f]+)()", line) or matched
            if not matched:
                raise Refusal(400)
            size = int(matched[1], 16) & 0xFFFF_FFFF_FFFF_FFFF
            extension = len(matched[2] or b"")
            extensions += extension
            if extension > 128 or extensions > 4_096:
                raise Refusal(400)
            if size > MOST - len(body):
                raise Refusal(413)
            if size == 0:
                if len(stream) < position + 2:
                    raise Incomplete
                if not stream.startswith(b"\r\n", position):
                    raise Refusal(400)
                return bytes(body), position + 2
            body += stream[position : position + size]
            position += size
            if self.lax == "bare-lf-in-chunks" and stream.startswith(b"\n", position):
                position += 1
                continue
            if len(stream) < position + 2:
                raise Incomplete
            if not stream.startswith(b"\r\n", position):
                raise Refusal(400)
            position += 2
        raise Refusal(400)

    def chunk_line(self, stream: bytes, position: int) -> tuple[bytes, int]:
        """A chunk's size line without its end, and where the next byte stands."""
        end = stream.find(b"\n", position)
        if end < 0:
            raise Incomplete
        line = stream[position:end]
        if line.endswith(b"\r"):
            return line[:-1], end + 1
        if self.lax == "bare-lf-in-chunks":
            return line, end + 1
        raise Refusal(400)


def _is_host(text: bytes) -> bool:
    matched = _HOST.fullmatch(text)
    return bool(matched) and int(matched[1] or b"0") <= 65_535


def _authority(text: bytes, port: bytes) -> bytes:
    return text.lower().removesuffix(b":" + port).removesuffix(b":")


class _Handler(socketserver.BaseRequestHandler):
    """Reads all that has come from the beginning again with each segment: slow, and right for every split."""

    lax = ""
    log: TextIO | None = None

    def handle(self) -> None:
        stream, answered = b"", 0
        while received := self.request.recv(65_536):
            stream += received
            reading = read(stream, self.lax)
            for entry in reading.entries[answered:]:
                if self.log and isinstance(entry, Element):
                    self.log.write(_said(entry) + "\n")
                self.request.sendall(_answer(entry))
            answered = len(reading.entries)
            if reading.end == "closed":
                return


def _answer(entry: Element | Refused) -> bytes:
    if isinstance(entry, Refused):
        return f"HTTP/1.1 {entry.status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    said = _said(entry)
    head = f"HTTP/1.1 200 OK\r\nX-Recorded: {said}\r\nContent-Length: {len(said)}\r\n\r\n"
    return (head if entry.method == "HEAD" else head + said).encode()


def _said(entry: Element) -> str:
    return json.dumps({"method": entry.method, "target": entry.target, "body": entry.digest, "length": entry.length})


class _Server(socketserver.ThreadingTCPServer):
    request_queue_size = 1024
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is no fault."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["record"])
    parser.add_argument("--listen", required=True)
    parser.add_argument("--log")
    parser.add_argument("--lax", choices=["", *LAX], default="")
    arguments = parser.parse_args()
    _Handler.lax = arguments.lax
    if arguments.log:
        _Handler.log = open(arguments.log, "a", buffering=1)
    host, port = arguments.listen.rsplit(":", 1)
    with _Server((host, int(port)), _Handler) as server:
        print(f"listening on {host}:{server.server_address[1]}")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
