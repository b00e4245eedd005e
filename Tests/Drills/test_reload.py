"""Reloads under load: no request fails, and each badge is of one version of the configuration, never of two."""

import itertools
import json
import re
import signal
import ssl
import time
from collections import Counter
from pathlib import Path
from typing import Any

from client import Client, ask, check_talkative, decode, is_signed
from gateway import SIGNET, Gateway, digest
from load import Load, recorded
from support import LATE, SECONDS, Drill, run, until


#: How soon a change is in force, in seconds.
NOTICED = 2.0


class Version:
    """One version of everything that a badge shows: key, key id and widget belong together."""

    def __init__(self, drill: Drill, name: str) -> None:
        self.name = name
        self.secret = f"the secret of version {name}, and of no other one"
        self.kid, self.widget = f"kid-{name}", f"widget-{name}"
        self.token = f"signet_only-in-{name}"
        folder = drill.scratch / "made" / name
        folder.mkdir(parents=True)
        done = run(SIGNET, "keys", "generate", "talkative", "--dir", folder)
        drill.assertEqual(done.returncode, 0, done.stderr)
        self.private = (folder / "talkative.private.pem").read_bytes()
        self.public = folder / "talkative.public.pem"

    def members(self, base: dict[str, Any], keys: str) -> dict[str, Any]:
        """The configuration of this version, with its keys in a folder."""
        value = json.loads(json.dumps(base))
        value["keys"]["dg"] = {"file": f"{keys}/dg.secret", "encoding": "utf8", "kid": self.kid}
        value["keys"]["talkative"] = {"file": f"{keys}/talkative.private.pem"}
        value["connections"]["dg"]["widgetId"] = self.widget
        value["connections"]["talkative"]["widgetId"] = self.widget
        value["routes"][f"only-{self.name}"] = {"connection": "dg"}
        value["callers"].append({"name": f"caller-{self.name}", "tokenSha256": [digest(self.token)], "routes": ["*"]})
        return value

    def write_keys(self, folder: Path) -> None:
        for name, content in (("dg.secret", self.secret.encode()), ("talkative.private.pem", self.private)):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)


