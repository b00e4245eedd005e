"""The programs that README.md shows are run as they stand there."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time

from serving import Serving, StandInPega
from support import REPOSITORY, InteropTest


def snippet(name: str) -> str:
    """What stands in README.md between `<!-- snippet: NAME; … -->` and its end."""
    found = re.findall(
        rf"<!-- snippet: {name};[^>]*-->\n```\w+\n(.*?)```\n<!-- end of snippet -->",
        (REPOSITORY / "README.md").read_text(), re.DOTALL,
    )
    assert len(found) == 1, f"{len(found)} snippets are called {name}"
    return found[0]


class TheReadmesPrograms(InteropTest):
    def setUp(self) -> None:
        super().setUp()
        self.signet("init")
        pega = StandInPega()
        self.addCleanup(pega.stop)
        text = (self.scratch / "signet.json").read_text()
        text = re.sub(r'"127\.0\.0\.1:\d+"', '"systemd"', text)
        text = text.replace('"region": "use1",', f'"origin": "{pega.origin}", "allowForeignOrigin": true,')
        self.gateway = Serving(self.write("signet.json", text))
        self.addCleanup(self.gateway.stop)

    def test_curl_fetches_a_badge_of_each_vendor(self) -> None:
        lines = snippet("curl").splitlines()
        self.assertEqual(lines.pop(0), "signet serve &")
        script = "\n".join(lines).replace("127.0.0.1:8787", self.gateway.address).replace("curl ", "curl --silent -w '\\n' ")
        done = subprocess.run(["bash", "-eu", "-c", script], cwd=self.scratch, capture_output=True, text=True, timeout=60)
        kinds = [json.loads(line)["badge"]["kind"] for line in done.stdout.splitlines() if line]
        self.assertEqual(kinds, ["signedInteractionData", "authToken", "sessionId"], done.stdout + done.stderr)

    def test_node(self) -> None:
        self.site("site.js", snippet("node"), "node")

    def test_python(self) -> None:
        self.site("site.py", snippet("python"), sys.executable)

    def site(self, name: str, text: str, program: str) -> None:
        """Runs a site and is its page: of a customer, of a stranger, of one that lies, and without a gateway."""
        self.assertLessEqual(len(text.splitlines()), 36)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [program, self.write(name, text)], cwd=self.scratch, stderr=subprocess.DEVNULL,
            env={**os.environ, "PORT": str(port), "SIGNET_URL": f"http://{self.gateway.address}"},
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.await_site(port, process)

        def page(body: str, cookie: str | None) -> dict:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", "/chat/badge", body, {"Cookie": cookie} if cookie else {})
            response = connection.getresponse()
            self.assertEqual((response.status, response.getheader("Cache-Control")), (200, "no-store"))
            answer = json.loads(response.read())
            connection.close()
            return answer

        ada = page('{"defer":true}', "theme=dark; session=7d1f-of-ada")
        self.assertEqual(ada["badge"]["kind"], "signedInteractionData")
        self.assertIsNotNone(ada["subjectTag"])
        for cookie in (None, "session=guessed"):
            self.assertEqual(page("", cookie)["badge"]["kind"], "none")
        for lie in ('{"subject":"12345"}', '{},"subject":"12345"', "no JSON", "[]"):
            self.assertEqual(page(lie, None), {"badge": None}, lie)
        self.assertEqual(self.gateway.stop(), 0)
        self.assertEqual(page("{}", "session=7d1f-of-ada"), {"badge": None})

    def await_site(self, port: int, process: subprocess.Popen) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.01)
        self.fail(f"the site did not start: {process.poll()}")
