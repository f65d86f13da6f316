"""From a figure of a report to the condition that the database understands: which queue entries or calls were counted
in it.
"""

from typing import Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, literal, or_, select

from acd.facts import OfferResult
from core.errors import ParseError
from reports.cuts import week_hours
from reports.figures import Ended, kinds_behind
from reports.model import ReportQuery
from store.rows import AgentWork
from store.schema import calls, offers, queue_entries, talks


def entries_behind(query: ReportQuery, figure: str) -> ColumnElement[bool]:
    """The entries that ``query`` asks for and that are counted in ``figure``; ``ParseError`` for what is no figure."""
    counted, _ = kinds_behind(figure)
    table = queue_entries
    found: list[ColumnElement[bool]] = [table.c.entered_at >= query.since, table.c.entered_at < query.until]
    if query.week_hour is not None:
        hours = (and_(table.c.entered_at >= since, table.c.entered_at < until) for since, until in week_hours(query))
        found.append(or_(false(), *hours))
    if query.queue:
        found.append(table.c.queue == query.queue)
    if query.line:
        found.append(exists().where(calls.c.id == table.c.call_id, calls.c.dnis == query.line))
    return and_(*found, or_(*(_ended(kind, query) for kind in counted)))


def calls_worked(work: AgentWork) -> Select[tuple[str]]:
    """Ids of the calls that are counted in a figure of an agent; ``ParseError`` for what is none."""
    table, at = talks, talks.c.started_at
    conditions: tuple[ColumnElement[bool], ...] = ()
    if work.key != "calls":
        if work.key not in _OFFERS:
            raise ParseError(f"no such figure of an agent: {work.key!r}", where="figure")
        table, at, conditions = offers, offers.c.made_at, _OFFERS[work.key]
    return select(table.c.call_id).where(table.c.agent == work.agent, at >= work.since, at < work.until, *conditions)


_OFFERS: Final[dict[str, tuple[ColumnElement[bool], ...]]] = {
    "rung": (offers.c.ended_at.is_not(None), offers.c.result != OfferResult.WITHDRAWN.value),
    "answered": (offers.c.result == OfferResult.ACCEPTED.value,),
    "withdrawn": (offers.c.result == OfferResult.WITHDRAWN.value,),
}


def _ended(kind: Ended, query: ReportQuery) -> ColumnElement[bool]:
    table = queue_entries
    found: list[ColumnElement[bool]] = [table.c.outcome.in_(kind.outcomes)]
    if kind.early is not None:
        in_time = table.c.wait_s <= _threshold(query)
        found.append(in_time if kind.early else table.c.wait_s > _threshold(query))
    if kind.short is not None:
        found.append(table.c.wait_s < query.short_s if kind.short else table.c.wait_s >= query.short_s)
    return and_(*found)


def _threshold(query: ReportQuery) -> ColumnElement[float]:
    """T of each entry's queue."""
    if not query.thresholds:
        return literal(query.threshold_s)
    return case(dict(query.thresholds), value=queue_entries.c.queue, else_=query.threshold_s)
