"""``line400 told``: waits that callers were told against what happened."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from reports.render import table_to_json, to_csv, to_terminal
from reports.tables import ALL, Column, Table
from reports.told import TOLD_FORMULAS, ToldLine, told_lines
from service.cli_common import ConfigOption, out
from service.cli_report import WIDE, Tongue, period
from service.cli_store import with_store
from service.clock import SystemClock
from service.config_model import Config
from store.store import Store


class Form(StrEnum):
    """How it is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def told_waits(
    since: Annotated[str, typer.Option("--from", help="起 / from: 2026-05-01 or 2026-05-01T08:30 (今天 today)")] = "",
    until: Annotated[str, typer.Option("--to", help="止（不含）/ until, not included (起后一天 / a day later)")] = "",
    queue: Annotated[str, typer.Option(help="只看一个队列 / one queue only")] = "",
    form: Annotated[Form, typer.Option("--format", help="格式 / format")] = Form.TABLE,
    tongue: Annotated[Tongue, typer.Option("--language", help="语言 / language")] = Tongue.ZH,
    config: ConfigOption = None,
) -> None:
    """告知等待与实际 / Waits that callers were told against what happened, by queue."""

    async def work(loaded: Config, store: Store) -> Table:
        zone = ZoneInfo(loaded.zone)
        begin, end = period(since, until, zone, SystemClock().now())
        lines = told_lines(await store.told.of(begin, end, queue))
        days = " – ".join(f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}" for at in (begin, end))
        return told_table(lines, f"{'告知等待与实际' if tongue is Tongue.ZH else 'told waits'} {days}", tongue)

    table = with_store(config, work)
    if form is Form.TABLE:
        screen = out if out.is_terminal else Console(width=WIDE, highlight=False, markup=False)
        screen.print(to_terminal(table, tongue.value))
    else:
        typer.echo((to_csv(table) if form is Form.CSV else table_to_json(table)).rstrip("\r\n"))


def told_table(lines: Sequence[ToldLine], title: str, tongue: Tongue) -> Table:
    """``lines`` under the headings of their formulas."""
    return Table(
        title=title,
        columns=(
            Column("queue", "队列", "queue", "text"),
            *(Column(formula.key, formula.zh, formula.en, formula.unit) for formula in TOLD_FORMULAS),
        ),
        lines=tuple(
            (line.queue or ALL[tongue.value], *(getattr(line, formula.key) for formula in TOLD_FORMULAS))
            for line in lines
        ),
        formulas=TOLD_FORMULAS,
    )
