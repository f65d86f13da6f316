"""What callers were told of their wait, against what happened: the question, and the shape of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from console.report_shapes import formula_views
from console.views import Figure, FormulaView
from reports.told import TOLD_FORMULAS, ToldLine


class ToldQueries(Protocol):
    """Where it is read."""

    async def lines(self, from_at: float, to_at: float, queue: str = "") -> Sequence[ToldLine]:
        """All queues together, then each (or only ``queue``), for those who entered in the period."""
        ...


@dataclass(frozen=True, slots=True)
class ToldNumbers:
    """One queue ("" for all): figures by key, None where nothing was counted below the line, and the first calls whose
    wait was outside of what was told.
    """

    queue: str
    figures: dict[str, Figure]
    misses: list[str]


@dataclass(frozen=True, slots=True)
class ToldReport:
    """All queues together in ``total``, then each that told a wait."""

    from_at: float
    to_at: float
    formulas: dict[str, FormulaView]
    total: ToldNumbers
    rows: list[ToldNumbers]


def told_view(lines: Sequence[ToldLine], since: float, until: float) -> ToldReport:
    """``lines`` with the formula of every figure."""
    total, *rows = [
        ToldNumbers(line.queue, {it.key: getattr(line, it.key) for it in TOLD_FORMULAS}, list(line.misses))
        for line in lines
    ]
    return ToldReport(since, until, formula_views(TOLD_FORMULAS), total, rows)
