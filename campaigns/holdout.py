"""Who of a campaign is not called, so that its effect can be measured against them.

The share is drawn by a keyed hash of campaign and person: the same for whoever draws it again, whenever and in whatever
order people come, without a pattern in it, and not to be foreseen without the key. A larger share holds out all whom a
smaller one does.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

HELD_OUT: Final = "held_out"
"""State of the campaign's result for one who is not called for this."""
PUT_ASIDE: Final = "put_aside"
"""For one whom the selection that brought him no longer means."""
UNCALLED: Final = frozenset({HELD_OUT, PUT_ASIDE})
MOST_PERCENT: Final = 50
_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Holdout:
    """``percent`` of a campaign's people are held out, drawn with ``key`` (16 bytes)."""

    campaign: str
    percent: int
    key: bytes

    def holds(self, person: int) -> bool:
        """Whether ``person`` is one of them."""
        drawn = blake2b(f"{self.campaign}\0{person}".encode(), digest_size=_BYTES, key=self.key).digest()
        return int.from_bytes(drawn) * 100 < self.percent << (8 * _BYTES)
