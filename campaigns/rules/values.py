"""What a decision to call is made of: whom it is about, what the campaign is for, and what the house allows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from math import inf
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.rules.places import PlaceTable
from ivr.hours import Hours
from telephony.tolls import TollRules

DAY_S: Final = 86_400.0
MONTH_S: Final = 30 * DAY_S
"""The rolling month of the caps."""
FREE: Final = -inf
NEVER: Final = inf
BARRED: Final = "barred_"
"""The result of a contact who is not to be called begins so; the name of the rule follows."""


class Purpose(StrEnum):
    """What a campaign calls for."""

    SERVICE = "service"  # about what the customer has bought or asked for: return visits, recalls, appointments
    PROMOTION = "promotion"  # to sell something, such as offers to trade in


class BarKind(StrEnum):
    """Why a number is not called."""

    REFUSED = "refused"  # the person has said so
    LISTED = "listed"  # it stands on a list of numbers not to be called


@dataclass(frozen=True, slots=True)
class Region:
    """Numbers that begin, as they are dialled within China, with one of ``prefixes`` (0991, 1389900), or lie in a place
    whose name begins with one of ``places`` (新疆), are called within ``hours`` only.
    """

    name: str
    prefixes: tuple[str, ...]
    hours: Hours
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What the house allows, over all campaigns. Times in seconds.

    ``a_day`` and ``in_30_days`` are attempts at one person, ``number_…`` at one of his numbers; a day is one of
    ``zone``. A complaint (one on record, a call into one of ``complaint_queues``, a disposition of ``complaint_codes``)
    gives the customer ``quiet_s`` of rest, and who answered and found no agent has ``abandoned_s``. ``caller_ids``
    None: not known, so not judged. ``tolls`` says which numbers may be dialled at all; ``places`` where numbers lie,
    needed where regions name places.
    """

    promotions: bool = False
    a_day: int = 1
    in_30_days: int = 3
    number_a_day: int = 1
    number_in_30_days: int = 3
    quiet_s: float = MONTH_S
    abandoned_s: float = 3 * DAY_S
    complaint_queues: frozenset[str] = frozenset({"complaint"})
    complaint_codes: frozenset[str] = frozenset()
    caller_ids: frozenset[str] | None = None
    tolls: TollRules = field(default_factory=TollRules)
    hours: Hours | None = None
    regions: tuple[Region, ...] = ()
    places: PlaceTable | None = None
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True)
class Terms:
    """What one campaign calls by: its ``purpose``, the number that it shows (in the form of ``core.numbers``), its own
    ``hours`` (None: at any time) and the ``rules`` of the house. ``ready``: whoever answers is certain to be talked
    with, by a survey or an agent who is free for him alone.
    """

    purpose: Purpose = Purpose.SERVICE
    caller_id: str = ""
    hours: Hours | None = None
    rules: Rules = field(default_factory=Rules)
    ready: bool = True


USUAL: Final = Terms()
"""A service call by the usual rules, at any time of the day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on record of a contact. ``attempts`` are the moments (epoch seconds, in any order) at which the person
    was called by any campaign, ``number_attempts`` those at this number; ``complained_at`` is the last complaint,
    ``abandoned_at`` the last call that he answered when no agent was there, within the month.
    """

    number: str
    bars: frozenset[BarKind] = frozenset()
    consents: frozenset[Purpose] = frozenset()
    attempts: tuple[float, ...] = ()
    number_attempts: tuple[float, ...] = ()
    complained_at: float | None = None
    abandoned_at: float | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``name`` for machines, its words for people. ``opens`` gives the moment from which it allows the call:
    ``FREE``, or any moment up to now, if it does now; ``NEVER`` where only another fact or rule can change that.
    """

    name: str
    zh: str
    en: str
    opens: Callable[[Standing, Terms, float], float]


@dataclass(frozen=True, slots=True)
class Decision:
    """To call or not. ``rule`` is the first that forbids, with its words ("" where none does). ``not_before`` is the
    moment at which the call may be thought of again, None where it is ``allowed`` or forbidden for good.
    """

    allowed: bool
    rule: str = ""
    zh: str = "可以拨打"
    en: str = "may be called"
    not_before: float | None = None

    @property
    def for_good(self) -> bool:
        """Forbidden until another fact (a refusal withdrawn, a consent) or another rule changes it."""
        return not self.allowed and self.not_before is None

    @property
    def result(self) -> str:
        """What a contact's row says who is not called for good."""
        return f"{BARRED}{self.rule}"
