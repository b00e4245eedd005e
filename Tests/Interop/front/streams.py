"""Byte streams from a seed: a third valid, a third with one fault, a third hostile.

A stream is one to four requests and the sentinel, a request with `Connection: close`: a reader that is still in step closes by
itself. Each target names its stream, so that an answer or a line of a log that belongs to another stream shows.
"""

from dataclasses import dataclass
from random import Random

from front.faults import CHANGES, FAULTS
from front.requests import RequestMaker

KINDS = ("valid", "faulty", "hostile")


@dataclass(frozen=True)
class Stream:
    """What goes to each reader."""

    number: int
    kind: str
    data: bytes
    #: Where the bytes are cut: what stands between two cuts is sent by itself.
    cuts: tuple[int, ...]
    #: What was done to it.
    faults: tuple[str, ...]

    @property
    def segments(self) -> list[bytes]:
        edges = [0, *self.cuts, len(self.data)]
        return [self.data[start:end] for start, end in zip(edges, edges[1:])]


def make(seed: int, number: int) -> Stream:
    """The stream of this number. It depends on seed and number alone."""
    random = Random(f"{seed}/{number}")
    maker = RequestMaker(random, number)
    kind = KINDS[number % 3]
    requests = [maker.request() for _ in range(random.choice([1, 1, 2, 2, 3, 4]))]
    done: list[str] = []
    if kind != "valid":
        for _ in range(1 if kind == "faulty" else random.choice([0, 0, 1, 1, 2, 3])):
            name, put = random.choice(FAULTS)
            put(maker, random.choice(requests))
            done.append(name)
    data = b"".join(request.wire for request in requests)
    if kind == "hostile":
        for _ in range(random.choice([1, 1, 1, 2, 3, 6])):
            name, change = random.choice(CHANGES)
            data = change(random, data) if data else data
            done.append(name)
    data += b"GET /sentinel-%d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % number
    return Stream(number, kind, data, _cuts(random, data), tuple(done))


def _cuts(random: Random, data: bytes) -> tuple[int, ...]:
    """No cuts, as a rule."""
    if random.random() < 0.75:
        return ()
    if random.random() < 0.5:
        # Beside line ends, where a reader keeps most of its state.
        places = [index + random.choice([0, 1]) for index in range(1, len(data) - 1) if data[index] == 10]
    else:
        places = list(range(1, len(data)))
    return tuple(sorted(set(random.sample(places, min(len(places), random.choice([1, 2, 3, 6]))))))
