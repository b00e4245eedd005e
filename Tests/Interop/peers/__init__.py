"""The other implementations, each behind the same three questions."""

from typing import Any, Protocol

from peers.joserfc_peer import Joserfc
from peers.node_jose_peer import NodeJose
from peers.pyjwt_peer import PyJWTPeer
from peers.refusal import Refused

JWK = dict[str, Any]


class Peer(Protocol):
    """An implementation of JOSE that nobody here wrote. Keys are JWKs; a refusal raises `Refused`."""

    name: str

    def sign(self, header: dict[str, Any], payload: bytes, key: JWK) -> str:
        """A compact JWS over any bytes."""

    def verify(self, token: str, key: JWK, algorithm: str) -> bytes:
        """The payload of a compact JWS."""

    def claims(self, token: str, key: JWK, algorithm: str) -> Any:
        """The claims of a JWT, its times checked."""


PEERS: list[Peer] = [PyJWTPeer(), Joserfc(), NodeJose()]

__all__ = ["JWK", "PEERS", "Peer", "Refused", "Joserfc", "NodeJose", "PyJWTPeer"]
