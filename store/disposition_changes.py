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
            said = {"note": it.note, "date": it.date, "plate": it.plate, "customer": it.customer}
            return _said(event, it.agent, it.queue, it.code, by=it.by, **said)
        case CallUndisposed() as it:
            return _said(event, it.agent, it.queue, MISSING)
        case _:
            return []


def _said(event: Event, agent: str, queue: str, code: str, **values: str) -> Sequence[Change]:
    whose = {"call_id": event.call_id, "agent": agent, "queue": queue}
    return [
        Change(_unsay, {"row": event.call_id, "of_agent": agent}),
        inserted(_say, seq=event.seq, at=event.at, code=code, **whose, **values),
    ]
