"""How much an owner would replace his car, as he said it; when he is called again, and when he is invited to see the
new model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from desk.offers import INVITED_DAYS_BEFORE, QUIET_DAYS


class Interest(StrEnum):
    """What he said, the warmest first."""

    HOT = "hot"
    WARM = "warm"
    COOL = "cool"
    LATER = "later"
    NONE = "none"
    REFUSED = "refused"


class TouchKind(StrEnum):
    """Why we call again."""

    KEEP_IN_TOUCH = "keep_in_touch"
    LAUNCH = "launch"


@dataclass(frozen=True, slots=True)
class Touch:
    """A call that is due on ``day``."""

    day: date
    kind: TouchKind


@dataclass(frozen=True, slots=True)
class Manner:
    """How one is dealt with who said so: Chinese and English for the screen, called again every ``every_days`` (0:
    never), and whether he is ``invited`` to a launch.
    """

    zh: str
    en: str
    every_days: int
    invited: bool


MANNERS: Final[Mapping[Interest, Manner]] = MappingProxyType(
    {
        Interest.HOT: Manner("三个月内想换", "wants to replace within three months", 7, True),
        Interest.WARM: Manner("半年内考虑", "thinks of it within half a year", 30, True),
        Interest.COOL: Manner("一年内可能", "perhaps within a year", 90, True),
        Interest.LATER: Manner("一年以后再说", "not within a year", 365, True),
        Interest.NONE: Manner("不打算换", "does not mean to replace it", 0, False),
        Interest.REFUSED: Manner("不要再打", "wants no more calls", 0, False),
    }
)


@dataclass(frozen=True, slots=True)
class Word:
    """What was said once: ``level`` (of ``Interest``) of the car ``vehicle`` (its key; "": of none that is named) on
    ``day``, to ``agent``, put down by account ``by`` ``at`` (epoch seconds) in call ``call_id``. It ``stands`` until
    something else is said of the same car. ``talked_at`` is when a campaign has talked with him last (None: never).
    """

    level: Interest
    vehicle: str
    day: date
    note: str
    agent: str
    by: str
    at: float
    call_id: str
    stands: bool
    talked_at: float | None = None


def next_touch(level: Interest, last: date) -> date | None:
    """When one who said ``level`` is called again, with whom was talked last on the day ``last``; None: not at all."""
    every = MANNERS[level].every_days
    return last + timedelta(days=every) if every else None


def touches(interest: Interest, last: date, until: date, launch: date | None = None) -> tuple[Touch, ...]:
    """The calls due to one who said ``interest`` on the day ``last``, to the day ``until`` (included), in order. They
    are plans: whether a number may be called on the day is for the rules of campaigns.

    A ``launch`` calls for an invitation ``INVITED_DAYS_BEFORE`` days before, or on the day after the last talk where
    that is too late; once it is over there is none.
    """
    manner = MANNERS[interest]
    invitation = None
    if launch is not None and manner.invited and launch > last:
        invitation = max(launch - timedelta(days=INVITED_DAYS_BEFORE), last + timedelta(days=1))
    due: list[Touch] = []
    day = next_touch(interest, last)
    while day is not None and day <= until:
        if invitation is None or abs((day - invitation).days) > QUIET_DAYS:
            due.append(Touch(day, TouchKind.KEEP_IN_TOUCH))
        day = next_touch(interest, day)
    if invitation is not None and invitation <= until:
        due.append(Touch(invitation, TouchKind.LAUNCH))
    return tuple(sorted(due, key=lambda touch: touch.day))
