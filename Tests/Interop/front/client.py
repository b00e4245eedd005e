"""Sends streams to a reader, hundreds at once, and reads from its answers what reached its handler.

A stream has a connection of its own. It ends when the reader closes it, or has been quiet for so long that it waits for more
bytes. The client never closes its writing side alone. It closes with a reset, so that no port stays in TIME_WAIT.
"""

import errno
import heapq
import json
import re
import select
import socket
import struct
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from front.elements import Element, Entry, Reading, Refused, origin_form
from front.streams import Stream

#: Between two segments, so that a reader gets them one by one.
GAP = 0.002
#: Less than the 256 connections from one address that Signet allows. nginx in front comes from one address too.
AT_ONCE = 96
#: No stream is waited for longer than that, whatever comes.
DEADLINE = 20.0

#: The path of a Unix socket, or host and port.
Address = str | tuple[str, int]
#: Is called with a stream, the name of a reader, and what that reader made of it.
Found = Callable[[Stream, str, Reading], None]

_RESET = struct.pack("ii", 1, 0)


@dataclass(slots=True)
class _Exchange:
    """One stream on its way to one reader."""

    stream: Stream
    reader: str
    socket: socket.socket
    segments: list[bytes]
    began: float
    touched: float
    received: bytearray = field(default_factory=bytearray)
    #: What is left of the segment that the kernel did not take in full.
    unsent: bytes = b""
    deaf: bool = False


class Client:
    """Runs exchanges in one thread. `quiet` is how long a reader may say nothing before it is said to wait, in seconds."""

    def __init__(self, quiet: float) -> None:
        self.quiet = quiet
        self.poll = select.epoll()
        self.exchanges: dict[int, _Exchange] = {}
        #: When to send the next segment: time, order, descriptor and exchange.
        self.later: list[tuple[float, int, int, _Exchange]] = []
        self.order = 0
        self.swept = 0.0
        self.found: Found = lambda *_: None

    def run(self, streams: Iterable[Stream], readers: Callable[[Stream], dict[str, Address]], found: Found) -> None:
        """Sends each stream to its readers and calls `found` for each pair, in any order."""
        source = iter(streams)
        waiting: dict[str, deque[tuple[Stream, Address]]] = defaultdict(deque)
        running: Counter[str] = Counter()

        def ended(stream: Stream, reader: str, reading: Reading) -> None:
            running[reader] -= 1
            found(stream, reader, reading)

        self.found = ended
        more = True
        while more or self.exchanges or any(waiting.values()):
            # Streams are made when every reader has room, so that few are in memory.
            while more and max(map(len, waiting.values()), default=0) < AT_ONCE:
                stream = next(source, None)
                if stream is None:
                    more = False
                    break
                for reader, address in readers(stream).items():
                    waiting[reader].append((stream, address))
            for reader, queue in waiting.items():
                while queue and running[reader] < AT_ONCE and self.begin(reader, *queue[0]):
                    running[reader] += 1
                    queue.popleft()
            self.turn()

    def close(self) -> None:
        for exchange in self.exchanges.values():
            exchange.socket.close()
        self.poll.close()

    def begin(self, reader: str, stream: Stream, address: Address) -> bool:
        """Connects. False if the reader's queue is full just now."""
        unix = isinstance(address, str)
        opened = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
        opened.setblocking(False)
        if not unix:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        code = opened.connect_ex(address)
        if code == errno.EAGAIN:
            opened.close()
            return False
        if code not in (0, errno.EINPROGRESS):
            opened.close()
            raise AssertionError(f"{reader} does not take connections: {errno.errorcode[code]}")
        now = time.monotonic()
        exchange = _Exchange(stream, reader, opened, stream.segments, now, now)
        self.exchanges[opened.fileno()] = exchange
        self.poll.register(opened.fileno(), select.EPOLLOUT)
        return True

    def turn(self) -> None:
        """Waits for what comes next, and handles it."""
        now = time.monotonic()
        wait = 0.05 if not self.later else min(0.05, max(0.0, self.later[0][0] - now))
        for descriptor, events in self.poll.poll(wait):
            exchange = self.exchanges.get(descriptor)
            if exchange is None:
                continue
            if events & select.EPOLLOUT:
                self.send(exchange)
            if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                self.receive(exchange)
        now = time.monotonic()
        if now >= self.swept + 0.05:
            self.swept = now
            self.give_up()
        while self.later and self.later[0][0] <= now:
            _, _, descriptor, exchange = heapq.heappop(self.later)
            if self.exchanges.get(descriptor) is exchange:
                self.send(exchange)

    def give_up(self) -> None:
        """Ends the exchanges whose reader waits for more bytes."""
        now = time.monotonic()
        for exchange in list(self.exchanges.values()):
            sending = exchange.segments and not exchange.deaf
            if now - exchange.touched > self.quiet and not sending or now - exchange.began > DEADLINE:
                self.end(exchange, "waiting")

    def send(self, exchange: _Exchange) -> None:
        if exchange.unsent or exchange.segments:
            segment = exchange.unsent or exchange.segments.pop(0)
            try:
                sent = exchange.socket.send(segment)
            except BlockingIOError:
                sent = 0
            except OSError:
                # The reader has closed: what it said before is still to be read.
                exchange.deaf, exchange.segments, sent = True, [], len(segment)
            exchange.unsent = segment[sent:]
            exchange.touched = time.monotonic()
        self.poll.modify(exchange.socket.fileno(), select.EPOLLIN | (select.EPOLLOUT if exchange.unsent else 0))
        if exchange.segments and not exchange.unsent:
            self.order += 1
            heapq.heappush(self.later, (time.monotonic() + GAP, self.order, exchange.socket.fileno(), exchange))

    def receive(self, exchange: _Exchange) -> None:
        try:
            received = exchange.socket.recv(65_536)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self.end(exchange, "closed")
            return
        exchange.received += received
        exchange.touched = time.monotonic()

    def end(self, exchange: _Exchange, end: str) -> None:
        self.poll.unregister(exchange.socket.fileno())
        del self.exchanges[exchange.socket.fileno()]
        exchange.socket.close()
        self.found(exchange.stream, exchange.reader, Reading(list(answers(bytes(exchange.received))), end))


