"""Hostile and clumsy clients of TLS, and an honest one beside them that has every answer, at once."""

import json
import os
import re
import resource
import select
import signal
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gateway import TOKEN, Gateway, Settings
from good_client import GoodClient
from load import Load
from records import (
    ALERT, CLIENT_HELLO, CLOSE_NOTIFY, DATA, HANDSHAKE, NO_RENEGOTIATION, TLS_1_2, TLS_1_3, USER_CANCELED, Connection, client_hello,
)  # fmt: skip
from support import LATE, SECONDS, Drill, program, run, until

#: What "Limits and deadlines" of docs/gateway.md gives a handshake, and the first request after it, in seconds.
HANDSHAKE_DEADLINE, FIRST_BYTE_DEADLINE = 5.0, 10.0
#: How many records without data, one after the other, a client may send.
EMPTY_RECORDS = 8
#: For an honest request beside an attack, in milliseconds. Without faults it is a few; others may be compiling on the machine. One
#: that waits for others' handshakes takes as long as they may.
P99 = 4_000
GET = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n"


def work(gateway: Gateway) -> tuple[float, float]:
    """Seconds of processor time so far, and seconds in which its threads had one or waited for one.

    A thread that spins does so even where others leave it little of the processor.
    """
    fields = Path(f"/proc/{gateway.pid}/stat").read_text().rpartition(")")[2].split()
    used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    wanted = 0
    for task in Path(f"/proc/{gateway.pid}/task").iterdir():
        ran, waited, _ = (task / "schedstat").read_text().split()
        wanted += int(ran) + int(waited)
    return used, wanted / 1e9


def connect(port: int, source: int = 2) -> socket.socket:
    """A connection from 127.0.0.`source`: one address may have 256."""
    made = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(f"127.0.0.{source}", 0))
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


class Stalled:
    """Connections that have not ended their handshake, and when each of them was cut."""

    def __init__(self, port: int, count: int, start: bytes, source: int) -> None:
        self.cut: list[float] = []
        self.answered: Counter[bytes] = Counter()
        self.open: dict[int, tuple[socket.socket, float]] = {}
        self.poll = select.poll()
        for number in range(count):
            opened = connect(port, source + number % 4)
            opened.sendall(start)
            opened.setblocking(False)
            self.open[opened.fileno()] = (opened, time.monotonic())
            self.poll.register(opened.fileno(), select.POLLIN)

    def watch(self, seconds: float) -> None:
        """Reads what comes, for so long or until all are cut."""
        end = time.monotonic() + seconds
        while self.open and (left := end - time.monotonic()) > 0:
            for number, _ in self.poll.poll(left * 1000):
                opened, began = self.open[number]
                try:
                    data = opened.recv(4_096)
                except ConnectionResetError:
                    data = b""
                if data:
                    self.answered[data] += 1
                    continue
                self.cut.append(time.monotonic() - began)
                self.poll.unregister(number)
                del self.open[number]
                opened.close()

    def drip(self, byte: bytes) -> None:
        for opened, _ in self.open.values():
            try:
                opened.send(byte)
            except OSError:
                pass  # it was cut this moment; poll says so

    def close(self) -> None:
        for opened, _ in self.open.values():
            opened.close()


