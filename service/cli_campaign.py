"""``line400 campaign``: take in a dial list, try it out, start, pause and stop, show and export the results."""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from campaigns.csv_file import ENCODINGS
from campaigns.facts import ListShareChanged
from campaigns.importer import Checked, Imported, check_list, import_list
from campaigns.list_file import Wanted
from campaigns.list_order import HEAVIEST
from campaigns.list_reader import Progress as Read
from console.campaigns_from_store import result_view
from console.results_table import results_table
from console.sheets import Kind, written
from core.errors import ConfigError
from service.cli_common import EXIT_FAILED, ConfigOption, complaints, end_import, out, told
from service.cli_list import told_of
from service.cli_rehearse import rehearse
from service.cli_store import with_store
from service.clock import SystemClock
from service.config_model import Config
from service.ordering import Ordered, order_and_hear
from service.orders import PAUSE, START, STOP
from store.list_shares import ListShare
from store.rows import ContactResult
from store.store import Store

campaign_app = typer.Typer(no_args_is_help=True, add_completion=False)
_PAGE = 500
_KINDS = {"sent": "  接口送入 / sent by API", "promised": "  约定回电 / promised calls"}

Name = Annotated[str, typer.Argument(help="任务名 / campaign, as in the configuration")]


@campaign_app.command("import")
def import_(
    list_file: Annotated[Path, typer.Argument(help="名单 CSV 或 XLSX / list of contacts", metavar="LIST")],
    campaign: Annotated[
        str, typer.Option("--campaign", help="任务名（默认唯一的任务）/ campaign (default: the only one)")
    ] = "",
    column: Annotated[
        list[str] | None, typer.Option(help="号码列名，可多次，按拨打顺序 / heading of a numbers' column, in order")
    ] = None,
    name_column: Annotated[str, typer.Option(help="姓名列名 / heading of the names' column")] = "",
    sheet: Annotated[str, typer.Option(help="工作表（默认第一个）/ sheet of a workbook (default: the first)")] = "",
    encoding: Annotated[str, typer.Option(help=f"编码 / encoding: {', '.join(ENCODINGS)}")] = "",
    separator: Annotated[str, typer.Option(help="分隔符 / what stands between cells")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看不导入 / look, take nothing in")] = False,
    rejects: Annotated[Path | None, typer.Option(help="未导入的行写到（新文件）/ new file for rejected rows")] = None,
    config: ConfigOption = None,
) -> None:
    """导入名单 / Take a list in: all good rows, or none; rejected rows are named by line. Exit code 1: not one row."""
    separator = "\t" if separator in ("\\t", "tab") else separator
    wanted = Wanted(encoding, separator, sheet, tuple(column or ()), name_column)

    async def work(loaded: Config, store: Store) -> Imported | Checked:
        name = chosen(loaded, campaign, *await _made(store))
        with Progress(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=complaints
        ) as bar:
            task = bar.add_task(f"{list_file.name} → {name}", total=None)

            def moved(read: Read) -> None:
                bar.update(task, total=read.total_bytes, completed=read.read_bytes)

            if dry_run:
                return await check_list(list_file, name, store.contacts, wanted=wanted, progress=moved)
            return await import_list(
                list_file, name, store.contacts, store.log, rejects_file=rejects, wanted=wanted, progress=moved
            )

    done = with_store(config, work)
    for line in told_of(done):
        out.print(line)
    end_import(list_file, done.accepted, done.rejects_file if isinstance(done, Imported) else None)


@campaign_app.command()
def start(campaign: Name, config: ConfigOption = None) -> None:
    """开始或继续 / Start or resume; done at once, or told why not (exit code 1); without a service, when it starts."""
    _order(config, campaign, START)


@campaign_app.command()
def pause(campaign: Name, config: ConfigOption = None) -> None:
    """暂停 / No new calls; those that are up go on."""
    _order(config, campaign, PAUSE)


@campaign_app.command()
def stop(campaign: Name, config: ConfigOption = None) -> None:
    """永久停止 / Stop for good: no new calls, and it cannot be started again; calls that are up go on."""
    _order(config, campaign, STOP)


@campaign_app.command("dry-run")
def dry_run(campaign: Name, config: ConfigOption = None) -> None:
    """试算 / Whom it would call now, and by which rules the others would wait; nothing is changed."""

    async def work(loaded: Config, store: Store) -> list[str]:
        return await rehearse(campaign, loaded, store, time.time())

    for line in with_store(config, work):
        out.print(line, highlight=False, markup=False)


@campaign_app.command("list")
def list_(config: ConfigOption = None) -> None:
    """列出任务 / List the campaigns and how far they are."""

    async def work(_: Config, store: Store) -> list[str]:
        return [
            f"{item.name}  {item.state or '-'}  名单 / contacts {item.contacts}  已拨 / tried {item.tried}  "
            f"待拨 / pending {item.pending}  正在拨 / dialling {item.dialling}  完成 / done {item.done}"
            + (f"  {item.why}" if item.why else "")
            for item in await store.campaigns.list()
        ]

    for line in with_store(config, work):
        out.print(line)


@campaign_app.command()
def lists(
    campaign: Name,
    which: Annotated[int, typer.Option("--list", help="要改配比的名单号 / number of the list to change")] = 0,
    weight: Annotated[int, typer.Option(help="呼叫配比 / weight", min=1, max=HEAVIEST)] = 1,
    quota: Annotated[int, typer.Option(help="完成数上限，0 不限 / most completed, 0: no limit", min=0)] = 0,
    config: ConfigOption = None,
) -> None:
    """名单配比 / The lists of a campaign with their shares; with --list one of them is changed first."""

    async def work(loaded: Config, store: Store) -> list[str]:
        if which and not await store.list_shares.change(ListShareChanged(campaign, which, weight, quota)):
            raise ConfigError([f"campaign {campaign!r} has no list {which}"])
        return list(shares_told(await store.list_shares.of(campaign), ZoneInfo(loaded.zone)))

    for line in with_store(config, work):
        out.print(line)


@campaign_app.command()
def results(
    campaign: Name,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="写入文件 / write to a file")] = None,
    config: ConfigOption = None,
) -> None:
    """导出结果 / Write what came of each contact, with answers and the list's columns: CSV, or XLSX to a FILE.xlsx."""
    suffix = output.suffix.lower() if output is not None else ""
    if suffix not in ("", ".csv", ".xlsx"):
        raise typer.BadParameter("只能写成 .csv 或 .xlsx / results are written as .csv or .xlsx", param_hint="--output")
    kind: Kind = "xlsx" if suffix == ".xlsx" else "csv"

    async def work(loaded: Config, store: Store) -> bytes:
        stored = {item.name for item in await store.campaigns.list()}
        if campaign not in stored:
            chosen(loaded, campaign, *stored)
        found: list[ContactResult] = []
        while page := await store.campaigns.results(campaign, limit=_PAGE, offset=len(found)):
            found += page
        return written(results_table([result_view(item) for item in found], ZoneInfo(loaded.zone)), kind)

    sheet = with_store(config, work)
    if output is None:
        sys.stdout.write(sheet.decode("utf-8-sig"))
    else:
        with told():
            output.write_bytes(sheet)


