"""A sandbox Pega that does whatever a drill asks of it, over raw sockets."""

import json
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import jwt

from gateway import PEGA_SECRET, WIDGET
from support import until

SESSION = "s-hostile_1.2~3"
#: Stands in every answer of the vendor that is not 200, and must not be seen anywhere else.
MARK = "VENDORS-OWN-WORDS"

Behaviour = Callable[["Call"], None]


class Over(Exception):
    """The connection is closed at once."""


@dataclass
class Call:
    """One request of the gateway, and the socket it came over."""

    socket: socket.socket
    path: str
    headers: dict[str, str]
    body: bytes
    time: float = field(default_factory=time.monotonic)

    @property
    def token(self) -> str:
        return self.headers["authorization"].removeprefix("Bearer ")

    @property
    def claims(self) -> dict[str, object]:
        """What the token says, once its signature is found good."""
        issuer = WIDGET if self.path.endswith("/create") else SESSION
        return jwt.decode(self.token, PEGA_SECRET, algorithms=["HS256"], issuer=issuer)

    def send(self, data: bytes) -> bool:
        """Whether somebody still takes it."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False


# What a vendor may do


def answer(status: int, body: bytes | str = b"", *fields: str) -> Behaviour:
    """A whole answer."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", "Content-Type: application/json", f"Content-Length: {len(data)}", *fields]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return lambda call: call.send(head + data) and None


def refusal(status: int, *fields: str) -> Behaviour:
    return answer(status, json.dumps({"error": MARK}), *fields)


created = answer(200, json.dumps({"sessionId": SESSION}))
taken = answer(200, "{}")


def raw(data: bytes) -> Behaviour:
    """These bytes, then the end of the connection."""

    def behave(call: Call) -> None:
        call.send(data)
        raise Over

    return behave


def hang(call: Call) -> None:
    """Nothing, until the gateway goes away."""
    call.socket.settimeout(60)
    try:
        while call.socket.recv(4096):
            pass
    except OSError:
        pass


def drip(data: bytes, every: float = 0.05) -> Behaviour:
    """A byte at a time, without an end."""

    def behave(call: Call) -> None:
        end = time.monotonic() + 60
        index = 0
        while time.monotonic() < end and call.send(data[index % len(data) : index % len(data) + 1]):
            index += 1
            time.sleep(every)

    return behave


def unread(connection: socket.socket) -> int:
    """How many bytes the other side, a process of this machine, has received and not read."""
    ours, theirs = (f"{number:04X}" for number in (connection.getsockname()[1], connection.getpeername()[1]))
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if (local[-4:], remote[-4:]) == (theirs, ours):
            return int(queues.partition(":")[2], 16)
    return 0


def reset(after: bytes = b"") -> Behaviour:
    """A TCP reset, after these bytes."""

    def behave(call: Call) -> None:
        if after:
            call.send(after)
            # What is in the receiver's buffer may be thrown away with a reset; it has to have been read.
            until("it is read", lambda: unread(call.socket) == 0)
        call.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Over

    return behave


def flood(head: bytes, total: int = 1 << 30) -> Behaviour:
    """A gigabyte, as long as somebody takes it."""

    def behave(call: Call) -> None:
        if not call.send(head):
            return
        block = b"x" * (1 << 16)
        sent = 0
        while sent < total and call.send(block):
            sent += len(block)

    return behave


def in_two_parts(first: bytes, second: bytes, begun: threading.Event, go_on: threading.Event) -> Behaviour:
    """The first part at once, the second when the drill says so."""

    def behave(call: Call) -> None:
        call.send(first)
        begun.set()
        go_on.wait(100)
        call.send(second)
        raise Over

    return behave


class Vendor:
    """Listens on loopback. For each call, the next behaviour of its list is taken; the last one stays."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.origin = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.calls: list[Call] = []
        self.arrived: queue.Queue[Call] = queue.Queue()
        self.lock = threading.Lock()
        self.behave()
        self.sockets: set[socket.socket] = set()
        threading.Thread(target=self.accept, daemon=True).start()

    def behave(self, create: list[Behaviour] | None = None, private: list[Behaviour] | None = None) -> None:
        """From now on, and forgets what came so far."""
        with self.lock:
            self.create = list(create or [created])
            self.private = list(private or [taken])
            self.calls = []
            self.arrived = queue.Queue()

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.sockets.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rb") as stream:
                while call := self.read(stream, connection):
                    with self.lock:
                        self.calls.append(call)
                        self.arrived.put(call)
                        behaviours = self.create if call.path.endswith("/create") else self.private
                        behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
                    behaviour(call)
        except (Over, OSError, ValueError):
            pass
        finally:
            connection.close()
            with self.lock:
                self.sockets.discard(connection)

    @staticmethod
    def read(stream: "socket.SocketIO", connection: socket.socket) -> Call | None:
        line = stream.readline(65536).decode()
        if not line:
            return None
        headers = {}
        while (field_line := stream.readline(65536).decode().rstrip("\r\n")) != "":
            name, _, value = field_line.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        return Call(connection, line.split()[1], headers, body or b"")

    def stop(self) -> None:
        # A listener that another thread waits at is shut down, or it goes on.
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        with self.lock:
            open_ones = list(self.sockets)
        for connection in open_ones:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
