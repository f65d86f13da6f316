"""A queue's line of waiting callers: entries in the order in which they came, their places, and the counts."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from acd.estimate import HandlingTimes
from acd.facts import QueueOutcome
from acd.queues import QueueRules
from core.errors import LocalProtocolError


class EntryState(StrEnum):
    """Where a waiting caller stands."""

    WAITING = "waiting"
    OFFERED = "offered"  # one agent's phone rings for him
    ENDED = "ended"


class EntryInput(StrEnum):
    """What can happen to a waiting caller."""

    OFFER = "offer"
    OFFER_ENDED = "offer_ended"
    ANSWER = "answer"
    LEAVE = "leave"


TABLE: Final[dict[tuple[EntryState, EntryInput], EntryState]] = {
    (EntryState.WAITING, EntryInput.OFFER): EntryState.OFFERED,
    (EntryState.WAITING, EntryInput.LEAVE): EntryState.ENDED,
    (EntryState.OFFERED, EntryInput.OFFER_ENDED): EntryState.WAITING,
    (EntryState.OFFERED, EntryInput.ANSWER): EntryState.ENDED,
    (EntryState.OFFERED, EntryInput.LEAVE): EntryState.ENDED,
}


@dataclass(slots=True)
class Entry:
    """A caller in a queue. ``order`` counts all entries of the house, so older ones have the smaller number.

    ``missed`` says which agents did not take him, and when last.
    """

    id: str
    call_id: str
    queue: str
    entered_at: float
    order: int
    state: EntryState = EntryState.WAITING
    offer: str = ""
    agent: str = ""
    missed: dict[str, float] = field(default_factory=dict)
    overdue: bool = False
    retry_at: float = 0.0

    def step(self, item: EntryInput) -> None:
        """Feed one input; ``LocalProtocolError`` for what cannot happen in this state."""
        following = TABLE.get((self.state, item))
        if following is None:
            raise LocalProtocolError(f"entry {self.id}: {item} in state {self.state}")
        self.state = following


class Line:
    """One queue at work."""

    __slots__ = ("_places", "crew", "entered", "entries", "left", "rules", "times")

    def __init__(self, rules: QueueRules) -> None:
        self.rules = rules
        self.crew = frozenset(rules.agents)
        self.entries: dict[str, Entry] = {}
        self.entered = 0
        self.left: Counter[QueueOutcome] = Counter()
        self.times = HandlingTimes(rules.expected_handle_s)
        self._places: dict[str, int] | None = None

    def change(self, rules: QueueRules) -> None:
        """These rules hold from now on; what was counted stays."""
        self.rules = rules
        self.crew = frozenset(rules.agents)

    @property
    def full(self) -> bool:
        """No further caller may wait."""
        return self.rules.max_length is not None and len(self.entries) >= self.rules.max_length

    def add(self, entry: Entry) -> None:
        """Put ``entry`` at the end."""
        self.entered += 1
        if self._places is not None:
            self._places[entry.id] = len(self.entries)
        self.entries[entry.id] = entry

    def remove(self, entry: Entry, outcome: QueueOutcome) -> None:
        """Take ``entry`` out and count how it ended."""
        del self.entries[entry.id]
        self.left[outcome] += 1
        self._places = None

    def ahead(self, entry: Entry) -> int:
        """How many callers of this queue came before ``entry`` and still wait."""
        if self._places is None:
            self._places = {name: place for place, name in enumerate(self.entries)}
        return self._places[entry.id]
