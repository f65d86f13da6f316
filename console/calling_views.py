"""What the console shows of who may be called; see ``console.views``."""

from dataclasses import dataclass, field

from campaigns.rules.records import Bar


@dataclass(frozen=True, slots=True)
class DecisionView:
    """To call or not. ``rule`` with its words forbids ("" where none does); ``not_before`` is the moment from which the
    contact may be thought of again, None where he may be called or where it is ``for_good``.
    """

    allowed: bool
    rule: str
    zh: str
    en: str
    not_before: float | None
    for_good: bool


@dataclass(frozen=True, slots=True)
class DecidedView:
    """A decision that was made ``at``; ``attempt`` is the call that it allowed."""

    at: float
    attempt: str
    decision: DecisionView


@dataclass(frozen=True, slots=True)
class WithdrawnView:
    """A consent to calls for ``purpose``, given ``given_at`` and taken back ``at``; ``why`` in words."""

    purpose: str
    given_at: float
    at: float
    why: str


@dataclass(frozen=True, slots=True)
class WhyView:
    """Why a contact is called or not: what would be decided ``now`` (None where the campaign is no longer configured
    and he waits; of one whose turn has not come the rule is ``not_due``, with the moment; of one who is being called
    ``in_call``; of one who is ``done`` the words have his result, and the moment is that from which a living selection
    may ask for him again), by what is on record (``attempts`` are
    those of 30 days over all campaigns; ``withdrawn`` are consents that count no more), and what was decided, newest
    first.
    ``results`` are those of the attempts of this campaign, oldest first; while the contact waits, ``left`` more may
    follow, at ``next_number`` next. ``promised_at`` he was promised to be called by ``wanted_agent`` ("": by anybody).
    The number that is next, or was last, lies in ``place`` ("": not known, or no region asks) and keeps to the hours of
    ``region`` ("": to those of the house alone).
    """

    contact: int
    name: str
    number: str
    state: str
    result: str
    not_before: float
    purpose: str
    now: DecisionView | None
    bars: list[str]
    consents: list[str]
    attempts: list[float]
    complained_at: float | None
    decided: list[DecidedView]
    next_number: str = ""
    results: list[str] = field(default_factory=list)
    left: int | None = None
    promised_at: float | None = None
    wanted_agent: str = ""
    place: str = ""
    region: str = ""
    withdrawn: list[WithdrawnView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BarPage:
    """A part of the list of numbers that are not called; ``total`` is the length of the whole."""

    items: list[Bar]
    total: int
