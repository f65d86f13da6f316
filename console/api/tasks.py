"""Tasks: what somebody must look after, such as a caller who was not satisfied."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from console.deps import ConsoleDeps
from console.desk_views import TaskPage
from console.guard import Guard, need_role
from console.problems import not_found
from console.sessions import Session
from core.numbers import mask
from desk.tasks import Task


class WantedClosing(BaseModel):
    """What came of it."""

    note: str = Field(min_length=1, max_length=500)


def tasks_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/tasks``."""
    router = APIRouter(tags=["tasks"])

    def shown(task: Task, session: Session) -> Task:
        return task if session.sees_numbers else replace(task, number=mask(task.number))

    @router.get("/tasks", summary="待办 Tasks")
    async def tasks(
        session: Annotated[Session, Depends(guard.user)],
        state: Literal["open", "closed"] = "open",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> TaskPage:
        """Open ones, the oldest first; or closed ones, the newest first. Not for agents: tasks are also about them."""
        need_role(session, "supervisor", "admin", "viewer")
        found = await deps.desk.tasks(closed=state == "closed", limit=limit, offset=offset)
        return TaskPage([shown(task, session) for task in found], await deps.desk.open_tasks())

    @router.post("/tasks/{task}/close", summary="办结 Close a task")
    async def close(task: str, wanted: WantedClosing, session: Annotated[Session, Depends(guard.user)]) -> Task:
        """Who did it, when, and the note are kept with it. 409 where it was closed before."""
        need_role(session, "supervisor", "admin")
        done = await deps.desk.close_task(task, session.name, wanted.note.strip())
        if done is None:
            raise not_found("task", task)
        return shown(done, session)

    return router
