"""What is said over MQTT: topics and JSON of events and of the state of queues and agents. Pure."""

import json
from dataclasses import asdict, dataclass
from typing import Final

from acd.board import AgentView, Board, QueueView
from core.events import PERSONAL_FIELDS, Event, Jsonable, pack
from core.numbers import mask

_STATE_FACTS: Final = ("queue.", "offer.", "agent.")
_FORBIDDEN: Final = str.maketrans({"/": "%2F", "+": "%2B", "#": "%23", "\0": "%00", "%": "%25"})


@dataclass(frozen=True, slots=True)
class Message:
    """``payload`` (JSON text) for ``topic``."""

    topic: str
    payload: str


def level(name: str) -> str:
    """``name`` as one level of a topic: the characters that mean something to MQTT are written as in URLs."""
    return name.translate(_FORBIDDEN)


def is_about_state(event: Event) -> bool:
    """Whether the state of a queue or an agent may be another after ``event``."""
    return event.fact.name.startswith(_STATE_FACTS)


def event_message(prefix: str, event: Event) -> Message:
    """``<prefix>/events/queue/entered`` for the fact ``queue.entered``; phone numbers are masked."""
    fields = {key: _masked(key, value) for key, value in pack(event.fact).items()}
    body = {
        "id": event.id,
        "seq": event.seq,
        "at": round(event.at, 6),
        "call_id": event.call_id,
        "name": event.fact.name,
        "fact": fields,
    }
    return Message(f"{prefix}/events/{event.fact.name.replace('.', '/')}", _json(body))


def state_messages(prefix: str, board: Board) -> list[Message]:
    """One message for each queue and agent; the same state always gives the same text."""
    queues = [Message(f"{prefix}/state/queues/{level(one.name)}", _json(_queue(one))) for one in board.queues]
    agents = [Message(f"{prefix}/state/agents/{level(one.agent)}", _json(_agent(one))) for one in board.agents]
    return queues + agents


def _queue(view: QueueView) -> dict[str, object]:
    return {
        "queue": view.name,
        "title": view.title,
        "waiting": len(view.waiting),
        "oldest_since": round(view.waiting[0].entered_at, 3) if view.waiting else None,
        "ringing": sum(1 for one in view.waiting if one.ringing),
        "agents": view.agents,
        "on_duty": view.on_duty,
        "available": view.available,
        "since_start": asdict(view.tally),
    }


def _agent(view: AgentView) -> dict[str, object]:
    return {
        "agent": view.agent,
        "status": str(view.status),
        "reason": view.reason,
        "since": round(view.since, 3),
        "phone": view.phone,
        "queues": list(view.queues),
        "call_id": view.call_id,
    }


def _masked(key: str, value: Jsonable) -> Jsonable:
    return mask(value) if key in PERSONAL_FIELDS and isinstance(value, str) else value


def _json(body: dict[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
