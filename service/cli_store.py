"""The store opened for one command."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from core.ids import Ids
from service import from_config
from service.cli_common import told
from service.clock import SystemClock
from service.config import load_config
from service.config_model import Config
from store.store import Store

Result = TypeVar("Result")


def with_store(path: Path | None, work: Callable[[Config, Store], Coroutine[None, None, Result]]) -> Result:
    """Run ``work`` with the configuration in ``path`` and its store, and close the store."""

    async def run() -> Result:
        config = load_config(path)
        async with open_store(config) as store:
            return await work(config, store)

    with told():
        return asyncio.run(run())


@asynccontextmanager
async def open_store(config: Config) -> AsyncIterator[Store]:
    """The store of ``config``, beside whatever other process uses it."""
    config.data_folder.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    ids = Ids(clock, secrets.token_bytes)
    store = await Store.open(
        from_config.database_url(config), clock, ids, recordings=from_config.recordings_folder(config)
    )
    async with store:
        yield store
