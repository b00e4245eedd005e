"""A hostile vendor: whatever it does, the caller has the right answer in time, and nobody else notices."""

import json
import select
import socket
import threading
import time
from dataclasses import dataclass, field

from client import Answer, ask, check_pega
from gateway import BODY, TOKEN, WIDGET, Gateway, Settings
from load import Load
from support import LATE, SECONDS, Drill, until
from vendor import (
    MARK,
    SESSION,
    Behaviour,
    Vendor,
    answer,
    created,
    drip,
    flood,
    hang,
    in_two_parts,
    raw,
    refusal,
    reset,
    taken,
)

CALL, TOTAL, ATTEMPTS = 0.8, 2.0, 3
TIMES = {"connect": "500ms", "call": "800ms", "total": "2s", "attempts": ATTEMPTS}

REFUSED, UNREACHABLE, SENSELESS, SLOW = (
    (502, "vendor-refused"),
    (502, "vendor-unreachable"),
    (502, "vendor-answer-senseless"),
    (504, "vendor-too-slow"),
)
GOOD = (200, None)

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_GIGABYTE = b"Content-Length: 1073741824\r\n\r\n"


def session(value: object) -> Behaviour:
    return answer(200, json.dumps({"sessionId": value, "note": MARK}))


@dataclass
class Case:
    """What the vendor does, and what has to come of it."""

    name: str
    create: list[Behaviour]
    expected: tuple[int, str | None]
    #: How many calls of each kind reach the vendor.
    creates: int = 1
    privates: int = 0
    private: list[Behaviour] = field(default_factory=lambda: [taken])
    #: In seconds.
    at_least: float = 0
    at_most: float = TOTAL


