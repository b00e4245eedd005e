"""Prints what PyJWT, joserfc and node-jose make of the malformed tokens, as Markdown for the documentation."""

from forging import Forge
from malformed import Malformed, table
from peers import PEERS, Peer, Refused


def takes(peer: Peer, row: Malformed, forge: Forge) -> bool:
    """Whether a peer that was given the right key and the right algorithm takes the token."""
    key = forge.secret_jwk if row.algorithm == "HS256" else forge.public_jwk
    try:
        if row.as_claims:
            peer.claims(row.token, key, row.algorithm)
        else:
            peer.verify(row.token, key, row.algorithm)
    except Refused:
        return False
    return True


def main() -> None:
    forge = Forge()
    print("| token with | signet | " + " | ".join(peer.name for peer in PEERS) + " |")
    print("| --- | --- |" + " --- |" * len(PEERS))
    for row in table(forge):
        answers = ["**takes it**" if takes(peer, row, forge) else "refuses" for peer in PEERS]
        print(f"| {row.what} | refuses: {row.check} | " + " | ".join(answers) + " |")


if __name__ == "__main__":
    main()
