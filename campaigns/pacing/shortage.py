"""How likely more people answer than agents are there for them.

Answers (and agents who become free) are sums of independent chances that differ: given as their ``mean`` and the sum of
their ``squares``, which says how far they scatter. Each sum is taken as the binomial law with the same mean and at
least the same variance, tabulated in steps; means of answers are rounded up, of agents down. The tables are bounded:
what is used least is forgotten.
"""

from functools import lru_cache
from math import ceil, exp
from operator import mul
from typing import Final, TypeAlias

Law: TypeAlias = tuple[float, ...]
"""Chances of 0, 1, 2, … or of at least so many."""
_STEP: Final = 0.05
_MOST: Final = 300.0
_BINOMIAL_MOST: Final = 100.0
"""Beyond it the chance of 0 is too small for a float; the Poisson law scatters more, so nothing is made light of."""
_NOTHING: Final = 1e-10
_UP: Final = 1.0 - 1e-9
_NONE: Final = (1.0,)


@lru_cache(maxsize=4096)
def _law(steps: int, tenths: int) -> Law:
    """Chances of 0, 1, 2, …; each single chance is at most ``tenths`` / 10 (0: Poisson)."""
    mean = steps * _STEP
    if steps <= 0:
        return (1.0,)
    of = ceil(mean * 10 / tenths) if tenths and mean < _BINOMIAL_MOST else 0
    each = mean / of if of else 0.0
    chance = (1.0 - each) ** of if of else exp(-mean)
    law, number = [chance], 0
    while (number < mean or chance > _NOTHING) and (not of or number < of):
        number += 1
        chance *= (of - number + 1) / number * each / (1.0 - each) if of else mean / number
        law.append(chance)
    return tuple(law)


@lru_cache(maxsize=4096)
def _at_least(steps: int, tenths: int) -> Law:
    tail, total = [], 0.0
    for chance in reversed(_law(steps, tenths)):
        total += chance
        tail.append(min(total, 1.0))
    return tuple(reversed(tail))


def answers(mean: float, squares: float) -> Law:
    """Chances of at least 0, 1, 2, … answers."""
    if mean <= 0.0:
        return _NONE
    return _at_least(int(min(mean, _MOST) / _STEP + _UP), min(int(10.0 * squares / mean), 9))


def freed(mean: float, squares: float) -> Law:
    """Chances that just 0, 1, 2, … agents become free."""
    if mean <= 0.0:
        return _NONE
    return _law(int(min(mean, _MOST) / _STEP), min(int(10.0 * squares / mean), 9))


def short(spare: int, at_least: Law, agents: Law) -> float:
    """The chance that at least ``spare`` more people answer than agents become free (``spare`` may be negative)."""
    if spare >= 0:
        chance: float = sum(map(mul, agents, at_least[spare:]))
        return chance
    certain: float = sum(agents[:-spare])
    return min(1.0, certain + float(sum(map(mul, agents[-spare:], at_least))))
