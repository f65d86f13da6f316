"""``line400 told``: waits that callers were told against what happened."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from reports.render import table_to_json
from reports.tables import ALL, Column, Table
from reports.told import TOLD_FORMULAS, ToldLine, told_lines
from service.cli_common import ConfigOption, told
from service.cli_paper import Format, FormOption, OutputOption, Paper, Shown, Tongue, TongueOption, writable, write
from service.cli_report import period
from service.cli_store import with_store
from service.clock import SystemClock
from service.config_model import Config
from store.store import Store


def told_waits(
    since: Annotated[str, typer.Option("--from", help="起 / from: 2026-05-01 or 2026-05-01T08:30 (今天 today)")] = "",
    until: Annotated[str, typer.Option("--to", help="止（不含）/ until, not included (起后一天 / a day later)")] = "",
    queue: Annotated[str, typer.Option(help="只看一个队列 / one queue only")] = "",
    form: FormOption = Format.TABLE,
    output: OutputOption = None,
    tongue: TongueOption = Tongue.ZH,
    config: ConfigOption = None,
) -> None:
    """告知等待与实际 / Waits that callers were told against what happened, by queue."""
    writable(form, output)

    async def work(loaded: Config, store: Store) -> Table:
        zone = ZoneInfo(loaded.zone)
        begin, end = period(since, until, zone, SystemClock().now())
        lines = told_lines(await store.told.of(begin, end, queue))
        days = " – ".join(f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}" for at in (begin, end))
        return told_table(lines, f"{'告知等待与实际' if tongue is Tongue.ZH else 'told waits'} {days}", tongue)

    table = with_store(config, work)
    with told():
        write(Paper(table, (Shown(table),), partial(table_to_json, table)), form, output, tongue)


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
