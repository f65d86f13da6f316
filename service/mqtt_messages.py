"""What is said over MQTT: topics and JSON of events and of the state of queues, agents and campaigns. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from acd.alarm_figures import AlarmNow
from acd.board import AgentView, Board, QueueView
from core.events import PERSONAL_FIELDS, Event, Jsonable, pack
from core.numbers import mask
from reports.campaign_live import CampaignLive

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


def state_messages(
    prefix: str, board: Board, campaigns: Sequence[CampaignLive] = (), alarms: Sequence[AlarmNow] | None = None
) -> list[Message]:
    """One message for each queue, agent and campaign, and one for all alarms that stand (None: nobody looks for any);
    the same state always gives the same text.
    """
    queues = [Message(f"{prefix}/state/queues/{level(one.name)}", _json(_queue(one))) for one in board.queues]
    agents = [Message(f"{prefix}/state/agents/{level(one.agent)}", _json(_agent(one))) for one in board.agents]
    live = [Message(f"{prefix}/state/campaigns/{level(one.campaign)}", _json(_campaign(one))) for one in campaigns]
    standing = (
        [] if alarms is None else [Message(f"{prefix}/state/alarms", _json({"alarms": list(map(asdict, alarms))}))]
    )
    return queues + agents + live + standing


def _campaign(live: CampaignLive) -> dict[str, object]:
    """Without the moment: the same state always gives the same text."""
    told = {key: value for key, value in asdict(live).items() if key not in ("at", "abandoned")}
    share = live.abandoned.share
    return {
        **told,
        "penetration": None if live.penetration is None else round(live.penetration, 4),
        "speed": None if live.speed is None else round(live.speed),
        "ends_at": None if live.ends_at is None else round(live.ends_at / 60) * 60,
        "abandoned": live.abandoned.hits,
        "abandoned_share": None if share is None else round(share, 4),
    }


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
