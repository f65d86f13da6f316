"""Tasks: what somebody must look after, such as a caller who was not satisfied."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from console.api import API
from console.deps import ConsoleDeps
from console.desk_views import TaskPage
from console.guard import Guard, need_role
from console.problems import Problem, not_found
from console.sessions import Session
from core.numbers import mask
from desk.tasks import ALL_TASKS, Task, Whose


class WantedClosing(BaseModel):
    """What came of it."""

    note: str = Field(min_length=1, max_length=500)


class WantedOwner(BaseModel):
    """Who is to look after it: an agent, or oneself; "": nobody any more."""

    owner: str = Field(max_length=64)


def tasks_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/tasks``."""
    router = APIRouter(prefix=API, tags=["tasks"])

    def shown(task: Task, session: Session) -> Task:
        """Agents are not told about whose talks it is, but for their own."""
        if session.role == "agent" and task.agent != _own(session):
            task = replace(task, agent="")
        return task if session.sees_numbers else replace(task, number=mask(task.number))

    async def found(task: str, session: Session) -> Task:
        it = await deps.desk.task(task)
        if it is None or not _seen(session).holds(it):
            raise not_found("task", task)
        return it

    @router.get("/tasks", summary="待办 Tasks")
    async def tasks(
        session: Annotated[Session, Depends(guard.user)],
        state: Literal["open", "closed"] = "open",
        owner: Annotated[str, Query(max_length=64)] = "",
        mine: bool = False,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> TaskPage:
        """Open ones, the oldest first; or closed ones, the newest first. Those of ``owner`` only; ``mine``: those that
        whoever asks looks after. Agents see theirs, and those that nobody has, but for those about their own talks;
        of closed ones theirs.
        """
        if owner and owner != _own(session):
            need_role(session, "supervisor", "admin", "viewer")
        if mine or (session.role == "agent" and state == "closed"):
            owner = _own(session)
        whose = Whose(owner) if owner else _seen(session)
        items = await deps.desk.tasks(closed=state == "closed", limit=limit, offset=offset, whose=whose)
        return TaskPage([shown(task, session) for task in items], await deps.desk.open_tasks(whose))

    @router.put("/tasks/{task}/owner", summary="交给谁办 Who looks after a task")
    async def give(task: str, wanted: WantedOwner, session: Annotated[Session, Depends(guard.user)]) -> Task:
        """Agents take what nobody has, and give back what is theirs; supervisors give it to whom they like. The
        customer is then led to that agent by queues with ``sticky_owner``. 409 where it is closed, or another agent was
        faster.
        """
        need_role(session, "supervisor", "admin", "agent")
        await found(task, session)
        own, owner = _own(session), wanted.owner.strip()
        only = None
        if session.role == "agent":
            if owner not in ("", own):
                need_role(session, "supervisor", "admin")
            only = ("", own)
        if owner not in ("", own) and all(agent.id != owner for agent in deps.directory.agents):
            raise Problem(
                422, f"no agent {owner!r}", where="owner", mend="Take an id of GET /api/v1/agents.", code="invalid"
            )
        given = await deps.desk.give_task(task, owner, session.name, only)
        if given is None:
            raise not_found("task", task)
        return shown(given, session)

    @router.post("/tasks/{task}/close", summary="办结 Close a task")
    async def close(task: str, wanted: WantedClosing, session: Annotated[Session, Depends(guard.user)]) -> Task:
        """Who did it, when, and the note are kept with it. Agents close what they look after. 409 where it was closed
        before.
        """
        need_role(session, "supervisor", "admin", "agent")
        it = await found(task, session)
        if session.role == "agent" and it.owner != _own(session):
            raise Problem(
                409, f"task {task!r} is not yours", mend="Take it first: PUT /tasks/{task}/owner.", code="not_yours"
            )
        done = await deps.desk.close_task(task, session.name, wanted.note.strip())
        if done is None:
            raise not_found("task", task)
        return shown(done, session)

    return router


def _own(session: Session) -> str:
    """As whom somebody looks after tasks: his agent, so that callers can be led to his phone."""
    return session.agent or session.name


def _seen(session: Session) -> Whose:
    """The tasks that somebody sees at all."""
    return Whose(_own(session), free=True) if session.role == "agent" else ALL_TASKS