def shares_told(shares: Sequence[ListShare], zone: ZoneInfo) -> Iterator[str]:
    """A line for each list."""
    for one in shares:
        yield (
            f"{one.list}  {datetime.fromtimestamp(one.made_at, zone):%Y-%m-%d %H:%M}  名单 / contacts {one.rows}  "
            f"配比 / weight {one.weight}  完成 / completed {one.completed}  上限 / quota {one.quota or '-'}"
            + _KINDS.get(one.kind, "")
        )


def chosen(config: Config, name: str, *others: str) -> str:
    """The campaign meant: ``name`` if it is configured, or the only one; ``ConfigError`` otherwise, which names the
    campaigns there are, ``others`` among them.
    """
    names = sorted({*(campaign.name for campaign in config.campaigns), *others})
    if name in names:
        return name
    if not name and len(names) == 1:
        return names[0]
    wanted = f"there is no [[campaign]] {name!r}" if name else "--campaign is needed"
    raise ConfigError([f"{wanted}; known are: {', '.join(names) or 'none'}"])


async def _made(store: Store) -> list[str]:
    """Campaigns that supervisors have made on the page."""
    return [plan.name for plan in await store.campaign_plans.all()]


def _order(path: Path | None, campaign: str, what: str) -> None:
    async def work(loaded: Config, store: Store) -> Ordered:
        return await order_and_hear(store, SystemClock(), chosen(loaded, campaign, *await _made(store)), what)

    done = with_store(path, work)
    if done.answered and not done.refused:
        out.print(f"{campaign}: {what} 已执行 / done")
    elif not done.served:
        out.print(
            f"{campaign}: {what} 已记下：服务没有运行，启动后执行 / noted: no service runs, it is done when one starts"
        )
    else:
        why = done.refused or "服务还没有回应，请看它的日志 / the service has not answered yet; see its log"
        complaints.print(f"{campaign}: {what}: {why}", style="red")
        raise typer.Exit(EXIT_FAILED)
