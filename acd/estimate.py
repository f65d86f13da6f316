"""How long will this caller wait? A model with an honest interval, not an average of past waits.

Callers of a queue are served first come, first served by the ``c`` agents on duty. While all of them are busy, a
caller with ``k`` others before him is answered when ``r = k + 1`` calls have ended. Handling times (from the first
ring to the end of the wrap-up) are taken as exponential with an unknown rate ``λ``; ends then come at rate ``c·λ`` and
the wait, given ``λ``, is Erlang(r, c·λ). What is known of ``λ`` is a Gamma(a, b) law: before any call, ``a = 2`` and
``b`` such that the mean handling time is the one configured; each call seen adds 1 to ``a`` and its length to ``b``
(the last 50 count). The wait is then ``b/c`` times a beta-prime(r, a) variable, whose distribution function is a
finite sum for whole ``r``. So the 90 % interval is wide while few calls were seen, and narrows to the Erlang law's own
spread. To all three figures the mean time that a phone rings before it is answered is added.

What the model leaves out: callers ahead who give up (it is then on the cautious side), agents who sign in or pause
meanwhile, and handling times less scattered than exponential ones (the interval is then too wide, not too narrow).
"""

from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_KEPT: Final = 50
_PRIOR_CALLS: Final = 2.0
_PRIOR_RINGS: Final = 2.0
_PRIOR_RING_S: Final = 4.0
_LOW, _HIGH = 0.05, 0.95
_HALVINGS: Final = 26
_REMEMBERED: Final = 4096
"""Quantiles: they depend on whole numbers only (how many are before a caller, how many calls were seen), which come
again and again; each takes a tenth of a millisecond to a whole one to work out.
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Expected wait ``wait_s`` and the interval ``low_s`` to ``high_s`` that holds with 90 % probability; seconds."""

    wait_s: float
    low_s: float
    high_s: float


class HandlingTimes:
    """What one queue has learnt about how long its calls take and its phones ring."""

    __slots__ = ("_expected_s", "_rings", "_samples")

    def __init__(self, expected_s: float) -> None:
        self._expected_s = expected_s
        self._samples: deque[float] = deque(maxlen=_KEPT)
        self._rings: deque[float] = deque(maxlen=_KEPT)

    def add(self, handled_s: float) -> None:
        """One call took an agent ``handled_s`` from the first ring to the end of the wrap-up."""
        self._samples.append(max(handled_s, 0.0))

    def add_ring(self, ring_s: float) -> None:
        """A phone rang ``ring_s`` before it was answered."""
        self._rings.append(max(ring_s, 0.0))

    @property
    def ring_s(self) -> float:
        """Mean seconds from ring to answer."""
        return (_PRIOR_RINGS * _PRIOR_RING_S + sum(self._rings)) / (_PRIOR_RINGS + len(self._rings))

    def estimate(self, ends_needed: int, agents: int) -> Estimate:
        """The wait until ``ends_needed`` (>= 1) calls of ``agents`` (>= 1) busy agents have ended, and a ring."""
        shape = _PRIOR_CALLS + len(self._samples)
        scale = (_PRIOR_CALLS - 1) * self._expected_s + sum(self._samples)
        unit = scale / agents
        ring_s = self.ring_s
        return Estimate(
            wait_s=unit * ends_needed / (shape - 1) + ring_s,
            low_s=unit * beta_prime_quantile(_LOW, ends_needed, shape) + ring_s,
            high_s=unit * beta_prime_quantile(_HIGH, ends_needed, shape) + ring_s,
        )


def beta_prime_cdf(x: float, r: int, a: float) -> float:
    """P(X <= x) for X beta-prime(r, a) with whole ``r``: a Gamma(r) variable divided by a Gamma(a) one.

    It is ``1 - (1-y)^a · Σ_{j<r} (a)_j / j! · y^j`` with ``y = x/(1+x)``: the chance of fewer than ``r`` successes.
    """
    y = x / (1.0 + x)
    term: float = (1.0 + x) ** -a
    total = term
    for j in range(r - 1):
        term *= y * (a + j) / (j + 1)
        total += term
    return 1.0 - total


@lru_cache(maxsize=_REMEMBERED)
def beta_prime_quantile(p: float, r: int, a: float) -> float:
    """The ``x`` below which a beta-prime(r, a) variable lies with probability ``p``, by halving."""
    high = (r + 1.0) / a
    while beta_prime_cdf(high, r, a) < p:
        high *= 2.0
    low = 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if beta_prime_cdf(middle, r, a) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2
