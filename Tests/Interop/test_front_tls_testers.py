"""Testers of TLS: sslscan (Debian) and sslyze (PyPI) look at the HTTP front, and what they say is compared, not only read.

Both are run against an nginx too that is set up as nobody should: what they find there, they would find in ours.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from typing import Any
from xml.etree import ElementTree

from certificates import chain
from support import InteropTest, run
from tls import DEADLINE, record

_WEAK_NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.crt;
        ssl_certificate_key {folder}/server.key;
        ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
        ssl_ciphers ALL:@SECLEVEL=0;
        ssl_ecdh_curve secp384r1:X448:prime256v1;
        ssl_session_cache shared:all:1m;
    }}
}}
"""

#: In handshakes of TLS 1.3, to which sslscan looks alone.
SIGNATURES = {
    "P-256": ["ecdsa_secp256r1_sha256"],
    "RSA 2048": ["rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"],
}
CURVES = {"X25519", "secp256r1"}


class Testers(InteropTest):
    def ours(self, kind: str) -> int:
        made = chain(kind)
        return record(self, self.scratch, made.pem, made.own.key_pem)

    def weak(self) -> int:
        """An nginx with old versions and suites."""
        program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not program:
            self.fail("nginx is missing: apt-get install nginx-light")
        made = chain("RSA 2048")
        self.write("server.crt", made.pem)
        self.write("server.key", made.own.key_pem)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        user = "user root;" if os.geteuid() == 0 else ""
        self.write("nginx.conf", _WEAK_NGINX.format(folder=self.scratch, user=user, port=port))
        nginx = subprocess.Popen(
            [program, "-e", self.scratch / "error.log", "-p", self.scratch, "-c", self.scratch / "nginx.conf"],
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(nginx.wait, 10)
        self.addCleanup(nginx.terminate)
        end = time.monotonic() + DEADLINE
        while True:
            with socket.socket() as opened:
                if not opened.connect_ex(("127.0.0.1", port)):
                    return port
            self.assertIsNone(nginx.poll(), "nginx does not start")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)


class Sslscan(Testers):
    def scan(self, port: int) -> ElementTree.Element:
        command = ("sslscan", "--no-colour", "--show-sigs", f"--xml={self.scratch / 'sslscan.xml'}", f"127.0.0.1:{port}")
        self.ran(run(*command), 0, command)
        found = ElementTree.parse(self.scratch / "sslscan.xml").find("ssltest")
        assert found is not None
        return found

    @staticmethod
    def facts(scan: ElementTree.Element) -> dict[str, Any]:
        def of(element: str, *members: str) -> list[Any]:
            return sorted(" ".join(str(one.get(member)) for member in members) for one in scan.iter(element))

        return {
            "protocols": [name for name in of("protocol", "type", "version", "enabled") if name.endswith(" 1")],
            "ciphers": of("cipher", "sslversion", "cipher"),
            "groups": of("group", "sslversion", "name"),
            "signatures": of("connection-signature-algorithm", "sslversion", "name"),
            "renegotiates": of("renegotiation", "supported"),
            "heartbleed": of("heartbleed", "vulnerable"),
            "certificates": [str(one.text) for one in scan.iter("signature-algorithm")],
        }

    def test_ours(self) -> None:
        for kind, name in (("P-256", "ECDSA"), ("RSA 2048", "RSA")):
            with self.subTest(kind):
                found = self.facts(self.scan(self.ours(kind)))
                groups = [f"TLSv1.{minor} {group}" for minor in "23" for group in ("secp256r1 (NIST P-256)", "x25519")]
                if kind == "P-256":
                    # It offers one group at a time, and a key on P-256 needs that group in TLS 1.2.
                    groups.remove("TLSv1.2 x25519")
                self.assertEqual(
                    found,
                    {
                        "protocols": ["tls 1.2 1", "tls 1.3 1"],
                        "ciphers": [
                            f"TLSv1.2 ECDHE-{name}-AES128-GCM-SHA256", f"TLSv1.2 ECDHE-{name}-AES256-GCM-SHA384",
                            f"TLSv1.2 ECDHE-{name}-CHACHA20-POLY1305", "TLSv1.3 TLS_AES_128_GCM_SHA256",
                            "TLSv1.3 TLS_AES_256_GCM_SHA384", "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256",
                        ],
                        "groups": groups,
                        "signatures": [f"TLSv1.3 {one}" for one in SIGNATURES[kind]],
                        "renegotiates": ["0"],
                        "heartbleed": ["0", "0"],
                        "certificates": ["ecdsa-with-SHA256"],
                    },
                )  # fmt: skip

    def test_it_finds_what_is_weak(self) -> None:
        found = self.facts(self.scan(self.weak()))
        self.assertEqual(found["protocols"], ["tls 1.0 1", "tls 1.1 1", "tls 1.2 1", "tls 1.3 1"])
        self.assertIn("TLSv1.0 AES128-SHA", found["ciphers"])
        self.assertIn("TLSv1.3 secp384r1 (NIST P-384)", found["groups"])


