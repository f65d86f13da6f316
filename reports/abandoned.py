"""Callers who gave up, and what became of them: who talked with them next, and whether we called or they did."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reports.formulas import Formula

FOLLOW_S: Final = 7 * 86_400.0
"""A talk that begins later after the wait is no answer to it."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """One wait that was given up at ``left_at``; ``number`` is the caller's, "" where he hid it."""

    entry: str
    call_id: str
    number: str
    line: str
    queue: str
    entered_at: float
    left_at: float
    wait_s: float


@dataclass(frozen=True, slots=True)
class Contact:
    """A talk of ``agent`` with the outside ``number``, from ``at`` on; ``by_us`` where we called."""

    call_id: str
    number: str
    at: float
    agent: str
    by_us: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """``abandoned`` and the first talk with that caller afterwards, None where there was none within ``FOLLOW_S``."""

    abandoned: Abandoned
    contact: Contact | None

    @property
    def after_s(self) -> float | None:
        """How long the caller was left alone, seconds."""
        return None if self.contact is None else self.contact.at - self.abandoned.left_at


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How many were called back, how many called again themselves and were answered, and how many nobody talked to."""

    abandoned: int
    called_back: int
    came_back: int
    lost: int


FOLLOW_FORMULAS: Final = (
    Formula(
        "abandoned",
        "放弃",
        "abandoned",
        "时段内进入队列后放弃的次数，不含测试来电",
        "waits begun in the period and given up, test calls left out",
        "count",
    ),
    Formula(
        "called_back",
        "已回电",
        "called back",
        "放弃后 7 天内首次与该号码的通话由我方呼出",
        "the first talk with that number within 7 days was a call of ours",
        "count",
    ),
    Formula(
        "came_back",
        "再次来电已接",
        "called again",
        "放弃后 7 天内首次与该号码的通话是其再次来电",
        "the first talk with that number within 7 days was a call of theirs",
        "count",
    ),
    Formula(
        "lost",
        "未联系",
        "not reached",
        "放弃 − 已回电 − 再次来电已接（含隐藏号码）",
        "abandoned − called back − called again (hidden numbers included)",
        "count",
    ),
)


def follow(abandoned: Iterable[Abandoned], contacts: Iterable[Contact]) -> list[Followed]:
    """Each of ``abandoned`` with what followed."""
    by_number: dict[str, list[Contact]] = {}
    for contact in sorted(contacts, key=lambda it: it.at):
        by_number.setdefault(contact.number, []).append(contact)
    return [Followed(it, _next(it, by_number.get(it.number, ()))) for it in abandoned]


def _next(abandoned: Abandoned, contacts: Sequence[Contact]) -> Contact | None:
    place = bisect_left(contacts, abandoned.left_at, key=lambda it: it.at)
    if not abandoned.number or place == len(contacts):
        return None
    return contacts[place] if contacts[place].at < abandoned.left_at + FOLLOW_S else None


def follow_up(followed: Sequence[Followed]) -> FollowUp:
    """The figures of ``FOLLOW_FORMULAS``."""
    by_us = sum(it.contact is not None and it.contact.by_us for it in followed)
    by_them = sum(it.contact is not None and not it.contact.by_us for it in followed)
    return FollowUp(len(followed), by_us, by_them, len(followed) - by_us - by_them)
