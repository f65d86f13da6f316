"""``line400 consent``: who has agreed to which calls, taken in from a file."""

import time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress

from campaigns.importer import Checked, Imported
from campaigns.list_file import Wanted
from campaigns.list_reader import Progress as Read
from campaigns.rules.values import Purpose
from service.cli_common import ConfigOption, complaints, end_import, out, reject_line, taken_line, who
from service.cli_store import with_store
from service.config_model import Config
from service.consents_import import Terms, check_consents, import_consents
from store.store import Store

consent_app = typer.Typer(no_args_is_help=True, add_completion=False)


@consent_app.callback()
def consent() -> None:
    """同意记录 / who has agreed to which calls."""


@consent_app.command("import")
def import_(
    list_file: Annotated[Path, typer.Argument(help="CSV 或 XLSX / list of consents", metavar="LIST")],
    purpose: Annotated[Purpose | None, typer.Option(help="没有用途列时 / for rows that name none")] = None,
    column: Annotated[str, typer.Option(help="号码列名 / heading of the numbers' column")] = "",
    encoding: Annotated[str, typer.Option(help="编码，不写则自动识别 / encoding, else guessed")] = "",
    sheet: Annotated[str, typer.Option(help="工作表 / sheet of a workbook")] = "",
    rejects: Annotated[Path | None, typer.Option(help="未导入的行写到（新文件）/ new file for rejected rows")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只查看，不导入 / look only, change nothing")] = False,
    config: ConfigOption = None,
) -> None:
    """导入同意记录 / Put the consents of a list on record: all good rows, or none. Columns: number, when (同意时间),
    how (方式), evidence (凭证), and, where wanted, purpose (用途). What is on record already is rejected, so a list may
    be taken in again. Exit code 1: not one row.
    """
    wanted = Wanted(encoding=encoding, sheet=sheet, numbers=(column,) if column else ())

    async def work(loaded: Config, store: Store) -> Checked | Imported:
        terms = Terms(purpose, ZoneInfo(loaded.zone), time.time(), who())
        with Progress(console=complaints) as bar:
            task = bar.add_task(list_file.name, total=None)

            def moved(read: Read) -> None:
                done, of = (read.moved, read.of) if read.of else (read.read_bytes, read.total_bytes)
                bar.update(task, completed=done, total=of)

            if dry_run:
                return await check_consents(list_file, store.consents, terms, wanted=wanted, progress=moved)
            return await import_consents(
                list_file, store.consent_lists, terms, rejects_file=rejects, wanted=wanted, progress=moved
            )

    done = with_store(config, work)
    if isinstance(done, Checked):
        out.print(f"{done.kind.upper()} {done.encoding or done.sheet}    {' | '.join(done.headings)}")
        out.print(f"可导入 / would be accepted: {done.accepted}    拒绝 / rejected: {done.rows - done.accepted}")
    else:
        out.print(taken_line(done.accepted, done.rejected))
    for reject in done.first_rejects:
        out.print(reject_line(reject))
    end_import(list_file, done.accepted, done.rejects_file if isinstance(done, Imported) else None)
