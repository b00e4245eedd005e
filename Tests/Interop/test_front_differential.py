"""Byte streams, valid and hostile, read by our HTTP front and by others: ours has no request that another one lacks.

The readers:

- **ours**: `signet-bench record`, directly.
- **go**: Go's net/http (peers/recorder.go), directly.
- **nginx**: nginx as a server of its own, which says in a request that it makes itself what it read (front/readers.py).
- **front**: ours behind nginx as a reverse proxy, as docs/deploy/nginx has it; every second stream unbuffered.
- **rules**: the rules of our front, written down a second time in Python (front/rules.py).

Each gives the list of (method, target, digest of the body) that reached its handler. Compared is, stream by stream and place by
place: what ours has, every other reader has at the same place, or a reason in REASONS says why not. It never has another
request at that place. Ours may have less, but not of a valid stream. What reaches ours through nginx is what nginx alone
read. Last, the log of ours has no line that is not in those lists, whoever got the answer.

Each stream ends with a sentinel request with `Connection: close` (front/streams.py). A reader that does not close waits for
more bytes, and its list is what it has said so far.

    STREAMS=100000 SEED=2 python -m unittest test_front_differential
    python test_front_differential.py --seed 2 --stream 17

The environment: STREAMS (10,000), SEED (1), SIGNET_BENCH (.build/release/signet-bench).
"""

import argparse
import os
import re
import sys
import unittest
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path

from front.comparison import Gap, Reason
from front.differential import Differential
from front.elements import Entry
from front.readers import Readers
from front.rules import LAX, read
from front.streams import make
from support import REPOSITORY

STREAMS = int(os.environ.get("STREAMS", "10000"))
SEED = int(os.environ.get("SEED", "1"))
BENCH = Path(os.environ.get("SIGNET_BENCH", REPOSITORY / ".build" / "release" / "signet-bench")).resolve()
RULES: list[str | Path] = [sys.executable, "-m", "front.rules", "record"]


def has_tab(gap: Gap, *names: bytes) -> bool:
    """Whether a tab stands beside the value of one of these fields."""
    found = [value.strip(b" ") for name in names for value in gap.values(name)]
    return any(value.startswith(b"\t") or value.endswith(b"\t") for value in found)


#: Why another reader may lack a request that ours and the rules have.
REASONS = [
    # It peeks for line ends before a request only if the last one of the connection was a POST.
    Reason(
        "go",
        "an empty line before a request that does not follow a POST",
        lambda gap: gap.lead == b"\r\n" and not gap.before.startswith(b"POST ") and gap.refused == 400,
    ),
    # It decodes the path.
    Reason("go", "a percent sign without two digits in the path", lambda gap: gap.has_bad_escape and gap.refused == 400),
    Reason(
        "nginx",
        "a method of other characters than A-Z, - and _",
        lambda gap: not re.fullmatch(rb"[A-Z_-]+", gap.method) and gap.refused == 400,
    ),
    Reason("nginx", "TRACE and CONNECT", lambda gap: gap.method in (b"TRACE", b"CONNECT") and gap.refused == 405),
    # Optional white space is the space alone to nginx, so that a tab is a part of the value.
    Reason(
        "nginx",
        "a tab beside the value of Host, Content-Length or Transfer-Encoding",
        lambda gap: (has_tab(gap, b"host", b"content-length") and gap.refused == 400)
        or (has_tab(gap, b"transfer-encoding") and gap.refused == 501),
    ),
    Reason(
        "nginx",
        "a Host that is empty, a dot, or has two dots in a row",
        lambda gap: any(value.strip(b" ") in (b"", b".") or b".." in value for value in gap.values(b"host"))
        and gap.refused == 400,
    ),
    Reason(
        "nginx", "an absolute form whose host has an underscore", lambda gap: b"_" in gap.authority and gap.refused == 400
    ),
    Reason(
        "nginx",
        "a field that may stand once in nginx' eyes",
        lambda gap: gap.repeats(b"expect", b"if-modified-since", b"if-none-match", b"upgrade") and gap.refused == 400,
    ),
    # It decodes the path and resolves its dots.
    Reason(
        "nginx",
        "a path with a bad escape, with %00, or above the root",
        lambda gap: (gap.has_bad_escape or "%00" in gap.path or gap.climbs) and gap.refused == 400,
    ),
    # "closed" closes to nginx, and "close x" to both. Ours reads a list of tokens.
    Reason(
        "nginx",
        "the request before has a Connection that contains close",
        lambda gap: any(b"close" in value.lower() for value in gap.connection_before) and gap.ended,
    ),
    Reason(
        "go",
        "the request before has a Connection that contains close as a word",
        lambda gap: any(re.search(rb"(?i)(^|[ ,\t])close([ ,\t]|$)", value) for value in gap.connection_before)
        and gap.ended,
    ),
    # HTTP/1.0 has no Expect, so that ours does not look at it.
    Reason(
        "go",
        "Expect under HTTP/1.0",
        lambda gap: b" HTTP/1.0\r\n" in gap.head and bool(gap.values(b"expect")) and gap.refused == 417,
    ),
]


