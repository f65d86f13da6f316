"""Starts the recognisers, where there is a model for them."""

import asyncio
import logging
from contextlib import AsyncExitStack

from asr import pinyin
from asr.ears import RecogniserPool
from asr.models import find_model
from core.errors import ConfigError
from service.config_model import Config
from service.config_surroundings import missing_model
from service.from_config import key_file, models_folder

_log = logging.getLogger("line400.service")


async def start_recognisers(config: Config, exits: AsyncExitStack) -> RecogniserPool | None:
    """The pool, running; None where recognition is off or no model is installed. ``ConfigError`` where the
    configuration names a model that is not there.
    """
    settings = config.asr
    if not settings.enabled:
        return None
    found = await asyncio.to_thread(find_model, models_folder(config), settings.model or None)
    if found is None:
        if settings.model:
            raise ConfigError([missing_model(config) or f"[asr] model {settings.model!r} cannot be used"])
        return None
    pool = RecogniserPool(
        found.engine,
        found.path,
        live_workers=settings.live_workers,
        batch_workers=settings.batch_workers,
        key_file=key_file(config),
    )
    pinyin.load()
    await pool.start()
    exits.push_async_callback(pool.close)
    return pool
