"""PyJWT, Python's most used one and jsonwebtoken's twin."""

from typing import Any

import jwt

from peers.refusal import Refused


class PyJWTPeer:
    name = "PyJWT"

    def sign(self, header: dict[str, Any], payload: bytes, key: dict[str, Any]) -> str:
        # It adds "typ": "JWT" unless told otherwise.
        headers = {"typ": None, **header}
        return jwt.PyJWS().encode(payload, jwt.PyJWK(key, header["alg"]), header["alg"], headers=headers)

    def verify(self, token: str, key: dict[str, Any], algorithm: str) -> bytes:
        try:
            return jwt.PyJWS().decode(token, jwt.PyJWK(key, algorithm), algorithms=[algorithm])
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Refused(str(error)) from error

    def claims(self, token: str, key: dict[str, Any], algorithm: str) -> Any:
        try:
            return jwt.decode(token, jwt.PyJWK(key, algorithm), algorithms=[algorithm], options={"verify_aud": False})
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise Refused(str(error)) from error
