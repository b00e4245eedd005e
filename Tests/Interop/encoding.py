"""base64url as JOSE has it: without padding."""

import base64
import json
from typing import Any


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def segment(value: Any) -> str:
    """A value as compact JSON in base64url."""
    return base64url(json.dumps(value, separators=(",", ":")).encode())
