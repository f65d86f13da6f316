"""What comes after an attempt: the next one, when, and at which of the person's numbers. Pure.

A plan is a table from results to a wait. Three kinds of results differ in what is called next:

- somebody was reached (``REACHED``): the contact is done, unless the plan says otherwise;
- the number may be silent or bad (``SILENT``): the other numbers of the person come first, at once; when all of them
  have been tried as often, it is waited. A number of which the plan says ``never`` is not called again for this list;
- all else (busy, a fault of the trunk or of ours): the same number after the wait.

The rules (``campaigns.rules``) decide after this, when the contact is claimed: with one try a day "busy, 10 min" means
tomorrow.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.attempt import Attempt, AttemptState, Result
from campaigns.facts import AttemptEnded
from core.errors import ParseError
from ivr.hours import Hours

NOON: Final = 12
LONGEST_WAIT_S: Final = 30 * 86_400.0


class When(StrEnum):
    """When the next attempt may be."""

    AFTER = "after"  # so many seconds later
    WINDOW = "next window"  # in the other half of the day: after noon, else on the next day
    DAY = "next day"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Wait:
    """How long it is waited after an attempt; ``after_s`` counts with ``When.AFTER`` alone."""

    when: When
    after_s: float = 0.0


REACHED: Final = frozenset(
    {
        Result.COMPLETED, Result.PARTIAL, Result.REFUSED, Result.HUNG_UP, Result.NO_REPLY, Result.TALKED,
        Result.ABANDONED, Result.POSTPONED,
    }
)  # fmt: skip
SILENT: Final = frozenset(
    {
        Result.NO_ANSWER, Result.POWERED_OFF, Result.EMPTY_NUMBER, Result.OUT_OF_SERVICE, Result.UNREACHABLE,
        Result.BARRED, Result.VOICEMAIL, Result.ASSISTANT, Result.FAX,
    }
)  # fmt: skip
ONCE_MORE: Final = frozenset(Result) - {
    Result.REFUSED, Result.EMPTY_NUMBER, Result.OUT_OF_SERVICE, Result.FAX, Result.WITHDRAWN,
}  # fmt: skip
"""After one of these a contact who is done may be called anew, weeks later, where there is a new reason."""
_TEN_MINUTES: Final = Wait(When.AFTER, 600.0)
_WINDOW: Final = Wait(When.WINDOW)
_NEVER: Final = Wait(When.NEVER)
USUAL_WAITS: Final[Mapping[Result, Wait]] = {
    Result.BUSY: _TEN_MINUTES,
    Result.NO_ANSWER: _WINDOW,
    Result.POWERED_OFF: Wait(When.DAY),
    Result.UNREACHABLE: _WINDOW,
    Result.BARRED: Wait(When.DAY),
    Result.VOICEMAIL: _WINDOW,
    Result.ASSISTANT: _WINDOW,
    Result.EMPTY_NUMBER: _NEVER,
    Result.OUT_OF_SERVICE: _NEVER,
    Result.FAX: _NEVER,
    Result.COMPLETED: _NEVER,
    Result.PARTIAL: _NEVER,
    Result.REFUSED: _NEVER,
    Result.HUNG_UP: _NEVER,
    Result.NO_REPLY: _NEVER,
    Result.POSTPONED: _NEVER,
    Result.TALKED: _NEVER,
    Result.ABANDONED: Wait(When.DAY),
    Result.FAILED: _TEN_MINUTES,
    Result.INTERRUPTED: _TEN_MINUTES,
}
"""By every result but ``withdrawn``, after which the contact waits as before."""


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """At most ``attempts`` at a contact and ``per_number`` at each of his numbers; ``waits`` by result; ``hours`` are
    the campaign's (None: any time), in which the moments that are named lie; days are those of ``zone``.
    """

    attempts: int = 3
    per_number: int = 3
    waits: Mapping[Result, Wait] = field(default_factory=lambda: USUAL_WAITS)
    hours: Hours | None = None
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))


ONCE: Final = RetryPlan(attempts=1)
"""Whoever was tried is done."""


@dataclass(frozen=True, slots=True)
class Past:
    """The ``numbers`` of a contact in their order, and the attempts at him, number and result, oldest first. The first
    ``forgiven`` of them do not count: he has asked to be called since.
    """

    numbers: tuple[str, ...] = ()
    tried: tuple[tuple[str, str], ...] = ()
    forgiven: int = 0

    def then(self, number: str, result: Result) -> "Past":
        """With one more attempt."""
        return Past(self.numbers, (*self.tried, (number, result.value)), self.forgiven)


def next_number(plan: RetryPlan, past: Past) -> str:
    """The number whose turn it is; where none is left, the one that was tried last."""
    if not past.tried:
        return past.numbers[0]
    following = _following(plan, past)
    return past.tried[-1][0] if following is None else following[0]


def left(plan: RetryPlan, past: Past) -> int:
    """How many attempts the plan still allows, if it comes to them."""
    return max(0, plan.attempts - (len(past.tried) - past.forgiven))


def again_at(plan: RetryPlan, past: Past, now: float, *, answered: bool = False) -> float | None:
    """When (epoch seconds) the contact may be tried again, the last attempt of ``past`` having ended ``now``; None: he
    is done. ``answered``: somebody had answered it, so that one that was cut short is not made again.
    """
    result = Result(past.tried[-1][1])
    wait = plan.waits.get(result, _NEVER)
    if not left(plan, past) or (result not in SILENT and wait.when is When.NEVER):
        return None
    if result is Result.INTERRUPTED and answered:
        return None
    following = _following(plan, past)
    if following is None:
        return None
    return _open(plan, now if following[1] else _moment(plan, wait, now))


def moment_of(plan: RetryPlan, wait: Wait, now: float) -> float | None:
    """When ``wait`` is over that begins ``now``, within the plan's hours; None: never."""
    return None if wait.when is When.NEVER else _open(plan, _moment(plan, wait, now))


