"""What the API tells of the time after talks (tasks, ratings) and of test calls to our own number."""

from dataclasses import dataclass

from campaigns.probe import ProbeRun
from console.views import FormulaView
from desk.tasks import Task
from reports.ratings import Ratings


@dataclass(frozen=True, slots=True)
class TaskPage:
    """``items`` as asked for; how many are ``open`` in all."""

    items: list[Task]
    open: int


@dataclass(frozen=True, slots=True)
class ProbeView:
    """A test call as configured; ``due_at`` is when it is made next, None where that is not in sight."""

    name: str
    number: str
    trunk: str
    when: str
    due_at: float | None


@dataclass(frozen=True, slots=True)
class ProbesView:
    """Test calls: what is configured, and the ``runs`` that were asked for, the newest first."""

    probes: list[ProbeView]
    runs: list[ProbeRun]


@dataclass(frozen=True, slots=True)
class ProbeStarted:
    """The run that has begun."""

    run: str


@dataclass(frozen=True, slots=True)
class RatingsView:
    """Ratings of calls in which the caller was asked from ``from_at`` to ``to_at``: all, by queue, by agent.
    ``formulas`` tells how each figure is counted.
    """

    from_at: float
    to_at: float
    formulas: dict[str, FormulaView]
    total: Ratings
    queues: list[Ratings]
    agents: list[Ratings]
