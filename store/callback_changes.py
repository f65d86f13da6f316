"""From facts about promises to call somebody back to their rows. Pure; part of ``store.projection``."""

import json
from collections.abc import Sequence
from typing import Final

from sqlalchemy import insert

from acd.callback_facts import CallbackDialled, CallbackEnded, CallbackHastened, CallbackMissed, CallbackPromised
from acd.callbacks import CallbackOutcome
from core.events import Event
from store.changes import Change, changed, inserted, updating
from store.schema import callback_tries, callbacks

OPEN: Final = "open"
DIALLED: Final = "dialled"
ENDED: Final = "ended"
"""States of a promise on disk; whether an open one rests or stands in the line is known to the running house only."""

_promise: Final = insert(callbacks)
_dial: Final = updating(callbacks, "id", "tries", "agent", "tried_at").values(state=DIALLED)
_miss: Final = updating(callbacks, "id", "tries", "again_at", only_open="ended_at").values(state=OPEN)
_hasten: Final = updating(callbacks, "id").values(due_at=0.0, again_at=0.0)
_HOW: Final = ("outcome", "by", "ended_at")
_end: Final = updating(callbacks, "id", *_HOW, only_open="ended_at").values(state=ENDED)
_reach: Final = updating(callbacks, "id", *_HOW, "agent", only_open="ended_at").values(state=ENDED)
_try: Final = insert(callback_tries)
_try_agent: Final = updating(callback_tries, "id", "agent")
_try_end: Final = updating(callback_tries, "id", "ended_at", "result", "status", only_open="ended_at")


def callback_changes(event: Event) -> Sequence[Change]:
    """In order; a try is known by the call in which it is made."""
    at, call_id = event.at, event.call_id
    match event.fact:
        case CallbackPromised() as it:
            return [
                inserted(
                    _promise,
                    id=it.callback,
                    queue=it.queue,
                    number=it.number,
                    call_id=call_id,
                    promised_at=at,
                    due_at=it.due_at,
                    expires_at=it.expires_at,
                    skills=json.dumps(it.skills),
                    state=OPEN,
                )
            ]
        case CallbackDialled() as it:
            return [
                changed(_dial, it.callback, tries=it.tries, agent=it.agent, tried_at=at),
                inserted(_try, id=call_id, callback=it.callback, agent=it.agent, started_at=at),
            ]
        case CallbackMissed() as it:
            return [
                changed(_miss, it.callback, tries=it.tries, again_at=it.again_at),
                changed(_try_end, call_id, ended_at=at, result=it.result, status=it.status),
            ]
        case CallbackHastened() as it:
            return [changed(_hasten, it.callback)]
        case CallbackEnded() as it:
            if it.outcome != CallbackOutcome.REACHED:
                return [changed(_end, it.callback, outcome=it.outcome, by=it.by, ended_at=at)]
            return [
                changed(_reach, it.callback, outcome=it.outcome, by=it.by, ended_at=at, agent=it.agent),
                changed(_try_agent, call_id, agent=it.agent),
                changed(_try_end, call_id, ended_at=at, result=it.outcome, status=0),
            ]
        case _:
            return []
