"""``line400 records``: take in cars with their owners, visits, sales and complaints; show a person's."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from core.errors import ParseError
from core.numbers import normalise
from desk.records import PersonRecords, StockCount
from service.cli_common import ConfigOption, complaints, end_import, out, reject_line, taken_line, told
from service.cli_store import with_store
from service.config_model import Config
from service.records_import import Taken, import_records
from store.store import Store

records_app = typer.Typer(no_args_is_help=True, add_completion=False)


class Listed(StrEnum):
    """The kinds of lists."""

    OWNERSHIPS = "ownerships"
    VISITS = "visits"
    SALES = "sales"
    COMPLAINTS = "complaints"
    STOCK = "stock"


@records_app.command("import")
def import_(
    list_file: Annotated[Path, typer.Argument(help="CSV 或 XLSX / list of records", metavar="LIST")],
    kind: Annotated[
        Listed,
        typer.Option(
            "--kind", help="车辆与车主、进店、销售、投诉、库存 / cars with owners, visits, sales, complaints, stock"
        ),
    ] = Listed.OWNERSHIPS,
    rejects: Annotated[Path | None, typer.Option(help="未导入的行写到（新文件）/ new file for rejected rows")] = None,
    config: ConfigOption = None,
) -> None:
    """导入车辆与历史 / Take a list in: all good rows, or none; the same row again is taken in its place. Exit code 1:
    not one row.
    """

    async def work(loaded: Config, store: Store) -> Taken:
        now = datetime.now(ZoneInfo(loaded.zone))
        with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=complaints) as bar:
            task = bar.add_task(f"{list_file.name}", total=None)

            def moved(rows: int) -> None:
                bar.update(task, description=f"{list_file.name}: {rows} 行 / rows")

            return await import_records(list_file, kind.value, store.records, now, rejects_file=rejects, progress=moved)

    done = with_store(config, work)
    out.print(taken_line(done.accepted, done.rejected))
    for reject in done.first_rejects:
        out.print(reject_line(reject))
    end_import(list_file, done.accepted, done.rejects_file)


@records_app.command()
def stock(config: ConfigOption = None) -> None:
    """现车 / How many cars are in stock, by model."""

    async def work(_: Config, store: Store) -> tuple[StockCount, ...]:
        return await store.stock.counts()

    for each in with_store(config, work):
        out.print(f"{each.model}  在库 here {each.in_stock}  在途 coming {each.coming}  已订 reserved {each.reserved}")


@records_app.command()
def show(
    number: Annotated[str, typer.Argument(help="电话号码 / the person's number")], config: ConfigOption = None
) -> None:
    """按号码查档案 / Show what is on record of the person with a number. Exit code 1: nothing."""
    with told():
        wanted = normalise(number)

    async def work(_: Config, store: Store) -> PersonRecords:
        return await store.records.of_number(wanted)

    found = with_store(config, work)
    with told():
        if not found.cars and not found.complaints:
            raise ParseError("没有档案 nothing is on record of this number")
    out.print(f"{found.number} {found.name}")
    for car in found.cars:
        owned = car.ownership
        km = "" if car.km is None else f"  {car.km} 公里 km ({car.km_day})"
        out.print(
            f"{owned.vehicle.model}  {owned.vehicle.plate or owned.vehicle.vin}  {owned.since} – {owned.until}{km}"
        )
        for visit in car.visits:
            out.print(f"  进店 visit {visit.day}  {visit.kind}  {visit.note}")
    for said in found.complaints:
        state = said.closed or "未结案 open"
        out.print(f"投诉 complaint {said.day}  {said.department}  {said.text}  ({state})")
