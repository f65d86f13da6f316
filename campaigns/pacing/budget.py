"""What the cap leaves, for every stretch of calls at once.

Number the people who answered 1, 2, …; let A(n) of the first n have been abandoned and X(n) = cap · n - A(n). A stretch
of calls from i to n keeps the cap if X(n) ≥ X(i). ``room`` is how many of those who answer next may be abandoned so
that this holds for **every** stretch of at least ``enough`` people, of whatever length in time, past or still to come,
and from the first call of all to now. What is not spent within ``enough`` people is forfeited, else a quiet month
would pay for one bad hour. Nothing is kept but the last values of A and of the highest X.
"""

from collections import deque
from math import floor
from typing import Final

MOST_ENOUGH: Final = 1000
"""Longer stretches are held to the cap like stretches of so many people."""
_ROUNDING: Final = 1e-9


class Budget:
    """Counts people who answered and those of them abandoned. ``cap`` is a share, as 0.03."""

    def __init__(self, cap: float) -> None:
        if not 0.0 <= cap < 1.0:
            raise ValueError(f"a cap is a share from 0 to 1, not {cap}")
        self._cap = cap
        self._lost: deque[int] = deque([0], maxlen=MOST_ENOUGH + 1)  # A(i) of the last calls, A(n) last
        self._peaks: deque[float] = deque([0.0], maxlen=MOST_ENOUGH + 1)  # the highest X up to each of them
        self.answered = 0
        self.abandoned = 0

    def count(self, abandoned: bool) -> None:
        """One more person answered."""
        self.answered += 1
        self.abandoned += abandoned
        self._lost.append(self.abandoned)
        self._peaks.append(max(self._peaks[-1], self._cap * self.answered - self.abandoned))

    def room(self, enough: int) -> int:
        """How many of those who answer next may be lost; below 0 after a breach. ``enough`` may be another each time: a
        stretch then keeps the cap if it has the most that was asked for while it lasted.
        """
        enough = min(max(enough, 1), MOST_ENOUGH)
        last = len(self._lost) - 1
        peak, before = self._peaks[max(last - enough, 0)], self._lost[max(last - enough + 1, 0)]
        held = floor(self._cap * self.answered - self.abandoned - peak + _ROUNDING)
        burst = floor(self._cap * enough + _ROUNDING)
        return min(held, burst - (self.abandoned - before))
