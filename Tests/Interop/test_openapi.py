"""docs/openapi.json is an OpenAPI document, is what the gateway serves, and is what the gateway does."""

import hashlib
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from openapi_spec_validator import validate

from configurations import WIDGET
from serving import Serving, SandboxPega
from support import REPOSITORY, InteropTest

PAGE = REPOSITORY / "docs" / "openapi.json"
REFERENCE = REPOSITORY / "docs" / "http.md"

#: Bounds of the run: seconds for everything, and cases for each operation and phase.
SECONDS, CASES = 60, 150


def configuration(pega: str, token: str) -> dict[str, Any]:
    """All three vendors. Nothing but a subject is needed, so that what the document calls valid is answered 200."""
    caller = {
        "name": "checker", "tokenSha256": [hashlib.sha256(token.encode()).hexdigest()],
        "routes": ["*"], "allow": ["badge", "sign"],
    }
    return {
        "listen": "systemd",
        "admin": {"listen": "systemd"},
        "callers": [caller],
        "digestKey": "digest",
        "audit": {"file": "audit.jsonl"},
        "keys": {
            "digest": {"file": "keys/digest.secret", "encoding": "base64url"},
            "talkative": {"file": "keys/talkative.private.pem", "kid": "talkative-2026"},
            "pega": {"file": "keys/pega.secret", "encoding": "base64url"},
            "dg": {"file": "keys/dg.secret", "encoding": "base64url", "kid": "dg_live_1"},
        },
        "connections": {
            "talkative": {"vendor": "talkative", "key": "talkative", "region": "eu", "widgetId": WIDGET},
            "pega": {
                "vendor": "pega", "key": "pega", "widgetId": WIDGET, "origin": pega, "allowForeignOrigin": True,
            },
            "pega-reported": {
                "vendor": "pega", "key": "pega", "widgetId": WIDGET, "origin": pega, "allowForeignOrigin": True,
                "sessions": "report",
            },
            "dg": {"vendor": "dg", "key": "dg", "env": "eu", "widgetId": WIDGET},
        },
        "routes": {
            "uk-store": {"connection": "talkative"}, "us-store": {"connection": "pega"},
            "us-app": {"connection": "pega-reported"}, "eu-store": {"connection": "dg"},
        },
    }


class TheDocument(InteropTest):
    def test_it_is_openapi_3_1(self) -> None:
        validate(json.loads(PAGE.read_bytes()))


    def test_the_reference_lists_the_same_problems(self) -> None:
        document = json.loads(PAGE.read_bytes())
        described = set()
        for path in document["paths"].values():
            for operation in ("get", "post"):
                for status, response in path.get(operation, {}).get("responses", {}).items():
                    if "$ref" in response:
                        response = document["components"]["responses"][response["$ref"].split("/")[-1]]
                    schema = response["content"].get("application/problem+json", {}).get("schema")
                    if schema:
                        described |= {(status, code) for code in schema["allOf"][1]["properties"]["code"]["enum"]}
        rows = re.findall(r"^\| (\d{3}) \| ((?:`[a-z-]+`(?:, )?)+) \|", REFERENCE.read_text(), re.MULTILINE)
        listed = {(status, code) for status, codes in rows for code in re.findall(r"`([a-z-]+)`", codes)}
        self.assertEqual(listed, described)


class TheServiceIsAsDescribed(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.signet("keys", "generate", "talkative", "--dir", "keys")
        for name in ("digest", "pega", "dg"):
            self.signet("keys", "generate", name, "--algorithm", "hs256", "--dir", "keys")
        self.token = "signet_of-the-checker"
        self.pega = SandboxPega()
        self.addCleanup(self.pega.stop)
        self.gateway = Serving(self.write_json("signet.json", configuration(self.pega.origin, self.token)))
        self.addCleanup(self.gateway.stop)

    def test_it_serves_the_page_byte_for_byte(self) -> None:
        status, headers, body = self.gateway.get("/openapi.json")
        self.assertEqual((status, headers["content-type"]), (200, "application/json"))
        self.assertEqual(body, PAGE.read_bytes())

    def test_it_stops_with_status_0(self) -> None:
        self.assertEqual(self.gateway.stop(), 0)
        self.assertEqual(self.gateway.log[-1]["event"], "stopped")

    def test_schemathesis_finds_no_difference(self) -> None:
        for route in ("uk-store", "us-store", "us-app", "eu-store"):
            with self.subTest(route):
                self.schemathesis(route)
        self.assertEqual(self.gateway.stop(), 0)
        self.assertEqual([line for line in self.gateway.log if line["level"] == "error"], [])
        verified = self.signet("audit", "verify", "audit.jsonl")
        self.assertRegex(verified.out, r"\d+ valid lines")

    def schemathesis(self, route: str) -> None:
        """Everything the document describes, with one route and one key as the paths' parameters."""
        settings = self.write(
            f"schemathesis-{route}.toml",
            f"""
            [parameters]
            "path.route" = "{route}"
            "path.name" = "talkative"

            # What is valid is never malformed. That a vendor has no form for it, an anonymous visitor for instance, is a 422.
            [checks.positive_data_acceptance]
            expected-statuses = ["200", "422"]
            """,
        )
        # A string in the place of `page` is JSON text, which the document says and no generator of strings keeps to.
        self.write(
            "page_text.py",
            textwrap.dedent("""
            import schemathesis

            def has_no_text(body):
                page = body.get("page") if isinstance(body, dict) else None
                return not isinstance(page, str) or page == ""

            @schemathesis.hook
            def filter_case(context, case):
                return has_no_text(case.body)
            """),
        )
        # One worker: Python before 3.11.8 parses in two threads at once with a SystemError (CPython's issue 106905).
        done = subprocess.run(
            [
                Path(sys.executable).parent / "schemathesis", "--config-file", settings, "run", PAGE,
                "--url", f"http://{self.gateway.address}", "--header", f"Authorization: Bearer {self.token}",
                "--max-time", str(SECONDS // 4), "--max-examples", str(CASES), "--seed", "1", "--workers", "1",
                "--request-timeout", "35", "--phases", "examples,coverage,fuzzing", "--continue-on-failure",
                "--suppress-health-check", "all", "--warnings", "off", "--generation-database", "none",
            ],
            cwd=self.scratch, capture_output=True, text=True, timeout=SECONDS * 4,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "page_text", "PYTHONPATH": str(self.scratch)},
        )
        self.assertEqual(done.returncode, 0, done.stdout[-8000:] + done.stderr[-2000:])
        cases = re.search(r"(\d+) generated", done.stdout)
        self.assertTrue(cases and int(cases[1]) > 200, done.stdout[-2000:])
