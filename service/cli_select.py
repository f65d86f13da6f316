"""``line400 select``: whom to call by reason: conditions kept by name, counted beforehand."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from campaigns.holdout import MOST_PERCENT
from console.sheets import Cell, Table, to_csv
from core.errors import ConfigError, LocalProtocolError
from core.numbers import mask
from desk.selection import SHAPES, Condition, Moment, Selection
from desk.selection_text import read_condition, said
from reports.effect import Effect
from reports.shares import Share
from service.cli_common import EXIT_FAILED, ConfigOption, complaints, out, told
from service.cli_store import with_store
from service.clock import SystemClock
from service.config_model import Config
from service.offer_book import offers_of
from service.selecting import day_of, moment_of
from store.feeds import AGAIN_MOST_DAYS, Feed, Looked
from store.selections import Chosen, Preview
from store.store import Store

select_app = typer.Typer(no_args_is_help=True, add_completion=False)
_UNITS: Final = {"days": "天 days", "months": "月 months", "km": "公里 km", "percent": "%"}

NameArgument = Annotated[str, typer.Argument(help="名称 / name of the selection")]
WhereOption = Annotated[
    list[str],
    typer.Option("--where", help="条件，可多次 / a condition, may be given again: 'model=轩逸' 'not visited=0..180'"),
]


@select_app.command()
def reasons() -> None:
    """有哪些条件 / The conditions there are, and how they are written."""
    for reason, shape in SHAPES.items():
        span = f"={'最少..最多 least..most'}" if shape.unit else ""
        names = {"no": "", "may": "[:名称 names]", "must": "=名称 names"}[shape.names]
        names = names if shape.unit else names.replace("[:", "[=")
        known = f"  ({'、'.join(shape.known)})" if shape.known else ""
        out.print(f"{reason}{span}{names}  {shape.zh} / {shape.en}  {_UNITS.get(shape.unit, '')}{known}")


@select_app.command()
def save(
    name: NameArgument,
    where: WhereOption,
    replace: Annotated[
        bool, typer.Option("--replace", help="替换同名的 / take the place of what has this name")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """保存条件 / Keep conditions, all of which must hold, under a name. Exit code 1: others have it (--replace)."""
    conditions = _conditions(where)

    async def work(_: Config, store: Store) -> None:
        there = await store.selections.get(name) if replace else None
        await store.selections.keep(name, conditions, "", replaces=there.at if there is not None else None)

    with_store(config, work)


@select_app.command("list")
def list_(config: ConfigOption = None) -> None:
    """已保存的选择 / The selections that are kept."""

    async def work(_: Config, store: Store) -> tuple[Selection, ...]:
        return await store.selections.all()

    for selection in with_store(config, work):
        out.print(f"{selection.name}: {'; '.join(said(each) for each in selection.conditions)}")


@select_app.command()
def preview(
    name: Annotated[str, typer.Argument(help="名称 / name; none: --where")] = "",
    where: WhereOption = [],  # noqa: B006 - typer reads it, nobody changes it
    config: ConfigOption = None,
) -> None:
    """预览人数 / How many people it means, how many each condition takes away, and the first of them."""
    given = _conditions(where)

    async def work(loaded: Config, store: Store) -> tuple[Sequence[Condition], Preview]:
        conditions = given or (await _named(store, name)).conditions
        return conditions, await store.selections.preview(conditions, await _moment(loaded, store))

    conditions, found = with_store(config, work)
    out.print(f"全部客户 / people: {found.people}")
    before = found.people
    if found.with_cars is not None:
        before = found.with_cars
        out.print(f"有车的 / with a car: {before}")
    for place in found.order:
        left = found.left[place]
        out.print(f"{said(conditions[place])}: −{before - left} → {left}")
        if nobody := found.unknown[place]:
            out.print(f"  没有记录叫这个 / on no record: {'、'.join(nobody)}")
        before = left
    out.print(f"符合 / match: {found.matching}    可拨打 / not barred: {found.callable}")
    for one in found.first:
        out.print(f"  {one.name}  {mask(one.numbers[0])}  {_car(one)}")


@select_app.command()
def people(
    name: NameArgument,
    csv: Annotated[Path, typer.Option("--csv", help="写入文件 / file to write, with whole numbers")],
    config: ConfigOption = None,
) -> None:
    """导出 / Write all whom a selection means to a file that only its owner can read. Exit code 1: nobody."""

    async def work(loaded: Config, store: Store) -> tuple[Chosen, ...]:
        selection = await _named(store, name)
        found = await store.selections.matching(selection.conditions, await _moment(loaded, store))
        return await store.selections.chosen(found)

    chosen = with_store(config, work)
    rows: list[list[Cell]] = [[one.name, *_numbers(one), _car(one), one.since] for one in chosen]
    with told():
        csv.touch(0o600)
        csv.write_bytes(to_csv(Table(["姓名", "手机", "其他号码", "车辆", "购车日期"], rows)))
    out.print(f"{csv}: {len(rows)}")
    if not rows:
        raise typer.Exit(EXIT_FAILED)


@select_app.command()
def take(
    name: NameArgument,
    campaign: Annotated[str, typer.Option(help="外呼任务 / the campaign")],
    hold_out: Annotated[
        int | None,
        typer.Option(
            help="对照组（不拨打）的百分比，不填则照旧 / percent not called, to measure the effect; none: as before",
            min=0,
            max=MOST_PERCENT,
        ),
    ] = None,
    living: Annotated[
        bool, typer.Option("--living", help="今后新符合的也选入 / take in who matches later too; the service looks")
    ] = False,
    again_days: Annotated[
        int,
        typer.Option(
            help="上次外呼满多少天后，再次符合的再选入（用 --living） / who matches so many days after his last "
            "call comes in once more (with --living)",
            min=0,
            max=AGAIN_MOST_DAYS,
        ),
    ] = 0,
    config: ConfigOption = None,
) -> None:
    """选入外呼任务 / Lead whom a selection means into a campaign, each person once."""

    async def work(loaded: Config, store: Store) -> tuple[Looked, Feed]:
        key = secrets.token_bytes(16)
        await store.feeds.connect(
            campaign, name, living=living, percent=hold_out, key=key, by="", again_days=again_days
        )
        looked = await store.feeds.look(campaign, await _moment(loaded, store))
        return looked, next(feed for feed in await store.feeds.all() if feed.campaign == campaign)

    looked, feed = with_store(config, work)
    out.print(f"选入 / came in: {looked.accepted}    对照组 / held out: {feed.held_out}")


@select_app.command()
def effect(
    campaign: Annotated[str, typer.Argument(help="外呼任务 / the campaign")],
    days: Annotated[int, typer.Option(help="多少天内 / within so many days", min=1, max=3650)] = 90,
    config: ConfigOption = None,
) -> None:
    """外呼效果 / What a campaign brought, against those who were held out of it. Exit code 1: nobody was."""

    async def work(loaded: Config, store: Store) -> Effect | None:
        return await store.effects.of(campaign, days=days, day_of=lambda at: day_of(loaded, at))

    found = with_store(config, work)
    if found is None:
        complaints.print(f"{campaign}: 没有对照组 / nobody is held out", style="red")
        raise typer.Exit(EXIT_FAILED)
    out.print(f"{found.since} – {found.until}")
    for words, each in (("进店 visited", found.visited), ("购车 bought", found.bought)):
        groups = f"拨打组 called {_share(each.called)}    对照组 held out {_share(each.held_out)}"
        out.print(f"{words}: {groups}    差 difference {_span(each.difference, each.low, each.high)}")


@select_app.command()
def delete(name: NameArgument, config: ConfigOption = None) -> None:
    """删除 / Delete a selection. Exit code 1: there is none of that name."""

    async def work(_: Config, store: Store) -> bool:
        for feed in await store.feeds.all():
            if feed.living and feed.selection == name:
                raise LocalProtocolError(f"campaign {feed.campaign!r} lives by this selection; end that first")
        return await store.selections.forget(name)

    if not with_store(config, work):
        complaints.print(f"{name}: 没有 / there is none", style="red")
        raise typer.Exit(EXIT_FAILED)


def _conditions(where: Sequence[str]) -> tuple[Condition, ...]:
    with told():
        return tuple(read_condition(text) for text in where)


async def _moment(config: Config, store: Store) -> Moment:
    return moment_of(config, SystemClock().now(), offers_of(config, await store.tradein_offers.all()))


async def _named(store: Store, name: str) -> Selection:
    found = await store.selections.get(name)
    if found is None:
        raise ConfigError([f"没有选择 no selection {name!r}; line400 select list"])
    return found


def _share(share: Share) -> str:
    return f"{share.hits}/{share.of} = {_span(share.share, share.low, share.high)}"


def _span(value: float | None, low: float | None, high: float | None) -> str:
    if value is None or low is None or high is None:
        return "—"
    return f"{value:.1%} ({low:.1%} – {high:.1%})"


def _numbers(one: Chosen) -> tuple[str, str]:
    return one.numbers[0], "、".join(one.numbers[1:])


def _car(one: Chosen) -> str:
    return "" if one.vehicle is None else f"{one.vehicle.model} {one.vehicle.plate or one.vehicle.vin}"
