"""Whose turn it is: the order in which a campaign goes through its lists, and how lists share its calls. Pure."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final

HEAVIEST: Final = 100
"""No list weighs more."""


class Order(StrEnum):
    """Who comes first, after those who were promised a call."""

    LIST = "list"  # whoever was not tried, in the order of the lists; then whoever is to be tried again
    NEWEST = "newest"  # the same, but of the newest list that has anybody to call
    AGAIN = "again"  # whoever is to be tried again, longest due first; then the order of the lists


@dataclass(frozen=True, slots=True)
class Share:
    """List ``id`` of a campaign: its contacts have row ids from ``first`` up to the next list's. It gets ``weight`` of
    the calls among those that have somebody to call, until ``quota`` (0: no limit) of it are ``completed``.
    """

    id: int
    first: int
    weight: int = 1
    quota: int = 0
    completed: int = 0

    @property
    def full(self) -> bool:
        """Nobody more of it is called."""
        return 0 < self.quota <= self.completed


@dataclass(frozen=True, slots=True)
class Span:
    """Contacts with row ids from ``low`` to ``high``, both included."""

    low: int
    high: float = inf


EVERYBODY: Final = Span(0)


def spans(shares: Sequence[Share]) -> tuple[tuple[Share, Span], ...]:
    """Each list with its contacts, the oldest first. Contacts that are older than all lists are as a list of their own,
    ``id`` 0 and weight 1.
    """
    placed = sorted((share for share in shares if share.first), key=lambda share: share.first)
    if not placed:
        return ((Share(0, 0), EVERYBODY),)
    ends = [share.first - 1 for share in placed[1:]] + [inf]
    own = [(share, Span(share.first, end)) for share, end in zip(placed, ends, strict=True)]
    return ((Share(0, 0), Span(0, placed[0].first - 1)), *own)


def open_spans(shares: Sequence[Share]) -> tuple[Span, ...]:
    """Whose contacts may be called at all, as few spans as can be."""
    if not any(share.full for share in shares):
        return (EVERYBODY,)
    return tuple(span for share, span in spans(shares) if not share.full)


def by_weight(shares: Sequence[Share], attempt: str) -> tuple[Span, ...]:
    """The lists in the order in which they are asked for a contact for ``attempt``: each comes first as often as its
    weight says, over many attempts. What decides is the id of the attempt, so nodes need not agree on anything.
    """
    rest = [(share, span) for share, span in spans(shares) if not share.full]
    drawn: list[Span] = []
    seed = attempt
    while rest:
        seed = f"{seed}/"
        ticket = zlib.crc32(seed.encode()) / 2**32 * sum(share.weight for share, _ in rest)
        for place, (share, span) in enumerate(rest):
            ticket -= share.weight
            if ticket < 0 or place == len(rest) - 1:
                drawn.append(span)
                del rest[place]
                break
    return tuple(drawn)


def mixed(shares: Sequence[Share]) -> bool:
    """Whether lists share by weight, or all are as one."""
    return len({share.weight for share in shares}) > 1
