"""From facts about ratings, tasks and test calls to their rows. Pure; part of ``store.projection``."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import insert

from campaigns.probe_facts import ProbeBegun, ProbeCame, ProbeEnded
from core.events import Event
from desk.facts import RatingAsked, RatingGiven, TaskClosed, TaskOpened, TaskTaken
from store.changes import Change, changed, inserted, updating
from store.schema import probe_runs, ratings, tasks

_FIGURES: Final = ("result", "ring_s", "menu_s", "wait_s", "queue", "agent", "inbound", "status")
_ask: Final = insert(ratings)
_give: Final = updating(ratings, "call_id", "given_at", "score", "best", only_open="given_at")
_open: Final = insert(tasks)
_take: Final = updating(tasks, "id", "owner", only_open="closed_at")
_close: Final = updating(tasks, "id", "closed_at", "closed_by", "note", only_open="closed_at")
_begin: Final = insert(probe_runs)
_come: Final = updating(probe_runs, "id", "inbound")
_end: Final = updating(probe_runs, "id", "ended_at", *_FIGURES, only_open="ended_at")


def desk_changes(event: Event) -> Sequence[Change]:
    """In order; a rating is known by its call."""
    at, call_id = event.at, event.call_id
    match event.fact:
        case RatingAsked() as it:
            return [inserted(_ask, call_id=call_id, queue=it.queue, agent=it.agent, asked_at=at)]
        case RatingGiven() as it:
            return [changed(_give, call_id, given_at=at, score=it.score, best=it.best)]
        case TaskOpened() as it:
            return [
                inserted(
                    _open, id=it.task, kind=it.kind, call_id=call_id, queue=it.queue, agent=it.agent, detail=it.detail,
                    survey=it.survey, form=it.form, question=it.question, value=it.value, opened_at=at,
                )
            ]  # fmt: skip
        case TaskTaken() as it:
            return [changed(_take, it.task, owner=it.owner)]
        case TaskClosed() as it:
            return [changed(_close, it.task, closed_at=at, closed_by=it.by, note=it.note)]
        case ProbeBegun() as it:
            return [inserted(_begin, id=it.run, probe=it.probe, call_id=call_id, by=it.by, started_at=at)]
        case ProbeCame() as it:
            return [changed(_come, it.run, inbound=call_id)]
        case ProbeEnded() as it:
            return [changed(_end, it.run, ended_at=at, **{name: getattr(it, name) for name in _FIGURES})]
        case _:
            return []
