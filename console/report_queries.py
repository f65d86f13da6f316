"""The store's reports as the console's port: only shapes are changed here, nothing is counted."""

import asyncio
from collections.abc import Callable

from console.closed_views import ClosedReport, closed_view
from console.inbound_views import InboundReport, inbound_view
from console.report_ports import FigureCell, InboundAsked, ReportAsked
from console.report_shapes import abandoned_view, agents_view, report_view
from console.report_views import AbandonedReport, AgentReport, AgentsBucket
from console.views import QueueReport
from reports.model import Bucket, By, ReportQuery
from reports.periods import before
from store.abandoned import AbandonedCallers
from store.closed import ClosedCalls
from store.inbound import InboundCalls
from store.reports import Reports


class StoredReports:
    """``console.report_ports.ReportQueries``; ``asked`` makes the store's question of the console's."""

    def __init__(
        self,
        reports: Reports,
        abandoned: AbandonedCallers,
        closed: ClosedCalls,
        inbound: InboundCalls,
        asked: Callable[[ReportAsked], ReportQuery],
    ) -> None:
        self._reports = reports
        self._abandoned = abandoned
        self._closed = closed
        self._inbound = inbound
        self._asked = asked

    async def queues(self, asked: ReportAsked) -> QueueReport:
        """See the port."""
        query = self._asked(asked)
        counted = await self._reports.queues(query)
        earlier = await self._reports.queues(before(query)) if asked.compared else None
        return await asyncio.to_thread(report_view, counted, earlier)

    async def behind(self, cell: FigureCell, most: int) -> int:
        """See the port."""
        return await self._reports.behind(self._asked(cell.asked), cell.figure, most)

    async def agents(
        self, from_at: float, to_at: float, *, states: bool, bucket: AgentsBucket = "total"
    ) -> AgentReport:
        """See the port."""
        zone = self._asked(ReportAsked(from_at, to_at)).zone
        counted = await self._reports.agents(from_at, to_at, zone, Bucket(bucket))
        spans = await self._reports.state_spans(from_at, min(to_at, counted.made_at)) if states else []
        return agents_view(counted, spans, bucket)

    async def abandoned(self, from_at: float, to_at: float, queue: str = "") -> AbandonedReport:
        """See the port."""
        zone = self._asked(ReportAsked(from_at, to_at)).zone
        return abandoned_view(await self._abandoned.of(from_at, to_at, queue), from_at, to_at, zone)

    async def closed(self, from_at: float, to_at: float, queue: str = "") -> ClosedReport:
        """See the port."""
        zone = self._asked(ReportAsked(from_at, to_at)).zone
        came = await self._closed.of(from_at, to_at, queue)
        return await asyncio.to_thread(closed_view, came, from_at, to_at, zone)

    async def inbound(self, asked: InboundAsked) -> InboundReport:
        """See the port."""
        period = (asked.from_at, asked.to_at)
        zone = self._asked(ReportAsked(*period)).zone
        found, handled = await self._inbound.of(*period, asked.days)
        return await asyncio.to_thread(inbound_view, found, handled, asked.behind, period, asked.days, zone)


def report_query(zone: str, thresholds: tuple[tuple[str, float], ...], asked: ReportAsked) -> ReportQuery:
    """What ``asked`` means in ``zone``, with each queue measured by its own of ``thresholds``."""
    return ReportQuery(
        since=asked.from_at,
        until=asked.to_at,
        bucket=Bucket(asked.bucket),
        queue=asked.queue,
        zone=zone,
        thresholds=thresholds,
        line=asked.line,
        by=By(asked.by),
        week_hour=asked.week_hour,
        histograms=False,
    )
