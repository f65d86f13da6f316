"""Queue entries as columns: a month of them is a few arrays and lists, which cost little to sort, to cut and to keep.

(As objects, 100,000 entries make the garbage collector stop the whole process for a tenth of a second, calls included.)
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import Line400Error
from reports.rows import EntryRow

ANSWERED: Final = "answered"
ABANDONED: Final = "abandoned"
OVERFLOWED: Final = "overflowed"
CALLED_BACK: Final = "called_back"
LEFT_BY_KEY: Final = "left_by_key"
INTERRUPTED: Final = "interrupted"
WAITING: Final = ""
OUTCOMES: Final = (ANSWERED, ABANDONED, OVERFLOWED, CALLED_BACK, LEFT_BY_KEY, INTERRUPTED, WAITING)
CODE: Final = {outcome: code for code, outcome in enumerate(OUTCOMES)}

Places: TypeAlias = NDArray[np.intp]
"""Which entries: their places in the columns."""


class IdentityBroken(Line400Error):  # noqa: N818 - named for what happened
    """offered ≠ answered + abandoned + overflowed + called back + left by key + waiting: the log is wrong somewhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries by time of entry. ``queues`` are places in ``queue_names``, ``outcomes`` in ``OUTCOMES``; the wait of
    one that still waits is NaN.
    """

    ids: list[str]
    call_ids: list[str]
    agents: list[str]
    queue_names: tuple[str, ...]
    queues: NDArray[np.int32]
    outcomes: NDArray[np.int8]
    entered_at: NDArray[np.float64]
    waits: NDArray[np.float64]

    def row(self, place: int) -> EntryRow:
        """The entry at ``place`` as a value."""
        outcome = OUTCOMES[self.outcomes[place]]
        return EntryRow(
            id=self.ids[place],
            call_id=self.call_ids[place],
            queue=self.queue_names[self.queues[place]],
            entered_at=float(self.entered_at[place]),
            outcome=outcome,
            wait_s=None if outcome == WAITING else float(self.waits[place]),
            agent=self.agents[place],
        )

    @classmethod
    def of(cls, rows: Iterable[EntryRow]) -> "Entries":
        """Columns of ``rows``."""
        gathering = Gathering()
        for row in rows:
            gathering.add(row.id, row.call_id, row.queue, row.entered_at, row.outcome, row.wait_s, row.agent)
        return gathering.entries()


class Gathering:
    """Takes entries one by one, in any order, and makes columns of them."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._call_ids: list[str] = []
        self._agents: list[str] = []
        self._queue_codes: dict[str, int] = {}
        self._queues = array("i")
        self._outcomes = array("b")
        self._entered_at = array("d")
        self._waits = array("d")

    def add(
        self,
        entry: str,
        call_id: str,
        queue: str,
        entered_at: float,
        outcome: str,
        wait_s: float | None,
        agent: str,
    ) -> Self:
        """Take one; ``IdentityBroken`` for an end that is none that we know, or an end without a wait."""
        code = CODE.get(outcome)
        if code is None:
            raise IdentityBroken(f"queue entry {entry} ended as {outcome!r}")
        if wait_s is None and outcome != WAITING:
            raise IdentityBroken(f"queue entry {entry} ended as {outcome!r} without a wait")
        self._ids.append(entry)
        self._call_ids.append(call_id)
        self._agents.append(agent)
        self._queues.append(self._queue_codes.setdefault(queue, len(self._queue_codes)))
        self._outcomes.append(code)
        self._entered_at.append(entered_at)
        self._waits.append(np.nan if wait_s is None or outcome == WAITING else wait_s)
        return self

    def entries(self) -> Entries:
        """What was taken, by time of entry; ``IdentityBroken`` where one entry came twice."""
        if len(set(self._ids)) != len(self._ids):
            raise IdentityBroken("a queue entry is there twice")
        entered_at = np.array(self._entered_at, dtype=np.float64)
        order = np.argsort(entered_at, kind="stable")
        places = order.tolist()
        return Entries(
            ids=[self._ids[place] for place in places],
            call_ids=[self._call_ids[place] for place in places],
            agents=[self._agents[place] for place in places],
            queue_names=tuple(self._queue_codes),
            queues=np.array(self._queues, dtype=np.int32)[order],
            outcomes=np.array(self._outcomes, dtype=np.int8)[order],
            entered_at=entered_at[order],
            waits=np.array(self._waits, dtype=np.float64)[order],
        )
