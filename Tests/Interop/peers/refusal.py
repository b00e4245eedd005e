"""What a peer raises for whatever it does not take."""


class Refused(Exception):
    """The peer does not take the token or the key; its own words are the message."""