CASES = [
    Case("hangs", [hang], SLOW, at_least=CALL - 0.1, at_most=CALL),
    Case("drips the status line", [drip(b"HTTP/1.1 200 OK")], SLOW, at_least=CALL - 0.1, at_most=CALL),
    Case("drips fields", [drip(_OK + b"X: y\r\n" * 500, 0.02)], SLOW, at_least=CALL - 0.1, at_most=CALL),
    Case(
        "drips the body",
        [lambda call: call.send(_OK + b"Content-Length: 900\r\n\r\n") and drip(b" ")(call)],
        SLOW,
        at_least=CALL - 0.1,
        at_most=CALL,
    ),
    Case(
        "hangs before the body's last byte",
        [lambda call: call.send(_OK + b'Content-Length: 27\r\n\r\n{"sessionId":"s-hostile_1"') and hang(call)],
        SLOW,
        at_least=CALL - 0.1,
        at_most=CALL,
    ),
    Case("resets before an answer", [reset()], UNREACHABLE, creates=ATTEMPTS),
    Case("closes before an answer", [raw(b"")], UNREACHABLE, creates=ATTEMPTS),
    # Nothing was said yet: what status it is, nobody knows.
    Case("resets within the status line", [reset(b"HTTP/1.1 2")], UNREACHABLE, creates=ATTEMPTS),
    Case("resets within the fields", [reset(_OK + b"X-A: b")], SENSELESS),
    Case("resets within the body", [reset(_OK + b"Content-Length: 500\r\n\r\n{")], SENSELESS),
    Case("closes within the body", [raw(_OK + b"Content-Length: 500\r\n\r\n{")], SENSELESS),
    Case("closes within a chunk", [raw(_OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{")], SENSELESS),
    Case("resets, then answers", [reset(), created], GOOD, creates=2, privates=1),
    Case("sends 1 GB", [flood(_OK + _GIGABYTE)], SENSELESS),
    Case("sends 1 GB in a chunk", [flood(_OK + b"Transfer-Encoding: chunked\r\n\r\n40000000\r\n")], SENSELESS),
    Case("sends 1 GB until the end", [flood(_OK + b"\r\n")], SENSELESS),
    Case("sends 1 GB of one field", [flood(_OK + b"X-Long: ")], SENSELESS),
    Case("refuses with 1 GB", [flood(b"HTTP/1.1 403 No\r\n" + _GIGABYTE)], REFUSED),
    Case("redirects", [refusal(302, "Location: /elsewhere")], REFUSED),
    Case("redirects for good", [refusal(308, "Location: http://127.0.0.1:1/")], REFUSED),
    Case("speaks SSH", [raw(b"SSH-2.0-OpenSSH_9.2\r\n" + MARK.encode())], SENSELESS),
    Case("speaks HTTP/0.9", [raw(MARK.encode())], SENSELESS),
    Case("says 100 without an end", [drip(b"HTTP/1.1 100 Continue\r\n\r\n", 0.001)], SLOW, at_most=CALL),
    Case("answers no JSON", [answer(200, f"<html>{MARK}")], SENSELESS),
    Case("answers nothing", [answer(200)], SENSELESS),
    Case("answers 204", [raw(b"HTTP/1.1 204 No\r\n\r\n")], SENSELESS),
    Case("answers half of JSON", [answer(200, '{"sessionId":"s-1"')], SENSELESS),
    Case("answers two sessions", [answer(200, '{"sessionId":"s-1","sessionId":"s-2"}')], SENSELESS),
    Case("answers an array", [answer(200, '["s-1"]')], SENSELESS),
    Case("answers without a session", [answer(200, json.dumps({"error": MARK}))], SENSELESS),
    Case("answers a number", [session(7)], SENSELESS),
    Case("answers an empty session", [session("")], SENSELESS),
    Case("answers a long session", [session("s" * 257)], SENSELESS),
    Case("answers a session that is a path", [session("../x")], SENSELESS),
    Case("answers a session with a line end", [session("s\r\nX: y")], SENSELESS),
    Case("answers the widget's id", [session(WIDGET)], SENSELESS),
    Case("answers JSON too deep", [answer(200, '{"sessionId":"s-1","x":' + "[" * 9000 + "]" * 9000 + "}")], SENSELESS),
    Case("says 400", [refusal(400)], REFUSED),
    Case("says 401", [refusal(401, 'WWW-Authenticate: Basic realm="x"')], REFUSED),
    Case("says 404", [refusal(404)], REFUSED),
    Case("says 408", [refusal(408)], REFUSED),
    Case("says 500", [refusal(500)], REFUSED, creates=ATTEMPTS),
    Case("says 500, then works", [refusal(500), created], GOOD, creates=2, privates=1),
    Case("says 503 twice, then works", [refusal(503), refusal(503), created], GOOD, creates=3, privates=1),
    Case("says 429", [refusal(429)], REFUSED, creates=ATTEMPTS),
    Case("says 429, later", [refusal(429, "Retry-After: 1"), created], GOOD, 2, 1, at_least=1),
    Case("says 429, and when is senseless", [refusal(429, "Retry-After: -1"), created], GOOD, 2, 1),
    Case("private data: hangs", [created], SLOW, 1, 1, [hang], at_least=CALL - 0.1, at_most=CALL),
    Case("private data: resets", [created], UNREACHABLE, 1, ATTEMPTS, [reset()]),
    Case("private data: 401", [created], REFUSED, 1, 1, [refusal(401)]),
    Case("private data: 500, then works", [created], GOOD, 1, 2, [refusal(500), taken]),
    Case("private data: 500", [created], REFUSED, 1, ATTEMPTS, [refusal(500)]),
    Case("private data: 1 GB", [created], SENSELESS, 1, 1, [flood(_OK + _GIGABYTE)]),
    Case("private data: is cut", [created], SENSELESS, 1, 1, [raw(_OK + b"Content-Length: 5\r\n\r\n{")]),
    Case("private data: redirects", [created], REFUSED, 1, 1, [refusal(307, "Location: /private-data")]),
    Case(
        "slow in both",
        [refusal(503, "Retry-After: 1"), lambda call: time.sleep(0.6) or created(call)],
        SLOW,
        2,
        1,
        [hang],
        at_least=TOTAL - 0.2,
    ),
]


#: Nothing is waited for that the budget does not hold, nor until the budget is over.
TOO_LATE = [
    Case("says 429, much later", [refusal(429, "Retry-After: 60")], REFUSED, at_most=0.3),
    Case("says 503, tomorrow", [refusal(503, "Retry-After: 9999999999")], REFUSED, at_most=0.3),
]


class HostileVendor(Drill):
    def setUp(self) -> None:
        super().setUp()
        self.vendor = Vendor()
        self.addCleanup(self.vendor.stop)

    def hostile(self, **delivery: object) -> Gateway:
        return self.gateway(Settings(pega=self.vendor.origin, members={"delivery": {**TIMES, **delivery}}))

    def dg(self, gateway: Gateway, seconds: float = 3600) -> Load:
        load = Load(self.scratch, f"http://127.0.0.1:{gateway.port}/v1/routes/dg/badge", seconds, connections=16)
        self.addCleanup(load.kill)
        return load

    def test_every_case(self) -> None:
        """Each in turn, while another route is under load."""
        gateway = self.hostile()
        alone = self.dg(gateway, SECONDS).figures()
        load = self.dg(gateway)
        tokens: list[str] = []
        resident = [gateway.resident()]
        slowest = 0.0
        for case in CASES:
            with self.subTest(case.name):
                slowest = max(slowest, self.check(gateway, case, tokens))
            resident.append(gateway.resident())
        beside = load.stop()
        self.say(f"{len(CASES)} cases; latest {slowest * 1000:.0f} ms over its budget")
        self.say(f"another route alone:  {alone}")
        self.say(f"another route beside: {beside}")
        self.say(f"resident memory {resident[0]:.1f} MB before, {max(resident):.1f} MB at most (1 GB answers included)")
        self.assertEqual((alone.failed, beside.failed), ({}, {}))
        self.assertLess(max(resident) - resident[0], 16)
        self.secrecy(gateway, tokens)

    def test_no_wait_beyond_the_budget(self) -> None:
        gateway = self.hostile(total="25s")
        tokens: list[str] = []
        for case in TOO_LATE:
            with self.subTest(case.name):
                self.check(gateway, case, tokens)
        self.secrecy(gateway, tokens)

    def check(self, gateway: Gateway, case: Case, tokens: list[str]) -> float:
        """One case; returns by how much its answer came over the budget."""
        self.vendor.behave(case.create, case.private)
        began = time.monotonic()
        got = ask(gateway.port, "pega")
        took = time.monotonic() - began
        calls = list(self.vendor.calls)
        # A good one in between: what fails in a row would open the circuit.
        self.vendor.behave()
        good = ask(gateway.port, "pega")
        status, code = case.expected
        self.assertEqual((got.status, got.code), (status, code), got.body)
        self.assertGreaterEqual(took, case.at_least)
        self.assertLess(took, case.at_most + LATE)
        creates = [call for call in calls if call.path == f"/{WIDGET}/create"]
        privates = [call for call in calls if call.path == "/private-data"]
        self.assertEqual((len(creates), len(privates)), (case.creates, case.privates))
        self.assertEqual(len(calls), len(creates) + len(privates), "other paths were asked for")
        tokens += [call.token for call in calls if call.claims]
        self.no_secrets(got, [call.token for call in calls])
        self.assertEqual(good.status, 200, good.body)
        check_pega(good.json, SESSION)
        return max(0.0, took - case.at_most)

    def no_secrets(self, got: Answer, tokens: list[str]) -> None:
        self.assertTrue(got.body)
        text = got.body.decode() + str(got.headers)
        for secret in [MARK, TOKEN, BODY["email"], BODY["subject"], *tokens]:
            self.assertNotIn(secret, text)
        if got.status != 200:
            self.assertNotIn(SESSION, text)

    def secrecy(self, gateway: Gateway, tokens: list[str]) -> None:
        """None of all that in what stays."""
        self.assertEqual(gateway.terminate(), 0)
        for file in (gateway.log_file, gateway.audit):
            text = file.read_text()
            self.assertIn("requestId", text, file)
            # A JWT's header gives away every one there may be.
            for secret in (MARK, TOKEN, SESSION, BODY["email"], BODY["name"], f'"{BODY["subject"]}"', "eyJ"):
                self.assertNotIn(secret, text, file)
            self.assertFalse(any(token in text for token in tokens), file)

    def test_fresh_token_for_each_try(self) -> None:
        """With a second between two tries, the second token says so."""
        gateway = self.hostile(total="8s")
        self.vendor.behave(
            [refusal(429, "Retry-After: 1"), refusal(503, "Retry-After: 1"), created],
            [refusal(503, "Retry-After: 1"), taken],
        )
        self.assertEqual(ask(gateway.port, "pega").status, 200)
        times = [int(str(call.claims["iat"])) for call in self.vendor.calls]
        tokens = {call.token for call in self.vendor.calls}
        self.say(f"tries at {[moment - times[0] for moment in times]} s, {len(tokens)} different tokens")
        self.assertEqual(len(tokens), 5)
        pauses = [later - sooner for sooner, later in zip(times, times[1:])]
        # Between the last try of the one call and the first of the other there is none.
        self.assertTrue(all(pauses[index] >= 1 for index in (0, 1, 3)), pauses)

    def test_reply_after_the_private_data(self) -> None:
        """The reply never precedes the end of the private-data answer, however that end is told."""
        gateway = self.hostile(call="20s", total="25s")
        parts = {
            "by its length": (_OK + b"Content-Length: 2\r\n\r\n{", b"}"),
            "by its last chunk": (_OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", b"0\r\n\r\n"),
            "by the connection's end": (_OK + b"Connection: close\r\n\r\n{}", b""),
            "after its head": (_OK + b"Content-Length: 2\r\n\r\n", b"{}"),
        }
        body = json.dumps(BODY).encode()
        head = (
            f"POST /v1/routes/pega/badge HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        for name, (first, second) in parts.items():
            with self.subTest(name):
                begun, go_on = threading.Event(), threading.Event()
                self.vendor.behave([created], [in_two_parts(first, second, begun, go_on), taken])
                with socket.create_connection(("127.0.0.1", gateway.port), timeout=60) as client:
                    client.sendall(head.encode() + body)
                    self.assertTrue(begun.wait(60), "the private data never came")
                    # Others who ask later have their badges: the reply would be there by then, if it came too soon.
                    for _ in range(5):
                        self.assertEqual(ask(gateway.port, "pega").status, 200)
                    early, _, _ = select.select([client], [], [], 0)
                    self.assertEqual(early, [], "the reply came before the end of the private-data answer")
                    go_on.set()
                    self.assertTrue(client.recv(65536).startswith(b"HTTP/1.1 200 "))
        self.nothing_failed(gateway)

    def test_others_at_full_speed(self) -> None:
        """Two hundred requests that wait for a vendor cost another route nothing."""
        seconds = min(SECONDS, 15)
        gateway = self.hostile(call="25s", total="25s", perConnection=200)
        costs = []
        self.vendor.behave([hang])
        clients: list[socket.socket] = []
        body = json.dumps(BODY).encode()
        for waiting in (0, 200):
            for _ in range(waiting):
                client = socket.create_connection(("127.0.0.1", gateway.port))
                self.addCleanup(client.close)
                client.sendall(
                    f"POST /v1/routes/pega/badge HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
                    f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                )
                clients.append(client)
            until("all wait", lambda: len(self.vendor.calls) == waiting or None)
            used = gateway.processor_seconds()
            figures = self.dg(gateway, seconds).figures()
            # Beside programs that keep the machine busy, what a request costs stays what it is, whatever its rate.
            costs.append((gateway.processor_seconds() - used) / figures.requests)
            self.say(f"{waiting} wait for a vendor that hangs: {figures}")
            self.assertEqual(figures.failed, {})
        self.assertEqual(select.select(clients, [], [], 0)[0], [], "who waited was answered already")
        self.say(f"a request costs {costs[1] / costs[0]:.0%} of the processor time without them")
        self.assertLess(costs[1], 2 * costs[0])

    def test_circuit(self) -> None:
        """After five failures in a row the vendor is left alone, and after a while asked again."""
        gateway = self.hostile(attempts=1)
        self.vendor.behave([refusal(500)])
        for _ in range(5):
            self.assertEqual(ask(gateway.port, "pega").code, "vendor-refused")
        self.vendor.behave()
        opened = time.monotonic()
        got = ask(gateway.port, "pega")
        self.assertEqual((got.status, got.code), (503, "circuit-open"))
        self.assertIn(int(got.headers["retry-after"]), range(1, 11))
        self.assertEqual(self.vendor.calls, [], "the vendor was called with its circuit open")
        self.assertEqual(ask(gateway.port, "dg").status, 200)
        until("the circuit closes", lambda: ask(gateway.port, "pega").status == 200, pause=0.1)
        took = time.monotonic() - opened
        self.say(f"open after 5 failures, Retry-After {got.headers['retry-after']}, closed {took:.1f} s later")
        for _ in range(4):
            self.assertEqual(ask(gateway.port, "pega").status, 200)

    def test_nobody_there(self) -> None:
        """A port where nobody listens, and a listener that never accepts."""
        gateway = self.hostile()
        self.vendor.stop()
        began = time.monotonic()
        got = ask(gateway.port, "pega")
        self.assertEqual((got.status, got.code), UNREACHABLE)
        self.assertLess(time.monotonic() - began, TOTAL + LATE)
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
            port = full.getsockname()[1]
            fillers = []
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
                self.addCleanup(filler.close)
                fillers.append(filler)
            other = self.gateway(
                Settings(pega=f"http://127.0.0.1:{port}", members={"delivery": TIMES}), name="full-backlog"
            )
            began = time.monotonic()
            got = ask(other.port, "pega")
            took = time.monotonic() - began
            self.say(f"a listener that never accepts: {got.status} {got.code} after {took:.2f} s")
            self.assertEqual((got.status, got.code), SLOW)
            self.assertLess(took, TOTAL + LATE)
