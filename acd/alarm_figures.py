"""What raised alarms read now. It is only live: the log has when each was raised and cleared, and its worst figure.

Readers (pages, MQTT) are told of another alarm at once, of another figure every few seconds at most. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

EVERY_S: Final = 5.0
"""Figures that go on changing are told so often."""


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """An alarm that stands (``acd.alarm_facts.AlarmRaised``): ``value`` now and at its ``worst``, ``since`` when."""

    alarm: str
    kind: str
    subject: str
    value: float
    worst: float
    limit: float
    since: float


class AlarmFigures:
    """``current`` by alarm and subject, the oldest first; ``version`` changes whenever it does."""

    def __init__(self) -> None:
        self.current: Mapping[tuple[str, str], AlarmNow] = {}
        self.version = 0
        self._told_at = 0.0
        self._followers: list[Callable[[], None]] = []

    def follow(self, told: Callable[[], None]) -> None:
        """Call ``told`` after each change."""
        self._followers.append(told)

    def take(self, standing: Sequence[AlarmNow], now: float) -> None:
        """These stand ``now``."""
        found = {(one.alarm, one.subject): one for one in sorted(standing, key=lambda one: one.since)}
        same = found.keys() == self.current.keys()
        if found == self.current or (same and 0 <= now - self._told_at < EVERY_S):
            return
        self.current, self._told_at = found, now
        self.version += 1
        for told in self._followers:
            told()
