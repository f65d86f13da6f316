"""What the console shows of callers who came while a queue was closed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from console.report_shapes import formula_views
from console.views import Figure, FormulaView
from reports.buckets import zone_of
from reports.closed import CLOSED_FORMULAS, ClosedCall, ClosedHour, closed_figures, closed_hours

MOST: Final = 5000
"""Calls that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class ClosedReport:
    """Who came to a closed queue from ``from_at`` to ``to_at``: in all, by queue, line and hour of the day, and the
    newest ``MOST`` calls, the newest first.
    """

    from_at: float
    to_at: float
    zone: str
    formulas: dict[str, FormulaView]
    figures: dict[str, Figure]
    hours: list[ClosedHour]
    items: list[ClosedCall]


def closed_view(came: Sequence[ClosedCall], since: float, until: float, zone: str) -> ClosedReport:
    """``came`` (newest first) with the formula of every figure."""
    return ClosedReport(
        from_at=since,
        to_at=until,
        zone=zone,
        formulas=formula_views(CLOSED_FORMULAS),
        figures=dict(asdict(closed_figures(came))),
        hours=list(closed_hours(came, zone_of(zone))),
        items=list(came[:MOST]),
    )
