"""The framing table (Fixtures/http/framing.json) over TLS: a record is no boundary of HTTP.

Each case is sent three ways: as a whole; with a record for each byte, all in one piece, so that libssl has the next ones when the
first is read; and with a record and a segment for each byte. What is expected is what Tests/SignetServerTests/Framing expects.
"""

import contextlib
import hashlib
import json
import re
import shutil
import socket
import ssl
import tempfile
import time
import unittest
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from certificates import chain
from support import REPOSITORY
from tls import TLS_1_2, TLS_1_3, context, record

#: The server's deadlines for a first byte and for the header are 10 and 5 s.
DEADLINE = 30.0
#: How many bytes a handler sees of a body.
SEEN = 16_385
#: What has fewer bytes is sent byte by byte too.
SHORT = 600
CODES = {
    400: "malformed-request", 408: "request-timeout", 413: "body-too-large", 414: "target-too-long", 417: "expectation-failed",
    431: "header-too-large", 501: "coding-not-supported", 505: "version-not-supported",
}  # fmt: skip


def text(value: Any) -> bytes:
    """A text with one character for each byte, or a list of texts and of `{"repeat": text, "times": number}`."""
    parts = [value] if isinstance(value, str) else value
    return b"".join(
        part.encode("latin-1") if isinstance(part, str) else part["repeat"].encode("latin-1") * part["times"] for part in parts
    )


@dataclass(frozen=True)
class Case:
    name: str
    data: bytes
    status: int | None
    fault: str | None
    asked: list[str]
    bodies: list[bytes] | None
    closes: bool

    @property
    def is_short(self) -> bool:
        return len(self.data) < SHORT

    @property
    def waits(self) -> bool:
        """Whether it ends with one of the server's deadlines."""
        return self.status in (408, None)


def cases() -> list[Case]:
    found = []
    for line in json.loads((REPOSITORY / "Fixtures/http/framing.json").read_text()):
        status, fault, data = line["status"], line.get("fault"), text(line["send"])
        if data.startswith(b"\x16"):
            # A client of TLS that has made its handshake and begins another one: no request, and no reason for an alert.
            status, fault = 400, "requestLine"
        good = status == 200
        bodies = line.get("bodies")
        found.append(
            Case(
                line["name"], data, status, fault,
                [text(target).decode("latin-1") for target in line.get("asked", ["/"] if good else [])],
                None if bodies is None else [text(body) for body in bodies], line.get("closes", not good),
            )
        )  # fmt: skip
    return found


def sentences() -> dict[str, str]:
    """What the server says of each fault, and the fault's name."""
    source = (REPOSITORY / "Sources/SignetServer/Framing/FramingFault.swift").read_text()
    found = re.findall(r'case (\w+) =\s+"((?:[^"\\]|\\.)*)"', source)
    return {sentence.replace('\\"', '"'): name for name, sentence in found}


# The client


@dataclass
class Answer:
    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def recorded(self) -> Any:
        """What the handler had."""
        return json.loads(self.fields["x-recorded"])


@dataclass
class Conversation:
    """One connection, and what has come of it."""

    connection: socket.socket
    session: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO
    received: bytes = b""
    answers: list[Answer] = field(default_factory=list)
    interim: int = 0
    #: Whether it is over, and with close_notify.
    ended: bool = False
    notified: bool = False

    @classmethod
    def begin(cls, port: int, version: ssl.TLSVersion) -> "Conversation":
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = context(version).wrap_bio(incoming, outgoing, server_hostname="localhost")
        connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made = cls(connection, session, incoming, outgoing)
        while True:
            try:
                session.do_handshake()
                made.flush()
                return made
            except ssl.SSLWantReadError:
                made.flush()
                incoming.write(connection.recv(65_536))

    def flush(self) -> None:
        # The server has closed: what it said before is still to be read.
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            self.connection.sendall(self.outgoing.read())

    def whole(self, data: bytes) -> None:
        self.session.write(data) if data else None
        self.flush()

    def records(self, data: bytes) -> None:
        for place in range(len(data)):
            self.session.write(data[place : place + 1])
        self.flush()

    def segments(self, data: bytes) -> None:
        for place in range(len(data)):
            self.session.write(data[place : place + 1])
            self.flush()

    def receive(self) -> None:
        """Reads once, or notes the end."""
        try:
            part = self.session.read(65_536)
            self.ended = self.notified = not part
        except ssl.SSLZeroReturnError:
            self.ended = self.notified = True
        except ssl.SSLWantReadError:
            try:
                part = self.connection.recv(65_536)
            except ConnectionResetError:
                part = b""
            if part:
                self.incoming.write(part)
            else:
                self.ended = True
        else:
            self.received += part
            self.split()

    def split(self) -> None:
        """Takes whole answers out of what has come."""
        while b"\r\n\r\n" in self.received:
            head, _, rest = self.received.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
            status = int(first.split(" ")[1])
            if status < 200:
                self.interim += 1
                self.received = rest
                continue
            length = int(fields.get("content-length", "0"))
            if '"method":"HEAD"' in fields.get("x-recorded", ""):
                length = 0
            if len(rest) < length:
                return
            self.answers.append(Answer(status, fields, rest[:length]))
            self.received = rest[length:]

    def until(self, enough: Callable[[], bool]) -> None:
        end = time.monotonic() + DEADLINE
        while not enough() and not self.ended and time.monotonic() < end:
            self.receive()


# The tests


