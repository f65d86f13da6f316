"""The live picture of queues and agents at one moment, as plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from acd.agents import SHOWN, Agent, AgentState, WrapUp
from acd.facts import AgentStatus, QueueOutcome
from acd.lines import Line


@dataclass(frozen=True, slots=True)
class WaitingView:
    """One waiting caller; ``ahead`` callers of his queue are served before him; ``ringing`` is the agent being rung,
    "" for nobody, several with commas between them.
    """

    entry: str
    call_id: str
    queue: str
    entered_at: float
    ahead: int
    ringing: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Counted since the process began.

    ``offered == answered + abandoned + overflowed + called_back + left_by_key + interrupted + waiting`` at every
    moment.
    """

    offered: int
    answered: int
    abandoned: int
    overflowed: int
    left_by_key: int
    interrupted: int
    waiting: int
    called_back: int = 0


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue: its waiting callers, the next one first, how many of its agents are in which state, its counts, and
    how many stand in it who are to be called back.
    """

    name: str
    title: str
    waiting: tuple[WaitingView, ...]
    agents: int
    on_duty: int
    available: int
    tally: Tally
    callbacks: int = 0


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent: ``status`` since ``since`` (epoch seconds), ``reason`` of a pause; ``then`` is what follows his work.

    ``call_id`` and ``entry`` say on what he is being rung, talks or wraps up ("" where not); ``wrap_up_until`` its end,
    ``wrap_up`` what is to be known of it; ``queue`` is where the call came from.
    """

    agent: str
    status: AgentStatus
    reason: str
    since: float
    phone: bool
    then: AgentStatus
    queues: tuple[str, ...]
    call_id: str
    entry: str
    wrap_up_until: float | None
    wrap_up: WrapUp | None = None
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything at the moment ``at`` (epoch seconds)."""

    at: float
    queues: tuple[QueueView, ...]
    agents: tuple[AgentView, ...]


def draw(at: float, lines: Iterable[Line], agents: Iterable[Agent], lines_of: Mapping[str, Sequence[Line]]) -> Board:
    """The board of ``lines`` and ``agents`` as they stand at ``at``; ``lines_of`` an agent by name."""
    crew = {agent.name: agent for agent in agents}
    return Board(
        at=at,
        queues=tuple(_queue_view(line, [crew[name] for name in line.rules.agents]) for line in lines),
        agents=tuple(agent_view(agent, lines_of[agent.name]) for agent in crew.values()),
    )


def _queue_view(line: Line, agents: Sequence[Agent]) -> QueueView:
    return QueueView(
        name=line.rules.name,
        title=line.rules.title or line.rules.name,
        waiting=tuple(
            WaitingView(
                entry=entry.id,
                call_id=entry.call_id,
                queue=entry.queue,
                entered_at=entry.entered_at,
                ahead=ahead,
                ringing=", ".join(entry.offers.values()),
            )
            for ahead, entry in enumerate(line.in_order())
            if not entry.terms.callback
        ),
        agents=len(agents),
        on_duty=sum(agent.on_duty for agent in agents),
        available=sum(agent.state is AgentState.AVAILABLE for agent in agents),
        tally=Tally(
            offered=line.entered,
            answered=line.left[QueueOutcome.ANSWERED],
            abandoned=line.left[QueueOutcome.ABANDONED],
            overflowed=line.left[QueueOutcome.OVERFLOWED],
            left_by_key=line.left[QueueOutcome.LEFT_BY_KEY],
            interrupted=line.left[QueueOutcome.INTERRUPTED],
            waiting=line.waiting,
            called_back=line.left[QueueOutcome.CALLED_BACK],
        ),
        callbacks=line.absent,
    )


def agent_view(agent: Agent, lines: Sequence[Line]) -> AgentView:
    """One agent of ``lines`` as he is now."""
    return AgentView(
        agent=agent.name,
        status=agent.status,
        reason=agent.shown_reason,
        since=agent.since,
        phone=agent.phone,
        then=SHOWN[agent.rest_state()],
        queues=tuple(line.rules.name for line in lines),
        call_id=agent.call_id,
        entry=agent.entry,
        wrap_up_until=agent.wrap_up_until,
        wrap_up=None if agent.wrap_up is None else replace(agent.wrap_up),
        queue=agent.queue,
    )
