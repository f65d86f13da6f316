"""Agents: how they are, and asking for another state."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.deps import ConsoleDeps
from console.disposition_views import DispositionEntry
from console.feed import Feed
from console.guard import Guard, need_role
from console.live_views import AgentLive
from console.ports import AgentEntry, Directory, PauseEntry, QueueEntry
from console.problems import Problem, not_found
from console.sessions import Session
from console.survey_views import SurveyTitle


class WantedState(BaseModel):
    """The state wished for; a pause needs a reason. ``minutes`` is how long it is planned to last (left out: as the
    reason is configured; 0: nothing is planned).
    """

    state: Literal["available", "paused", "offline"]
    reason: str = Field(default="", max_length=60)
    minutes: float | None = Field(default=None, ge=0, le=600)


@dataclass(frozen=True, slots=True)
class StateAsked:
    """What was asked of ``agent``, not how he is: whoever talks is paused after his work. ``planned_s`` is of a pause,
    seconds, 0 where nothing is planned.
    """

    agent: str
    asked: str
    reason: str = ""
    planned_s: float = 0.0


class WantedMessage(BaseModel):
    """What to tell him."""

    text: str = Field(min_length=1, max_length=300)


@dataclass(frozen=True, slots=True)
class MessageSent:
    """``pages`` of the agent show it; with none he does not see it now."""

    agent: str
    pages: int


@dataclass(frozen=True, slots=True)
class DirectoryView:
    """The names that the pages show, and the zone of every clock on them."""

    zone: str
    version: str
    answer_rate_target: float
    late_wait_s: float
    queues: list[QueueEntry]
    agents: list[AgentEntry]
    pause_reasons: list[str]
    dispositions: list[DispositionEntry]
    pauses: list[PauseEntry]
    surveys: list[SurveyTitle]
    dials_out: bool
    """Whether agents may call numbers outside."""


def planned_s(directory: Directory, reason: str, minutes: float | None) -> float:
    """How long a pause is planned to last, seconds; 422 for a reason that is not among the configured ones, if any."""
    known = next((pause for pause in directory.pauses if reason in (pause.name, pause.en)), None)
    if known is None and directory.pauses:
        named = ", ".join(pause.name for pause in directory.pauses)
        raise Problem(
            422, f"no reason {reason!r}", where="body.reason", mend=f"Choose one of: {named}.", code="invalid"
        )
    if minutes is None:
        minutes = known.minutes if known is not None else 0.0
    return 60.0 * minutes


def agents_router(deps: ConsoleDeps, guard: Guard, feed: Feed) -> APIRouter:
    """Routes ``/agents`` and ``/directory``."""
    router = APIRouter(prefix=API, tags=["agents"])

    @router.get("/directory", summary="名册 Directory")
    async def directory(_session: Annotated[Session, Depends(guard.user)]) -> DirectoryView:
        """Queues, agents, pause reasons and what surveys are called, as configured."""
        return DirectoryView(
            zone=deps.settings.zone,
            version=deps.settings.version,
            answer_rate_target=deps.settings.answer_rate_target,
            late_wait_s=deps.settings.late_wait_s,
            queues=list(deps.directory.queues),
            agents=list(deps.directory.agents),
            pause_reasons=list(deps.directory.pause_reasons),
            dispositions=list(deps.directory.dispositions),
            pauses=list(deps.directory.pauses),
            surveys=list(deps.directory.surveys),
            dials_out=deps.placing.possible(),
        )

    @router.get("/agents", summary="坐席 Agents")
    async def agents(_session: Annotated[Session, Depends(guard.user)]) -> list[AgentLive]:
        """All agents with state, since when, and the call they are on."""
        return feed.board.agents

    @router.put("/agents/{agent}/state", status_code=202, summary="坐席状态 Agent state")
    async def set_state(
        agent: str, wanted: WantedState, session: Annotated[Session, Depends(guard.user)]
    ) -> StateAsked:
        """Asks for another state (an agent for himself, a supervisor for anyone). The answer says what was asked; what
        holds then shows in the live events (``agent.state``) and in ``GET /agents``.
        """
        by = "" if session.agent == agent else session.name
        if session.role != "agent" or by:
            need_role(session, "supervisor", "admin")
        if feed.board.agent(agent) is None:
            raise not_found("agent", agent)
        if wanted.state == "available":
            await deps.agents.set_available(agent, by)
        elif wanted.state == "offline":
            await deps.agents.sign_out(agent, by)
        elif reason := wanted.reason.strip():
            planned = planned_s(deps.directory, reason, wanted.minutes)
            await deps.agents.pause(agent, reason, by, planned)
            return StateAsked(agent, wanted.state, reason, planned)
        else:
            raise Problem(
                422, "a pause needs a reason", where="body.reason", mend="Say why, e.g. 小休.", code="invalid"
            )
        return StateAsked(agent, wanted.state)

    @router.post("/agents/{agent}/message", status_code=202, summary="给坐席发消息 Message to an agent")
    async def message(
        agent: str, wanted: WantedMessage, session: Annotated[Session, Depends(guard.user)]
    ) -> MessageSent:
        """It is shown at once on every page that the agent has open; ``pages`` says how many those are."""
        need_role(session, "supervisor", "admin")
        if feed.board.agent(agent) is None:
            raise not_found("agent", agent)
        text = " ".join(wanted.text.split())
        if not text:
            raise Problem(422, "the message is empty", where="body.text", mend="Write something.", code="invalid")
        deps.agents.tell(agent, text, session.name)
        return MessageSent(agent, feed.pages_of(agent))

    return router
