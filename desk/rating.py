"""What callers think of their talks: how a queue asks, and when a score calls for somebody."""

from dataclasses import dataclass
from typing import Final

LOW_RATING: Final = "low_rating"
"""The kind of task that a low score opens."""


@dataclass(frozen=True, slots=True)
class RatingRules:
    """The flow that asks, and the highest score that opens a task (below the question's lowest: none does)."""

    flow: str
    low: int

    def is_low(self, score: int) -> bool:
        """Whether somebody must look after a caller who gave ``score``."""
        return score <= self.low
