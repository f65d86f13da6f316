"""``line400 do-not-call``: numbers that campaigns must not call, taken in from a file and written to one."""

from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from campaigns.importer import Checked, Imported
from campaigns.list_file import Wanted
from campaigns.rules.records import Bar
from campaigns.rules.values import BarKind
from console.calling_papers import bars_table
from console.sheets import to_csv
from service.bars_import import Source, check_bars, import_bars
from service.cli_common import ConfigOption, end_import, out, reject_line, told, who
from service.cli_store import with_store
from service.config_model import Config
from store.store import Store

do_not_call_app = typer.Typer(no_args_is_help=True, add_completion=False)
_PIECE: Final = 1000


@do_not_call_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="号码 CSV 或 XLSX / numbers", metavar="NUMBERS")],
    column: Annotated[
        list[str] | None, typer.Option(help="号码列名，可重复 / heading of a column with numbers, once for each")
    ] = None,
    kind: Annotated[BarKind, typer.Option(help="没有原因列时 / for rows that name none")] = BarKind.LISTED,
    encoding: Annotated[str, typer.Option(help="编码，不写则自动识别 / encoding, else guessed")] = "",
    sheet: Annotated[str, typer.Option(help="工作表 / sheet of a workbook")] = "",
    rejects: Annotated[Path | None, typer.Option(help="未读入的行写到（新文件）/ new file for rejected rows")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只查看，不导入 / look only, change nothing")] = False,
    config: ConfigOption = None,
) -> None:
    """导入免打扰名单 / Bar all numbers of a file for all campaigns. What is barred already stays as it is, so a file
    may be taken in again; of what export wrote, refusals stay refusals. Exit code 1 where it holds no number.
    """
    wanted = Wanted(encoding=encoding, sheet=sheet, numbers=tuple(column or ()))
    source = Source(file.name, kind, who())

    async def work(_: Config, store: Store) -> Checked | Imported:
        if dry_run:
            return await check_bars(file, store.calling, source, wanted=wanted)
        return await import_bars(file, store.calling, source, rejects_file=rejects, wanted=wanted)

    done = with_store(config, work)
    rejected = done.rejected if isinstance(done, Imported) else sum(done.flaws.values())
    if isinstance(done, Checked):
        out.print(f"{done.kind.upper()} {done.encoding or done.sheet}    号码列 / numbers: {', '.join(done.numbers)}")
    for reject in done.first_rejects:
        out.print(reject_line(reject))
    out.print(f"新增 / added: {done.added}    已有 / known: {done.known}    拒绝 / rejected: {rejected}")
    end_import(file, done.accepted, done.rejects_file if isinstance(done, Imported) else None)


@do_not_call_app.command("export")
def export(
    output: Annotated[Path, typer.Argument(help="写入的文件 / file to write", metavar="NUMBERS.CSV")],
    config: ConfigOption = None,
) -> None:
    """导出 / Write all numbers that are not called, refused and listed, as CSV."""

    async def work(loaded: Config, store: Store) -> tuple[list[Bar], ZoneInfo]:
        found: list[Bar] = []
        while page := (await store.calling.bars(limit=_PIECE, offset=len(found)))[0]:
            found += page
        return found, ZoneInfo(loaded.zone)

    found, zone = with_store(config, work)
    with told():
        output.write_bytes(to_csv(bars_table(found, zone)))
    out.print(f"{output}: {len(found)} 个号码 / numbers")
