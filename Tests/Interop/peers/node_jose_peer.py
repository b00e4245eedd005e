"""node-jose: one process that answers a line for a line."""

import atexit
import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from peers.refusal import Refused

SCRIPT = Path(__file__).with_name("node_jose.js")


class NodeJose:
    name = "node-jose"
    _process: subprocess.Popen[str] | None = None

    def sign(self, header: dict[str, Any], payload: bytes, key: dict[str, Any] | str) -> str:
        return self.ask("sign", header=header, payload=base64.b64encode(payload).decode(), key=key)

    def verify(self, token: str, key: dict[str, Any] | str, algorithm: str) -> bytes:
        return base64.b64decode(self.ask("verify", token=token, key=key, alg=algorithm))

    def claims(self, token: str, key: dict[str, Any] | str, algorithm: str) -> Any:
        return self.ask("claims", token=token, key=key, alg=algorithm)

    def ask(self, operation: str, **request: Any) -> Any:
        """One request to the script."""
        process = self.process()
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps({"operation": operation, **request}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("node-jose is missing or has ended: apt-get install nodejs node-jose")
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def process(self) -> subprocess.Popen[str]:
        if NodeJose._process is None:
            NodeJose._process = subprocess.Popen(
                ["node", str(SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "NODE_PATH": "/usr/share/nodejs"},
            )
            atexit.register(end, NodeJose._process)
        return NodeJose._process


def end(process: subprocess.Popen[str]) -> None:
    assert process.stdin and process.stdout
    process.stdin.close()
    process.stdout.close()
    process.wait(timeout=10)
