"""Long answers, made of queries: lists, tables, reports and transcripts as the bytes that are sent. Each is work for
``console.ports.Reading``.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from pydantic_core import to_json

from console.masks import mask_page, mask_result
from console.ports import CallFilter, Queries
from console.sheets import Kind, calls_table, report_table, results_table, written
from console.views import Bucket, CallPage, QueueReport

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


async def behind(queries: Queries, figure: str, since: float, until: float, queue: str) -> Sequence[str]:
    """The waits that were counted in ``figure``."""
    return await queries.reports.behind(figure, since, until, queue)


async def report_text(queries: Queries, since: float, until: float, bucket: Bucket, queue: str) -> bytes:
    """``QueueReport`` as JSON."""
    return to_json(await _report(queries, since, until, bucket, queue))


async def report_file(queries: Queries, since: float, until: float, bucket: Bucket, queue: str, *, kind: Kind) -> bytes:
    """The report as a table."""
    return written(report_table(await _report(queries, since, until, bucket, queue)), kind)


async def _report(queries: Queries, since: float, until: float, bucket: Bucket, queue: str) -> QueueReport:
    return await queries.reports.queues(since, until, bucket, queue)


async def results_file(queries: Queries, campaign: str, zone: ZoneInfo, kind: Kind, *, whole: bool) -> bytes:
    """A campaign's contacts and what came of them, as a table."""
    found = await queries.campaigns.results(campaign, limit=_RESULTS_MOST, offset=0)
    return written(results_table(found if whole else [mask_result(result) for result in found], zone), kind)


async def transcript_text(queries: Queries, recording: str) -> bytes | None:
    """``TranscriptView`` as JSON; None where there is none (yet)."""
    found = await queries.transcripts.transcript(recording)
    return None if found is None else to_json(found)