class FrontDifferential(unittest.TestCase):
    def compare(self, ours: list[str | Path], streams: Iterable[int]) -> Differential:
        readers = Readers(ours)
        try:
            differential = Differential(readers, SEED, REASONS)
            differential.run(streams)
            return differential
        finally:
            readers.stop()

    def test_ours_has_no_request_that_another_reader_of_the_same_bytes_lacks(self) -> None:
        if not os.access(BENCH, os.X_OK):
            self.fail(f"there is no signet-bench at {BENCH}: swift build -c release, or set SIGNET_BENCH")
        differential = self.compare([BENCH, "record"], range(STREAMS))
        print(differential.report(), file=sys.stderr)
        self.assertEqual(differential.faults, [], f"seed {SEED}; python {__file__} --seed {SEED} --stream N shows one")
        self.assert_compared(differential, STREAMS)

    def test_a_server_by_the_rules_passes(self) -> None:
        differential = self.compare(RULES, range(1_000))
        self.assertEqual(differential.faults, [], differential.report())
        self.assert_compared(differential, 1_000)

    def test_each_lax_server_is_found_by_another_reader_than_the_rules(self) -> None:
        for name, what in LAX.items():
            with self.subTest(name):
                differential = self.compare([*RULES, "--lax", name], islice(shows(name), 40))
                finders = {fault.reader for fault in differential.faults}
                self.assertTrue(finders & {"go", "nginx"}, f"a server that {what} is found by {finders or 'nobody'}")
                if name == "no-body-of-get":
                    # nginx hands the body on, and the next answer on that connection is another client's.
                    self.assertTrue(finders & {"front", "log, behind"}, finders)

    def assert_compared(self, differential: Differential, streams: int) -> None:
        """A run in which little reaches the handlers compares nothing."""
        count = differential.count
        self.assertEqual(count["streams"], streams)
        self.assertGreater(count["ours"], streams)
        for reader in ("go", "nginx", "front"):
            self.assertGreater(count[reader], 0.75 * count["ours"], reader)


@cache
def by_the_rules(number: int) -> tuple[bytes, list[Entry]]:
    """A stream of the seed, and what the rules make of it."""
    data = make(SEED, number).data
    return data, read(data).entries


def shows(lax: str) -> Iterator[int]:
    """The streams of the seed of which a lax server makes something else than the rules do."""
    for number in range(10_000):
        data, entries = by_the_rules(number)
        if read(data, lax).entries != entries:
            yield number


def show(seed: int, number: int, lax: str | None) -> int:
    """Sends one stream and prints what each reader makes of it."""
    readers = Readers([BENCH, "record"] if lax is None else [*RULES, "--lax", lax])
    try:
        differential = Differential(readers, seed, REASONS)
        differential.run([number])
        print(differential.last, *differential.faults, sep="\n")
        return len(differential.faults)
    finally:
        readers.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Shows one stream of the differential test, and what each reader makes of it."
    )
    parser.add_argument("--stream", type=int, required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--lax", choices=["", *LAX], help="a server in Python in the place of ours; '' is without a fault")
    arguments = parser.parse_args()
    sys.exit(min(1, show(arguments.seed, arguments.stream, arguments.lax)))
