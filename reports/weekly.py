"""The weekly report: what the pages' own reports say of one week, put side by side with the week before.

Nothing is counted here: every figure is a cell of ``reports.queues``, ``reports.agents``, ``reports.abandoned``,
``reports.ratings`` or ``reports.probes``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.abandoned import Followed
from reports.model import AgentReport, Cell, QueueReport
from reports.probes import ProbeLine
from reports.ratings import RatingReport
from reports.weeks import Week


@dataclass(frozen=True, slots=True)
class Scope:
    """The figures of one ``queue``, or ("") of all: by day, by half hour, and of the week before in one sum."""

    queue: str
    days: QueueReport
    halves: QueueReport
    before: QueueReport


@dataclass(frozen=True, slots=True)
class QueueWeek:
    """A queue ("" for all) in the week and in the one before; None where nobody came to it."""

    queue: str
    now: Cell | None
    before: Cell | None


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """All that the report of ``week`` says. ``titles`` are those of queues, ``names`` those of agents, by id;
    ``whole_numbers`` says whether callers' numbers are shown whole.
    """

    week: Week
    since: float
    until: float
    zone: str
    made_at: float
    scopes: tuple[Scope, ...]
    agents: AgentReport
    followed: tuple[Followed, ...]
    ratings: RatingReport
    ratings_before: RatingReport
    probes: tuple[ProbeLine, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    whole_numbers: bool = False

    def queue_title(self, queue: str) -> str:
        """How people call the queue."""
        return self.titles.get(queue) or queue or "全部 All"

    def agent_name(self, agent: str) -> str:
        """How people call the agent, with his id."""
        name = self.names.get(agent, "")
        return f"{name} {agent}" if name and name != agent else agent


def queue_weeks(report: WeeklyReport) -> list[QueueWeek]:
    """Each queue of the report by name, then all of a scope that has several."""
    found: list[QueueWeek] = []
    for scope in report.scopes:
        if scope.queue:
            found.append(QueueWeek(scope.queue, scope.days.total, scope.before.total))
            continue
        now = {cell.queue: cell for cell in scope.days.queues}
        before = {cell.queue: cell for cell in scope.before.queues}
        found += [QueueWeek(name, now.get(name), before.get(name)) for name in sorted({*now, *before})]
        found.append(QueueWeek("", scope.days.total, scope.before.total))
    return found


def worst_half_hours(report: WeeklyReport, *, at_least: int, most: int) -> list[Cell]:
    """The ``most`` half hours of a queue with the lowest answer rates, of those with ``at_least`` offered; with equal
    rates the busier first, then the earlier. Those in which everybody was answered are none.
    """
    cells = [
        cell
        for scope in report.scopes
        for cell in scope.halves.cells
        if cell.counts.offered >= at_least and cell.counts.answered < cell.counts.offered
    ]
    cells.sort(key=lambda cell: (cell.rates.answer_rate or 0.0, -cell.counts.offered, cell.since, cell.queue))
    return cells[:most]
