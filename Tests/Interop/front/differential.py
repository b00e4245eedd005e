"""One run of the differential: all streams through all readers, and what ours recorded behind their backs."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from front.client import Client
from front.comparison import Comparison, Fault, Reason
from front.elements import Element, Reading, origin_form
from front.readers import Readers
from front.streams import Stream, make

#: A reader that says nothing for so long waits for more bytes.
QUIET = 0.6
#: The same where a fault hangs on it: perhaps the machine was only slow.
CALM = 4.0
#: Streams beyond these are not asked for a second time, and faults beyond ENOUGH not looked into.
SECOND_LOOKS = 500
ENOUGH = 20
#: By the reader of a fault: who may only have been late.
_LATE = {"go": "go", "nginx": "nginx", "front": "nginx", "rules": "ours", "ours": "ours"}


class Differential:
    """Streams of one seed. After a run `faults` has all faults, and `used` says how often each reason counted."""

    def __init__(self, readers: Readers, seed: int, reasons: list[Reason]) -> None:
        self.readers = readers
        self.seed = seed
        self.reasons = reasons
        #: The first comparisons with faults, and the last of all.
        self.faulty: list[Comparison] = []
        self.last: Comparison | None = None
        #: The streams of which less reached ours than the rules let through. That is allowed, and worth a look.
        self.stricter: list[int] = []
        self.faults: list[Fault] = []
        self.used: Counter[Reason] = Counter()
        self.count: Counter[str] = Counter()
        self.open: dict[int, dict[str, Reading]] = {}
        self.suspects: list[Comparison] = []
        #: By the hash of an element: what the answers showed, and the most that the logs may have.
        self.answered: Counter[int] = Counter()
        self.may_reach: dict[str, Counter[int]] = {"direct": Counter(), "behind": Counter()}

    def run(self, numbers: Iterable[int]) -> None:
        client = Client(QUIET)
        try:
            client.run((make(self.seed, number) for number in numbers), self.readers.of, self.found)
        finally:
            client.close()
        self.look_again()
        self.check_log("direct")
        self.check_log("behind")

    def found(self, stream: Stream, reader: str, reading: Reading) -> None:
        readings = self.open.setdefault(stream.number, {})
        readings[reader] = reading
        if len(readings) < 4:
            return
        del self.open[stream.number]
        comparison = Comparison(stream, readings, self.reasons)
        self.may_reach["direct"].update(map(hash, comparison.rules.elements))
        self.may_reach["behind"].update(map(hash, readings["nginx"].elements))
        self.answered.update(map(hash, readings["ours"].elements))
        if comparison.faults:
            self.suspects.append(comparison)
        else:
            self.keep(comparison)

    def keep(self, comparison: Comparison) -> None:
        self.used.update(comparison.used)
        self.count["streams"] += 1
        for name, reading in comparison.readings.items():
            self.count[name] += len(reading.elements)
        self.faults += comparison.faults
        self.last = comparison
        if len(comparison.ours.elements) < len(comparison.rules.elements):
            self.stricter.append(comparison.stream.number)
        if comparison.faults and len(self.faulty) < 3:
            self.faulty.append(comparison)

    def look_again(self) -> None:
        """A reader that was given up as waiting and so has a fault is asked once more, with more time. All else stands."""
        asked: dict[int, list[str]] = {}
        for suspect in self.suspects[:SECOND_LOOKS]:
            late = {_LATE[fault.reader] for fault in suspect.faults}
            asked[suspect.stream.number] = [name for name in late if suspect.readings[name].end == "waiting"]
        found = self.read_calmly(asked)
        for suspect in self.suspects:
            readings = suspect.readings | found.get(suspect.stream.number, {})
            may_reach = self.may_reach["behind"]
            may_reach.subtract(map(hash, suspect.readings["nginx"].elements))
            may_reach.update(map(hash, readings["nginx"].elements))
            if "ours" in found.get(suspect.stream.number, {}):
                self.may_reach["direct"].update(map(hash, suspect.rules.elements))
            self.keep(Comparison(suspect.stream, readings, self.reasons))

    def read_calmly(self, asked: dict[int, list[str]]) -> dict[int, dict[str, Reading]]:
        """What these readers make of these streams, by the stream's number."""
        found: dict[int, dict[str, Reading]] = {}
        client = Client(CALM)
        try:
            client.run(
                (make(self.seed, number) for number in asked),
                lambda stream: {name: self.readers.of(stream)[name] for name in asked[stream.number]},
                lambda stream, name, reading: found.setdefault(stream.number, {}).update({name: reading}),
            )
        finally:
            client.close()
        return found

    def check_log(self, name: str) -> None:
        """Ours recorded nothing but what the rules, or nginx in front, have read. All that it answered is there."""
        recorded = self.recorded(name)
        may_reach = self.may_reach[name]
        for element, times in recorded.items():
            if times <= may_reach[hash(element)]:
                continue
            number = re.match(r"/(?:s|sentinel-)([0-9]+)", element.target)
            if name == "behind" and number and len(self.faults) < ENOUGH:
                reading = self.read_calmly({int(number[1]): ["nginx"]})[int(number[1])]["nginx"]
                may_reach[hash(element)] = max(may_reach[hash(element)], reading.elements.count(element))
            if times > may_reach[hash(element)]:
                what = f"{element} reached the handler {times} times and may {may_reach[hash(element)]} times"
                self.faults.append(Fault(int(number[1]) if number else -1, f"log, {name}", what))

    def recorded(self, name: str) -> Counter[Element]:
        """The log of ours. A line may come a moment after its answer."""
        end = time.monotonic() + 60
        while True:
            found = Counter(elements_of(self.readers.log(name)))
            known = {hash(element): times for element, times in found.items()}
            late = sum(max(0, times - known.get(key, 0)) for key, times in self.answered.items())
            if name != "direct" or not late:
                return found
            if time.monotonic() > end:
                self.faults.append(Fault(-1, "log", f"{late} elements were answered and are not in the log"))
                return found
            time.sleep(0.1)

    def report(self) -> str:
        """For a person: what was compared, the reasons that counted, and the first faults whole."""
        lines = [f"seed {self.seed}: " + ", ".join(f"{count:,} {name}" for name, count in self.count.items())]
        for reason in self.reasons:
            lines.append(f"  {self.used[reason]:6,} allowed, {reason.reader}: {reason.name}")
        lines.append(f"  {len(self.stricter):6,} streams of which the rules let more through: {self.stricter[:5]}")
        lines += [str(comparison) for comparison in self.faulty]
        lines += [f"{fault}" for fault in self.faults[:ENOUGH]]
        return "\n".join(lines)


def elements_of(log: Path) -> Iterable[Element]:
    for line in log.read_text().splitlines():
        if line.endswith("}"):
            said = json.loads(line)
            yield Element(said["method"], origin_form(said["target"]), said["body"], said["length"])
