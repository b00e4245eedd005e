"""Computes the side of a customer in a Signet migration. For Python 3.9 and newer, without a dependency.

    from bucket import bucket, in_percent
    bucket("2026-talkative", "12345")                   # 68257, of 0 to 99999
    in_percent("2026-talkative", "12345", "12.5")       # False: the old vendor

`salt` is the migration's salt, by default the route's name. `value` is the value that "stickiness" names, exactly as the
gateway gets it: do not trim it, change its case or normalize its Unicode form. `percent` is text, not a number. A text with
half of a surrogate pair has no UTF-8 form, so it cannot be sent to Signet and is an error here (UnicodeEncodeError).
"""

import re


def bucket(salt: str, value: str) -> int:
    return (murmur3(f"{salt}:{value}".encode("utf-8")) * 100_000) >> 32


def in_percent(salt: str, value: str, percent: str) -> bool:
    parts = re.fullmatch(r"(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,3}))?", percent)
    thousandths = int(parts[1]) * 1000 + int((parts[2] or "").ljust(3, "0")) if parts else 100_001
    if thousandths > 100_000:
        raise ValueError("a percentage is text, 0 to 100, with at most three decimals")
    return bucket(salt, value) < thousandths


def murmur3(data: bytes) -> int:
    """MurmurHash3_x86_32 with seed 0."""
    whole = len(data) & ~3
    value = 0
    for at in range(0, whole, 4):
        value ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        value = (_rotated(value, 13) * 5 + 0xE6546B64) & 0xFFFFFFFF
    value ^= _mixed(int.from_bytes(data[whole:], "little")) ^ len(data)
    value = ((value ^ (value >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return value ^ (value >> 16)


def _mixed(block: int) -> int:
    return (_rotated((block * 0xCC9E2D51) & 0xFFFFFFFF, 15) * 0x1B873593) & 0xFFFFFFFF


def _rotated(number: int, bits: int) -> int:
    return ((number << bits) | (number >> (32 - bits))) & 0xFFFFFFFF
