"""What people have done, as the log keeps it: the record of supervisors and administrators (audit)."""

from collections.abc import Sequence
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from console.api import API
from console.api.when import moment
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.problems import Problem
from console.sessions import Session
from console.views import EventView

ACTS: Final = (
    "supervision.asked",
    "supervision.changed",
    "supervision.ended",
    "agent.forced",
    "agent.message",
    "disposition.set",
    "task.taken",
    "task.closed",
    "callback.hastened",
    "callback.ended",
    "consult.started",
    "consult.joined",
    "call.parked",
    "waiting.moved",
    "waiting.pulled",
    "transfer.started",
    "recording.paused",
    "recording.resumed",
    "recording.held",
    "recording.released",
    "recording.deleted",
    "campaign.made",
    "campaign.changed",
    "campaign.removed",
    "campaign.ordered",
    "campaign.imported",
    "tradein.offer_made",
    "tradein.offer_changed",
    "tradein.offer_ended",
    "tradein.offer_moved",
    "tradein.offer_removed",
    "survey.made",
    "survey.removed",
    "prompt.handed",
    "number.freed",
    "consent.withdrawn",
    "refusal.overruled",
    "config.reloaded",
    "trace.switched",
    "security.lock_lifted",
    "wall.key_made",
    "wall.key_removed",
)
"""Facts that somebody has done on purpose; each says who."""
_NOBODY: Final = frozenset({"system", "caller"})
"""Promises to call back end by themselves too."""
_MOST: Final = 1000
_DAY_S: Final = 86400.0
_MOST_DAYS: Final = 31


def acts_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/audit``."""
    router = APIRouter(prefix=API, tags=["live"])
    zone = ZoneInfo(deps.settings.zone)

    @router.get("/audit", summary="操作记录 Audit log")
    async def audit(
        session: Annotated[Session, Depends(guard.user)],
        from_: Annotated[str | None, Query(alias="from", max_length=40)] = None,
        to: Annotated[str | None, Query(max_length=40)] = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 200,
    ) -> Sequence[EventView]:
        """Who did what, newest first: listening and taking over, states of agents that others set, messages, callers
        moved, recordings held or deleted, reloads. The last day unless asked otherwise, a month at most.
        """
        need_role(session, "supervisor", "admin")
        to_at = moment(to, zone, "to") or deps.clock.now() + 1.0
        from_at = moment(from_, zone, "from")
        from_at = to_at - _DAY_S if from_at is None else from_at
        if to_at - from_at > _MOST_DAYS * _DAY_S:
            raise Problem(
                422, f"more than {_MOST_DAYS} days", where="query.from", mend="Ask for a shorter time.", code="invalid"
            )
        found = await deps.events.events_named(ACTS, from_at, to_at, limit=_MOST)
        return [event for event in found if str(event.data.get("by")) not in _NOBODY][:limit]

    return router
