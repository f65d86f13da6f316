"""``line400 tradein``: fit the replacement cycle, rank owners, look at curves and offers, plan calls."""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from campaigns.tradein.cycle import Cycle, Span
from campaigns.tradein.ranking import HORIZONS, Ranked, ranked
from campaigns.tradein.synthetic import TRUTH, made
from console.sheets import Cell, Table, to_csv
from core.errors import ConfigError, ParseError
from desk.interest import MANNERS, Interest, touches
from desk.offers import Offer, offer_for
from service.cli_common import ConfigOption, out, told
from service.cli_store import with_store
from service.config import load_config
from service.config_model import Config
from service.offer_book import offers_of
from service.selecting import outlooks_of
from service.synthetic_list import synthetic_lists
from service.tradein import Owner, keep_cycle, kept_cycle, owners_of
from store.store import Store

tradein_app = typer.Typer(no_args_is_help=True, add_completion=False)
_SHOWN: Final = 20
_HEADING: Final = (
    "名次 rank", "姓名 name", "号码 number", "车型 model", "车牌 plate", "已用年 years",
    *(f"{months}个月 {months} months" for months in HORIZONS),
    "理由 reason", "reason", "方案 offer", "新车 to", "补贴 subsidy_yuan", "上市 launch", "现车 in_stock",
)  # fmt: skip

CsvOption = Annotated[Path | None, typer.Option("--csv", help="写入文件 / write to a file")]


def today_of(config: Config) -> date:
    """Today where the house is."""
    return datetime.now(ZoneInfo(config.zone)).date()


async def fresh_cycle(store: Store, owners: Sequence[Owner]) -> Cycle:
    """The cycle of ``owners``, fitted now and kept."""
    from campaigns.tradein.fit import fitted  # noqa: PLC0415 - loads the survival library: seconds

    cycle = fitted([owner.tenure for owner in owners])
    await keep_cycle(store.settings, cycle)
    await store.selections.keep_outlooks(outlooks_of(cycle, owners))
    return cycle


@tradein_app.command()
def fit(config: ConfigOption = None) -> None:
    """计算换车周期 / Fit the replacement cycle of each model on the ownerships on record; agents' pages show it."""

    async def work(loaded: Config, store: Store) -> Cycle:
        return await fresh_cycle(store, await owners_of(store.records, today_of(loaded)))

    cycle = with_store(config, work)
    out.print(
        f"车主 / owners: {cycle.owners}    已换车 / replaced: {cycle.replaced}    形状 / shape: {cycle.shape:.2f}"
    )
    for model, span in sorted(cycle.medians.items()):
        curve = cycle.curves.get(model)
        seen = "没有换过 none replaced" if curve is None else f"换车 replaced {curve.replaced}/{curve.owners}"
        out.print(f"{model}  中位 median {_years(span)}  {seen}")


@tradein_app.command()
def rank(
    months: Annotated[int, typer.Option(help="几个月内 / within so many months", min=1, max=60)] = 6,
    most: Annotated[int, typer.Option(help="最多几位车主 / owners at most", min=1, max=1_000_000)] = 1000,
    csv: CsvOption = None,
    config: ConfigOption = None,
) -> None:
    """置换意向排名 / Owners in the order of their chance to replace, with reasons and the offer in force. The cycle is
    fitted anew.
    """

    async def work(loaded: Config, store: Store) -> tuple[Sequence[Ranked], dict[str, Owner], _Day]:
        today = today_of(loaded)
        owners = await owners_of(store.records, today)
        cycle = await fresh_cycle(store, owners)
        living = {owner.tenure.owner: owner for owner in owners if not owner.ownership.until}
        chosen = ranked(cycle, (owner.tenure for owner in living.values()), months=months, most=most)
        here = {each.model: each.in_stock for each in await store.stock.counts()}
        return chosen, living, _Day(today, offers_of(loaded, await store.tradein_offers.all()), here)

    chosen, living, day = with_store(config, work)
    if csv is None:
        for place, each in enumerate(chosen[:_SHOWN], 1):
            chance = each.chances[HORIZONS.index(months)] if months in HORIZONS else None
            said = "" if chance is None else f"{chance:.0%}  "
            out.print(f"{place}. {living[each.tenure.owner].ownership.name}  {said}{each.zh}")
        out.print(f"共 / in all: {len(chosen)}；全部写入文件 / all of them: --csv FILE")
        return
    rows = [_row(place, each, living[each.tenure.owner], day) for place, each in enumerate(chosen, 1)]
    with told():
        csv.write_bytes(to_csv(Table(list(_HEADING), rows)))
        csv.chmod(0o600)
    out.print(f"{csv}: {len(rows)}")


