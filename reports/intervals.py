"""95 % intervals of shares, and of the difference of two.

One share: E. B. Wilson, 1927. A difference: the Wilson intervals of both shares, joined (MOVER: R. G. Newcombe, 1998,
Statistics in Medicine 17, 873–890 and 2635–2650; G. Y. Zou and A. Donner, 2008, Statistics in Medicine 27, 1693–1702).
"""

import math
from typing import Final, TypeAlias

Z: Final = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""
Interval: TypeAlias = tuple[float, float]


def wilson(hits: int, of: int) -> Interval:
    """Of the share ``hits`` / ``of``; ``of`` is at least 1. Of none it begins at 0, of all it ends at 1, to the bit."""
    share, squared = hits / of, Z * Z / of
    middle = (share + squared / 2) / (1 + squared)
    half = Z * math.sqrt(share * (1 - share) / of + squared / (4 * of)) / (1 + squared)
    return 0.0 if hits == 0 else max(0.0, middle - half), 1.0 if hits == of else min(1.0, middle + half)


def net_share(more: int, less: int, of: int) -> Interval:
    """Of ``more`` / ``of`` − ``less`` / ``of``, two exclusive shares of the same answers, as in NPS: who is in one is
    not in the other, so they are correlated by −√(pq / ((1 − p)(1 − q))).
    """
    share, other = more / of, less / of
    spread = math.sqrt(share * (1 - share) * other * (1 - other))
    return _joined(share, wilson(more, of), other, wilson(less, of), -share * other / spread if spread else 0.0)


def difference(more: int, of: int, less: int, of_others: int) -> Interval:
    """Of ``more`` / ``of`` − ``less`` / ``of_others``, the shares of two groups that have nothing to do with each other
    (Newcombe's method 10).
    """
    return _joined(more / of, wilson(more, of), less / of_others, wilson(less, of_others), 0.0)


def _joined(share: float, its: Interval, other: float, of_other: Interval, tied: float) -> Interval:
    """Of ``share`` − ``other`` from the intervals of both, which are correlated by ``tied``."""
    net, down, up = share - other, (share - its[0], of_other[1] - other), (its[1] - share, other - of_other[0])
    return max(-1.0, net - _length(*down, tied)), min(1.0, net + _length(*up, tied))


def _length(one: float, other: float, tied: float) -> float:
    return math.sqrt(one**2 - 2 * tied * one * other + other**2)
