"""What the cap on abandoned calls leaves, for every stretch of calls at once.

Number the people who answered 1, 2, …; let A(n) of the first n have been abandoned and X(n) = cap · n - A(n). A stretch
of calls from i to n keeps the cap if X(n) ≥ X(i). ``room`` is how many of those who answer next may be abandoned so
that this holds for **every** stretch of at least ``enough`` people, of whatever length in time, past or still to come,
and from the first call of all to now. What is not spent within ``enough`` people is forfeited, else a quiet month
would pay for one bad hour. Nothing is kept but the last ``enough`` values of A.
"""

from collections import deque
from math import floor
from typing import Final

_ROUNDING: Final = 1e-9


class Budget:
    """Counts people who answered and those of them abandoned. ``cap`` is a share, as 0.03."""

    def __init__(self, cap: float, enough: int) -> None:
        if not 0.0 <= cap < 1.0 or enough < 1:
            raise ValueError(f"a cap from 0 to 1 and at least one call are needed, not {cap} and {enough}")
        self._cap = cap
        self._enough = enough
        self._burst = floor(cap * enough + _ROUNDING)
        self._recent: deque[int] = deque([0], maxlen=enough)  # A of the last ``enough`` calls and before the first
        self._peak = 0.0  # the highest X from which at least ``enough`` calls have passed, or of the beginning
        self.answered = 0
        self.abandoned = 0
        self.room = 0

    def count(self, abandoned: bool) -> None:
        """One more person answered."""
        if len(self._recent) == self._enough:
            oldest = self.answered - self._enough + 1
            self._peak = max(self._peak, self._cap * oldest - self._recent[0])
        self.answered += 1
        self.abandoned += abandoned
        self._recent.append(self.abandoned)
        held = floor(self._cap * self.answered - self.abandoned - self._peak + _ROUNDING)
        self.room = min(held, self._burst - (self.abandoned - self._recent[0]))
