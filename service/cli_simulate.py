"""``line400 simulate``: calls on the live scheduler in virtual time, with the reports of real ones."""

from pathlib import Path
from typing import Annotated, Final

import typer

from acd.queues import Strategy
from reports.model import Bucket
from service.cli_common import ConfigOption, told
from service.cli_paper import Format, FormOption, OutputOption, Tongue, TongueOption, writable, write
from service.cli_report import LONGEST_S
from service.cli_store import with_store
from service.config import load_config
from service.config_model import Config
from service.simulation_options import MOST_CALLS, MOST_DAYS, PATIENCE, TALK, Options, Prepared, prepared
from service.simulation_past import PastDay, past_day
from service.simulation_run import coming, run
from service.simulation_shown import paper, progress
from service.simulation_world import Changes
from store.store import Store

_LARGEST_LINE: Final = 1_000_000


def simulate(
    calls: Annotated[
        int | None, typer.Option(min=1, max=MOST_CALLS, help="多少通来电 / how many calls (10000)")
    ] = None,
    days: Annotated[
        float | None, typer.Option(min=0.01, max=MOST_DAYS, help="或模拟多少天 / or how many days of calls")
    ] = None,
    day: Annotated[str, typer.Option(help="重放某一天的来电 / the calls of a past day of the log: 2026-05-20")] = "",
    arrivals: Annotated[
        str, typer.Option(help="每小时来电 / calls an hour: 200, or 08:00=90,12:00=60,18:00=0, or @FILE")
    ] = "200",
    queue: Annotated[
        list[str] | None, typer.Option(help="队列及其每小时来电（可重复）/ a queue and its calls an hour: sales=40")
    ] = None,
    surge: Annotated[
        list[str] | None, typer.Option(help="突增（可重复）/ a surge, every day: 10:00+60x3 (minutes, factor)")
    ] = None,
    agents: Annotated[
        str, typer.Option(help="在岗坐席数 / agents on duty: 12, or 08:00=6,12:00=12, or @FILE (12; of a config: all)")
    ] = "",
    crew: Annotated[
        list[str] | None, typer.Option(help="班组及其队列（可重复）/ agents for some queues only: 6@sales,service")
    ] = None,
    talk: Annotated[str, typer.Option(help=f"通话时长 / talks: exp:170, lognormal:170,110, const:170 ({TALK})")] = "",
    patience: Annotated[str, typer.Option(help=f"耐心 / patience: the same, or never ({PATIENCE})")] = "",
    wrap_up: Annotated[
        float | None, typer.Option(min=0, max=3600, help="话后处理秒数 / wrap-up, s (10; of a config: its own)")
    ] = None,
    ring: Annotated[str, typer.Option(help="振铃多久接起 / how long phones ring: const:3, exp:4 …")] = "const:3",
    missed: Annotated[float, typer.Option(min=0, max=1, help="无人接听的振铃占比 / share of rings nobody takes")] = 0.0,
    strategy: Annotated[Strategy | None, typer.Option(help="派话策略 / strategy of all queues")] = None,
    max_wait: Annotated[
        float | None, typer.Option(min=0, max=LONGEST_S, help="最长等待秒数 / overflow after, s (0: never)")
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(min=0, max=_LARGEST_LINE, help="队列最大长度 / most who may wait (0: any number)")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=LONGEST_S, help="服务水平阈值 / T of the service levels, s")
    ] = None,
    bucket: Annotated[Bucket, typer.Option(help="时段 / bucket of the report")] = Bucket.TOTAL,
    start: Annotated[str, typer.Option(help="起始日 / the first day")] = "2026-01-05",
    seed: Annotated[int, typer.Option(help="随机种子：相同则结果相同 / the same seed gives the same run")] = 1,
    form: FormOption = Format.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="即 --format json / the same as --format json")] = False,
    output: OutputOption = None,
    tongue: TongueOption = Tongue.ZH,
    config: ConfigOption = None,
) -> None:
    """模拟来电 / Simulate calls on the live scheduler: what would waits be with these callers and agents?

    Queues, agents and skills are those of --config (with --day: of line400.toml here, too); without it, plain ones.
    """
    form = Format.JSON if as_json else form
    writable(form, output)
    options = Options(
        calls=calls,
        days=days,
        day=day,
        arrivals=arrivals,
        queues=tuple(queue or ()),
        surges=tuple(surge or ()),
        agents=agents,
        crews=tuple(crew or ()),
        talk=talk,
        patience=patience,
        ring=ring,
        missed=missed,
        changes=Changes(wrap_up, strategy, max_wait, max_length),
        threshold_s=threshold,
        bucket=bucket,
        start=start,
        seed=seed,
    )
    with told():
        loaded = load_config(config) if config is not None or day else None
        ready = prepared(options, loaded)
    past = _past(config, ready) if day else None
    if past is not None:
        ready = ready.after(past)
    with told(), progress(ready.period, past) as watch:
        stream = coming(ready.world, ready.conditions, ready.period, past.moments if past else None)
        outcome = run(ready.world, ready.conditions, ready.period, stream, ready.asked, watch)
    with told():
        write(paper(outcome, ready.conditions, tongue.value), form, output, tongue)


def _past(config: Path | None, ready: Prepared) -> PastDay:
    """The day as the log has it."""
    since, until = ready.period.since, ready.period.until or ready.period.since

    async def work(_loaded: Config, store: Store) -> PastDay:
        return await past_day(store, since, until, [rules.name for rules in ready.world.rules])

    return with_store(config, work)
