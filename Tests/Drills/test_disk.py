"""The audit on a disk that is slow, and on one that fails: fdatasync(2) is delayed, or made to fail, in the gateway's process."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from client import Client, ask
from gateway import SIGNET, Gateway, Settings
from proxy import pega
from support import Drill, program, run, until

#: Obeys a file: how many milliseconds each fdatasync takes, and whether it fails.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int fdatasync(int descriptor) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    long milliseconds = 0;
    int fails = 0;
    FILE *orders = fopen(getenv("DISK_ORDERS"), "re");
    if (orders) {
        if (fscanf(orders, "%ld %d", &milliseconds, &fails) != 2) milliseconds = fails = 0;
        fclose(orders);
    }
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&pause, &pause) != 0) {}
    if (fails) {
        errno = EIO;
        return -1;
    }
    return real(descriptor);
}
"""


class Disk(Drill):
    def setUp(self) -> None:
        super().setUp()
        source = self.scratch / "disk.c"
        source.write_text(SHIM)
        self.shim = self.scratch / "disk.so"
        done = run(program("cc"), "-shared", "-fPIC", "-o", self.shim, source, "-ldl")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.orders = self.scratch / "orders"
        self.order(0)

    def order(self, milliseconds: int, fails: bool = False) -> None:
        """What the disk does from now on."""
        beside = self.orders.with_suffix(".new")
        beside.write_text(f"{milliseconds} {int(fails)}")
        beside.rename(self.orders)

    def disk_gateway(self, durability: str) -> Gateway:
        settings = Settings(pega=pega(self), members={"audit": {"file": "audit.jsonl", "durability": durability}})
        gateway = self.unstarted(settings)
        gateway.environment = {"LD_PRELOAD": str(self.shim), "DISK_ORDERS": str(self.orders)}
        gateway.start()
        return gateway

    def test_slow(self) -> None:
        """Each wait for the disk takes three seconds: thirty badges at once are answered, and what is public at once."""
        gateway = self.disk_gateway("machine")
        self.order(3_000)
        public: list[float] = []
        stop = threading.Event()

        def ask_for_keys() -> None:
            client = Client(gateway.port)
            while not stop.is_set():
                began = time.monotonic()
                self.assertEqual(client.get("/.well-known/jwks.json").status, 200)
                public.append(time.monotonic() - began)
            client.close()

        asking = threading.Thread(target=ask_for_keys)
        asking.start()
        began = time.monotonic()
        with ThreadPoolExecutor(30) as pool:
            routes = [("dg", "talkative", "pega")[number % 3] for number in range(30)]
            answers = list(pool.map(lambda route: ask(gateway.port, route), routes))
        took = time.monotonic() - began
        stop.set()
        asking.join()
        self.assertEqual([answer.status for answer in answers], [200] * 30, [answer.code for answer in answers])
        self.assertGreaterEqual(took, 3, "something was handed out before the disk had it")
        # Nobody who records nothing waits: the disk's three are no part of any of these.
        self.assertGreater(len(public), 10)
        self.assertLess(max(public), 3, "a GET waited for the audit's disk")
        recorded = {line["requestId"] for line in Gateway.audited(gateway.audit)}
        self.assertEqual({answer.request_id for answer in answers} - recorded, set())
        # SIGTERM while lines wait: they are written, and answered.
        before = len(recorded)
        last = [Client(gateway.port) for _ in range(6)]
        for client in last:
            client.send("dg")
        until("all are accepted", lambda: re.search(r"(?m)^signet_connections_open 6$", gateway.metrics()))
        until("lines are written", lambda: sum(1 for _ in Gateway.audited(gateway.audit)) > before or None)
        self.assertEqual(gateway.terminate(), 0)
        statuses = [client.answer().status for client in last]
        self.assertTrue(all(status == 200 for status in statuses), statuses)
        self.assertIn("complete", self.audit_is_whole(gateway))
        self.nothing_failed(gateway)
        self.say(
            f"fdatasync takes 3 s: 30 badges in {took:.1f} s, none refused; beside them {len(public):,} public answers, "
            f"the slowest after {max(public) * 1000:.0f} ms; 6 more answered in the drain"
        )

    def test_process_never_waits_for_the_disk(self) -> None:
        """With durability `process` nothing in the gateway calls fdatasync before its end."""
        gateway = self.disk_gateway("process")
        self.order(60_000)
        client = Client(gateway.port, timeout=30)
        for route in ("dg", "talkative", "pega"):
            self.assertEqual(client.badge(route).status, 200)
        client.close()
        self.order(0)
        self.assertEqual(gateway.terminate(), 0)
        self.audit_is_whole(gateway)

    def test_failing(self) -> None:
        """What the disk did not confirm is refused, and the audit says so; it recovers by itself."""
        gateway = self.disk_gateway("machine")
        self.assertEqual(ask(gateway.port, "dg").status, 200)
        self.order(0, fails=True)
        began = time.monotonic()
        for route in ("dg", "talkative", "pega"):
            answer = ask(gateway.port, route)
            self.assertEqual((answer.status, answer.code), (503, "audit-unavailable"), answer.body)
            self.assertNotIn(b"eyJ", answer.body)
        self.assertEqual(ask(gateway.port, "dg", {"anonymous": True}).status, 200)
        self.assertIn("signet_audit_usable 0", gateway.metrics())
        ready = gateway.ready()
        if time.monotonic() - began < 5:
            self.assertEqual(ready, 200, "not before five seconds")
        until("it is not ready", lambda: gateway.ready() == 503 or None)
        self.order(0)
        until("it is ready again", lambda: gateway.ready() == 200 or None)
        self.assertIn("signet_audit_usable 1", gateway.metrics())
        good = ask(gateway.port, "dg")
        self.assertEqual(good.status, 200)
        self.assertEqual(gateway.terminate(), 0)
        self.assertEqual([line["level"] for line in gateway.events("audit-unusable")], ["error"])
        self.assertEqual([line["level"] for line in gateway.events("audit-resumed")], ["warning"])
        verified = run(SIGNET, "audit", "verify", "-c", gateway.configuration, gateway.audit)
        self.assertEqual(verified.returncode, 0, verified.stdout)
        self.assertIn("did not confirm", verified.stdout + verified.stderr)
        self.say("fdatasync fails: 3 of 3 refused, not ready after 5 s, ready again by itself; the audit is whole")


class MountedConfiguration(Drill):
    def test_is_not_replaced(self) -> None:
        """A configuration that is a bind mount of its own, as `docker run -v ./signet.json:/etc/signet/signet.json` makes one."""
        migrate = {"migrate": {"from": "dg", "to": "talkative", "stage": "off"}}
        gateway = self.unstarted(Settings(members={"routes": {"help": migrate}}))
        before = gateway.configuration.read_bytes()
        script = 'mount --bind "$1" "$1" && exec "$0" migrate advance help -c "$1"'
        done = run("unshare", "--mount", "sh", "-c", script, SIGNET, gateway.configuration)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertEqual(
            done.stderr.splitlines(),
            [
                f"signet: error: {gateway.configuration} is a mount point, so it cannot be replaced",
                "signet: hint: mount the directory that contains it",
            ],
        )
        self.assertEqual(gateway.configuration.read_bytes(), before)
        self.assertEqual([path.name for path in gateway.folder.iterdir() if path.name.startswith(".")], [])
