"""How likely a person answers the next call, with how sure we are, when the chance drifts and now and then jumps.

A Beta posterior that forgets: each new result is worth one call, all older ones together at most ``MEMORY`` calls. A
jump would take that as long to show, so two CUSUM charts (Page, "Continuous inspection schemes", 1954) watch for odds
that doubled or halved; where one rings, only what came after the likeliest moment of the jump is believed.
"""

from heapq import heappop, heappush
from math import log, sqrt
from typing import Final

MEMORY: Final = 200.0
"""Calls; what drifts by a tenth within an hour of 300 calls is followed with about as much error as chance makes."""
JUMP: Final = 2.0
"""By how much odds must have changed to be called a jump."""
ALARM: Final = 5.0
"""Log-likelihood at which it is believed: a false alarm about once in a thousand calls, a true one after 15 to 30."""
PRIOR_CHANCE: Final = 0.3
PRIOR_WEIGHT: Final = 6.0
_LEAST, _MOST = 0.005, 0.95


class _Chart:
    """CUSUM for one direction; ``calls`` and ``people`` count since the likeliest moment of a jump."""

    __slots__ = ("calls", "people", "sum", "times")

    def __init__(self, times: float) -> None:
        self.times = times
        self.clear()

    def clear(self) -> None:
        self.sum, self.calls, self.people = 0.0, 0, 0

    def take(self, person: bool, chance: float) -> bool:
        """Count one result that had ``chance``; True where the alarm rings."""
        jumped = self.times * chance / (1.0 - chance + self.times * chance)
        self.sum += log(jumped / chance) if person else log((1.0 - jumped) / (1.0 - chance))
        self.calls += 1
        self.people += person
        if self.sum <= 0.0:
            self.clear()
        return self.sum >= ALARM


class Posterior:
    """The chance that a person answers, from results in the order in which they are told."""

    def __init__(self) -> None:
        self._people = PRIOR_CHANCE * PRIOR_WEIGHT
        self._others = (1.0 - PRIOR_CHANCE) * PRIOR_WEIGHT
        self._charts = (_Chart(JUMP), _Chart(1.0 / JUMP))
        self.jumps = 0

    @property
    def mean(self) -> float:
        """Of the posterior."""
        return min(max(self._people / (self._people + self._others), _LEAST), _MOST)

    def upper(self, deviations: float) -> float:
        """So many standard deviations of the posterior above its mean."""
        mean = self.mean
        return min(mean + deviations * sqrt(mean * (1.0 - mean) / (self._people + self._others + 1.0)), _MOST)

    def take(self, person: bool) -> bool:
        """One more result; True where the chance seems to have jumped."""
        chance = self.mean
        rung = [chart for chart in self._charts if chart.take(person, chance)]
        keep = 1.0 - 1.0 / MEMORY
        self._people = self._people * keep + person
        self._others = self._others * keep + (not person)
        for chart in rung:
            self._believe(chart.people, chart.calls)
        return bool(rung)

    def _believe(self, people: int, calls: int) -> None:
        """What came since the jump, and of all before as little as the prior."""
        mean = self.mean
        self._people = mean * PRIOR_WEIGHT + people
        self._others = (1.0 - mean) * PRIOR_WEIGHT + calls - people
        self.jumps += 1
        for chart in self._charts:
            chart.clear()


class AnswerChance:
    """The chance that a person answers, from results at the moment at which they come.

    Of calls dialled together dead numbers end first, then people answer, and those who never do come last; who has
    just dialled many would believe the first alone. So there are two posteriors: one is told at once, the other only
    when all calls of that age are over, after ``ring_limit_s``. The higher is believed.
    """

    def __init__(self, ring_limit_s: float) -> None:
        self._ring_limit_s = ring_limit_s
        self._at_once, self._later = Posterior(), Posterior()
        self._unripe: list[tuple[float, bool]] = []

    @property
    def mean(self) -> float:
        """Of the higher posterior."""
        return max(self._at_once.mean, self._later.mean)

    def upper(self, deviations: float) -> float:
        """So many standard deviations above the mean; the higher of both."""
        return max(self._at_once.upper(deviations), self._later.upper(deviations))

    def take(self, now: float, ring_s: float, person: bool) -> bool:
        """A call that had rung for ``ring_s`` ended; True where the chance seems to have jumped."""
        heappush(self._unripe, (now - min(max(ring_s, 0.0), self._ring_limit_s), person))
        return self._at_once.take(person)

    def ripen(self, now: float) -> None:
        """It is ``now``."""
        while self._unripe and self._unripe[0][0] <= now - self._ring_limit_s:
            self._later.take(heappop(self._unripe)[1])