def again_if_cut(plan: RetryPlan, past: Past, number: str, now: float) -> float | None:
    """When to try again if this process dies in the attempt that begins ``now`` at ``number``, before anybody has
    answered; None: not at all.
    """
    return again_at(plan, past.then(number, Result.INTERRUPTED), now)


def ended(plan: RetryPlan, past: Past, number: str, attempt: Attempt, now: float) -> AttemptEnded:
    """What the log is told when ``attempt`` at ``number`` has ended ``now``."""
    result = attempt.result or Result.INTERRUPTED
    again = None
    if attempt.state is AttemptState.ENDED and result is not Result.WITHDRAWN:
        again = again_at(plan, past.then(number, result), now, answered=attempt.answered)
    return AttemptEnded(attempt.id, attempt.campaign, attempt.contact, result.value, attempt.status, again)


def parse_wait(text: str) -> Wait:
    """``10 min``, ``2 h``, ``next window``, ``next day`` or ``never``; ``ParseError`` for anything else."""
    words = " ".join(text.split())
    if words in (When.WINDOW, When.DAY, When.NEVER):
        return Wait(When(words))
    found = _SPAN.fullmatch(words)
    after_s = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 60.0 <= after_s <= LONGEST_WAIT_S:
        raise ParseError('must be "10 min", "2 h" (1 min to 30 days), "next window", "next day" or "never"')
    return Wait(When.AFTER, after_s)


_SPAN: Final = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,2})?) ?(min|h)")
_UNITS: Final = {"min": 60.0, "h": 3600.0}


def _following(plan: RetryPlan, past: Past) -> tuple[str, bool] | None:
    """The number after the last attempt, and whether at once; None where no number is left."""
    number, result = past.tried[-1]
    times = Counter(tried for tried, _ in past.tried[past.forgiven :])
    bad = {tried for tried, was in past.tried if _is_bad(plan, was)}
    good = [each for each in past.numbers if each not in bad and times[each] < plan.per_number]
    if result not in SILENT and number in good:
        return number, False
    if not good or result in REACHED:
        return None
    least = min(good, key=lambda each: times[each])  # the first in order among those
    return least, times[least] < times[number]


def _is_bad(plan: RetryPlan, result: str) -> bool:
    return result in SILENT and plan.waits.get(Result(result), _NEVER).when is When.NEVER


def _open(plan: RetryPlan, at: float) -> float:
    opens = at if plan.hours is None else plan.hours.next_open(at)
    return at if opens is None else opens


def _moment(plan: RetryPlan, wait: Wait, now: float) -> float:
    if wait.when is When.AFTER:
        return now + wait.after_s
    local = datetime.fromtimestamp(now, plan.zone)
    noon = datetime(local.year, local.month, local.day, NOON, tzinfo=plan.zone)
    if wait.when is not When.DAY and local < noon:  # a bad number, all others tried as often: as after a silent one
        return noon.timestamp()
    day = local.date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=plan.zone).timestamp()
