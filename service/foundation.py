"""What everything else stands on: clock, ids, log, tasks and the store, made first and closed last."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from core.bus import Bus
from core.clock import Clock
from core.ids import Ids
from service.clock import SystemClock
from service.config_model import Config
from service.from_config import database_url, recordings_folder
from service.reload import Reloader
from service.supervisor import Supervisor
from store.store import Store


@dataclass(frozen=True, slots=True)
class Foundation:
    """Shared by all rooms of the running house."""

    config: Config
    clock: Clock
    ids: Ids
    bus: Bus
    tasks: Supervisor
    store: Store
    reloader: Reloader
    """Tells of changes; ``config`` is what the house began with."""


async def lay_foundation(config: Config, exits: AsyncExitStack, path: Path | None = None) -> Foundation:
    """Open the store; ``Unavailable`` or ``ConfigError`` says what is wrong with its place. ``path`` is where
    ``config`` was read.
    """
    clock = SystemClock()
    ids = Ids(clock, secrets.token_bytes)
    bus = Bus()
    tasks = Supervisor()
    recordings = recordings_folder(config)
    await asyncio.to_thread(recordings.mkdir, parents=True, exist_ok=True)
    store = await exits.enter_async_context(
        await Store.open(database_url(config), clock, ids, bus, recordings=recordings)
    )
    exits.push_async_callback(tasks.close)
    return Foundation(config, clock, ids, bus, tasks, store, Reloader(config, path))
