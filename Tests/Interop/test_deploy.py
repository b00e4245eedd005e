"""What docs/deploy shows is read by the programs it is for, and the gateway runs with it."""

import copy
import json
import re
import ssl
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

from serving import Serving
from support import REPOSITORY, SIGNET, InteropTest, run, until

DEPLOY = REPOSITORY / "docs" / "deploy"
UNITS = ["signet.service", "signet.socket", "signet-admin.socket"]
#: systemd's own measure, from 0 (safe) to 100: docs/deploy/README.md names it.
EXPOSURE = 14


def seconds(text: str) -> int:
    return int(re.fullmatch(r"(\d+)s", text)[1])  # type: ignore[index]


class DeployTest(InteropTest):
    def certificate(self, certificate: str, key: str) -> None:
        """A certificate for this machine, with a key of the mode that Kubernetes gives it."""
        for path in (certificate, key):
            (self.scratch / path).parent.mkdir(parents=True, exist_ok=True)
        self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        )
        (self.scratch / key).chmod(0o440)

    def caller(self, name: str = "storefront") -> tuple[str, str]:
        """A token and its digest."""
        made = self.signet("callers", "create", name, "--output", "json").json
        return made["token"], made["entry"]["tokenSha256"][0]

    def start(self, configuration: Path, tls: ssl.SSLContext | None = None) -> Serving:
        gateway = Serving(configuration, tls=tls)
        self.addCleanup(gateway.stop)
        return gateway

    def logged(self, gateway: Serving, event: str) -> list[dict[str, Any]]:
        """The lines of this event so far."""
        self.assertIsNone(gateway.process.poll(), gateway.log)
        return [line for line in gateway.log if line["event"] == event]


