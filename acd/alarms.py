"""Alarms: when a figure of a queue or a trunk is beyond its limit for so long that somebody must look. Pure.

A rule has two limits, so that a figure which swings about one of them does not raise and clear an alarm all day: beyond
``limit`` for ``for_s`` it is raised, on the good side of ``clear`` for ``clear_after_s`` it is cleared. Between the two
everything stays as it is, and what has begun to change begins anew.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from acd.alarm_facts import AlarmCleared, AlarmRaised
from acd.alarm_figures import AlarmNow


class AlarmKind(StrEnum):
    """What a rule looks at."""

    LONGEST_WAIT = "longest_wait"
    """Seconds that the first caller in a queue has waited; raised above the limit."""
    SERVICE_LEVEL = "service_level"
    """The share of a queue's recent callers who were answered in time; raised below the limit."""
    NO_AGENTS = "no_agents"
    """Agents of a queue who are on duty; raised below the limit."""
    TRUNK_DOWN = "trunk_down"
    """1 while a trunk does not answer, else 0."""


BELOW: Final = frozenset({AlarmKind.SERVICE_LEVEL, AlarmKind.NO_AGENTS})
"""Those that are raised by too little; the others by too much."""


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """One rule; ``subject`` "" means each queue or trunk by itself. ``limit`` and ``clear`` in the kind's unit. It is
    looked at within the opening hours ``hours`` ("": always); a service level is that of the callers who left within
    ``over_s``, where they were ``at_least`` so many.
    """

    name: str
    kind: AlarmKind
    subject: str
    limit: float
    clear: float
    for_s: float = 0.0
    clear_after_s: float = 0.0
    over_s: float = 1800.0
    at_least: int = 1
    hours: str = ""

    def concerns(self, subject: str) -> bool:
        """Whether it looks at this queue or trunk."""
        return self.subject in ("", subject)

    def worse(self, one: float, other: float) -> float:
        """The one that is further beyond the limit."""
        return min(one, other) if self.kind in BELOW else max(one, other)

    def sign(self, value: float) -> "Sign":
        """How a figure stands to the two limits."""
        worse = -1.0 if self.kind in BELOW else 1.0
        if worse * value > worse * self.limit:
            return Sign.BAD
        return Sign.GOOD if worse * value <= worse * self.clear else Sign.BETWEEN


class Sign(StrEnum):
    """How a figure stands."""

    GOOD = "good"
    BETWEEN = "between"
    BAD = "bad"


class AlarmState(StrEnum):
    """Of one rule at one queue or trunk."""

    QUIET = "quiet"
    RISING = "rising"  # beyond the limit, but not for long enough
    RAISED = "raised"
    EASING = "easing"  # well again, but not for long enough


_S = AlarmState
TABLE: Final[Mapping[tuple[AlarmState, Sign], AlarmState]] = {
    (_S.QUIET, Sign.GOOD): _S.QUIET,
    (_S.QUIET, Sign.BETWEEN): _S.QUIET,
    (_S.QUIET, Sign.BAD): _S.RISING,
    (_S.RISING, Sign.GOOD): _S.QUIET,
    (_S.RISING, Sign.BETWEEN): _S.QUIET,
    (_S.RISING, Sign.BAD): _S.RISING,
    (_S.RAISED, Sign.GOOD): _S.EASING,
    (_S.RAISED, Sign.BETWEEN): _S.RAISED,
    (_S.RAISED, Sign.BAD): _S.RAISED,
    (_S.EASING, Sign.GOOD): _S.EASING,
    (_S.EASING, Sign.BETWEEN): _S.RAISED,
    (_S.EASING, Sign.BAD): _S.RAISED,
}

Reading: TypeAlias = Callable[["AlarmRule"], Mapping[str, float]]
"""The figures of a rule's kind, by queue or trunk; one that nothing can be said of now is left out (it counts as good).
"""


@dataclass(slots=True)
class _Alarm:
    """One rule at one subject. ``since`` is when its state began, ``raised_at`` when it was raised, ``worst`` the worst
    figure from then on.
    """

    rule: AlarmRule
    subject: str
    state: AlarmState = AlarmState.QUIET
    since: float = 0.0
    raised_at: float = 0.0
    value: float = 0.0
    worst: float = 0.0

    @property
    def stands(self) -> bool:
        """It was raised, and not cleared yet."""
        return self.state in (AlarmState.RAISED, AlarmState.EASING)


class Alarms:
    """All alarms. Call ``look`` about every second."""

    def __init__(self, rules: Iterable[AlarmRule]) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._alarms: dict[tuple[str, str], _Alarm] = {}

    def change(self, rules: Iterable[AlarmRule], now: float) -> list[AlarmCleared]:
        """These rules hold from now on; alarms of a rule that has gone, or is another one now, are cleared."""
        self._rules = {rule.name: rule for rule in rules}
        gone = [key for key, alarm in self._alarms.items() if self._rules.get(key[0]) != alarm.rule]
        return self._forget(gone, now)

    def look(self, read: Reading, now: float) -> list[AlarmRaised | AlarmCleared]:
        """Look at the present figures; what has to be told."""
        told: list[AlarmRaised | AlarmCleared] = []
        for rule in self._rules.values():
            figures = read(rule)
            known = {subject for name, subject in self._alarms if name == rule.name}
            for subject in sorted(known | {one for one in figures if rule.concerns(one)}):
                alarm = self._alarms.setdefault((rule.name, subject), _Alarm(rule, subject))
                told += self._step(alarm, figures.get(subject), now)
        return told

    def standing(self) -> list[AlarmNow]:
        """Those that are raised, as of the last look."""
        return [
            AlarmNow(
                alarm=alarm.rule.name,
                kind=alarm.rule.kind,
                subject=alarm.subject,
                value=round(alarm.value, 3),
                worst=round(alarm.worst, 3),
                limit=alarm.rule.limit,
                since=alarm.raised_at,
            )
            for alarm in self._alarms.values()
            if alarm.stands
        ]

    def _step(self, alarm: _Alarm, value: float | None, now: float) -> list[AlarmRaised | AlarmCleared]:
        rule = alarm.rule
        sign = Sign.GOOD if value is None else rule.sign(value)
        alarm.value = alarm.value if value is None else value
        following = TABLE[alarm.state, sign]
        alarm.worst = rule.worse(alarm.worst, alarm.value)
        if following is not alarm.state:
            alarm.state, alarm.since = following, now
        if alarm.state is _S.RISING and now - alarm.since >= rule.for_s:
            alarm.state, alarm.since, alarm.raised_at, alarm.worst = _S.RAISED, now, now, alarm.value
            return [AlarmRaised(rule.name, rule.kind, alarm.subject, round(alarm.value, 3), rule.limit)]
        if alarm.state is _S.EASING and now - alarm.since >= rule.clear_after_s:
            return [*self._forget([(rule.name, alarm.subject)], now, why="")]
        return []

    def _forget(self, keys: Iterable[tuple[str, str]], now: float, why: str = "gone") -> list[AlarmCleared]:
        cleared = []
        for key in keys:
            alarm = self._alarms.pop(key)
            if alarm.stands:
                lasted_s = round(now - alarm.raised_at, 3)
                value, worst = round(alarm.value, 3), round(alarm.worst, 3)
                whose = alarm.rule.name, alarm.rule.kind, alarm.subject
                cleared.append(AlarmCleared(*whose, value, lasted_s, why, worst))
        return cleared
