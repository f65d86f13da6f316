"""The next half minute: who of those in flight answers, against the agents who are or become free.

A person who answers by some horizon is lost if those who answered by then outnumber the agents free now and those who
become free in time. (In a queue that nobody waits in the number lost is the largest such excess, Skorokhod's
reflection; the largest over five horizons stands for it.) Agents are counted at the middle between a horizon and the
one before, and what a person may wait besides.
"""

from collections.abc import Sequence
from math import inf
from operator import mul
from typing import Final

from campaigns.pacing.lives import Row
from campaigns.pacing.shortage import Law, answers, freed, short

HORIZONS_S: Final = (3, 7, 12, 20, 35)
"""Whole seconds ahead at which answers are set against agents."""


def agents_counted_s(grace_s: float) -> tuple[float, ...]:
    """When agents are counted, for each horizon."""
    before = (0, *HORIZONS_S[:-1])
    return tuple((early + late) / 2 + grace_s for early, late in zip(before, HORIZONS_S, strict=True))


class Forecast:
    """From a row of chances for each call in flight and for each busy agent. ``fresh``: those of a call dialled now;
    ``spare``: agents free now less people who wait.
    """

    __slots__ = ("_agents", "_fresh", "_means", "_spare", "_squares")

    def __init__(self, fresh: Row, calls: Sequence[Row], agents: Sequence[Row], spare: int) -> None:
        self._fresh = fresh
        self._means, self._squares = _sums(calls)
        self._agents: Sequence[Law] = [freed(*both) for both in zip(*_sums(agents), strict=True)]
        self._spare = spare

    def loss(self, more: int, limit: float = 1.0) -> float:
        """The chance that whoever answers one further call, beside ``more`` new ones, finds no agent. Where that is
        more than ``limit`` something between the two is told, sooner.
        """
        fresh, means, squares = self._fresh, self._means, self._squares
        late = fresh[-1]
        if late <= 0.0:
            return 0.0
        lost, worst = 0.0, 0.0
        for place in range(len(fresh) - 1, -1, -1):
            chance = fresh[place]
            new = more * chance
            tail = answers(means[place] + new, squares[place] + new * chance)
            worst = max(worst, short(self._spare, tail, self._agents[place]))
            earlier = fresh[place - 1] if place else 0.0
            lost += (chance - earlier) * worst
            if lost + earlier * worst > limit * late:  # who answers earlier is lost no less often
                return (lost + earlier * worst) / late
        return lost / late

    def risk(self, more: int, most: int, times: float, limit: float = inf) -> float:
        """With ``more`` new calls, and the odds of an answer ``times`` as high: the chance that more than ``most``
        people are lost; at most, as the chances at all horizons are added. Beyond ``limit`` no more are added.
        """
        risk, spare = 0.0, self._spare + most + 1
        for place in range(len(self._fresh) - 1, -1, -1):
            chance = self._fresh[place]
            mean, squares = self._means[place] + more * chance, self._squares[place] + more * chance * chance
            risk += short(spare, answers(times * mean, times * squares), self._agents[place])
            if risk > limit:
                break
        return risk


def _sums(rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    """By horizon: the sum of the chances, and of their squares."""
    if not rows:
        return [0.0] * len(HORIZONS_S), [0.0] * len(HORIZONS_S)
    columns = list(zip(*rows, strict=True))
    return [sum(column) for column in columns], [sum(map(mul, column, column)) for column in columns]
