"""From facts about what came of calls to their rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, insert, update

from acd.facts import CallUndisposed
from core.events import Event
from desk.dispositions import MISSING
from desk.facts import CallDisposed
from store.changes import Change, inserted
from store.schema_desk import dispositions

_say: Final = insert(dispositions)
_unsay: Final = (
    update(dispositions)
    .where(dispositions.c.call_id == bindparam("row"))
    .where(dispositions.c.agent == bindparam("of_agent"))
    .values(stands=False)
)


def disposition_changes(event: Event) -> Sequence[Change]:
    """In order: of all that is said of a talk (a call and its agent) the last word stands."""
    match event.fact:
        case CallDisposed() as it:
            return _said(event, it)
        case CallUndisposed() as it:
            return _said(event, CallDisposed(it.agent, it.queue, MISSING, by=""))
        case _:
            return []


def _said(event: Event, it: CallDisposed) -> Sequence[Change]:
    return [
        Change(_unsay, {"row": event.call_id, "of_agent": it.agent}),
        inserted(
            _say, seq=event.seq, call_id=event.call_id, at=event.at, agent=it.agent, queue=it.queue, code=it.code,
            by=it.by, note=it.note, date=it.date, plate=it.plate, customer=it.customer,
        ),
    ]  # fmt: skip
