"""The reports room's reports in the shape that the API shows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from console.report_views import (
    AbandonedCall,
    AbandonedReport,
    AgentNumbers,
    AgentReport,
    AgentRow,
    AgentsBucket,
    ContactView,
    StateView,
)
from console.views import FormulaView, QueueNumbers, QueueReport, WaitBin
from reports.abandoned import FOLLOW_FORMULAS, Followed, follow_up
from reports.figures import agent_figures, figures
from reports.formulas import AGENT_FORMULAS, QUEUE_FORMULAS, Formula, filled
from reports.model import AgentReport as CountedAgents
from reports.model import Cell
from reports.model import QueueReport as CountedReport
from reports.rows import StateSpan


def _numbers(cell: Cell) -> QueueNumbers:
    return QueueNumbers(
        cell.queue, cell.since, cell.until, figures(cell), cell.threshold_s, line=cell.line, label=cell.label
    )


def report_view(report: CountedReport, before: CountedReport | None = None) -> QueueReport:
    """``report`` with the formula of every figure, and the totals of the period ``before``."""
    query = report.query
    said = (filled(it, threshold_s=report.total.threshold_s, short_s=query.short_s) for it in QUEUE_FORMULAS)
    return QueueReport(
        from_at=query.since,
        to_at=query.until,
        bucket=query.bucket.value,
        zone=query.zone,
        threshold_s=report.total.threshold_s,
        formulas=formula_views(said),
        rows=[_numbers(cell) for cell in report.cells],
        all_queues=[_numbers(cell) for cell in report.buckets],
        totals=[_numbers(cell) for cell in report.queues],
        total=_numbers(report.total),
        by=query.by.value,
        before=[] if before is None else [_numbers(cell) for cell in (*before.queues, before.total)],
        histogram=[WaitBin(bar.from_s, bar.to_s, bar.answered, bar.abandoned) for bar in report.total.histogram],
    )


def agents_view(report: CountedAgents, spans: Iterable[StateSpan], bucket: AgentsBucket = "total") -> AgentReport:
    """``report``, counted by ``bucket``, with the formula of every figure, and each agent's states over time."""
    states: dict[str, list[StateView]] = {}
    for span in spans:
        states.setdefault(span.agent, []).append(StateView(span.state, span.since, span.until, span.reason))
    return AgentReport(
        from_at=report.since,
        to_at=report.until,
        zone=report.zone,
        formulas=formula_views(AGENT_FORMULAS),
        agents=[AgentNumbers(it.agent, agent_figures(it), states.get(it.agent, [])) for it in report.agents],
        bucket=bucket,
        rows=[
            AgentRow(line.agent, cut.since, cut.until, agent_figures(line))
            for cut in report.buckets
            for line in cut.agents
        ],
    )


def abandoned_view(followed: Sequence[Followed], since: float, until: float, zone: str) -> AbandonedReport:
    """Waits that were given up, with what followed and the formula of every figure."""
    return AbandonedReport(
        from_at=since,
        to_at=until,
        zone=zone,
        formulas=formula_views(FOLLOW_FORMULAS),
        figures=dict(asdict(follow_up(followed))),
        items=[_abandoned(it) for it in followed],
    )


def _abandoned(followed: Followed) -> AbandonedCall:
    gone, contact, after_s = followed.abandoned, followed.contact, followed.after_s
    following = None
    if contact is not None and after_s is not None:
        following = ContactView(contact.call_id, contact.at, contact.agent, contact.by_us, after_s)
    return AbandonedCall(gone.call_id, gone.number, gone.line, gone.queue, gone.entered_at, gone.wait_s, following)


def formula_views(formulas: Iterable[Formula]) -> dict[str, FormulaView]:
    """What the figures are called and how they are counted, by key."""
    return {it.key: FormulaView(it.zh, it.en, it.formula_zh, it.formula_en, it.unit) for it in formulas}
