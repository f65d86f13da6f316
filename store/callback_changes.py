"""From facts about promises to call somebody back to their rows. Pure; part of ``store.projection``."""

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Insert, Update, bindparam, insert, update

from acd.callback_facts import CallbackDialled, CallbackEnded, CallbackHastened, CallbackMissed, CallbackPromised
from acd.callbacks import CallbackOutcome
from core.events import Event, Scalar
from store.schema import callback_tries, callbacks

OPEN: Final = "open"
DIALLED: Final = "dialled"
ENDED: Final = "ended"
"""States of a promise on disk; whether an open one rests or stands in the line is known to the running house only."""

_promise: Final = insert(callbacks)
_by_id: Final = update(callbacks).where(callbacks.c.id == bindparam("row"))
_dial: Final = _by_id.values(
    state=DIALLED, tries=bindparam("new_tries"), agent=bindparam("new_agent"), tried_at=bindparam("new_tried_at")
)
_miss: Final = _by_id.where(callbacks.c.ended_at.is_(None)).values(
    state=OPEN, tries=bindparam("new_tries"), again_at=bindparam("new_again_at")
)
_hasten: Final = _by_id.values(due_at=0.0, again_at=0.0)
_end: Final = _by_id.where(callbacks.c.ended_at.is_(None)).values(
    state=ENDED, outcome=bindparam("new_outcome"), by=bindparam("new_by"), ended_at=bindparam("new_ended_at")
)
_reach: Final = _by_id.where(callbacks.c.ended_at.is_(None)).values(
    state=ENDED,
    outcome=bindparam("new_outcome"),
    by=bindparam("new_by"),
    ended_at=bindparam("new_ended_at"),
    agent=bindparam("new_agent"),
)
_try: Final = insert(callback_tries)
_try_agent: Final = (
    update(callback_tries).where(callback_tries.c.id == bindparam("row")).values(agent=bindparam("new_agent"))
)
_try_end: Final = (
    update(callback_tries)
    .where(callback_tries.c.id == bindparam("row"))
    .where(callback_tries.c.ended_at.is_(None))
    .values(ended_at=bindparam("new_ended_at"), result=bindparam("new_result"), status=bindparam("new_status"))
)


def callback_changes(event: Event) -> Sequence[tuple[Insert | Update, dict[str, Scalar]]]:
    """Statements with their values, in order; a try is known by the call in which it is made."""
    at, call_id = event.at, event.call_id
    match event.fact:
        case CallbackPromised() as it:
            values: dict[str, Scalar] = {
                "id": it.callback,
                "queue": it.queue,
                "number": it.number,
                "call_id": call_id,
                "promised_at": at,
                "due_at": it.due_at,
                "expires_at": it.expires_at,
                "skills": json.dumps(it.skills),
                "state": OPEN,
            }
            return [(_promise, values)]
        case CallbackDialled() as it:
            return [
                (_dial, {"row": it.callback, "new_tries": it.tries, "new_agent": it.agent, "new_tried_at": at}),
                (_try, {"id": call_id, "callback": it.callback, "agent": it.agent, "started_at": at}),
            ]
        case CallbackMissed() as it:
            return [
                (_miss, {"row": it.callback, "new_tries": it.tries, "new_again_at": it.again_at}),
                _tried(call_id, at, it.result, it.status),
            ]
        case CallbackHastened() as it:
            return [(_hasten, {"row": it.callback})]
        case CallbackEnded() as it:
            over: dict[str, Scalar] = {
                "row": it.callback, "new_outcome": it.outcome, "new_by": it.by, "new_ended_at": at,
            }  # fmt: skip
            if it.outcome != CallbackOutcome.REACHED:
                return [(_end, over)]
            return [
                (_reach, {**over, "new_agent": it.agent}),
                (_try_agent, {"row": call_id, "new_agent": it.agent}),
                _tried(call_id, at, it.outcome, 0),
            ]
        case _:
            return []


def _tried(call_id: str, at: float, result: str, status: int) -> tuple[Update, dict[str, Scalar]]:
    return _try_end, {"row": call_id, "new_ended_at": at, "new_result": result, "new_status": status}
