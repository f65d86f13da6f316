"""How often each disposition was given, as the API tells it."""

from dataclasses import dataclass

from console.disposition_views import DispositionEntry
from console.views import FormulaView
from reports.dispositions import DispositionCounts


@dataclass(frozen=True, slots=True)
class DispositionsView:
    """What was said from ``from_at`` to ``to_at``: all, by queue, by agent. ``entries`` are the codes as configured,
    ``formulas`` tells how each figure is counted.
    """

    from_at: float
    to_at: float
    formulas: dict[str, FormulaView]
    entries: list[DispositionEntry]
    total: DispositionCounts
    queues: list[DispositionCounts]
    agents: list[DispositionCounts]
