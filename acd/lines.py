"""A queue's line of waiting callers: entries in the order in which they are due, their places, and the counts."""

from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from acd.estimate import HandlingTimes
from acd.facts import QueueOutcome
from acd.queues import QueueRules
from acd.skills import SkillNeed
from acd.urgency import PLAIN, CallerTerms
from core.errors import LocalProtocolError


class EntryState(StrEnum):
    """Where a waiting caller stands."""

    WAITING = "waiting"
    OFFERED = "offered"  # an agent's phone rings for him, or several
    ENDED = "ended"


class EntryInput(StrEnum):
    """What can happen to a waiting caller."""

    OFFER = "offer"  # the first phone rings
    OFFER_ENDED = "offer_ended"  # the last one does no more
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
    """A caller in a queue. ``due`` says when it is his turn (see ``acd.urgency``); ``order`` counts all entries of the
    house and decides between those due at the same moment.

    ``offers`` are the agents rung for him, by offer; the first of them began to ring at ``round_at``. ``missed`` says
    which agents did not take him, and when last. At ``look_at`` something may have changed for him by time alone.
    """

    id: str
    call_id: str
    queue: str
    entered_at: float
    order: int
    due: float = 0.0
    terms: CallerTerms = PLAIN
    needs: tuple[SkillNeed, ...] = ()
    state: EntryState = EntryState.WAITING
    offers: dict[str, str] = field(default_factory=dict)
    round_at: float = 0.0
    missed: dict[str, float] = field(default_factory=dict)
    overdue: bool = False
    look_at: float = 0.0

    def step(self, item: EntryInput) -> None:
        """Feed one input; ``LocalProtocolError`` for what cannot happen in this state."""
        following = TABLE.get((self.state, item))
        if following is None:
            raise LocalProtocolError(f"entry {self.id}: {item} in state {self.state}")
        self.state = following


Turn: TypeAlias = tuple[float, int, Entry]
"""An entry with what it is ordered by: when it is due, and the number of its coming, which no two share."""


class Line:
    """One queue at work. ``places`` are its agents as they are listed; ``last_rung`` is the one rung last; ``absent``
    counts those in it who are not on the line but to be called back.
    """

    __slots__ = ("absent", "entered", "entries", "last_rung", "left", "places", "rules", "times", "turns")

    def __init__(self, rules: QueueRules) -> None:
        self.entries: dict[str, Entry] = {}
        self.turns: list[Turn] = []
        self.entered = self.absent = 0
        self.left: Counter[QueueOutcome] = Counter()
        self.times = HandlingTimes(rules.expected_handle_s)
        self.last_rung = ""
        self.change(rules)

    def change(self, rules: QueueRules) -> None:
        """These rules hold from now on; what was counted stays."""
        self.rules = rules
        self.places = {name: place for place, name in enumerate(rules.agents)}

    @property
    def full(self) -> bool:
        """No further caller may wait on the line."""
        return self.rules.max_length is not None and self.waiting >= self.rules.max_length

    @property
    def waiting(self) -> int:
        """How many wait on the line: who is to be called back does not."""
        return len(self.entries) - self.absent

    def add(self, entry: Entry) -> None:
        """Put ``entry`` where it belongs. Who is to be called back was counted when he left the line for it."""
        if entry.terms.callback:
            self.absent += 1
        else:
            self.entered += 1
        self.entries[entry.id] = entry
        insort(self.turns, (entry.due, entry.order, entry))

    def remove(self, entry: Entry, outcome: QueueOutcome) -> None:
        """Take ``entry`` out and count how it ended."""
        del self.entries[entry.id]
        del self.turns[self.ahead(entry)]
        if entry.terms.callback:
            self.absent -= 1
        else:
            self.left[outcome] += 1

    def ahead(self, entry: Entry) -> int:
        """How many callers of this queue are served before ``entry``."""
        return bisect_left(self.turns, (entry.due, entry.order, entry))

    def in_order(self) -> list[Entry]:
        """Who waits, the next one first."""
        return [entry for _, _, entry in self.turns]
