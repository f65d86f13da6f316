"""How likely a call that has rung so long is answered by a person, and when.

Of calls that a person answers S(a) still ring after ``a`` seconds, of all others U(a). With the chance p of an answer,
a call that has rung ``a`` seconds is answered within ``h`` more with probability

    p · (S(a) - S(a + h)) / (p · S(a) + (1 - p) · U(a)).
"""

from collections.abc import Sequence
from typing import Final

from campaigns.pacing.lives import Row

SECONDS: Final = 60
_HALVED_AT: Final = 600.0
_NOBODY: Final = 1e-9


class RingTimes:
    """Counts by whole seconds, halved where they have grown to ``_HALVED_AT``, so that old rings are forgotten.

    Before anything was seen people are taken to answer after 3 to 24 s, other calls to end after 2 or 36 s.
    """

    def __init__(self) -> None:
        self._people = [0.5 if 3 <= second < 24 else 0.0 for second in range(SECONDS + 1)]
        self._others = [{2: 3.0, 36: 7.0}.get(second, 0.0) for second in range(SECONDS + 1)]

    def take(self, seconds: float, person: bool) -> None:
        """A ring ended."""
        counts = self._people if person else self._others
        counts[min(max(int(seconds), 0), SECONDS)] += 1.0
        if sum(counts) > _HALVED_AT:
            counts[:] = [count / 2.0 for count in counts]

    def rows(self, chance: float, horizons_s: Sequence[int]) -> list[Row]:
        """For a call that has rung 0, 1, … seconds: the chance that a person answers by each horizon."""
        people, others = _left(self._people), _left(self._others)
        odds = (1.0 - chance) / chance
        rows = []
        for age in range(SECONDS + 1):
            still = people[age]
            whole = still + odds * others[age]
            if whole < _NOBODY:
                rows.append((0.0,) * len(horizons_s))
                continue
            rows.append(tuple((still - people[min(age + more, SECONDS + 1)]) / whole for more in horizons_s))
        return rows


def _left(counts: Sequence[float]) -> list[float]:
    """The share that lasts at least 0, 1, …, 61 s."""
    total, left = sum(counts), []
    rest = total
    for count in counts:
        left.append(rest / total)
        rest = max(rest - count, 0.0)
    left.append(0.0)
    return left
