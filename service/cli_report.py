"""``line400 report``: answer rate, service levels and queue times of any period, as a table, CSV, JSON or workbook."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from core.errors import ParseError
from reports.model import Bucket, By, QueueReport, ReportQuery
from reports.render import TERMINAL_KEYS, to_json
from reports.tables import Language, queue_table
from service.cli_common import ConfigOption, told
from service.cli_paper import Format, FormOption, OutputOption, Paper, Shown, Tongue, TongueOption, writable, write
from service.cli_store import with_store
from service.clock import SystemClock
from service.config_model import Config
from service.from_config import thresholds_of
from store.store import Store

SHORT_KEYS: Final = (
    "from", "queue", "line", "offered", "answered", "abandoned", "waiting", "answer_rate", "service_level_b", "asa_s",
    "answered_p90_s",
)  # fmt: skip
"""Of ``TERMINAL_KEYS`` those that a narrow screen shows."""

BUCKET_S: Final = {
    Bucket.HALF_HOUR: 1800.0,
    Bucket.HOUR: 3600.0,
    Bucket.DAY: 86400.0,
    Bucket.WEEK: 7 * 86400.0,
    Bucket.MONTH: 28 * 86400.0,
    Bucket.WEEK_HOUR: 3600.0,
    Bucket.TOTAL: float("inf"),
}
MOST_BUCKETS: Final = 20_000
"""More than a year of half hours; nobody reads more lines than that."""
FIRST_YEAR: Final = 1971
LAST_YEAR: Final = 9000
"""Beyond these, moments are mistakes, and computing with them leaves what the calendar can hold."""
LONGEST_S: Final = 86400.0


def report(
    since: Annotated[str, typer.Option("--from", help="起 / from: 2026-05-01 or 2026-05-01T08:30 (今天 today)")] = "",
    until: Annotated[
        str, typer.Option("--to", help="止（不含）/ until, not included (起后一天 / a day after from)")
    ] = "",
    queue: Annotated[str, typer.Option(help="只看一个队列 / one queue only")] = "",
    line: Annotated[str, typer.Option(help="只看一个被叫号码 / one dialled number only")] = "",
    by: Annotated[By, typer.Option(help="按队列或被叫号码 / rows by queue or by dialled number")] = By.QUEUE,
    bucket: Annotated[Bucket, typer.Option(help="时段 / bucket")] = Bucket.HALF_HOUR,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="服务水平阈值，秒（默认各队列自己的）/ T of the service levels, seconds (default: each queue's own)"
        ),
    ] = None,
    fill: Annotated[bool, typer.Option(help="也列出无来电的时段 / show buckets without calls too")] = False,
    form: FormOption = Format.TABLE,
    output: OutputOption = None,
    tongue: TongueOption = Tongue.ZH,
    config: ConfigOption = None,
) -> None:
    """接通率与排队报表 / Answer rate, service levels A–D, waits, by bucket and queue."""
    writable(form, output)

    async def work(loaded: Config, store: Store) -> QueueReport:
        zone = ZoneInfo(loaded.zone)
        begin, end = period(since, until, zone, SystemClock().now())
        query = ReportQuery(
            begin, end, bucket, queue, loaded.zone, fill=fill, thresholds=thresholds_of(loaded), line=line, by=by
        )
        if threshold is not None:
            query = replace(query, threshold_s=_seconds(threshold), thresholds=())
        if fill and (end - begin) / BUCKET_S[bucket] > MOST_BUCKETS:
            raise ParseError(f"fills more than {MOST_BUCKETS} buckets; ask for a shorter period", where="--fill")
        counted = await store.reports.queues(query)
        if queue and not counted.total.counts.offered and queue not in dict(thresholds_of(loaded)):
            raise ParseError(
                f"there is no queue {queue!r}; configured are: {', '.join(dict(thresholds_of(loaded)))}",
                where="--queue",
            )
        return counted

    found = with_store(config, work)
    with told():
        write(_paper(found, tongue.value), form, output, tongue)


def _paper(found: QueueReport, language: Language) -> Paper:
    table = queue_table(found, language)
    # Where queues have one T, the formulas below the table name it.
    several: tuple[str, ...] = ("threshold_s",) if found.total.threshold_s is None else ()
    shown = Shown(table, wide=(*TERMINAL_KEYS, *several), narrow=(*SHORT_KEYS, *several))
    return Paper(table, (shown,), partial(to_json, found))


def period(since: str, until: str, zone: ZoneInfo, now: float) -> tuple[float, float]:
    """From and until in epoch seconds: the given local moments; by default today, or the day that ``since`` begins.

    ``ParseError`` for what is no moment or an empty period.
    """
    today = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = _moment(since, zone, "--from") if since else today
    end = _moment(until, zone, "--to") if until else begin + timedelta(days=1)
    if end <= begin:
        raise ParseError("must be later than --from", where="--to")
    return begin.timestamp(), end.timestamp()


def _seconds(threshold: float) -> float:
    if not 0 <= threshold <= LONGEST_S:  # so is nothing that is no number
        raise ParseError(f"must be from 0 to {LONGEST_S:.0f} seconds", where="--threshold")
    return threshold


def _moment(text: str, zone: ZoneInfo, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ParseError(f"not a moment: {text[:40]!r}; write 2026-05-01 or 2026-05-01T08:30", where=where) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ParseError(f"must be of the years {FIRST_YEAR} to {LAST_YEAR}", where=where)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