class Reload(Drill):
    def setUp(self) -> None:
        super().setUp()
        self.a, self.b = Version(self, "a"), Version(self, "b")

    def load(self, gateway: Gateway, route: str) -> Load:
        load = Load(
            self.scratch,
            f"http://127.0.0.1:{gateway.port}/v1/routes/{route}/badge",
            connections=16,
            record=self.scratch / f"answers-{route}",
        )
        self.addCleanup(load.kill)
        return load

    def versions_of(self, *versions: Version) -> Counter[str]:
        """Of which version each badge of wrk's is; fails for one that is of none, or of two."""
        found: Counter[str] = Counter()
        for status, _, body in recorded(self.scratch / "answers-dg"):
            self.assertEqual(status, 200, body)
            badge = json.loads(body)["badge"]
            kid = json.loads(decode(badge["value"].split(".")[0]))["kid"]
            whole = [
                version.name
                for version in versions
                if (kid, badge["widgetId"]) == (version.kid, version.widget)
                and is_signed(badge["value"], version.secret)
            ]
            self.assertEqual(len(whole), 1, f"a badge of no version, or of a mixture: {kid}, {badge['widgetId']}")
            found[whole[0]] += 1
        # Signatures over P-256 take longer to verify; every twentieth.
        for status, _, body in itertools.islice(recorded(self.scratch / "answers-talkative"), 0, None, 20):
            self.assertEqual(status, 200, body)
            reply = json.loads(body)
            version = next(version for version in versions if version.widget == reply["badge"]["widgetId"])
            check_talkative(reply, version.public, version.widget)
            found["talkative " + version.name] += 1
        return found

    def in_force(self, gateway: Gateway, version: Version, other: Version) -> None:
        """Callers, routes, keys: all of this version and none of the other."""
        self.assertEqual(ask(gateway.port, "dg", token=version.token).status, 200)
        self.assertEqual(ask(gateway.port, "dg", token=other.token).status, 401)
        self.assertEqual(ask(gateway.port, f"only-{version.name}").status, 200)
        self.assertEqual(ask(gateway.port, f"only-{other.name}").status, 404)

    def test_everything_at_once(self) -> None:
        """Rewritten files with and without SIGHUP, and broken ones in between."""
        gateway = self.unstarted()
        base = json.loads(gateway.configuration.read_text())
        for version in (self.a, self.b):
            version.write_keys(gateway.folder / "keys" / version.name)
        gateway.write("keys/other.secret", "a secret where a private key should be")
        gateway.write_configuration(self.a.members(base, "keys/a"))
        gateway.start()
        loads = [self.load(gateway, "dg"), self.load(gateway, "talkative")]
        end = time.monotonic() + max(SECONDS, 3)
        current, other = self.a, self.b
        reloads = refused = 0
        broken = self.broken(self.a.members(base, "keys/a"))
        slowest = 0.0
        while time.monotonic() < end or refused < len(broken):
            current, other = other, current
            gateway.write_configuration(current.members(base, f"keys/{current.name}"))
            changed = time.monotonic()
            if reloads % 2:
                gateway.signal(signal.SIGHUP)
            reloads += 1
            until(
                "the new configuration is in force",
                lambda: ask(gateway.port, "dg", token=current.token).status == 200 or None,
            )
            slowest = max(slowest, time.monotonic() - changed)
            self.in_force(gateway, current, other)
            name, text, why = broken[refused % len(broken)]
            failed = len(gateway.events("reload-failed"))
            gateway.write("signet.json", text)
            gateway.signal(signal.SIGHUP)
            until(f"{name} is refused", lambda: len(gateway.events("reload-failed")) > failed or None)
            problems = " ".join(gateway.events("reload-failed")[-1]["problems"])
            self.assertIn(why, problems, name)
            refused += 1
            self.in_force(gateway, current, other)
        figures = [load.stop() for load in loads]
        found = self.versions_of(self.a, self.b)
        self.assertEqual([figure.failed for figure in figures], [{}, {}])
        self.say(f"{reloads} reloads, {refused} broken configurations refused: {figures[0]}")
        self.say(f"badges by version: {dict(found)}; in force after {slowest:.2f} s at most")
        self.assertTrue(all(found[name] > 0 for name in ("a", "b", "talkative a", "talkative b")), found)
        self.assertLess(slowest, NOTICED + LATE)
        counted = dict(re.findall(r'(?m)^signet_config_reloads_total\{result="(\w+)"\} (\d+)$', gateway.metrics()))
        self.assertGreaterEqual(int(counted["success"]), reloads)
        self.assertGreaterEqual(int(counted["failure"]), refused)
        self.assertEqual(gateway.terminate(), 0)
        gateway.write_configuration(base)
        self.audit_is_whole(gateway)

    @staticmethod
    def broken(members: dict[str, Any]) -> list[tuple[str, str, str]]:
        """Configurations that cannot be loaded, and a word of the reason."""

        def changed(place: str, value: Any) -> str:
            copy = json.loads(json.dumps(members))
            *parents, name = place.split("/")
            owner = copy
            for parent in parents:
                owner = owner[parent]
            owner[name] = value
            return json.dumps(copy)

        whole = json.dumps(members)
        return [
            ("an empty file", "", "signet.json"),
            ("half a file", whole[: len(whole) // 2], "signet.json"),
            ("an unknown member", changed("lisen", 1), "lisen"),
            ("a route to nowhere", changed("routes/uk", {"connection": "nowhere"}), "nowhere"),
            ("a key file that is not there", changed("keys/dg/file", "keys/none.secret"), "none.secret"),
            ("another kind of key", changed("keys/talkative/file", "keys/other.secret"), "talkative"),
            ("another digest key", changed("keys/log-digest/file", "keys/pega.secret"), "digest"),
            ("off loopback without TLS", changed("listen", "0.0.0.0:8787"), "listen"),
        ]

    def test_key_file_alone(self) -> None:
        """A key file that is replaced is noticed without a signal, within two seconds."""
        gateway = self.unstarted()
        base = json.loads(gateway.configuration.read_text())
        self.a.write_keys(gateway.folder / "keys" / "a")
        gateway.write_configuration(self.a.members(base, "keys/a"))
        gateway.start()
        self.b.kid, self.b.widget = self.a.kid, self.a.widget
        load = self.load(gateway, "dg")
        slowest = 0.0
        for version in (self.b, self.a, self.b):
            gateway.write("keys/a/dg.secret", version.secret)
            changed = time.monotonic()
            until(
                "the new key signs",
                lambda: is_signed(ask(gateway.port, "dg").json["badge"]["value"], version.secret) or None,
            )
            slowest = max(slowest, time.monotonic() - changed)
        # One that everybody may read is refused, and the good one stays.
        gateway.write("keys/a/dg.secret", self.a.secret, mode=0o644)
        until("the open key is refused", lambda: gateway.events("reload-failed") or None)
        self.assertTrue(is_signed(ask(gateway.port, "dg").json["badge"]["value"], self.b.secret))
        gateway.write("keys/a/dg.secret", self.a.secret)
        until("the key signs", lambda: is_signed(ask(gateway.port, "dg").json["badge"]["value"], self.a.secret) or None)
        figures = load.stop()
        self.assertEqual(figures.failed, {})
        found = self.versions_of(self.a, self.b)
        self.say(f"a new key file signs after {slowest:.2f} s at most; {dict(found)}; {figures}")
        self.assertLess(slowest, NOTICED + LATE)

    def test_kubernetes(self) -> None:
        """A whole folder of files, turned by one symbolic link as kubelet does, as fast as it goes."""
        gateway = self.unstarted()
        base = json.loads(gateway.configuration.read_text())
        numbers = itertools.count()

        def turn(version: Version) -> None:
            """Writes a folder, leads `..data` to it, and takes the old one away."""
            name = f"..{next(numbers)}"
            folder = gateway.folder / name
            version.write_keys(folder)
            members = version.members(base, ".")
            members["audit"] = {"file": str(gateway.audit)}
            members["keys"]["log-digest"]["file"] = str(gateway.folder / "keys" / "digest.secret")
            (folder / "signet.json").write_text(json.dumps(members))
            link = gateway.folder / "..data_tmp"
            link.symlink_to(name)
            data = gateway.folder / "..data"
            old = data.resolve() if data.is_symlink() else None
            link.rename(data)
            if old:
                for file in old.iterdir():
                    file.unlink()
                old.rmdir()

        gateway.configuration.unlink()
        turn(self.a)
        for name in ("signet.json", "dg.secret", "talkative.private.pem"):
            (gateway.folder / name).symlink_to(f"..data/{name}")
        gateway.start()
        loads = [self.load(gateway, "dg"), self.load(gateway, "talkative")]
        end = time.monotonic() + max(SECONDS, 3)
        turns = 0
        resident = 0.0
        version = self.a
        while time.monotonic() < end:
            version = self.b if version is self.a else self.a
            # In turns: right after the change, and in the very moment of it.
            if turns % 2:
                gateway.signal(signal.SIGHUP)
                turn(version)
            else:
                turn(version)
                gateway.signal(signal.SIGHUP)
            turns += 1
            if turns == 20:
                resident = gateway.resident()
            time.sleep(0.002 * (turns % 20))
        until("the last is in force", lambda: ask(gateway.port, "dg", token=version.token).status == 200 or None)
        self.in_force(gateway, version, self.a if version is self.b else self.b)
        # Without any signal as well.
        other = self.a if version is self.b else self.b
        changed = time.monotonic()
        turn(other)
        until("the swap is noticed", lambda: ask(gateway.port, "dg", token=other.token).status == 200 or None)
        noticed = time.monotonic() - changed
        figures = [load.stop() for load in loads]
        grown = gateway.resident() - resident
        found = self.versions_of(self.a, self.b)
        self.assertEqual([figure.failed for figure in figures], [{}, {}])
        self.say(
            f"{turns} swaps of a whole folder, {len(gateway.events('reloaded'))} reloads, "
            f"{len(gateway.events('reload-failed'))} refused; {dict(found)}; noticed after {noticed:.2f} s; "
            f"{grown:+.1f} MB; {figures[0]}"
        )
        self.assertLess(noticed, NOTICED + LATE)
        # What was in force before is let go of.
        self.assertLess(grown, 8)
        for line in gateway.events("reload-failed")[:3]:
            self.say(f"refused: {line['problems'][:1]}")
        self.assertEqual(gateway.terminate(), 0)

    def test_certificate(self) -> None:
        """A new certificate for new connections, a bad one refused, and no failed request."""
        gateway = self.unstarted()
        base = json.loads(gateway.configuration.read_text())
        pairs = {name: self.certificate(name) for name in ("one", "two", "three")}
        gateway.write_configuration({**base, "tls": {"certificate": "tls/tls.crt", "key": "tls/tls.key"}})

        def put(certificate: bytes, key: bytes) -> None:
            gateway.write("tls/tls.key", key)
            gateway.write("tls/tls.crt", certificate)

        def served() -> bytes:
            return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", gateway.port), timeout=30))

        put(*pairs["one"])
        gateway.start()
        self.assertEqual(served(), ssl.PEM_cert_to_DER_cert(pairs["one"][0].decode()))
        load = Load(self.scratch, f"https://127.0.0.1:{gateway.port}/v1/routes/dg/badge", connections=16)
        self.addCleanup(load.kill)
        kept = Client(gateway.port, tls=True)
        swaps = 0
        for name in itertools.islice(itertools.cycle(("two", "three", "one")), max(3, round(SECONDS / 3))):
            self.assertEqual(kept.badge("dg").status, 200)
            put(*pairs[name])
            if swaps % 2:
                gateway.signal(signal.SIGHUP)
            expected = ssl.PEM_cert_to_DER_cert(pairs[name][0].decode())
            until(f"certificate {name} is served", lambda: served() == expected or None)
            # The connection that was there is told to go, and not cut.
            last = kept.badge("dg")
            self.assertEqual((last.status, last.closes), (200, True))
            swaps += 1
            failed = len(gateway.events("reload-failed"))
            put(b"-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n", pairs[name][1])
            gateway.signal(signal.SIGHUP)
            until("the bad certificate is refused", lambda: len(gateway.events("reload-failed")) > failed or None)
            self.assertEqual(served(), expected)
        kept.close()
        figures = load.stop()
        self.assertEqual(figures.failed, {})
        self.say(f"{swaps} certificates put in place and as many bad ones refused: {figures}")
        self.assertEqual(gateway.terminate(), 0)

    def certificate(self, name: str) -> tuple[bytes, bytes]:
        key, certificate = self.scratch / f"{name}.key", self.scratch / f"{name}.crt"
        done = run(
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate),
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return certificate.read_bytes(), key.read_bytes()
