"""Long answers, made of queries: lists, tables, reports and transcripts as the bytes that are sent. Each is work for
``console.ports.Reading``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pydantic_core import to_json

from campaigns.contact_filter import ContactFilter
from console.campaign_report_views import CampaignReportView, campaign_report_table, campaign_report_view
from console.masks import mask_abandoned, mask_page, mask_result
from console.ports import CallFilter, Queries
from console.report_ports import FigureCell, ReportAsked
from console.report_views import AbandonedReport, AgentsBucket
from console.results_table import results_table
from console.sheets import (
    Kind,
    abandoned_table,
    agents_table,
    calls_table,
    report_table,
    written,
)
from console.views import CallPage
from core.errors import ParseError

_CALLS_MOST = 10_000
_RESULTS_MOST = 100_000


async def calls_list(queries: Queries, which: CallFilter, limit: int, offset: int, *, whole: bool) -> bytes:
    """``CallPage`` as JSON; numbers ``whole`` or masked."""
    return to_json(await _calls(queries, which, limit, offset, whole=whole))


async def calls_file(queries: Queries, which: CallFilter, zone: ZoneInfo, kind: Kind, *, whole: bool) -> bytes:
    """The first 10,000 calls as a table."""
    page = await _calls(queries, which, _CALLS_MOST, 0, whole=whole)
    return written(calls_table(page.items, zone), kind)


async def _calls(queries: Queries, which: CallFilter, limit: int, offset: int, *, whole: bool) -> CallPage:
    page = await queries.calls.calls(which, limit=limit, offset=offset)
    return page if whole else mask_page(page)


async def behind(queries: Queries, cell: FigureCell, most: int) -> int:
    """How many waits were counted in a figure, as far as ``most``."""
    return await queries.reports.behind(cell, most)


async def report_text(queries: Queries, asked: ReportAsked) -> bytes:
    """``QueueReport`` as JSON."""
    return to_json(await queries.reports.queues(asked))


async def report_file(queries: Queries, asked: ReportAsked, kind: Kind) -> bytes:
    """The report as a table."""
    return written(report_table(await queries.reports.queues(asked)), kind)


async def agents_text(queries: Queries, since: float, until: float, *, bucket: AgentsBucket, states: bool) -> bytes:
    """``AgentReport`` as JSON."""
    return to_json(await queries.reports.agents(since, until, states=states, bucket=bucket))


async def agents_file(queries: Queries, since: float, until: float, kind: Kind, *, bucket: AgentsBucket) -> bytes:
    """Agents' work as a table."""
    return written(agents_table(await queries.reports.agents(since, until, states=False, bucket=bucket)), kind)


async def abandoned_text(queries: Queries, since: float, until: float, queue: str, *, whole: bool) -> bytes:
    """``AbandonedReport`` as JSON; numbers ``whole`` or masked."""
    return to_json(await _abandoned(queries, since, until, queue, whole=whole))


async def abandoned_file(queries: Queries, since: float, until: float, queue: str, kind: Kind, *, whole: bool) -> bytes:
    """The same as a table."""
    return written(abandoned_table(await _abandoned(queries, since, until, queue, whole=whole)), kind)


async def _abandoned(queries: Queries, since: float, until: float, queue: str, *, whole: bool) -> AbandonedReport:
    found = await queries.reports.abandoned(since, until, queue)
    return found if whole else mask_abandoned(found)


async def results_found(queries: Queries, campaign: str, which: ContactFilter) -> int:
    """How many of its contacts fit."""
    return await queries.campaigns.found(campaign, which)


async def results_file(
    queries: Queries, campaign: str, which: ContactFilter, zone: ZoneInfo, kind: Kind, *, whole: bool
) -> bytes:
    """A campaign's contacts and what came of them, as a table. ``ParseError`` where they are too many for one."""
    found = await queries.campaigns.results(campaign, which, limit=_RESULTS_MOST + 1, offset=0)
    if len(found) > _RESULTS_MOST:
        raise ParseError(
            f"超过 {_RESULTS_MOST:,} 行：请先按状态或结果筛选，或用 line400 campaign results 导出全部 (more than "
            f"{_RESULTS_MOST:,} rows: ask for some states or results, or write all with `line400 campaign results`)",
            where="results",
        )
    return written(results_table(found if whole else [mask_result(result) for result in found], zone), kind)


async def campaign_report_text(queries: Queries, campaign: str, days: int, now: float, *, chosen: int = 0) -> bytes:
    """``CampaignReportView`` of the round ``chosen`` (0: of all) as JSON."""
    return to_json(await _campaign_report(queries, campaign, days, now, chosen))


async def campaign_report_file(
    queries: Queries,
    campaign: str,
    days: int,
    now: float,
    kind: Kind,
    *,
    chosen: int = 0,
    titles: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The same as a table; ``titles`` of surveys by name."""
    return written(campaign_report_table(await _campaign_report(queries, campaign, days, now, chosen), titles), kind)


async def _campaign_report(queries: Queries, campaign: str, days: int, now: float, chosen: int) -> CampaignReportView:
    asked = queries.campaigns
    return campaign_report_view(
        campaign,
        await asked.report(campaign, now, chosen),
        await asked.conversion(campaign, days, now, chosen),
        None if chosen else await asked.effect(campaign, days),
        (chosen, await asked.rounds(campaign)),
    )


async def transcript_text(queries: Queries, recording: str) -> bytes | None:
    """``TranscriptView`` as JSON; None where there is none (yet)."""
    found = await queries.transcripts.transcript(recording)
    return None if found is None else to_json(found)
