"""A move under load: what was in force when, who has to be on which side, and whether each badge is good at its vendor."""

import json
import multiprocessing
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from client import Client
from gateway import REPOSITORY, Gateway

sys.path.insert(0, str(REPOSITORY / "docs" / "reference"))
from bucket import in_percent  # noqa: E402

#: A badge says when it was signed in whole seconds.
SECOND = 1.0


@dataclass
class Step:
    """A stage and a percentage, and when they may have been in force."""

    stage: str
    percent: str
    #: Before the command was given.
    begins: float
    #: When the next one was seen to be in force.
    ends: float = float("inf")

    def side(self, salt: str, subject: str) -> str:
        """Where a customer has to be who has no conversation."""
        if self.stage in ("off", "shadow"):
            return "from"
        if self.stage in ("rampdown", "complete"):
            return "to"
        return "to" if in_percent(salt, subject, self.percent) else "from"


@dataclass
class Timeline:
    """The steps of a move, each with the time in which it may have been in force."""

    salt: str
    steps: list[Step] = field(default_factory=list)

    def begin(self, stage: str, percent: str) -> None:
        """A command is about to be given."""
        self.steps.append(Step(stage, percent, time.time()))

    def seen(self) -> None:
        """The last step is in force everywhere: no other is any more."""
        for step in self.steps[:-1]:
            step.ends = min(step.ends, time.time())

    def at(self, first: float, last: float) -> list[Step]:
        """What may have been in force at some moment of a span."""
        return [step for step in self.steps if step.begins <= last and first <= step.ends]


@dataclass
class Vendors:
    """What the two vendors know: DG's secrets by their ids, Talkative's public keys."""

    secrets: dict[str, str]
    public: list[bytes]
    read: dict[int, EllipticCurvePublicKey] = field(default_factory=dict)
    last: int = 0

    def subject(self, badge: dict[str, Any]) -> tuple[str, str]:
        """Whose badge it is, and the key's place, as the vendor finds them; PyJWT verifies."""
        if badge["kind"] == "authToken":
            kid = jwt.get_unverified_header(badge["value"])["kid"]
            claims = jwt.decode(badge["value"], self.secrets[kid], algorithms=["HS256"], options={"require": ["exp"]})
            return claims["external_id"], kid
        # The key that was right the last time is tried first.
        for place, key in sorted(self.keys().items(), key=lambda item: item[0] != self.last):
            try:
                data = json.loads(jwt.PyJWS().decode(badge["value"], key, algorithms=["ES256"]))
            except jwt.InvalidSignatureError:
                continue
            self.last = place
            return next(row["data"] for row in data if row["label"] == "Customer ID"), str(place)
        raise AssertionError("no key of the vendor's verifies a badge")

    def keys(self) -> dict[int, EllipticCurvePublicKey]:
        # A process of its own reads them once.
        if not self.read:
            self.read = {place: load_pem_public_key(pem) for place, pem in enumerate(self.public)}  # type: ignore[misc]
        return self.read


@dataclass
class Seen:
    """One answer."""

    subject: str
    side: str
    reason: str
    key: str
    second: float
    #: The thread of wrk that read it: its answers stand in their order.
    thread: int


def _read(job: tuple[Vendors, int, list[str]]) -> list[Seen]:
    vendors, thread, lines = job
    answers = []
    for line in lines:
        status, request_id, body = line.split("\t", 2)
        assert status == "200", (status, request_id, body[:300])
        reply = json.loads(body)
        subject, key = vendors.subject(reply["badge"])
        side = {"dg": "from", "talkative": "to"}[reply["connection"]]
        assert side == reply["decision"]["side"], reply
        second = datetime.fromisoformat(reply["issuedAt"].replace("Z", "+00:00")).timestamp()
        answers.append(Seen(subject, side, reply["decision"]["reason"], key, second, thread))
    return answers


def _jobs(record: Path, vendors: Vendors) -> Iterator[tuple[Vendors, int, list[str]]]:
    for thread, file in enumerate(sorted(record.parent.glob(record.name + ".*"))):
        whole, _, _ = file.read_text().rpartition("\n")
        lines = whole.split("\n") if whole else []
        for start in range(0, len(lines), 2000):
            yield vendors, thread, lines[start : start + 2000]


def verified(record: Path, vendors: Vendors) -> list[Seen]:
    """Every answer that wrk read, each verified as its vendor would; in the order of each thread."""
    with multiprocessing.Pool(2) as pool:
        return [answer for part in pool.imap(_read, _jobs(record, vendors)) for answer in part]


class Conversations(threading.Thread):
    """Customers who are in a conversation and ask again and again, saying where it goes on."""

    def __init__(self, gateway: Gateway, route: str, timeline: Timeline) -> None:
        super().__init__()
        self.gateway, self.route, self.timeline = gateway, route, timeline
        self.stopping = threading.Event()
        self.cut: list[str] = []
        self.kept = 0
        self.begun = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        client = Client(self.gateway.port)
        open_ones: dict[str, str] = {}
        number = 0
        try:
            while not self.stopping.is_set():
                # Some begin, and those that are open go on.
                for _ in range(5):
                    number += 1
                    open_ones[f"talker-{number}"] = self.ask(client, f"talker-{number}", None)
                    self.begun += 1
                for subject, connection in list(open_ones.items()):
                    before = time.time()
                    now = self.ask(client, subject, connection)
                    if now == connection:
                        self.kept += 1
                        continue
                    open_ones[subject] = now
                    stages = {step.stage for step in self.timeline.at(before - SECOND, time.time())}
                    if not stages & {"off", "shadow", "complete"}:
                        self.cut.append(f"{subject}: {connection} -> {now} in {stages}")
                while len(open_ones) > 100:
                    open_ones.pop(next(iter(open_ones)))
        except BaseException as failure:
            self.failure = failure
        finally:
            client.close()

    def ask(self, client: Client, subject: str, ongoing: str | None) -> str:
        page = {"page": {"ongoing": ongoing}} if ongoing else {}
        answer = client.badge(self.route, {"subject": subject, **page})
        assert answer.status == 200, (answer.status, answer.body)
        return str(answer.json["connection"])

    def stop(self) -> None:
        self.stopping.set()
        self.join(60)
        if self.failure:
            raise self.failure