class Kubernetes(DeployTest):
    def documents(self) -> dict[str, dict[str, Any]]:
        found = {}
        for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
            for document in yaml.safe_load_all(path.read_text()):
                found[f"{document['kind']}/{document['metadata']['name']}"] = document
        return found

    def test_the_manifests_are_what_kubernetes_takes(self) -> None:
        documents = self.documents()
        self.assertEqual(
            sorted(documents),
            ["ConfigMap/signet", "Deployment/signet", "NetworkPolicy/signet", "PodDisruptionBudget/signet",
             "Service/signet", "Service/signet-admin", "ServiceMonitor/signet"],
        )
        for name, document in documents.items():
            if not name.startswith("ServiceMonitor/"):  # of the Prometheus operator; its schema is not Kubernetes' own
                kubernetes_validate.validate(copy.deepcopy(document), "1.33", strict=True)

    def test_a_pod_has_the_time_that_the_configuration_takes(self) -> None:
        pod = self.documents()["Deployment/signet"]["spec"]["template"]["spec"]
        configuration = self.configuration(self.scratch)
        self.assertGreater(
            pod["terminationGracePeriodSeconds"],
            seconds(configuration["drainDelay"]) + seconds(configuration["drain"]),
        )
        for volume in pod["volumes"]:
            if "secret" in volume:
                self.assertEqual(volume["secret"]["defaultMode"], 0o440)
        self.assertTrue(configuration["admin"]["exposed"])

    def configuration(self, etc: Path) -> dict[str, Any]:
        """The ConfigMap's file, with its folder elsewhere. Comments go; strings with two slashes are none of its."""
        text = self.documents()["ConfigMap/signet"]["data"]["signet.json"]
        return json.loads(re.sub(r"//(?=[ \w]).*", "", text).replace("/etc/signet/", f"{etc}/"))

    def test_the_gateway_runs_with_the_configmap(self) -> None:
        text = self.documents()["ConfigMap/signet"]["data"]["signet.json"]
        token, digest = self.caller()
        text = text.replace("/etc/signet/", "").replace("/var/lib/signet/", "").replace("0" * 64, digest)
        self.write("signet.jsonc", text)
        self.signet("keys", "generate", "talkative-uk", "--dir", "keys")
        self.signet("keys", "generate", "log-digest", "--algorithm", "hs256", "--dir", "keys")
        for path in (self.scratch / "keys").iterdir():
            path.chmod(0o440)
        self.certificate("tls/tls.crt", "tls/tls.key")
        self.signet("check", "-c", "signet.jsonc")
        self.write("signet.jsonc", re.sub(r'"0\.0\.0\.0:\d+"', '"systemd"', text))

        context = ssl.create_default_context(cafile=self.scratch / "tls/tls.crt")
        gateway = self.start(self.scratch / "signet.jsonc", tls=context)
        status, _, body = gateway.request("POST", "/v1/routes/uk-store/badge", {"subject": "12345"}, token)
        self.assertEqual(status, 200, body)
        self.assertEqual(json.loads(body)["badge"]["kind"], "signedInteractionData")
        # drainDelay is 5 s: for so long it answers, and says that it is not ready.
        gateway.ask_to_stop()
        until("it is not ready", lambda: gateway.get("/health/ready", admin=True)[0] == 503)
        self.assertEqual(gateway.get("/.well-known/jwks.json")[0], 200)
        self.assertEqual(gateway.stop(), 0)

    def test_a_volume_that_is_swapped_is_read_again(self) -> None:
        """As the kubelet does it: a new folder, and the symbolic link to it turned in one step."""
        self.signet("init")
        token = (self.scratch / "keys/backend.token").read_text().strip()
        sound = re.sub(r'"127\.0\.0\.1:\d+"', '"systemd"', (self.scratch / "signet.json").read_text())
        sound = re.sub(r'"(keys/|audit\.)', rf'"{self.scratch}/\1', sound)

        def put(version: str, text: str) -> None:
            self.write(f"volume/{version}/signet.json", text)
            (self.scratch / "volume/..data_tmp").symlink_to(version)
            (self.scratch / "volume/..data_tmp").rename(self.scratch / "volume/..data")

        put("..1", sound)
        (self.scratch / "volume/signet.json").symlink_to("..data/signet.json")
        gateway = self.start(self.scratch / "volume/signet.json")

        def await_event(event: str) -> dict[str, Any]:
            until(event, lambda: self.logged(gateway, event))
            return self.logged(gateway, event)[-1]

        def status(route: str) -> int:
            return gateway.request("POST", f"/v1/routes/{route}/badge", {"subject": "12345"}, token)[0]

        self.assertEqual((status("dg"), status("new")), (200, 404))
        put("..2", sound.replace('"dg": { "connection"', '"new": { "connection"'))
        await_event("reloaded")
        self.assertEqual((status("dg"), status("new")), (404, 200))
        put("..3", sound.replace('"connections"', '"conections"'))
        failed = await_event("reload-failed")
        self.assertTrue(any("conections" in line for line in failed["problems"]), failed)
        self.assertEqual((status("dg"), status("new")), (404, 200))

    def test_every_file_of_the_configuration_lies_in_a_volume(self) -> None:
        container = self.documents()["Deployment/signet"]["spec"]["template"]["spec"]["containers"][0]
        folders = [mount["mountPath"] for mount in container["volumeMounts"]]
        files = re.findall(r'"(/(?:etc|var)/[^"]+)"', self.documents()["ConfigMap/signet"]["data"]["signet.json"])
        self.assertGreaterEqual(len(files), 5)
        for file in [*files, container["args"][-1]]:
            self.assertTrue(any(file.startswith(f"{folder}/") for folder in folders), file)


