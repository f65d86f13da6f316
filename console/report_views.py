"""What the console shows of agents' work and of callers who gave up, as plain values."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from console.views import Figure, FormulaView

AgentsBucket: TypeAlias = Literal["half_hour", "hour", "day", "week", "month", "total"]


@dataclass(frozen=True, slots=True)
class StateView:
    """An agent was in ``state`` from ``since`` to ``until``; ``reason`` of a pause."""

    state: str
    since: float
    until: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgentNumbers:
    """The figures of one agent by key; ``states`` by time, where they were asked for."""

    agent: str
    figures: dict[str, Figure]
    states: list[StateView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """The figures of one agent in one bucket."""

    agent: str
    start_at: float
    end_at: float
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class AgentReport:
    """What agents did from ``from_at`` to ``to_at``, in all and (``rows``) by bucket, unless that is the total;
    ``formulas`` tells of each figure how it is counted.
    """

    from_at: float
    to_at: float
    zone: str
    formulas: dict[str, FormulaView]
    agents: list[AgentNumbers]
    bucket: AgentsBucket = "total"
    rows: list[AgentRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ContactView:
    """The first talk with the caller afterwards: ``by_us`` where we called; ``after_s`` he had been left alone."""

    call_id: str
    at: float
    agent: str
    by_us: bool
    after_s: float


@dataclass(frozen=True, slots=True)
class AbandonedCall:
    """One wait that was given up; ``line`` is the number that was dialled; ``next`` None: nobody talked to him yet."""

    call_id: str
    number: str
    line: str
    queue: str
    entered_at: float
    wait_s: float
    next: ContactView | None


@dataclass(frozen=True, slots=True)
class AbandonedReport:
    """Waits given up, newest first; ``items`` are at most 5,000, and ``figures`` count those."""

    from_at: float
    to_at: float
    zone: str
    formulas: dict[str, FormulaView]
    figures: dict[str, Figure]
    items: list[AbandonedCall]
