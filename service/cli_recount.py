"""``line400 recount``: counts the half hours of the queue reports again, from the calls."""

import asyncio

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.cli_common import ConfigOption, complaints, out
from service.cli_store import with_store
from service.config_model import Config
from store.store import Store


def recount(config: ConfigOption = None) -> None:
    """重新统计报表半小时数据 / Count the half hours of the queue reports again, from the calls. The service may run."""

    async def work(_: Config, store: Store) -> int:
        await store.half_hours.forget()
        total, counted = await store.half_hours.backlog(), 0
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=complaints) as bar:
            task = bar.add_task("统计 / counting", total=total)
            while kept := await store.half_hours.keep_due():
                counted += kept
                bar.update(task, completed=counted)
                await asyncio.sleep(0)
        return counted

    counted = with_store(config, work)
    out.print(f"已统计 {counted} 个半小时 / counted {counted} half hours")