class Systemd(DeployTest):
    def setUp(self) -> None:
        super().setUp()
        for unit in UNITS:
            text = (DEPLOY / "systemd" / unit).read_text()
            self.write(unit, text.replace("/usr/local/bin/signet", str(SIGNET)), mode=0o644)

    def test_the_units_are_what_systemd_takes(self) -> None:
        done = self.ran(run("systemd-analyze", "verify", *(f"./{unit}" for unit in UNITS), cwd=self.scratch), 0, ())
        self.assertEqual([line for line in done.err.splitlines() if "signet" in line], [])

    def test_the_service_is_exposed_to_little(self) -> None:
        command = ("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE}", "./signet.service")
        done = self.ran(run(*command, cwd=self.scratch), 0, command)
        self.assertIn(f"{EXPOSURE / 10}", (DEPLOY / "README.md").read_text())
        self.assertIn(f"Overall exposure level for signet.service: {EXPOSURE / 10}", done.out)

    def test_logrotate_moves_the_audit_and_the_chain_goes_on(self) -> None:
        self.signet("init")
        text = (self.scratch / "signet.json").read_text()
        self.write("signet.json", re.sub(r'"127\.0\.0\.1:\d+"', '"systemd"', text))
        token = (self.scratch / "keys/backend.token").read_text().strip()
        gateway = self.start(self.scratch / "signet.json")

        def sign() -> None:
            status, _, body = gateway.request("POST", "/v1/routes/talkative/badge", {"subject": "12345"}, token)
            self.assertEqual(status, 200, body)

        sign()
        rotation = (DEPLOY / "systemd" / "signet.logrotate").read_text()
        rotation = rotation.replace("/var/lib/signet/", f"{self.scratch}/").replace("su signet signet", "")
        self.assertIn("/bin/systemctl kill --signal=USR1 --kill-who=main signet.service", rotation)
        rotation = re.sub(r"/bin/systemctl.*", f"kill -USR1 {gateway.process.pid}", rotation)
        self.write("rotation", rotation, mode=0o644)
        self.scratch.chmod(0o700)
        command = ("logrotate", "--force", "--state", "state", "rotation")
        self.ran(run(*command, cwd=self.scratch), 0, command)
        until("the audit is opened again", lambda: self.logged(gateway, "audit-reopened"))
        sign()
        self.assertEqual(gateway.stop(), 0)

        [old] = [path.name for path in self.scratch.glob("audit.jsonl-*")]
        for file in (old, "audit.jsonl"):
            self.assertEqual(len((self.scratch / file).read_text().splitlines()), 1, file)
        self.assertRegex(self.signet("audit", "verify", old, "audit.jsonl").out, "2 valid lines")


class Nginx(DeployTest):
    def test_it_takes_the_configuration_and_hands_requests_on(self) -> None:
        self.signet("init")
        text = (self.scratch / "signet.json").read_text()
        self.write("signet.json", re.sub(r'"127\.0\.0\.1:\d+"', '"systemd"', text))
        token = (self.scratch / "keys/backend.token").read_text().strip()
        self.certificate("tls/signet.crt", "tls/signet.key")
        gateway = self.start(self.scratch / "signet.json")

        site = (DEPLOY / "nginx" / "signet.conf").read_text()
        servers = iter([gateway.address, "127.0.0.1:9", "127.0.0.1:9"])  # nobody listens on the discard port
        site = re.sub(r"10\.0\.0\.1[123]:8787", lambda _: next(servers), site)
        site = site.replace("/etc/nginx/tls/", f"{self.scratch}/tls/")
        site = site.replace("listen 443 ssl;", f"listen unix:{self.scratch}/nginx.sock ssl;")
        self.write("site.conf", site, mode=0o644)
        folders = "".join(
            f"{kind}_temp_path {self.scratch}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.write(
            "nginx.conf",
            f"daemon off; pid {self.scratch}/nginx.pid; error_log stderr; events {{}}\n"
            f"http {{ access_log off; {folders} include {self.scratch}/site.conf; }}",
            mode=0o644,
        )
        command = ("nginx", "-c", self.scratch / "nginx.conf")
        self.assertIn("test is successful", self.ran(run(*command, "-t"), 0, ()).err)

        nginx = subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        until("nginx listens", lambda: nginx.poll() is not None or (self.scratch / "nginx.sock").exists())
        self.assertIsNone(nginx.poll())
        for _ in range(6):
            done = run(
                "curl", "--silent", "--show-error", "--insecure", "--unix-socket", self.scratch / "nginx.sock", "--config", "-",
                "--json", '{"subject":"12345"}', "https://signet.internal.example/v1/routes/dg/badge",
                stdin=f'header = "Authorization: Bearer {token}"',
            )
            self.assertEqual(done.status, 0, done.err)
            self.assertEqual(done.json["badge"]["kind"], "authToken", done.out)
