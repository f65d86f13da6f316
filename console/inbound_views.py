"""What the console shows of all inbound calls."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from console.report_shapes import formula_views
from console.views import Figure, FormulaView
from reports.formulas import Formula
from reports.inbound import (
    CONTACT_FORMULAS,
    LINE_FORMULAS,
    Behind,
    ContactFigures,
    Handled,
    InboundCall,
    LineFigures,
    inbound_report,
)

MOST: Final = 1000
"""Calls that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class NamedFigures:
    """The figures of a line, queue or agent, by key; None where nothing was counted below the line. ``name`` is "" for
    the ``total`` of all, and for calls that came by no queue or line that is known.
    """

    name: str
    figures: dict[str, Figure]
    total: bool = False


@dataclass(frozen=True, slots=True)
class InboundReport:
    """Calls that came from ``from_at`` to ``to_at``: ``lines`` by dialled number (first all together) what became of
    them; of those that an agent took ``queues`` and ``agents`` (likewise) how many were passed on or came again within
    ``days``. ``items`` are the newest ``MOST`` of the ``matching`` calls behind the figure that was asked for.
    """

    from_at: float
    to_at: float
    zone: str
    days: int
    formulas: dict[str, FormulaView]
    lines: list[NamedFigures]
    queues: list[NamedFigures]
    agents: list[NamedFigures]
    matching: int
    items: list[InboundCall]


def inbound_view(
    calls: Sequence[InboundCall],
    handled: Sequence[Handled],
    behind: Behind,
    period: tuple[float, float],
    days: int,
    zone: str,
) -> InboundReport:
    """``calls`` (newest first) and the talks in them, with the formula of every figure."""
    report = inbound_report(calls, handled)
    asked = [call for call in calls if behind.counts(call)]
    formulas = [_filled(formula, days) for formula in (*LINE_FORMULAS, *CONTACT_FORMULAS)]
    return InboundReport(
        from_at=period[0],
        to_at=period[1],
        zone=zone,
        days=days,
        formulas=formula_views(formulas),
        lines=[_total(_line(report.total)), *map(_line, report.lines)],
        queues=[_total(_contacts(report.contacts)), *map(_contacts, report.queues)],
        agents=[_total(_contacts(report.contacts)), *map(_contacts, report.agents)],
        matching=sum(call.times for call in asked),
        items=asked[:MOST],
    )


def _filled(formula: Formula, days: int) -> Formula:
    said = (formula.formula_zh.format(days=days), formula.formula_en.format(days=days))
    return Formula(formula.key, formula.zh, formula.en, *said, formula.unit)


def _total(figures: NamedFigures) -> NamedFigures:
    return replace(figures, total=True)


def _line(figures: LineFigures) -> NamedFigures:
    return NamedFigures(figures.line, {it.key: getattr(figures, it.key) for it in LINE_FORMULAS})


def _contacts(figures: ContactFigures) -> NamedFigures:
    said = asdict(figures)
    return NamedFigures(said.pop("name"), said)
