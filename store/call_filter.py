"""From a ``CallFilter`` to the condition that the database understands."""

from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, true

from core.errors import LocalProtocolError
from store.rows import CallFilter
from store.schema import calls, offers, queue_entries, recordings, segments, talks

MAX_ENTRIES: Final = 1000
WAITING_OUTCOME: Final = "waiting"


def condition(which: CallFilter) -> ColumnElement[bool]:
    """The calls that fit; ``LocalProtocolError`` for more than ``MAX_ENTRIES`` entries at once."""
    if len(which.entries) > MAX_ENTRIES:
        raise LocalProtocolError(f"at most {MAX_ENTRIES} queue entries in one question; ask page by page")
    return and_(true(), *_of_call(which), *_of_queue(which), *_of_speech(which))


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
    if which.entries:
        waits.append(queue_entries.c.id.in_(which.entries))
    if waits:
        found.append(exists().where(queue_entries.c.call_id == calls.c.id, *waits))
    if which.agent:
        talked = exists().where(talks.c.call_id == calls.c.id, talks.c.agent == which.agent)
        rung = exists().where(offers.c.call_id == calls.c.id, offers.c.agent == which.agent)
        found.append(or_(talked, rung))
    return found


def _of_speech(which: CallFilter) -> list[ColumnElement[bool]]:
    if not which.text:
        return []
    said = segments.c.text.contains(which.text, autoescape=True)
    return [exists().where(recordings.c.call_id == calls.c.id, segments.c.recording == recordings.c.id, said)]