class FramingOverTLS(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        cls.faults = sentences()
        cls.cases = cases()

    def run_cases(self, chosen: list[Case], version: ssl.TLSVersion, send: Callable[[Conversation, bytes], None]) -> None:
        """All at once where the server's deadlines are waited for, and some at once elsewhere."""
        folder = Path(tempfile.mkdtemp(prefix="signet-framing-"))
        self.addCleanup(shutil.rmtree, folder)
        made = chain()
        log = folder / "asked"
        port = record(self, folder, made.pem, made.own.key_pem, "--threads", "2", "--log", str(log))
        began = time.monotonic()
        with ThreadPoolExecutor(64) as waiting, ThreadPoolExecutor(4) as others:
            running = [
                ((waiting if case.waits else others).submit(self.check, case, port, version, send), case)
                for case in sorted(chosen, key=lambda case: not case.waits)
            ]
            faults = [f"{case.name}: {fault}" for one, case in running for fault in one.result()]
        self.assertEqual(faults[:20], [], f"{len(faults)} faults in {len(chosen)} cases")
        asked = [json.loads(line)["target"] for line in log.read_text().splitlines()]
        still = sum(not case.closes for case in chosen)
        self.assertEqual(len(asked), sum(len(case.asked) for case in chosen) + still, "requests that reached the handler")
        self.assertNotIn("/smuggled", asked)
        print(f"\n    {len(chosen)} cases over {version.name} in {time.monotonic() - began:.1f} s", end="", flush=True)

    def check(self, case: Case, port: int, version: ssl.TLSVersion, send: Callable[[Conversation, bytes], None]) -> list[str]:
        """What is wrong with what comes of a case."""
        try:
            conversation = Conversation.begin(port, version)
        except OSError as error:
            return [f"no handshake: {error!r}"]
        with conversation.connection:
            try:
                send(conversation, case.data)
                return list(self.faults_of(case, conversation))
            except (OSError, ValueError, KeyError) as error:
                return [repr(error)]

    def faults_of(self, case: Case, got: Conversation) -> Iterator[str]:
        wanted = [200] * len(case.asked) + ([] if case.status in (200, None) else [case.status])
        if case.closes:
            got.until(lambda: False)
        else:
            got.until(lambda: len(got.answers) >= len(wanted))
        answers = got.answers[:]
        if (statuses := [answer.status for answer in answers]) != wanted:
            yield f"{statuses} and not {wanted}"
            return
        if got.received:
            yield f"something after the last answer: {got.received[:80]!r}"
        if got.interim and b"100-continue" not in case.data.lower():
            yield "100 for nothing"
        if any("date" not in answer.fields or not answer.fields.get("x-request-id") for answer in answers):
            yield "an answer without Date or X-Request-Id"
        recorded = [answer.recorded for answer in answers[: len(case.asked)]]
        if (targets := [one["target"] for one in recorded]) != case.asked:
            yield f"asked for {targets} and not {case.asked}"
        if case.bodies is not None:
            seen = [(one["length"], one["body"]) for one in recorded]
            expected = [(len(body[:SEEN]), hashlib.sha256(body[:SEEN]).hexdigest()) for body in case.bodies]
            if seen != expected:
                yield f"bodies of {seen} and not {expected}"
        closing = [answer.fields.get("connection") == "close" for answer in answers]
        if closing != [False] * (len(answers) - 1) + [case.closes] * bool(answers):
            yield f"Connection: close {closing}"
        if case.status not in (200, None):
            yield from self.faults_of_refusal(case, answers[-1])
        if case.closes:
            if not got.ended:
                yield "still open"
            elif not got.notified:
                yield "ended without close_notify"
        else:
            got.whole(b"GET /still HTTP/1.1\r\nHost: x\r\n\r\n")
            got.until(lambda: len(got.answers) > len(answers))
            if [answer.status for answer in got.answers[len(answers) :]] != [200]:
                yield "the connection does not go on"

    def faults_of_refusal(self, case: Case, refusal: Answer) -> Iterator[str]:
        problem = json.loads(refusal.body)
        if refusal.fields.get("content-type") != "application/problem+json":
            yield "no problem+json"
        if (problem["status"], problem["code"]) != (case.status, CODES[case.status or 0]):
            yield f"{problem['status']} {problem['code']}"
        # signet-bench answers each refusal with the same id.
        if problem["requestId"] != refusal.fields["x-request-id"]:
            yield "another request id"
        if (fault := self.faults.get(problem["detail"])) != case.fault:
            yield f"refused for {fault or problem['detail']} and not for {case.fault}"

    def test_the_whole_table(self) -> None:
        self.assertGreater(len(self.cases), 700)
        self.run_cases(self.cases, TLS_1_3, Conversation.whole)

    def test_the_whole_table_over_tls_1_2(self) -> None:
        self.run_cases([case for case in self.cases if not case.waits], TLS_1_2, Conversation.whole)

    def test_a_record_for_each_byte(self) -> None:
        short = [case for case in self.cases if case.is_short]
        self.assertGreater(len(short), 650)
        self.run_cases(short, TLS_1_3, Conversation.records)

    def test_a_record_and_a_segment_for_each_byte(self) -> None:
        short = [case for case in self.cases if case.is_short and not case.waits]
        for version in (TLS_1_3, TLS_1_2):
            with self.subTest(version.name):
                self.run_cases(short, version, Conversation.segments)

    def test_every_fault_has_a_sentence(self) -> None:
        self.assertEqual({case.fault for case in self.cases if case.fault} - set(self.faults.values()), set())
