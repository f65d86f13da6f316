"""How much longer talks and wrap-ups last that have lasted so long: from the last ones seen, without a law assumed."""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from math import exp
from typing import Final, TypeAlias

Row: TypeAlias = tuple[float, ...]
"""One chance for each horizon."""
MEMORY: Final = 400
FEW: Final = 10
"""Of fewer than so many who lasted that long nothing is read off; their tail is taken as exponential."""
LONGEST_S: Final = 14_400.0
_TALK_STEP_S, _TALK_ROWS = 5.0, 180
_WRAP_STEP_S, _WRAP_ROWS = 2.0, 60
_EVERY: Final = 150
_PARTS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
_NOBODY: Final = 0.0


class Lives:
    """The last ``MEMORY`` durations, seconds."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=MEMORY)

    def __len__(self) -> int:
        return len(self._last)

    def take(self, seconds: float) -> None:
        """One more; what no clock can have measured is bounded."""
        self._last.append(min(max(seconds, 0.0), LONGEST_S))

    def sorted(self) -> list[float]:
        """Shortest first."""
        return sorted(self._last)


def over_within(lives: Sequence[float], age_s: float, more_s: float) -> float:
    """The chance that what has lasted ``age_s`` is over within ``more_s``; ``lives`` sorted. 0 where too few are known:
    who is not known to come back is not counted on.
    """
    if more_s <= 0.0 or len(lives) < FEW:
        return _NOBODY
    outlived = bisect_right(lives, age_s)
    left = len(lives) - outlived
    if left >= FEW:
        return (bisect_right(lives, age_s + more_s) - outlived) / left
    longest = lives[-FEW:]
    excess_s = max(sum(longest) / FEW - longest[0], 1.0)
    return 1.0 - exp(-more_s / excess_s)


class Freeing:
    """When agents who talk or are in wrap-up become free: for each age the chance by each of ``horizons_s``.

    After a talk comes a wrap-up; the chances are means over five wrap-ups of equal weight. Tables are made anew after
    every ``_EVERY`` ends.
    """

    def __init__(self, horizons_s: Sequence[float]) -> None:
        self._horizons_s = tuple(horizons_s)
        self._talks, self._wrap_ups = Lives(), Lives()
        self._new = 0
        self._nothing: Row = (_NOBODY,) * len(self._horizons_s)
        self._talk_rows: list[Row] = [self._nothing]
        self._wrap_rows: list[Row] = [self._nothing]

    def talked(self, seconds: float) -> None:
        """A talk is over."""
        self._talks.take(seconds)
        self._count()

    def wrapped_up(self, seconds: float) -> None:
        """A wrap-up is over."""
        self._wrap_ups.take(seconds)
        self._count()

    def rows(self, now: float, talks_since: Sequence[float], wrap_ups_since: Sequence[float]) -> list[Row]:
        """One row for each agent who is busy."""
        talks, wraps = self._talk_rows, self._wrap_rows
        last_talk, last_wrap = len(talks) - 1, len(wraps) - 1
        rows = [talks[min(int(max(now - since, 0.0) / _TALK_STEP_S), last_talk)] for since in talks_since]
        rows += [wraps[min(int(max(now - since, 0.0) / _WRAP_STEP_S), last_wrap)] for since in wrap_ups_since]
        return rows

    def _count(self) -> None:
        self._new += 1
        if self._new >= _EVERY or len(self._talks) + len(self._wrap_ups) in {2 * FEW, 4 * FEW}:
            self._new = 0
            self._lay_out()

    def _lay_out(self) -> None:
        talks, wraps = self._talks.sorted(), self._wrap_ups.sorted()
        after_s = [wraps[int(part * len(wraps))] for part in _PARTS] if wraps else [0.0]
        horizons_s = self._horizons_s

        def talk_row(age_s: float) -> Row:
            return tuple(
                sum(over_within(talks, age_s, within_s - wrap_s) for wrap_s in after_s) / len(after_s)
                for within_s in horizons_s
            )

        def wrap_row(age_s: float) -> Row:
            return tuple(over_within(wraps, age_s, within_s) for within_s in horizons_s)

        self._talk_rows = [talk_row((number + 0.5) * _TALK_STEP_S) for number in range(_TALK_ROWS)]
        self._wrap_rows = [wrap_row((number + 0.5) * _WRAP_STEP_S) for number in range(_WRAP_ROWS)]
