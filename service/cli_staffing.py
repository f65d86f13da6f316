"""``line400 staffing``: calls to be expected on a day, agents they need, and who was there."""

import json
import math
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from core.errors import ParseError
from reports.erlang import Promise
from reports.staffing import MOST_WEEKS, StaffingQuery, StaffingReport
from reports.staffing_table import said, staffing_table
from reports.tables import Language
from service.cli_common import ConfigOption, told
from service.cli_paper import Format, FormOption, OutputOption, Paper, Shown, Tongue, TongueOption, writable, write
from service.cli_report import LONGEST_S
from service.cli_store import with_store
from service.clock import SystemClock
from service.config_distribution import members_of
from service.config_model import Config
from service.from_config import thresholds_of
from store.store import Store

ENDLESS: Final = "never"
SHORT_KEYS: Final = ("from", "calls", "high", "came", "needed", "there", "usual", "gap", "within")


def staffing(
    day: Annotated[str, typer.Option(help="哪一天（默认明天）/ which day: 2026-05-20 (tomorrow)")] = "",
    queue: Annotated[str, typer.Option(help="只看一个队列 / one queue only")] = "",
    weeks: Annotated[int, typer.Option(min=1, max=MOST_WEEKS, help="依据过去几周 / from how many past weeks")] = 8,
    share: Annotated[float, typer.Option(help="目标：及时接通占比 / share to answer in time")] = 0.8,
    within: Annotated[
        float | None,
        typer.Option(min=0, max=LONGEST_S, help="目标：多少秒内（默认队列自己的）/ within so many seconds (its own)"),
    ] = None,
    most_abandoned: Annotated[float, typer.Option(min=0, max=1, help="放弃率上限 / most who may hang up")] = 1.0,
    most_occupancy: Annotated[float, typer.Option(min=0.01, max=1, help="利用率上限 / highest occupancy")] = 1.0,
    aht: Annotated[
        float | None, typer.Option(help="平均处理秒数（默认由日志得出）/ handling time, s (as the log has it)")
    ] = None,
    patience: Annotated[
        str, typer.Option(help="平均耐心秒数或 never（默认由日志得出）/ mean patience, s, or never (as the log has it)")
    ] = "",
    shrinkage: Annotated[float, typer.Option(help="缩减率 / share of paid time not at the phone")] = 0.0,
    form: FormOption = Format.TABLE,
    output: OutputOption = None,
    tongue: TongueOption = Tongue.ZH,
    config: ConfigOption = None,
) -> None:
    """排班 / Calls to be expected by half hour, agents needed (Erlang A or C), and who was there."""
    writable(form, output)

    async def work(loaded: Config, store: Store) -> StaffingReport:
        named = {one.name: one for one in loaded.queues}
        if queue and queue not in named:
            raise ParseError(f"there is no queue {queue!r}; configured are: {', '.join(named)}", where="--queue")
        if not 0 < share < 1:
            raise ParseError("must be more than 0 and less than 1, as 0.8", where="--share")
        within_s = dict(thresholds_of(loaded)).get(queue, 20.0) if within is None else within
        query = StaffingQuery(
            day=day_of(day, ZoneInfo(loaded.zone), SystemClock().now()),
            queue=queue,
            agents=frozenset(members_of(named[queue], loaded)) if queue else frozenset(),
            weeks=weeks,
            zone=loaded.zone,
            promise=Promise(share, within_s, most_abandoned, most_occupancy),
            handle_s=aht,
            patience_s=_patience(patience),
            shrinkage=shrinkage,
        )
        return await store.staffing.plan(query)

    found = with_store(config, work)
    with told():
        write(_paper(found, tongue.value), form, output, tongue)


def day_of(text: str, zone: ZoneInfo, now: float) -> date:
    """The day meant by ``text``; tomorrow where it is empty. ``ParseError`` for what is no day."""
    if not text:
        return datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.max
    if not 1971 <= found.year <= 2900:
        raise ParseError(f"{text[:40]!r} is no day; write 2026-05-20", where="--day")
    return found


def _patience(text: str) -> float | None:
    if not text:
        return None
    try:
        return math.inf if text == ENDLESS else float(text)
    except ValueError:
        raise ParseError(f"{text[:40]!r}: write seconds, or {ENDLESS}", where="--patience") from None


def _paper(found: StaffingReport, language: Language) -> Paper:
    table = staffing_table(found, language)
    return Paper(
        table,
        (Shown(table, narrow=SHORT_KEYS), said(found, language)),
        lambda: json.dumps(asdict(found), ensure_ascii=False, allow_nan=False, default=str),
    )
