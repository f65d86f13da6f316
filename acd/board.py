"""The live picture of queues and agents at one moment, as plain values."""

from dataclasses import dataclass

from acd.facts import AgentStatus


@dataclass(frozen=True, slots=True)
class WaitingView:
    """One waiting caller; ``ahead`` callers of the same queue came before; ``ringing`` is the agent being rung, or ""."""

    entry: str
    call_id: str
    queue: str
    entered_at: float
    ahead: int
    ringing: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Counted since the process began: ``offered == answered + abandoned + overflowed + left_by_key + interrupted + waiting``."""

    offered: int
    answered: int
    abandoned: int
    overflowed: int
    left_by_key: int
    interrupted: int
    waiting: int


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue: its waiting callers, oldest first, how many of its agents are in which state, and its counts."""

    name: str
    title: str
    waiting: tuple[WaitingView, ...]
    agents: int
    on_duty: int
    available: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent: ``status`` since ``since`` (epoch seconds), ``reason`` of a pause; ``then`` is what he will be after work.

    ``call_id`` and ``entry`` say on what he is being rung, talks or wraps up ("" where not); ``wrap_up_until`` its end.
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


@dataclass(frozen=True, slots=True)
class Board:
    """Everything at the moment ``at`` (epoch seconds)."""

    at: float
    queues: tuple[QueueView, ...]
    agents: tuple[AgentView, ...]
