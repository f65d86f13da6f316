"""From a ``CallFilter`` to the condition that the database understands."""

from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from desk.dispositions import MISSING
from store.attempt_filter import calls_behind
from store.figure_filter import calls_worked, entries_behind
from store.rows import CallFilter
from store.schema import calls, legs, offers, queue_entries, recordings, segments, talks
from store.schema_desk import dispositions

WAITING_OUTCOME: Final = "waiting"
MISSING_DISPOSITION: Final = "missing"


def condition(which: CallFilter) -> ColumnElement[bool]:
    """The calls that fit; ``ParseError`` for a figure that is none."""
    return and_(true(), *_of_call(which), *_of_queue(which), *_of_speech(which), *_of_disposition(which))


def _of_call(which: CallFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if which.since is not None:
        found.append(calls.c.started_at >= which.since)
    if which.until is not None:
        found.append(calls.c.started_at < which.until)
    if which.direction:
        found.append(calls.c.direction == which.direction)
    if which.number:
        inside = (column.contains(which.number, autoescape=True) for column in (calls.c.ani, calls.c.dnis))
        found.append(or_(*inside))
    if which.attempts is not None:
        found.append(calls.c.id.in_(calls_behind(which.attempts)))
    if which.up is not None:
        found.append(calls.c.ended_at.is_(None) if which.up else calls.c.ended_at.is_not(None))
    return found


def _of_queue(which: CallFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    waits: list[ColumnElement[bool]] = []
    if which.queue:
        waits.append(queue_entries.c.queue == which.queue)
    if which.outcome:
        waits.append(queue_entries.c.outcome == ("" if which.outcome == WAITING_OUTCOME else which.outcome))
    if waits:
        found.append(exists().where(queue_entries.c.call_id == calls.c.id, *waits))
    if which.behind is not None:
        figure = which.behind
        counted = select(queue_entries.c.call_id).where(entries_behind(figure.query, figure.key))
        # Who was counted in the period began before its end; said so that the database need not look further.
        found += [calls.c.started_at < figure.query.until, calls.c.id.in_(counted)]
    if which.worked is not None:
        found.append(calls.c.id.in_(calls_worked(which.worked)))
    if which.agent:
        talked = exists().where(talks.c.call_id == calls.c.id, talks.c.agent == which.agent)
        rung = exists().where(offers.c.call_id == calls.c.id, offers.c.agent == which.agent)
        placed = exists().where(legs.c.call_id == calls.c.id, legs.c.party == which.agent)
        found.append(or_(talked, rung, and_(calls.c.direction == "outbound", placed)))
    return found


def _of_disposition(which: CallFilter) -> list[ColumnElement[bool]]:
    if not which.disposition:
        return []
    code = MISSING if which.disposition == MISSING_DISPOSITION else which.disposition
    table = dispositions
    return [exists().where(table.c.call_id == calls.c.id, table.c.code == code, table.c.stands)]


def _of_speech(which: CallFilter) -> list[ColumnElement[bool]]:
    if not which.text:
        return []
    said = segments.c.text.contains(which.text, autoescape=True)
    return [exists().where(recordings.c.call_id == calls.c.id, segments.c.recording == recordings.c.id, said)]