class Sslyze(Testers):
    def scan(self, port: int, *options: str) -> tuple[dict[str, Any], str]:
        """The results of all tests, and what it printed."""
        report = self.scratch / "sslyze.json"
        command = [sys.executable, "-W", "ignore", "-m", "sslyze", f"--json_out={report}", *options, f"127.0.0.1:{port}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertTrue(report.exists(), f"{done.stdout[-2_000:]}{done.stderr[-2_000:]}")
        [server] = json.loads(report.read_text())["server_scan_results"]
        self.assertEqual(server["scan_status"], "COMPLETED", done.stdout[-2_000:])
        found = {}
        for name, attempt in server["scan_result"].items():
            if attempt["status"] != "NOT_SCHEDULED":
                self.assertEqual(attempt["status"], "COMPLETED", f"{name}: {attempt}")
                found[name] = attempt["result"]
        return found, done.stdout

    @staticmethod
    def accepted(found: dict[str, Any]) -> dict[str, list[str]]:
        """Suites by version, where there are any."""
        return {
            name.removesuffix("_cipher_suites"): sorted(
                one["cipher_suite"]["openssl_name"] for one in result["accepted_cipher_suites"]
            )
            for name, result in found.items()
            if name.endswith("_cipher_suites") and result["accepted_cipher_suites"]
        }

    def test_ours(self) -> None:
        for kind, name in (("P-256", "ECDSA"), ("RSA 2048", "RSA")):
            with self.subTest(kind):
                port = self.ours(kind)
                found, said = self.scan(port, "--mozilla_config=intermediate")
                self.assertEqual(
                    self.accepted(found),
                    {
                        "tls_1_2": [
                            f"ECDHE-{name}-{suite}" for suite in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
                        ],
                        "tls_1_3": ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
                    },
                )
                self.assertEqual({curve["name"] for curve in found["elliptic_curves"]["supported_curves"]}, CURVES)
                self.assertEqual(found["tls_compression"], {"supports_compression": False})
                self.assertEqual(found["openssl_ccs_injection"], {"is_vulnerable_to_ccs_injection": False})
                self.assertEqual(found["tls_fallback_scsv"], {"supports_fallback_scsv": True})
                self.assertEqual(found["heartbleed"], {"is_vulnerable_to_heartbleed": False})
                self.assertEqual(found["robot"]["robot_result"], "NOT_VULNERABLE_RSA_NOT_SUPPORTED")
                self.assertEqual(found["tls_extended_master_secret"], {"supports_ems_extension": True})
                self.assertEqual(
                    found["session_renegotiation"],
                    {"supports_secure_renegotiation": True, "is_vulnerable_to_client_renegotiation_dos": False,
                     "client_renegotiations_success_count": 0},
                )  # fmt: skip
                [deployment] = found["certificate_info"]["certificate_deployments"]
                self.assertEqual(len(deployment["received_certificate_chain"]), 2)
                self.assertTrue(deployment["received_chain_has_valid_order"])
                # Mozilla's recommendation for servers whose clients are not all of this year. Nobody trusts the root of a test.
                faults = re.findall(r"^ +\* (\w+): (?=.*)", said.partition("COMPLIANCE AGAINST")[2], re.MULTILINE)
                self.assertEqual(faults, ["certificate_path_validation"], said[-1_500:])

                found, _ = self.scan(port, "--resum", "--early_data")
                self.assertEqual(found["tls_1_3_early_data"], {"supports_early_data": False})
                resumption = found["session_resumption"]
                self.assertEqual(resumption["session_id_resumption_result"], "NOT_SUPPORTED")
                self.assertEqual(resumption["tls_ticket_resumption_result"], "FULLY_SUPPORTED")

    def test_it_finds_what_is_weak(self) -> None:
        port = self.weak()
        found, said = self.scan(port, "--mozilla_config=intermediate")
        self.assertEqual(set(self.accepted(found)), {"tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3"})
        for fault in ("tls_versions", "ciphers", "tls_curves"):
            self.assertIn(f"* {fault}: ", said)
        found, _ = self.scan(port, "--resum")
        self.assertEqual(found["session_resumption"]["session_id_resumption_result"], "FULLY_SUPPORTED")
