"""From facts about ratings, tasks and test calls to their rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Insert, Update, bindparam, insert, update

from campaigns.probe_facts import ProbeBegun, ProbeCame, ProbeEnded
from core.events import Event, Scalar
from desk.facts import RatingAsked, RatingGiven, TaskClosed, TaskOpened
from store.schema import probe_runs, ratings, tasks

_ask: Final = insert(ratings)
_give: Final = (
    update(ratings)
    .where(ratings.c.call_id == bindparam("row"))
    .where(ratings.c.given_at.is_(None))
    .values(given_at=bindparam("new_given_at"), score=bindparam("new_score"), best=bindparam("new_best"))
)
_open: Final = insert(tasks)
_close: Final = (
    update(tasks)
    .where(tasks.c.id == bindparam("row"))
    .where(tasks.c.closed_at.is_(None))
    .values(closed_at=bindparam("new_closed_at"), closed_by=bindparam("new_closed_by"), note=bindparam("new_note"))
)
_begin: Final = insert(probe_runs)
_by_id: Final = update(probe_runs).where(probe_runs.c.id == bindparam("row"))
_come: Final = _by_id.values(inbound=bindparam("new_inbound"))
_FIGURES: Final = ("result", "ring_s", "menu_s", "wait_s", "queue", "agent", "inbound", "status")
_end: Final = _by_id.where(probe_runs.c.ended_at.is_(None)).values(
    ended_at=bindparam("new_ended_at"), **{name: bindparam(f"new_{name}") for name in _FIGURES}
)


def desk_changes(event: Event) -> Sequence[tuple[Insert | Update, dict[str, Scalar]]]:
    """Statements with their values; a rating is known by its call."""
    at, call_id = event.at, event.call_id
    match event.fact:
        case RatingAsked() as it:
            return [(_ask, {"call_id": call_id, "queue": it.queue, "agent": it.agent, "asked_at": at})]
        case RatingGiven() as it:
            return [(_give, {"row": call_id, "new_given_at": at, "new_score": it.score, "new_best": it.best})]
        case TaskOpened() as it:
            about: dict[str, Scalar] = {"queue": it.queue, "agent": it.agent, "detail": it.detail}
            return [(_open, {"id": it.task, "kind": it.kind, "call_id": call_id, "opened_at": at, **about})]
        case TaskClosed() as it:
            return [(_close, {"row": it.task, "new_closed_at": at, "new_closed_by": it.by, "new_note": it.note})]
        case ProbeBegun() as it:
            begun: dict[str, Scalar] = {"id": it.run, "probe": it.probe, "call_id": call_id, "by": it.by}
            return [(_begin, {**begun, "started_at": at})]
        case ProbeCame() as it:
            return [(_come, {"row": it.run, "new_inbound": call_id})]
        case ProbeEnded() as it:
            ended: dict[str, Scalar] = {f"new_{name}": getattr(it, name) for name in _FIGURES}
            return [(_end, {"row": it.run, "new_ended_at": at, **ended})]
        case _:
            return []