class TLS(Drill):
    def setUp(self) -> None:
        super().setUp()
        for name in ("one", "two"):
            done = run(
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
                *("-days", "2", "-subj", f"/CN={name}", "-keyout", self.scratch / f"{name}.key"),
                *("-out", self.scratch / f"{name}.crt"),
            )
            self.assertEqual(done.returncode, 0, done.stderr)

    def put(self, gateway: Gateway, name: str) -> bytes:
        """Puts a certificate in place, and returns it."""
        certificate = (self.scratch / f"{name}.crt").read_bytes()
        gateway.write("tls/tls.key", (self.scratch / f"{name}.key").read_bytes())
        gateway.write("tls/tls.crt", certificate)
        return ssl.PEM_cert_to_DER_cert(certificate.decode())

    def secure(self, members: dict[str, Any] | None = None, preexec: Callable[[], None] | None = None) -> Gateway:
        """A gateway with TLS that is ready."""
        tls = {"tls": {"certificate": "tls/tls.crt", "key": "tls/tls.key"}}
        gateway = self.unstarted(Settings(members={**tls, **(members or {})}))
        self.put(gateway, "one")
        gateway.start(preexec=preexec)
        return gateway

    def good(self, gateway: Gateway) -> GoodClient:
        client = GoodClient(gateway.port)
        self.addCleanup(client.kill)
        return client

    def was_served(self, client: GoodClient, beside: str, closes: int = 0, new: float = P99) -> None:
        """`closes`: how often its kept connection may be told to go; `new`: what a new connection may take, in milliseconds."""
        figures = client.stop()
        self.say(f"beside {beside}: {figures}")
        self.assertEqual(figures.failures[:5], [], f"{len(figures.failures)} failures")
        self.assertGreater(len(figures.new), 10)
        self.assertGreater(len(figures.kept), 20)
        self.assertLess(figures.p99(figures.kept), P99)
        self.assertLess(figures.p99(figures.new), new)
        self.assertLessEqual(figures.closes, closes)

    @staticmethod
    def open(gateway: Gateway) -> int:
        """How many connections there are."""
        found = re.search(r"(?m)^signet_connections_open (\d+)$", gateway.metrics())
        return int(found[1]) if found else 0

    def does_not_spin(self, gateway: Gateway, within: float = 60) -> tuple[float, float]:
        """A second in which its threads have, and wish to have, little of a processor: a thread that spins has none.

        Whatever else keeps the machine busy: one of several seconds is enough.
        """

        def second() -> tuple[float, float] | None:
            used, wanted = work(gateway)
            time.sleep(1)
            used, wanted = (after - before for after, before in zip(work(gateway), (used, wanted), strict=True))
            return (used, wanted) if used < 0.2 and wanted < 0.7 else None

        return until("a second without work", second, within, pause=0)

    def is_well(self, gateway: Gateway) -> None:
        until("every connection has ended", lambda: "\nsignet_connections_open 0\n" in gateway.metrics())
        self.nothing_failed(gateway)
        log = gateway.log_file.read_text()
        self.assertIn('"event":"started"', log)
        self.assertNotIn(TOKEN, log)
        self.assertEqual(gateway.terminate(), 0)

    def test_a_handshake_that_waits_costs_nothing(self) -> None:
        """Half a hello, nothing, one byte; with a client that is there, that sends no more, or that has gone."""
        gateway = self.secure()
        hello = client_hello()
        for start, data in (("nothing", b""), ("one byte", hello[:1]), ("half a hello", hello[: len(hello) // 2])):
            for end in ("stay", "send no more", "go"):
                with self.subTest(start, clients=end):
                    stalled = Stalled(gateway.port, 100, data, source=2)
                    for opened, _ in stalled.open.values():
                        if end == "send no more":
                            opened.shutdown(socket.SHUT_WR)
                    if end == "go":
                        stalled.close()
                    # While their handshakes may still wait.
                    used, wanted = self.does_not_spin(gateway, within=HANDSHAKE_DEADLINE - 2)
                    stalled.close()
                    until("all have gone", lambda: "\nsignet_connections_open 0\n" in gateway.metrics())
                    self.say(
                        f"100 clients with {start}, who {end}: {used:.2f} s of a processor in 1 s, {wanted:.2f} s with waiting"
                    )
        self.is_well(gateway)

    def test_stalled_handshakes(self) -> None:
        """300 that send half a hello and nothing more, and 300 that send a byte a second: five seconds for each."""
        gateway = self.secure()
        hello = client_hello()
        good = self.good(gateway)
        silent = Stalled(gateway.port, 300, hello[: len(hello) // 2], source=2)
        slow = Stalled(gateway.port, 300, hello[:1], source=10)
        self.addCleanup(silent.close)
        self.addCleanup(slow.close)
        for second in range(1, round(HANDSHAKE_DEADLINE + LATE) + 1):
            silent.watch(0.5)
            slow.watch(0.5)
            slow.drip(hello[second : second + 1])
        for what, stalled in (("silent", silent), ("slow", slow)):
            self.assertEqual((len(stalled.cut), len(stalled.open)), (300, 0), f"{what} handshakes that were cut")
            self.assertEqual(stalled.answered, {})
            self.assertGreater(min(stalled.cut), HANDSHAKE_DEADLINE - 0.8)
            self.say(f"300 {what} handshakes cut after {min(stalled.cut):.2f} to {max(stalled.cut):.2f} s")
        self.was_served(good, "600 stalled handshakes")
        self.assertRegex(gateway.metrics(), r'(?m)^signet_http_refusals_total\{reason="[a-z-]*handshake[a-z-]*"\} 600$')
        self.is_well(gateway)

    def test_more_stalled_handshakes_than_there_is_room_for(self) -> None:
        """With 2,048 open files there is room for 512 connections, and a quarter of them may be in handshakes."""
        gateway = self.secure(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (2_048, 2_048)))
        good = self.good(gateway)
        half = client_hello()[:100]
        waves = [Stalled(gateway.port, 200, half, source=2)]
        for wave in range(3):
            waves[-1].watch(0.8)
            waves.append(Stalled(gateway.port, 200, half, source=10 * (wave + 1)))
        for stalled in waves:
            self.addCleanup(stalled.close)
        for stalled in waves:
            stalled.watch(HANDSHAKE_DEADLINE + LATE)
            self.assertEqual((len(stalled.cut), stalled.answered), (200, {}))
        self.was_served(good, "four times 200 stalled handshakes, with room for 128", new=HANDSHAKE_DEADLINE * 1000)
        self.is_well(gateway)

    def test_new_connections_at_once(self) -> None:
        """2,000 that connect before the first of them shakes hands; fewer on a machine that leaves the gateway no processor."""
        burst = self.scratch / "burst"
        done = run(
            program("cc"), "-O2", "-o", burst, Path(__file__).parent / "clients" / "burst.c", "-lssl", "-lcrypto"
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        gateway = self.secure()
        good = self.good(gateway)
        for count in (2_000, 500, 100):
            before = work(gateway)
            done = run(burst, str(gateway.port), str(count), "60")
            self.assertEqual(done.returncode, 0, done.stderr)
            found = json.loads(done.stdout)
            used, wanted = (after - before for after, before in zip(work(gateway), before, strict=True))
            self.say(f"{count:,} new connections at once: {found}, {used * 1000 / count:.2f} ms of a processor for each")
            failed = {step: found[step] for step in ("connect", "handshake", "answer", "late") if found[step]}
            # Each has five seconds for its handshake, and the gateway's threads waited too long for a processor of these.
            if not failed or wanted - used < HANDSHAKE_DEADLINE / 2:
                break
        self.assertEqual(failed, {})
        self.was_served(good, "new connections at once", new=HANDSHAKE_DEADLINE * 1000)
        self.is_well(gateway)

    def test_half_records(self) -> None:
        """A record is nothing until it is whole: 100 wait for the other half, and others send theirs byte by byte."""
        gateway = self.secure()
        good = self.good(gateway)
        began = time.monotonic()
        halves = []
        for number in range(100):
            connection = Connection(gateway.port, (TLS_1_2, TLS_1_3)[number % 2], source="127.0.0.2")
            self.addCleanup(connection.close)
            record = connection.record(GET)
            connection.send(record[: len(record) // 2])
            halves.append((connection, record[len(record) // 2 :]))
        for version in (TLS_1_2, TLS_1_3):
            connection = Connection(gateway.port, version, source="127.0.0.3")
            self.addCleanup(connection.close)
            for byte in connection.record(GET):
                connection.send(bytes([byte]))
            self.assertIn(b"HTTP/1.1 200 ", connection.answer())
            # Cut within the second of two.
            first, second = connection.record(GET), connection.record(GET)
            connection.send(first, second[:20])
            self.assertIn(b"HTTP/1.1 200 ", connection.answer())
            connection.send(second[20:])
            self.assertIn(b"HTTP/1.1 200 ", connection.answer())
            connection.close()
        until("the honest client has asked for some time", lambda: time.monotonic() - began > 1.5)
        self.was_served(good, "100 half records")
        # Connections that have not begun a request end after some seconds.
        used, _ = self.does_not_spin(gateway, within=3)
        self.say(f"while 100 wait for the other half: {used:.2f} s of a processor in 1 s")
        for connection, rest in halves:
            connection.send(rest)
            self.assertIn(b"HTTP/1.1 200 ", connection.answer())
            connection.close()
        self.is_well(gateway)

    def test_floods_of_records_without_data(self) -> None:
        """Eight in a row are taken, and the ninth ends the connection, whatever comes behind it."""
        gateway = self.secure()
        floods: list[tuple[str, ssl.TLSVersion, Callable[[Connection], bytes]]] = [
            ("KeyUpdates", TLS_1_3, lambda one: one.update()),
            ("KeyUpdates that ask for one", TLS_1_3, lambda one: one.update(ask=True)),
            ("empty records of TLS 1.3", TLS_1_3, lambda one: one.record(b"")),
            ("empty records of TLS 1.2", TLS_1_2, lambda one: one.record(b"")),
            ("renegotiations", TLS_1_2, lambda one: one.record(CLIENT_HELLO, HANDSHAKE)),
            ("warnings", TLS_1_2, lambda one: one.record(USER_CANCELED, ALERT)),
        ]

        def flood(
            version: ssl.TLSVersion, make: Callable[[Connection], bytes], count: int, behind: bytes
        ) -> list[tuple[int, bytes]]:
            connection = Connection(gateway.port, version, timeout=30, source="127.0.0.2")
            try:
                connection.send(*(make(connection) for _ in range(count)), connection.record(behind) if behind else b"")
                return connection.rest()
            finally:
                connection.close()

        good = self.good(gateway)
        last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        for name, version, make in floods:
            with self.subTest(name):
                taken = flood(version, make, EMPTY_RECORDS if name != "warnings" else 4, last)
                self.assertIn(b"HTTP/1.1 200 ", b"".join(content for kind, content in taken if kind == DATA))
                self.assertEqual(taken[-1], (ALERT, CLOSE_NOTIFY))
                for count, behind in ((EMPTY_RECORDS + 1, b""), (EMPTY_RECORDS + 1, last), (100, last), (2_000, last)):
                    began = time.monotonic()
                    refused = flood(version, make, count, behind)
                    self.assertNotIn(DATA, {kind for kind, _ in refused}, f"{count} of them, and a request is answered")
                    self.assertLess(time.monotonic() - began, FIRST_BYTE_DEADLINE, "ended by a deadline only")
                # As fast as it goes, and as many at once as there are threads.
                used = work(gateway)[0]
                with ThreadPoolExecutor(8) as pool:
                    ends = [pool.submit(flood, version, make, 2_000, b"") for _ in range(40)]
                    self.assertTrue(all(DATA not in {kind for kind, _ in end.result()} for end in ends))
                self.say(
                    f"40 floods of 2,000 {name}: {(work(gateway)[0] - used) * 1000 / 40:.1f} ms of a processor for each"
                )
        self.was_served(good, "floods")
        self.is_well(gateway)

    def test_keys_that_change_within_a_request(self) -> None:
        """A KeyUpdate that asks for one before each byte: the request is answered, and the keys of both sides have changed."""
        gateway = self.secure()
        connection = Connection(gateway.port)
        self.addCleanup(connection.close)
        for _ in range(2):
            for byte in GET:
                connection.send(connection.update(ask=True), connection.record(bytes([byte])))
            self.assertIn(b"HTTP/1.1 200 ", connection.answer())
        connection.send(connection.record(CLOSE_NOTIFY, ALERT))
        connection.close()
        self.is_well(gateway)

    def test_keys_that_change_for_a_client_that_does_not_read(self) -> None:
        """What the gateway owes it does not pile up, and nothing spins; the honest client is served."""
        gateway = self.secure()
        good = self.good(gateway)
        before = gateway.resident()
        deaf = []
        for _ in range(8):
            connection = Connection(gateway.port, source="127.0.0.2")
            self.addCleanup(connection.close)
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            connection.socket.settimeout(0.2)
            deaf.append(connection)
        end = time.monotonic() + 2
        sent = 0
        while time.monotonic() < end and deaf:
            for connection in deaf[:]:
                try:
                    for _ in range(20):
                        connection.send(connection.update(ask=True), connection.record(b"\r\n" if sent == 0 else GET))
                        sent += 1
                except OSError:
                    deaf.remove(connection)  # full, or refused
        self.was_served(good, f"8 that do not read, after {sent:,} KeyUpdates and requests")
        self.assertLess(gateway.resident() - before, 32)
        used, _ = self.does_not_spin(gateway)
        self.say(f"while they are owed answers: {used:.2f} s of a processor in 1 s")
        for connection in deaf:
            connection.close()
        self.nothing_failed(gateway)
        gateway.kill()

    def test_a_second_handshake_is_refused_and_the_session_goes_on(self) -> None:
        """A client of TLS 1.2 that begins one is warned; its request is answered."""
        gateway = self.secure()
        connection = Connection(gateway.port, TLS_1_2)
        self.addCleanup(connection.close)
        connection.send(connection.record(CLIENT_HELLO, HANDSHAKE))
        self.assertEqual(connection.receive(), (ALERT, NO_RENEGOTIATION))
        connection.send(connection.record(GET))
        self.assertIn(b"HTTP/1.1 200 ", connection.answer())
        # And one of TLS 1.3, which has none, is at an end.
        connection = Connection(gateway.port, TLS_1_3)
        self.addCleanup(connection.close)
        connection.send(connection.record(CLIENT_HELLO, HANDSHAKE), connection.record(GET))
        ends = connection.rest()
        self.assertEqual(ends[-1][0], ALERT)
        self.assertEqual(ends[-1][1][:1], b"\2", "a fatal one")
        self.assertNotIn(DATA, {kind for kind, _ in ends})

    def test_the_other_protocol(self) -> None:
        """HTTP on a port of TLS gets a plain 400, TLS on a port of HTTP an alert; 1,000 of each, 50 at once."""
        gateway, plain = self.secure(), self.gateway(name="plain")
        good = self.good(gateway)

        def ask(port: int, data: bytes, source: int) -> bytes:
            with connect(port, source) as opened:
                opened.settimeout(10)
                opened.sendall(data)
                received = b""
                while part := opened.recv(65_536):
                    received += part
                return received

        hello = client_hello()
        requests = [
            GET,
            b"POST /v1/routes/dg/badge HTTP/1.1\r\nContent-Length: 3\r\n\r\n{}\n",
            b"get / http/1.1\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ]
        with ThreadPoolExecutor(50) as pool:
            told = [pool.submit(ask, gateway.port, requests[number % 4], 2) for number in range(1_000)]
            alerts = [pool.submit(ask, plain.port, (hello, hello[:5])[number % 2], 2) for number in range(1_000)]
            for answer in told:
                head, _, body = answer.result().partition(b"\r\n\r\n")
                self.assertTrue(head.startswith(b"HTTP/1.1 400 "), head)
                self.assertIn(b"content-type: application/problem+json", head.lower())
                self.assertIn(b"connection: close", head.lower())
                problem = json.loads(body)
                self.assertEqual(problem["status"], 400)
                self.assertIn("TLS", problem["detail"])
            for answer in alerts:
                self.assertEqual(answer.result(), b"\x15\3\1\0\2\2\x28")
        self.was_served(good, "1,000 requests in plain HTTP")
        self.assertRegex(gateway.metrics(), r'(?m)^signet_http_refusals_total\{reason="[a-z-]*protocol[a-z-]*"\} 1000$')
        self.assertRegex(plain.metrics(), r'(?m)^signet_http_refusals_total\{reason="[a-z-]*protocol[a-z-]*"\} 1000$')
        self.is_well(gateway)
        self.is_well(plain)

    def test_an_end_without_close_notify(self) -> None:
        """Within a request it is an abort: no answer is sent to what may have been cut by another."""
        gateway = self.secure()
        for version in (TLS_1_2, TLS_1_3):
            for data in (
                b"GET / HTTP/1.1\r\nHost: x\r\n",
                b"POST / HTTP/1.0\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
            ):
                connection = Connection(gateway.port, version)
                self.addCleanup(connection.close)
                connection.send(connection.record(data))
                connection.socket.shutdown(socket.SHUT_WR)
                self.assertNotIn(DATA, {kind for kind, _ in connection.rest()})
            # A whole request has its answer, with and without.
            for last in ((), (CLOSE_NOTIFY,)):
                connection = Connection(gateway.port, version)
                self.addCleanup(connection.close)
                connection.send(connection.record(GET), *(connection.record(alert, ALERT) for alert in last))
                connection.socket.shutdown(socket.SHUT_WR)
                self.assertIn(b"HTTP/1.1 200 ", connection.answer())
        self.is_well(gateway)

    def test_a_thousand_kept_connections(self) -> None:
        """At the front, behind a proxy: they all come from one address."""
        gateway = self.secure({"behindProxy": True})
        loads: list[Load] = []
        # In four parts: 1,000 handshakes at once take a busy machine longer than one of them may take.
        for part in range(1, 5):
            loads.append(
                Load(self.scratch, f"https://127.0.0.1:{gateway.port}/v1/routes/dg/badge", connections=250)
            )
            self.addCleanup(loads[-1].kill)
            until(f"{250 * part} are there", lambda: self.open(gateway) >= 250 * part)
        time.sleep(max(SECONDS, 3))
        # An audit line has about 400 bytes.
        until("as many badges are signed", lambda: gateway.audit.stat().st_size > 1_000 * 400)
        self.assertGreaterEqual(self.open(gateway), 1_000)
        for load in loads:
            figures = load.stop()
            self.say(f"250 of 1,000 kept connections: {figures}")
            self.assertEqual(figures.failed, {})
            self.assertGreater(figures.requests, 0)
        self.is_well(gateway)

    def test_certificates_that_change_under_new_connections(self) -> None:
        """Half of the connections are new, or go on with an old session (test_reload has those that are kept)."""
        gateway = self.secure()
        good = self.good(gateway)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        session: ssl.SSLSession | None = None

        def served() -> tuple[bytes, bool]:
            """The certificate that a new connection gets, and whether it went on with the session of the one before."""
            nonlocal session
            with connect(gateway.port) as opened, context.wrap_socket(opened, session=session) as secured:
                secured.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                self.assertIn(b"HTTP/1.1 200 ", secured.recv(65_536))
                session = secured.session
                return secured.getpeercert(binary_form=True) or b"", bool(secured.session_reused)

        swaps = 0
        end = time.monotonic() + max(SECONDS, 3)
        while time.monotonic() < end:
            swaps += 1
            expected = self.put(gateway, ("one", "two")[swaps % 2])
            gateway.signal(signal.SIGHUP)
            resumed: list[bool] = []

            def changed(expected: bytes = expected, resumed: list[bool] = resumed) -> bool:
                certificate, reused = served()
                resumed.append(reused)
                return certificate == expected

            until("the new certificate is served", changed)
            self.assertFalse(resumed[-1], "a session of the old certificate went on")
            self.assertEqual(served(), (expected, True))
        self.was_served(good, f"{swaps} new certificates", closes=swaps)
        self.is_well(gateway)
