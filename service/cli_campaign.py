"""``line400 campaign``: take in a dial list, start and pause, show and export the results."""

import csv
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, TextIO
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from campaigns.importer import Imported, import_list
from campaigns.importer import Progress as Read
from core.errors import ConfigError
from service.cli_common import ConfigOption, complaints, out, told, with_store
from service.config_model import Config
from service.orders import PAUSE, START, order
from store.rows import ContactResult
from store.store import Store

campaign_app = typer.Typer(help="外呼任务 / outbound campaigns", no_args_is_help=True)
_PAGE = 500

Name = Annotated[str, typer.Argument(help="任务名 / campaign, as in the configuration")]


@campaign_app.command("import")
def import_(
    list_file: Annotated[Path, typer.Argument(help="名单 CSV / list of contacts", metavar="LIST.CSV")],
    campaign: Annotated[
        str, typer.Option("--campaign", help="任务名（默认唯一的任务）/ campaign (default: the only one)")
    ] = "",
    column: Annotated[str, typer.Option(help="号码列名 / heading of the numbers' column")] = "",
    rejects: Annotated[Path | None, typer.Option(help="未导入的行写到 / where rejected rows go")] = None,
    config: ConfigOption = None,
) -> None:
    """导入名单 / Take a list in: all good rows, or none; rejected rows are named by line."""

    async def work(loaded: Config, store: Store) -> Imported:
        name = chosen(loaded, campaign)
        with Progress(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=complaints
        ) as bar:
            task = bar.add_task(f"{list_file.name} → {name}", total=None)

            def moved(read: Read) -> None:
                bar.update(task, total=read.total_bytes, completed=read.read_bytes)

            return await import_list(
                list_file, name, store.contacts, store.log, rejects_file=rejects, number_heading=column, progress=moved
            )

    done = with_store(config, work)
    out.print(f"导入 / accepted: {done.accepted}    拒绝 / rejected: {done.rejected}")
    for reject in done.first_rejects:
        out.print(f"  第 {reject.line} 行 / line {reject.line}: {reject.reason}")
    if done.rejects_file is not None:
        out.print(f"全部拒绝的行 / all rejected rows: {done.rejects_file}")


@campaign_app.command()
def start(campaign: Name, config: ConfigOption = None) -> None:
    """开始或继续 / Start or resume; the running service does it within a second, else when it starts."""
    _order(config, campaign, START)


@campaign_app.command()
def pause(campaign: Name, config: ConfigOption = None) -> None:
    """暂停 / No new calls; those that are up go on."""
    _order(config, campaign, PAUSE)


@campaign_app.command("list")
def list_(config: ConfigOption = None) -> None:
    """列出任务 / List the campaigns and how far they are."""

    async def work(_: Config, store: Store) -> list[str]:
        return [
            f"{item.name}  {item.state or '-'}  名单 / contacts {item.contacts}  未呼 / pending {item.pending}  "
            f"已呼 / done {item.done}"
            for item in await store.campaigns.list()
        ]

    for line in with_store(config, work):
        out.print(line)


@campaign_app.command()
def results(
    campaign: Name,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写入文件 / write to a file")] = None,
    config: ConfigOption = None,
) -> None:
    """导出结果 CSV / Write what came of each contact, with its answers, as CSV."""

    async def work(loaded: Config, store: Store) -> tuple[ZoneInfo, list[ContactResult]]:
        found: list[ContactResult] = []
        while page := await store.campaigns.results(campaign, limit=_PAGE, offset=len(found)):
            found += page
        return ZoneInfo(loaded.zone), found

    zone, found = with_store(config, work)
    if output is None:
        write_results(found, zone, sys.stdout)
    else:
        with told(), output.open("w", encoding="utf-8-sig", newline="") as file:
            write_results(found, zone, file)


def write_results(results: Sequence[ContactResult], zone: ZoneInfo, file: TextIO) -> None:
    """One line per contact: who, the list's own columns, state, result, when, call, and a column for each question."""
    columns = list(dict.fromkeys(name for item in results for name in item.fields))
    questions = list(dict.fromkeys(answer.question for item in results for answer in item.answers))
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["number", "name", *columns, "state", "result", "called_at", "call", *questions])
    for item in results:
        answers = {answer.question: answer.value or answer.text for answer in item.answers}
        called = (
            "" if item.called_at is None else datetime.fromtimestamp(item.called_at, zone).isoformat(" ", "seconds")
        )
        row = [
            item.number, item.name, *(item.fields.get(name, "") for name in columns), item.state, item.result, called,
            item.call_id, *(answers.get(question, "") for question in questions),
        ]  # fmt: skip
        writer.writerow([_harmless(cell) for cell in row])


def chosen(config: Config, name: str) -> str:
    """The campaign meant: ``name`` if it is configured, or the only one; ``ConfigError`` otherwise."""
    names = [campaign.name for campaign in config.campaigns]
    if name in names:
        return name
    if not name and len(names) == 1:
        return names[0]
    wanted = f"there is no [[campaign]] {name!r}" if name else "--campaign is needed"
    raise ConfigError([f"{wanted}; configured are: {', '.join(names) or 'none'}"])


def _order(path: Path | None, campaign: str, what: str) -> None:
    async def work(loaded: Config, store: Store) -> None:
        await order(store.settings, chosen(loaded, campaign), what)

    with_store(path, work)
    out.print(f"{campaign}: {what} 已下达 / ordered")


def _harmless(cell: str) -> str:
    """Text that a spreadsheet would run as a formula is kept as text; plain numbers such as +86… stay."""
    if cell[:1] in ("=", "@", "\t", "\r") or (cell[:1] in ("+", "-") and not cell[1:].isdigit()):
        return f"'{cell}"
    return cell
