"""Queue entries as columns: a month of them is a few arrays and lists, which cost little to sort, to cut and to keep.

(As objects, 100,000 entries make the garbage collector stop the whole process for a tenth of a second, calls included.)
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

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
"""Their places are kept in half hours: new ones come at the end."""
CODE: Final = {outcome: code for code, outcome in enumerate(OUTCOMES)}


class IdentityBroken(Line400Error):  # noqa: N818 - named for what happened
    """offered ≠ answered + abandoned + overflowed + called back + left by key + waiting: the log is wrong somewhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries by time of entry. ``queues`` and ``lines`` are places in ``queue_names`` and ``line_names``, ``outcomes``
    in ``OUTCOMES``; the wait of one that still waits is NaN.
    """

    queue_names: tuple[str, ...]
    line_names: tuple[str, ...]
    queues: NDArray[np.int32]
    lines: NDArray[np.int32]
    outcomes: NDArray[np.int8]
    entered_at: NDArray[np.float64]
    waits: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Iterable[EntryRow]) -> "Entries":
        """Columns of ``rows``; ``IdentityBroken`` where one entry came twice."""
        gathering = Gathering()
        known: set[str] = set()
        for row in rows:
            if row.id in known:
                raise IdentityBroken(f"queue entry {row.id} is there twice")
            known.add(row.id)
            gathering.add(row.queue, row.line, row.entered_at, row.outcome, row.wait_s)
        return gathering.entries()


class Gathering:
    """Takes entries one by one, in any order, and makes columns of them."""

    def __init__(self) -> None:
        self._queue_codes: dict[str, int] = {}
        self._line_codes: dict[str, int] = {}
        self._queues = array("i")
        self._lines = array("i")
        self._outcomes = array("b")
        self._entered_at = array("d")
        self._waits = array("d")

    def add(self, queue: str, line: str, entered_at: float, outcome: str, wait_s: float | None) -> Self:
        """Take one; ``IdentityBroken`` for an end that is none that we know, or an end without a wait."""
        code = CODE.get(outcome)
        if code is None or (wait_s is None and outcome != WAITING):
            raise IdentityBroken(f"an entry into queue {queue} at {entered_at} ended as {outcome!r} after {wait_s}")
        self._queues.append(self._queue_codes.setdefault(queue, len(self._queue_codes)))
        self._lines.append(self._line_codes.setdefault(line, len(self._line_codes)))
        self._outcomes.append(code)
        self._entered_at.append(entered_at)
        self._waits.append(np.nan if wait_s is None or outcome == WAITING else wait_s)
        return self

    def entries(self) -> Entries:
        """What was taken, by time of entry."""
        entered_at = np.array(self._entered_at, dtype=np.float64)
        order = np.argsort(entered_at, kind="stable")
        return Entries(
            queue_names=tuple(self._queue_codes),
            line_names=tuple(self._line_codes),
            queues=np.array(self._queues, dtype=np.int32)[order],
            lines=np.array(self._lines, dtype=np.int32)[order],
            outcomes=np.array(self._outcomes, dtype=np.int8)[order],
            entered_at=entered_at[order],
            waits=np.array(self._waits, dtype=np.float64)[order],
        )