_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})")


def answers(received: bytes) -> Iterator[Entry]:
    """The answers of a connection. What is cut off at the end counts if its header is whole."""
    position = 0
    while position < len(received):
        status = _STATUS.match(received, position)
        if not status:
            # HTTP/0.9: an answer is a body alone, and the last.
            body = received[position:]
            yield recorded(body) if body.startswith(b"{") else Refused(0)
            return
        end = received.find(b"\r\n\r\n", position)
        if end < 0:
            return
        head = received[position:end]
        position = end + 4
        if status[1].startswith(b"1"):
            continue
        element = field_of(head, b"x-recorded")
        if b'"method":"HEAD"' in element.replace(b" ", b""):
            yield recorded(element)
            continue
        body, position = body_of(received, position, head)
        element = element or (body if status[1] == b"200" and body.startswith(b"{") else b"")
        yield recorded(element) if element else Refused(int(status[1]))


def field_of(head: bytes, name: bytes) -> bytes:
    """The value of a field, or nothing."""
    found = re.search(rb"\r\n" + name + rb":[ \t]*([^\r]*)", head, re.IGNORECASE)
    return found[1] if found else b""


def body_of(received: bytes, position: int, head: bytes) -> tuple[bytes, int]:
    """The body of an answer, and where the next one begins. An answer to HEAD has none: the next follows at once."""
    if received.startswith(b"HTTP/1.", position):
        return b"", position
    if b"chunked" in field_of(head, b"transfer-encoding"):
        body = b""
        while (end := received.find(b"\r\n", position)) >= 0:
            size = int(received[position:end], 16)
            body += received[end + 2 : end + 2 + size]
            position = end + 2 + size + 2
            if size == 0:
                break
        return body, position
    length = field_of(head, b"content-length")
    end = position + int(length) if length else len(received)
    return received[position:end], end


def recorded(text: bytes) -> Entry:
    """What a recorder says. A problem of ours is a refusal; anything else is what no reader has, so that it is a fault."""
    try:
        said = json.loads(text)
        if "method" in said:
            return Element(said["method"], origin_form(said["target"]), said["body"], said["length"])
        return Refused(said["status"])
    except (ValueError, KeyError):
        return Element("not an answer:", text.decode("latin-1"), "", 0)