@dataclass(frozen=True, slots=True)
class _Day:
    """What is offered ``today``, and how many cars of each model are ``here``."""

    today: date
    offers: Sequence[Offer]
    here: Mapping[str, int]


def _row(place: int, each: Ranked, owner: Owner, day: _Day) -> list[Cell]:
    owned = owner.ownership
    offer = offer_for(day.offers, owner.old_car(day.today), day.today)
    row: list[Cell] = [place, owned.name, owned.number, owned.vehicle.model, owned.vehicle.plate]
    row.append(round(each.tenure.years, 1))
    row += [round(chance, 4) for chance in each.chances]
    row += [each.zh, each.en]
    if offer is None:
        return [*row, "", "", None, "", None]
    launch = "" if offer.launch is None else str(offer.launch)
    return [*row, offer.name, offer.to, offer.subsidy_yuan, launch, day.here.get(offer.to, 0)]


@tradein_app.command()
def curve(
    model: Annotated[str, typer.Argument(help="车型 / model")], csv: CsvOption = None, config: ConfigOption = None
) -> None:
    """换车曲线 / How many owners of a model still have it after so many years, with the 95 % interval."""

    async def work(_: Config, store: Store) -> Cycle | None:
        return await kept_cycle(store.settings, with_points=True)

    cycle = with_store(config, work)
    with told():
        if cycle is None:
            raise ParseError("没有换车周期 no cycle yet; run: line400 tradein fit")
        if model not in cycle.curves:
            raise ConfigError([f"no curve of {model!r}; known: {', '.join(sorted(cycle.curves)) or 'none'}"])
    found = cycle.curves[model]
    rows: list[list[Cell]] = [[point.years, point.still, point.low, point.high] for point in found.points]
    sheet = to_csv(Table(["年 years", "仍持有 still", "下限 low", "上限 high"], rows))
    if csv is None:
        sys.stdout.write(sheet.decode("utf-8-sig"))
        return
    with told():
        csv.write_bytes(sheet)


@tradein_app.command("offers")
def offers_(config: ConfigOption = None) -> None:
    """置换方案 / The offers of the page and of the configuration, in the order in which they are looked at."""

    async def work(loaded: Config, store: Store) -> tuple[Offer, ...]:
        return offers_of(loaded, await store.tradein_offers.all())

    for offer in with_store(config, work):
        whom = "、".join((*offer.models, *offer.segments)) or "全部 all"
        launch = "" if offer.launch is None else f"  上市 launch {offer.launch}"
        out.print(
            f"{offer.name}: {whom} → {offer.to}  {offer.subsidy_yuan} 元 yuan  {offer.since} – {offer.until}{launch}"
        )


@tradein_app.command("touches")
def touches_(
    interest: Annotated[Interest, typer.Argument(help="意向 / what the owner said")],
    since: Annotated[str, typer.Option("--from", help="上次通话日 / day of the last talk (default: today)")] = "",
    launch: Annotated[str, typer.Option(help="新车上市日 / day of the launch")] = "",
    days: Annotated[int, typer.Option(help="计划几天 / how far to plan", min=1, max=3660)] = 365,
    config: ConfigOption = None,
) -> None:
    """跟进计划 / When an owner who said so is called again, and invited to the launch."""

    with told():
        last = _day(since, "--from") if since else today_of(load_config(config))
        come = _day(launch, "--launch") if launch else None
    out.print(f"{MANNERS[interest].zh} / {MANNERS[interest].en}")
    for touch in touches(interest, last, last + timedelta(days=days), come):
        out.print(f"{touch.day}  {touch.kind}")


@tradein_app.command()
def synthetic(
    folder: Annotated[Path, typer.Argument(help="写到的文件夹 / folder to write to")],
    owners: Annotated[int, typer.Option(help="车主数 / owners", min=1, max=100_000)] = 2000,
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 400,
) -> None:
    """合成数据（非真实客户）/ Write SYNTHETIC lists to try this on, ready to import: ownerships.csv, visits.csv.
    Their numbers are made up and must never be called.
    """
    with told():
        folder.mkdir(parents=True, exist_ok=True)
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        for name, table in synthetic_lists(made(TRUTH, owners, random.Random(seed).random), today).items():
            (folder / name).write_bytes(to_csv(table))
            out.print(f"{folder / name}: {len(table.rows)} 行合成数据 / synthetic rows")


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError([f"{option}: not a day; write it as 2026-11-30"]) from None


def _years(span: Span) -> str:
    if span.years is None:
        return "—"
    return f"{span.years:.1f} ({span.low or 0.0:.1f}–{span.high or 0.0:.1f})"
