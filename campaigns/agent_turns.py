"""Whose turn it is where several campaigns dial for the same agents: of those that want to, the one that has dialled
least recently. Pure.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

WANTS_FOR_S: Final = 3.0
"""Who has not asked for so long does not want to dial; they ask every second."""
HOLDS_UP_S: Final = 2.0
"""Whose turn it has been for so long, and who has not dialled (its trunk is full), holds nobody up."""


@dataclass(slots=True)
class _One:
    queue: str
    asked_at: float
    dialled: int = 0
    given_at: float | None = None


class AgentTurns:
    """By campaign; one for the whole house."""

    def __init__(self) -> None:
        self._ones: dict[str, _One] = {}
        self._wakes: dict[str, Callable[[], None]] = {}
        self._dials = 0

    def enter(self, campaign: str, wake: Callable[[], None]) -> Callable[[], None]:
        """The campaign begins; ``wake`` is called when another one has dialled. The returned function ends that."""
        self._wakes[campaign] = wake

        def leave() -> None:
            if self._wakes.get(campaign) is wake:
                del self._wakes[campaign]
                self._ones.pop(campaign, None)

        return leave

    def ask(self, campaign: str, queue: str, now: float) -> None:
        """It would dial for ``queue`` if an agent were there."""
        one = self._ones.setdefault(campaign, _One(queue, now))
        one.queue, one.asked_at = queue, now

    def is_next(self, campaign: str, queues: Collection[str], now: float) -> bool:
        """Whether it may: an agent of ``queues``, all that share agents with its own, is there for one of them."""
        mine = self._ones[campaign]
        for one in self._ones.values():
            if one is mine or one.queue not in queues or one.dialled >= mine.dialled:
                continue
            wants = now - one.asked_at <= WANTS_FOR_S
            if wants and (one.given_at is None or now - one.given_at <= HOLDS_UP_S):
                return False
        if mine.given_at is None:
            mine.given_at = now
        return True

    def dialled(self, campaign: str) -> None:
        """It has had its turn."""
        self._dials += 1
        if (one := self._ones.get(campaign)) is not None:
            one.dialled, one.given_at = self._dials, None
        for name, wake in self._wakes.items():
            if name != campaign:
                wake()
