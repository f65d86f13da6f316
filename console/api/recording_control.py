"""What is asked of recordings: a pause while payment details are told, legal hold, deletion."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from console.api import API
from console.api.calls import known_call
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.problems import Problem
from console.recordings import pick_recording
from console.sessions import Session
from console.views import CallDetail, RecordingState, RecordingView


class WantedHold(BaseModel):
    """Legal hold or its end, with a reason that the log keeps."""

    held: bool
    why: str = Field(default="", max_length=200)


@dataclass(frozen=True, slots=True)
class RecordingNow:
    """Whether the call is recorded at this moment: recording, paused, or "" for neither."""

    state: RecordingState


def may_pause(detail: CallDetail, session: Session) -> None:
    """403 unless it is the agent who talks in the call, or someone above him."""
    if session.role == "agent" and session.agent and any(leg.party == session.agent for leg in detail.legs):
        return
    need_role(session, "supervisor", "admin")


def recording_control_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/recording/pause``, ``/resume``, ``/hold`` and the deletion."""
    router = APIRouter(prefix=API, tags=["calls"])

    @router.post("/calls/{call_id}/recording/pause", summary="暂停录音 Pause the recording")
    async def pause(call_id: str, session: Annotated[Session, Depends(guard.user)]) -> RecordingNow:
        """Silence is recorded from now on, until ``resume``: for card numbers and the like. Who asked is in the log."""
        may_pause(await known_call(deps.calls, call_id), session)
        await deps.recorder.pause(call_id, session.name)
        return RecordingNow(deps.recorder.state(call_id))

    @router.post("/calls/{call_id}/recording/resume", summary="恢复录音 Resume the recording")
    async def resume(call_id: str, session: Annotated[Session, Depends(guard.user)]) -> RecordingNow:
        """What is said is recorded again."""
        may_pause(await known_call(deps.calls, call_id), session)
        await deps.recorder.resume(call_id, session.name)
        return RecordingNow(deps.recorder.state(call_id))

    @router.put("/calls/{call_id}/recording/hold", summary="法定保留 Legal hold")
    async def hold(
        call_id: str,
        wanted: WantedHold,
        session: Annotated[Session, Depends(guard.user)],
        recording: Annotated[str, Query(max_length=100)] = "",
    ) -> RecordingView:
        """While it is held a recording is never deleted, neither by retention nor on wish."""
        need_role(session, "supervisor", "admin")
        which = pick_recording(await known_call(deps.calls, call_id), recording)
        if wanted.held:
            await deps.recorder.hold(which.id, session.name, wanted.why.strip())
        else:
            await deps.recorder.release(which.id, session.name)
        return pick_recording(await known_call(deps.calls, call_id), which.id)

    @router.delete("/calls/{call_id}/recording", status_code=204, summary="删除录音 Delete a recording")
    async def delete(
        call_id: str,
        session: Annotated[Session, Depends(guard.user)],
        recording: Annotated[str, Query(min_length=1, max_length=100)],
    ) -> None:
        """Its sound is deleted now and for ever; that it was, and by whom, stays in the log. 409 while it is held."""
        need_role(session, "admin")
        which = pick_recording(await known_call(deps.calls, call_id), recording)
        if which.held_at is not None:
            raise Problem(
                409,
                "the recording is on legal hold",
                mend="Lift the hold first: PUT /api/v1/calls/{call_id}/recording/hold.",
                code="held",
            )
        await deps.recorder.delete(which.id, session.name)

    return router
