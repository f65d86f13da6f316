"""``line400 do-not-call``: numbers that campaigns must not call, taken in from a file and written to one."""

from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from campaigns.bar_sheet import read_bars
from campaigns.list_file import Wanted, open_list
from campaigns.rejects import Reject
from campaigns.rules.records import Bar, Taken
from console.calling_papers import bars_table
from console.sheets import to_csv
from service.cli_common import EXIT_FAILED, ConfigOption, complaints, out, reject_line, told, who
from service.cli_store import with_store
from service.config_model import Config
from store.bulk import pieces
from store.store import Store

do_not_call_app = typer.Typer(no_args_is_help=True, add_completion=False)
_PIECE: Final = 1000
_SHOWN: Final = 10


@do_not_call_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="号码 CSV / numbers", metavar="NUMBERS.CSV")],
    column: Annotated[str, typer.Option(help="号码列名 / heading of the numbers' column")] = "",
    config: ConfigOption = None,
) -> None:
    """导入免打扰名单 / Bar the numbers of a file for all campaigns. What is barred already stays as it is, so a file
    may be taken in again; of what export wrote, refusals stay refusals. Exit code 1 where it holds no number.
    """
    rejects: list[Reject] = []

    async def work(_: Config, store: Store) -> Taken:
        added = found = 0
        wanted = Wanted(numbers=(column,) if column else ())
        for kind, numbers in read_bars(open_list(file, wanted), rejects.append, where=file.name, wanted=wanted):
            for piece in pieces(numbers, _PIECE):
                found += len(piece)
                added += await store.calling.bar(piece, kind, "import", who(), file.name)
        return Taken(added, found - added)

    taken = with_store(config, work)
    for reject in rejects[:_SHOWN]:
        out.print(reject_line(reject))
    out.print(f"新增 / added: {taken.added}    已有 / known: {taken.known}    拒绝 / rejected: {len(rejects)}")
    if not taken.added + taken.known:
        complaints.print(f"{file}: 没有号码 / holds no number", style="red")
        raise typer.Exit(EXIT_FAILED)


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
