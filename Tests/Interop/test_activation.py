"""Sockets that systemd passes are held to the same rules as addresses that are written down."""

import json
import os
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import SIGNET

DIGEST = "0" * 63 + "1"


class PassedSockets(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="signet-interop-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in ["log", "dg"]:
            path = self.folder / f"{name}.secret"
            path.write_text(name * 20)
            path.chmod(0o600)

    def serve(self, main: str, admin: str, **members: object) -> subprocess.CompletedProcess[bytes]:
        """`signet serve` with a socket on each of these addresses, as systemd would start it."""
        configuration = self.folder / "signet.json"
        configuration.write_text(
            json.dumps(
                {
                    "listen": "systemd",
                    "admin": {"listen": "systemd", **members.pop("admin", {})},  # type: ignore[dict-item]
                    "digestKey": "log",
                    "callers": [{"name": "shop", "tokenSha256": [DIGEST], "routes": ["*"]}],
                    "keys": {
                        "log": {"file": "log.secret", "encoding": "utf8", "allowShortSecret": True},
                        "dg": {"file": "dg.secret", "encoding": "utf8", "kid": "one"},
                    },
                    "connections": {"dg": {"vendor": "dg", "key": "dg"}},
                    "routes": {"dg": {"connection": "dg"}},
                    **members,
                }
            )
        )
        sockets = [socket.create_server((host, 0)) for host in (main, admin)]
        for each in sockets:
            self.addCleanup(each.close)
        script = 'exec 3<&"$1" 4<&"$2"; export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=signet:signet-admin; shift 2; exec "$@"'
        numbers = [each.fileno() for each in sockets]
        return subprocess.run(
            ["bash", "-c", script, "bash", *map(str, numbers), SIGNET, "serve", "-c", configuration],
            pass_fds=numbers,
            capture_output=True,
            timeout=60,
            env=os.environ,
        )

    def test_callers_off_loopback_need_tls_or_a_proxy(self) -> None:
        outcome = self.serve("0.0.0.0", "127.0.0.1")
        self.assertEqual(outcome.returncode, 2, outcome.stderr)
        self.assertIn(b'is not a loopback address, and neither "tls" nor "behindProxy": true is set', outcome.stderr)

    def test_the_admin_side_off_loopback_has_to_be_exposed(self) -> None:
        outcome = self.serve("127.0.0.1", "0.0.0.0")
        self.assertEqual(outcome.returncode, 2, outcome.stderr)
        self.assertIn(b"is not loopback", outcome.stderr)
        self.assertIn(b'"exposed": true', outcome.stderr)


if __name__ == "__main__":
    unittest.main()
