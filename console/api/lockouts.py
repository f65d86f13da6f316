"""Sources that are locked out for wrong SIP passwords: who they are, and the end of it before its time."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard
from console.operation_views import LockoutView
from console.problems import Problem
from console.sessions import Session


class WantedLift(BaseModel):
    """The source as it is listed."""

    source: str = Field(min_length=1, max_length=64)


def lockouts_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/lockouts`` and ``/lockouts/lift``."""
    router = APIRouter(prefix=API, tags=["sip"])

    @router.get("/lockouts", summary="锁定的来源 Locked sources")
    async def lockouts(_session: Annotated[Session, Depends(guard.trusted)]) -> list[LockoutView]:
        """Those that last longest first. One row for each user whose password was guessed at, and one without a user
        for a source that is locked as a whole.
        """
        return list(deps.lockouts.lockouts())

    @router.post("/lockouts/lift", summary="解除锁定 Lift a lock-out")
    async def lift(wanted: WantedLift, session: Annotated[Session, Depends(guard.trusted)]) -> list[LockoutView]:
        """All of one source; what led to them is forgotten. Who did it is in the log. 404 where it is not locked
        (any more). The answer lists who is left.
        """
        source = wanted.source.strip()
        if not deps.lockouts.lift(source, session.name):
            raise Problem(
                404,
                f"{source!r} is not locked out",
                where="source",
                mend="Take the source from GET /api/v1/lockouts; it may have ended by itself.",
                code="not_locked",
            )
        return list(deps.lockouts.lockouts())

    return router
