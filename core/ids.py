"""Identifiers: a short prefix that names the kind, then 10 characters of time and 10 of chance: they sort by birth.

The source of chance is passed in, so tests get the same ids at every run.
"""

from collections.abc import Callable
from typing import Final

from core.clock import Clock

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case

KIND_PREFIXES: Final = {
    "call": "c",
    "leg": "l",
    "recording": "r",
    "entry": "q",
    "offer": "o",
    "attempt": "a",
    "callback": "b",
    "event": "e",
    "play": "p",
    "task": "t",
    "probe": "b",
}


def _base32(value: int, length: int) -> str:
    characters = []
    for _ in range(length):
        characters.append(_ALPHABET[value & 31])
        value >>= 5
    return "".join(reversed(characters))


class Ids:
    """Makes ids such as ``c-01jd3x0k2m-7f9qk3tz1a``; ``entropy(n)`` returns n unpredictable (in tests: fixed) bytes."""

    __slots__ = ("_clock", "_entropy")

    def __init__(self, clock: Clock, entropy: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._entropy = entropy

    def new(self, kind: str) -> str:
        """A fresh id of ``kind`` (a key of ``KIND_PREFIXES``)."""
        moment = _base32(int(self._clock.now() * 1000), 10)
        chance = _base32(int.from_bytes(self._entropy(7)), 10)
        return f"{KIND_PREFIXES[kind]}-{moment}-{chance}"


class CountingEntropy:
    """Deterministic entropy for tests: 1, 2, 3, …"""

    __slots__ = ("_count",)

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, size: int) -> bytes:
        """The next count as ``size`` bytes, big-endian."""
        self._count += 1
        return self._count.to_bytes(size)
