"""Staffing as the API shows it."""

from dataclasses import dataclass
from typing import Protocol

from console.report_shapes import formula_views
from console.views import FormulaView
from reports.staffing import StaffingQuery, StaffingReport
from reports.staffing_table import STAFFING_FORMULAS


@dataclass(frozen=True, slots=True)
class StaffingView:
    """The report, with the words for each figure of its half hours."""

    report: StaffingReport
    formulas: dict[str, FormulaView]


class StaffingQueries(Protocol):
    """Staffing as the store reckons it (``store.staffing`` fits)."""

    async def plan(self, query: StaffingQuery) -> StaffingReport:
        """Of the day that is asked for; ``ParseError`` where the past says too little."""
        ...


def staffing_view(report: StaffingReport) -> StaffingView:
    """``report`` with its formulas."""
    return StaffingView(report, formula_views(STAFFING_FORMULAS))
