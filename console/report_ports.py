"""What the console asks of reports; ``console.report_queries`` answers from the store."""

from dataclasses import dataclass
from typing import Protocol

from console.closed_views import ClosedReport
from console.inbound_views import InboundReport
from console.report_views import AbandonedReport, AgentReport, AgentsBucket
from console.views import Bucket, By, QueueReport
from reports.inbound import Behind


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """What a report is asked for: waits that began in the period, in one queue or ("") all, of one line (the number
    that was dialled) or all; how they are cut and what its rows are; ``week_hour`` narrows to one hour of the week (0:
    Mondays from 0 to 1). ``compared`` with the period before.
    """

    from_at: float
    to_at: float
    bucket: Bucket = "total"
    queue: str = ""
    line: str = ""
    by: By = "queue"
    week_hour: int | None = None
    compared: bool = False


@dataclass(frozen=True, slots=True)
class FigureCell:
    """The figure (a column) of the one cell that a report asked so would have in all."""

    figure: str
    asked: ReportAsked


@dataclass(frozen=True, slots=True)
class AgentCell:
    """The figure ``figure`` (calls, rung, answered, withdrawn) of ``agent`` in the report of a period."""

    figure: str
    agent: str
    from_at: float
    to_at: float


@dataclass(frozen=True, slots=True)
class InboundAsked:
    """Calls that came in the period; who calls again within ``days`` repeats one. ``behind``: which are shown."""

    from_at: float
    to_at: float
    days: int
    behind: Behind


class ReportQueries(Protocol):
    """Figures as the reports room counts them."""

    async def queues(self, asked: ReportAsked) -> QueueReport:
        """The metrics of queues or lines."""
        ...

    async def behind(self, cell: FigureCell, most: int) -> int:
        """How many waits were counted in a figure, as far as ``most``. ``ParseError`` for what is no figure."""
        ...

    async def agents(
        self, from_at: float, to_at: float, *, states: bool, bucket: AgentsBucket = "total"
    ) -> AgentReport:
        """What each agent did, in all and by ``bucket``, with his states over time where they are wanted."""
        ...

    async def abandoned(self, from_at: float, to_at: float, queue: str = "") -> AbandonedReport:
        """Callers who gave up, and who talked with them next."""
        ...

    async def closed(self, from_at: float, to_at: float, queue: str = "") -> ClosedReport:
        """Callers who came while a queue was closed."""
        ...

    async def inbound(self, asked: InboundAsked) -> InboundReport:
        """All inbound calls, and what became of them."""
        ...
