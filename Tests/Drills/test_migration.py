"""A route moves from one vendor to another and back, by the command, under load, while keys are rolled on both sides."""

import json
import subprocess
import time
from collections import Counter, defaultdict
from pathlib import Path

from client import Client, ask
from gateway import DG_KID, DG_SECRET, SIGNET, Gateway, Settings
from load import Load
from migration import SECOND, Conversations, Seen, Timeline, Vendors, verified
from support import LATE, SECONDS, Drill, until
from vendor import SESSION, Behaviour, Vendor, answer, created, hang, refusal, taken

SALT = "2026-talkative"
#: All of them are asked for at 25 %.
CUSTOMERS = 200_000
#: The next secret of DG's, as its console would show it.
NEXT_SECRET = "the next dg secret of the drills, long enough"
NEXT_KID = "dg_drills_2"


class Moving(Drill):
    """`signet migrate` and `signet keys` at work on a gateway's configuration."""

    def settings(self, **migrate: object) -> Settings:
        move = {"from": "dg", "to": "talkative", "stage": "off", "percent": 0, "salt": SALT, **migrate}
        return Settings(members={"routes": {"help": {"migrate": move}}})

    def signet(self, gateway: Gateway, *words: str) -> str:
        """Runs a command on the configuration; it has to succeed."""
        done = subprocess.run(
            [SIGNET, *words, "-c", gateway.configuration], capture_output=True, text=True, timeout=60
        )
        self.assertEqual(done.returncode, 0, f"signet {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def in_force(self, gateway: Gateway, stage: str, percent: str) -> bool:
        whole, _, decimals = percent.partition(".")
        share = {"live": int(whole) * 1000 + int(decimals.ljust(3, "0"))}.get(
            stage, 100_000 if stage in ("rampdown", "complete") else 0
        )
        text = gateway.metrics()
        return (
            f'signet_migration_stage{{route="help",stage="{stage}"}} 1' in text
            and f'signet_migration_thousandths{{route="help",cohort=""}} {share}\n' in text
        )


class MovingUnderLoad(Moving):
    def go(self, direction: str, stage: str, percent: str, *options: str) -> None:
        """One step, from the command to the moment from which it holds."""
        self.timeline.begin(stage, percent)
        began = time.monotonic()
        self.signet(self.moving, "migrate", direction, "help", *options)
        until(f"{stage} {percent} % is in force", lambda: self.in_force(self.moving, stage, percent) or None)
        self.timeline.seen()
        self.noticed.append(time.monotonic() - began)
        time.sleep(max(1.2, SECONDS / 6))

    def everybody(self, record: Path) -> None:
        """Waits until each of wrk's threads has been through its customers once more."""

        def counts() -> list[int]:
            return [file.read_bytes().count(b"\n") for file in sorted(record.parent.glob(record.name + ".*"))]

        before = counts()
        aim = [count + CUSTOMERS // 2 + 100 for count in before]
        until(
            "everybody was asked for",
            lambda: all(count > goal for count, goal in zip(counts(), aim)) or None,
            within=240,
            pause=1,
        )

    def test_there_and_back(self) -> None:
        """No failed request, every badge good, nobody back but by a step back, no conversation cut."""
        self.moving = gateway = self.gateway(self.settings(), quiet=False)
        self.timeline = Timeline(SALT)
        self.noticed: list[float] = []
        self.timeline.begin("off", "0")
        vendors = Vendors(
            {DG_KID: DG_SECRET, NEXT_KID: NEXT_SECRET}, [(gateway.folder / "keys/talkative.public.pem").read_bytes()]
        )
        record = self.scratch / "answers"
        load = Load(
            self.scratch,
            f"http://127.0.0.1:{gateway.port}/v1/routes/help/badge",
            connections=16,
            record=record,
            customers=CUSTOMERS,
        )
        self.addCleanup(load.kill)
        conversations = Conversations(gateway, "help", self.timeline)
        conversations.start()
        self.addCleanup(conversations.stop)
        time.sleep(1.2)

        self.go("advance", "shadow", "0")
        next_key = self.rotate_dg(gateway)
        vendors.public.append(self.rotate_talkative(gateway))
        self.go("advance", "live", "1", "--percent", "1")
        self.signet(gateway, "keys", "promote", "dg", next_key)
        self.go("advance", "live", "25", "--percent", "25")
        self.everybody(record)
        self.signet(gateway, "keys", "promote", "talkative", self.next_talkative)
        self.go("advance", "live", "100", "--percent", "100")
        self.signet(gateway, "keys", "retire", "dg", "dg", "--force")
        self.go("advance", "rampdown", "100")
        self.signet(gateway, "keys", "retire", "talkative", "talkative", "--force")
        self.go("advance", "complete", "100")
        turned = time.time()
        self.go("back", "rampdown", "100")
        self.go("back", "live", "100")
        self.go("back", "live", "25", "--percent", "25")
        self.go("back", "live", "1", "--percent", "1")
        self.go("back", "shadow", "1")
        self.go("back", "off", "1")

        figures = load.stop()
        conversations.stop()
        self.assertEqual(figures.failed, {})
        answers = verified(record, vendors)
        self.assertGreaterEqual(len(answers), CUSTOMERS)
        self.right_side(answers)
        self.nobody_comes_back(answers, turned)
        self.shares(answers)
        self.assertEqual(conversations.cut[:5], [], f"{len(conversations.cut)} conversations were cut")
        self.assertGreater(conversations.kept, 100)
        # Both keys of both vendors were at work.
        self.assertEqual({answer.key for answer in answers}, {DG_KID, NEXT_KID, "0", "1"})
        self.assertEqual([line["new"]["stage"] for line in gateway.events("migration") if "old" in line], self.steps())
        self.nothing_failed(gateway)
        self.say(
            f"{figures}; {len(answers):,} badges verified; {conversations.begun} conversations, {conversations.kept} "
            f"badges in them; a step is in force after {min(self.noticed):.2f} to {max(self.noticed):.2f} s; "
            f"{gateway.resident():.1f} MB; {self.audit_is_whole(gateway)[:80]}"
        )
        self.assertEqual(gateway.terminate(), 0)

    def steps(self) -> list[str]:
        return [step.stage for step in self.timeline.steps[1:]]

    # Keys

    def rotate_dg(self, gateway: Gateway) -> str:
        """DG makes the key: the command says where its secret goes."""
        told = json.loads(self.signet(gateway, "keys", "rotate", "dg", "--kid", NEXT_KID, "--output", "json"))
        gateway.write(str(Path(told["file"])), NEXT_SECRET)
        return str(told["key"])

    def rotate_talkative(self, gateway: Gateway) -> bytes:
        """Signet makes the key: its public half goes to the vendor."""
        told = json.loads(self.signet(gateway, "keys", "rotate", "talkative", "--output", "json"))
        self.next_talkative = str(told["key"])
        pem = published_pem(gateway, self.next_talkative)
        self.assertEqual(pem.decode(), told["publicPem"])
        return pem

    # What has to hold

    def right_side(self, answers: list[Seen]) -> None:
        """Everybody is where the reference function of the documentation says."""
        wrong = []
        for answer in answers:
            steps = self.timeline.at(answer.second, answer.second + SECOND)
            if answer.side not in {step.side(SALT, answer.subject) for step in steps}:
                wrong.append((answer, steps))
        self.assertEqual(wrong[:3], [], f"{len(wrong)} of {len(answers)} are on the wrong side")

    def nobody_comes_back(self, answers: list[Seen], turned: float) -> None:
        sides: dict[tuple[int, str], str] = {}
        moved = 0
        for answer in answers:
            if answer.second + SECOND >= turned:
                continue
            who = (answer.thread, answer.subject)
            self.assertFalse(sides.get(who) == "to" and answer.side == "from", f"{who} came back")
            moved += sides.get(who) == "from" and answer.side == "to"
            sides[who] = answer.side
        self.assertGreater(moved, 100)

    def shares(self, answers: list[Seen]) -> None:
        """Of everybody asked for at one percentage alone."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for answer in answers:
            steps = self.timeline.at(answer.second, answer.second + SECOND)
            if len(steps) == 1 and steps[0].stage == "live":
                found[steps[0].percent][answer.subject] = answer.side
        self.assertEqual(len(found["25"]), CUSTOMERS)
        for percent, sides in sorted(found.items()):
            share = 100 * Counter(sides.values())["to"] / len(sides)
            self.say(f"{share:.3f} % of {len(sides):,} customers at {percent} %")
            if len(sides) == CUSTOMERS:
                self.assertLess(abs(share - float(percent)), 0.5)


def published_pem(gateway: Gateway, key: str) -> bytes:
    """The public half as the gateway publishes it."""

    def published() -> bytes | None:
        client = Client(gateway.port)
        try:
            found = client.get(f"/v1/keys/{key}/public.pem")
            return found.body if found.status == 200 else None
        finally:
            client.close()

    return until(f"{key} is published", published)


class BrokenTarget(Moving):
    """The vendor to move to is broken, in each way there is: shadow tells, live hands out the old one."""

    FALLBACK_AFTER = 1.0

    def setUp(self) -> None:
        super().setUp()
        self.vendor = Vendor()
        self.addCleanup(self.vendor.stop)

    def broken(self, stage: str, fallback_after: str = "25s", **target: object) -> Gateway:
        settings = self.settings(to="pega", stage=stage, percent=100, fallbackAfter=fallback_after)
        settings.pega = self.vendor.origin
        settings.connection = target
        settings.members["delivery"] = {"attempts": 1}
        return self.gateway(settings, name=f"{stage}-{len(list(self.scratch.iterdir()))}")

    def count(self, gateway: Gateway, name: str, **labels: str) -> int:
        """The value of a counter; 0 where there is none."""
        for line in gateway.metrics().splitlines():
            if line.startswith(name + "{") and all(f'{label}="{value}"' in line for label, value in labels.items()):
                return int(line.rpartition(" ")[2])
        return 0

    def asked(self, gateway: Gateway, times: int = 20) -> float:
        """Everybody gets DG's badge; how long the slowest took."""
        slowest = 0.0
        for number in range(times):
            began = time.monotonic()
            given = ask(gateway.port, "help", {"subject": f"customer-{number}"})
            slowest = max(slowest, time.monotonic() - began)
            self.assertEqual((given.status, given.json["connection"]), (200, "dg"), given.body)
            self.assertTrue(given.json["badge"]["value"])
        return slowest

    def test_shadow_tells(self) -> None:
        for name, target, result in (
            ("a mapping that nobody meets", {"privateData": {"tier": "attributes.tier"}}, "identity-incomplete"),
            ("nothing", {}, "consistent"),
        ):
            with self.subTest(name):
                gateway = self.broken("shadow", **target)
                self.vendor.behave([hang])
                slowest = self.asked(gateway)
                until(
                    f"{result} is counted",
                    lambda: self.count(gateway, "signet_migration_shadow_total", result=result) == 20 or None,
                )
                self.assertEqual(self.vendor.calls, [], "no vendor is called in shadow")
                self.assertLess(slowest, LATE)
                self.assertEqual(gateway.terminate(), 0)

    def test_live_falls_back(self) -> None:
        down = Vendor()
        down.stop()
        for name, create, private, target, code, slow in (
            ("is down", [created], [taken], {"origin": down.origin}, "vendor-unreachable", False),
            ("hangs", [hang], [taken], {}, "fallback-after", True),
            ("hangs at the private data", [created], [hang], {}, "fallback-after", True),
            ("refuses", [refusal(401)], [taken], {}, "vendor-refused", False),
            ("answers nonsense", [answer(200, "<html>")], [taken], {}, "vendor-answer-senseless", False),
            ("is mapped wrongly", [created], [taken], {"privateData": {"t": "attributes.t"}}, "identity-incomplete", False),
        ):
            with self.subTest(name):
                self.falls_back(name, create, private, target, code, slow)

    def falls_back(
        self, name: str, create: list[Behaviour], private: list[Behaviour], target: dict[str, object], code: str, slow: bool
    ) -> None:
        self.vendor.behave(create, private)
        # Where it does not hang, this is so long that only another reason leads back to the old one.
        gateway = self.broken("live", "1s" if slow else "25s", **target)
        times = 3
        slowest = self.asked(gateway, times)
        self.assertEqual(self.count(gateway, "signet_migration_errors_total", side="to", code=code), times)
        self.assertEqual(self.count(gateway, "signet_migration_assigned_total", reason="fallback"), times)
        if slow:
            self.assertGreaterEqual(slowest, self.FALLBACK_AFTER)
        self.assertLess(slowest, (self.FALLBACK_AFTER if slow else 0) + LATE)
        self.say(f"the new vendor {name}: the old one's badge after {slowest:.2f} s at most")
        # And when it is well again, everybody is there.
        self.vendor.behave()
        self.audit_is_whole(gateway)
        self.assertEqual(gateway.terminate(), 0)

    def test_without_a_key(self) -> None:
        """The new connection's only key ends while the gateway runs."""
        for stage in ("shadow", "live"):
            with self.subTest(stage):
                gateway, before, end = self.ending(stage)
                self.assertEqual(before, "talkative" if stage == "live" else "dg")
                until("the key has ended", lambda: time.time() >= end or None, within=100)
                self.asked(gateway, 5)
                name = "signet_migration_shadow_total" if stage == "shadow" else "signet_migration_errors_total"
                until(
                    "it is counted",
                    lambda: "no-signing-key" in "".join(
                        line for line in gateway.metrics().splitlines() if line.startswith(name)
                    )
                    or None,
                )
                self.assertEqual(gateway.terminate(), 0)

    def ending(self, stage: str) -> tuple[Gateway, str, int]:
        """A gateway, the connection of a badge, and when its key ended after that: soon, or on a busy machine later."""
        for seconds in (3, 15, 60):
            settings = self.settings(to="talkative", stage=stage, percent=100)
            gateway = self.unstarted(settings, name=f"keyless-{stage}-{seconds}")
            members = json.loads(gateway.configuration.read_text())
            end = int(time.time()) + seconds
            members["keys"]["talkative"]["notAfter"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
            gateway.write_configuration(members)
            gateway.start()
            before = str(ask(gateway.port, "help", {"subject": "1"}).json["connection"])
            if time.time() < end:
                return gateway, before, end
            gateway.kill()
        raise AssertionError("the gateway was never up in time")

    def test_whoever_is_well_is_used(self) -> None:
        """The same gateway with a vendor that answers."""
        gateway = self.broken("live")
        given = ask(gateway.port, "help", {"subject": "1"})
        self.assertEqual((given.status, given.json["connection"]), (200, "pega"))
        self.assertEqual(given.json["badge"]["value"], SESSION)
        self.assertEqual(gateway.terminate(), 0)
