"""joserfc, by the authors of Authlib."""

from typing import Any

from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from peers.refusal import Refused


class Joserfc:
    name = "joserfc"

    def sign(self, header: dict[str, Any], payload: bytes, key: dict[str, Any]) -> str:
        return jws.serialize_compact(header, payload, jwk.import_key(key), algorithms=[header["alg"]])

    def verify(self, token: str, key: dict[str, Any], algorithm: str) -> bytes:
        try:
            return jws.deserialize_compact(token, jwk.import_key(key), algorithms=[algorithm]).payload
        except (JoseError, ValueError, TypeError) as error:
            raise Refused(str(error)) from error

    def claims(self, token: str, key: dict[str, Any], algorithm: str) -> Any:
        try:
            claims = jwt.decode(token, jwk.import_key(key), algorithms=[algorithm]).claims
            jwt.JWTClaimsRegistry().validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise Refused(str(error)) from error
        return claims
