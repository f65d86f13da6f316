"""What the console shows of who may be called; see ``console.views``."""

from dataclasses import dataclass

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
class WhyView:
    """Why a contact is called or not: what would be decided ``now`` (None where the campaign is no longer configured),
    by what is on record (``attempts`` are those of 30 days over all campaigns), and what was decided, newest first.
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


@dataclass(frozen=True, slots=True)
class BarPage:
    """A part of the list of numbers that are not called; ``total`` is the length of the whole."""

    items: list[Bar]
    total: int
