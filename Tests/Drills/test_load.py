"""Load on every kind of route: no request fails, memory stays flat, and what is handed out is good."""

import random
import statistics
import threading
import time

from client import Client, check_dg, check_pega, check_talkative
from gateway import BODY, DG_KID, DG_SECRET, DG_WIDGET, TALKATIVE_WIDGET, Gateway, Settings
from load import Load
from proxy import SESSION, pega
from support import SECONDS, Drill

#: What resident memory may grow, in MB, from the first quarter of a load to its last, and from the first round of all
#: three to the second. A leak of ten bytes a request shows up: a round is hundreds of thousands of requests.
ALLOWED_GROWTH = 4.0


class Sampler(threading.Thread):
    """A second client, which looks at every badge it gets."""

    def __init__(self, gateway: Gateway, route: str) -> None:
        super().__init__()
        self.gateway = gateway
        self.route = route
        self.stopping = threading.Event()
        self.checked = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        client = Client(self.gateway.port)
        try:
            while not self.stopping.wait(0.005):
                # Another customer each time: a badge of somebody else would be noticed.
                subject = f"customer-{random.getrandbits(32)}"
                answer = client.badge(self.route, {**BODY, "subject": subject})
                assert answer.status == 200, (answer.status, answer.body)
                if self.route == "dg":
                    check_dg(answer.json, DG_SECRET, DG_KID, DG_WIDGET, subject)
                elif self.route == "talkative":
                    public = self.gateway.folder / "keys" / "talkative.public.pem"
                    check_talkative(answer.json, public, TALKATIVE_WIDGET, subject)
                else:
                    check_pega(answer.json, SESSION)
                self.checked += 1
        except BaseException as failure:
            self.failure = failure
        finally:
            client.close()

    def stop(self) -> int:
        self.stopping.set()
        self.join(60)
        if self.failure:
            raise self.failure
        return self.checked


class LoadOnEveryRoute(Drill):
    def test_load(self) -> None:
        """32 connections on each route in turn, twice."""
        gateway = self.gateway(Settings(pega=pega(self)), quiet=True)
        # What is made once, pools and buffers, is made before anything is compared.
        for route in ("dg", "talkative", "pega"):
            Load(self.scratch, f"http://127.0.0.1:{gateway.port}/v1/routes/{route}/badge", 1).figures()
        rounds = []
        for number in (1, 2):
            ends = [self.load(gateway, route, number) for route in ("dg", "talkative", "pega")]
            rounds.append(max(ends))
        self.say(f"resident memory: {rounds[0]:.1f} MB in the first round, {rounds[1]:.1f} MB in the second")
        self.assertLess(rounds[1] - rounds[0], ALLOWED_GROWTH)
        self.say(f"audit: {self.audit_is_whole(gateway).splitlines()[-1]}")
        self.assertEqual(gateway.terminate(), 0)

    def load(self, gateway: Gateway, route: str, number: int) -> float:
        load = Load(self.scratch, f"http://127.0.0.1:{gateway.port}/v1/routes/{route}/badge", SECONDS)
        self.addCleanup(load.kill)
        sampler = Sampler(gateway, route)
        sampler.start()
        resident = []
        while load.is_running:
            resident.append(gateway.resident())
            time.sleep(0.05)
        figures = load.figures()
        checked = sampler.stop()
        quarter = max(1, len(resident) // 4)
        first, last = statistics.median(resident[:quarter]), statistics.median(resident[-quarter:])
        self.say(f"{route}, round {number}: {figures}; {first:.1f} -> {last:.1f} MB; {checked} badges verified")
        self.assertEqual(figures.failed, {})
        self.assertGreater(figures.requests, 0)
        self.assertGreater(checked, 0)
        self.assertLess(last - first, ALLOWED_GROWTH)
        return last
