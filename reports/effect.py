"""What a campaign brought: those whom it was to call against those who were held out of it.

Everybody counts in the group in which he was drawn, whether he was reached or not, or was put aside later: whoever
leaves out those who were not reached compares people who answer telephones with people at large.
"""

from dataclasses import dataclass

from reports.intervals import difference
from reports.shares import Share, share_of


@dataclass(frozen=True, slots=True)
class Compared:
    """So many of both groups have done it; the ``difference`` of the shares with its 95 % interval (Newcombe 1998,
    method 10, from the Wilson intervals of both), None where a group is empty.
    """

    called: Share
    held_out: Share
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Effect:
    """From ``since`` to ``until`` (days, ISO text, both included): who came to the workshop, and who bought a car."""

    since: str
    until: str
    visited: Compared
    bought: Compared


def compared(called: tuple[int, int], held_out: tuple[int, int]) -> Compared:
    """Each group as (who did it, of how many)."""
    one, other = share_of(*called), share_of(*held_out)
    if one.share is None or other.share is None:
        return Compared(one, other, None, None, None)
    low, high = difference(*called, *held_out)
    return Compared(one, other, one.share - other.share, low, high)
