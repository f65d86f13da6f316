"""Recordings after their calls, in the running house: the jobs with their packer, the key, how it all stands."""

import asyncio
import logging
import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from archive.facts import RecordingDeleted
from archive.jobs import KeepJobs, KeepRules
from archive.keys import load_key, load_or_make_key
from archive.packer import Packer
from archive.seal import key_id
from core.clock import Clock
from core.events import Event
from service.config_model import Config
from service.foundation import Foundation
from service.from_config import key_file, recordings_folder
from store.keeping import Keeping
from telephony.disk import PatientDisk
from telephony.facts import RecordingFinished
from telephony.recorder import Recorder

_log = logging.getLogger("line400.service")

ALARM_S: Final = 600.0
"""So long after a fault the recordings are shown as degraded."""
LITTLE_BYTES: Final = 2 * 1024**3
"""Free space below which the recordings are shown as degraded: about 18 hours of talk before compression."""
LOOK_S: Final = 1.0
"""The folder is asked so long for its free space: who asks for our health must get an answer."""
_disk: Final = PatientDisk(LOOK_S)


@dataclass(frozen=True, slots=True)
class RecordingHealth:
    """How recordings stand: ``fault`` is the newest of the last ten minutes, of ``recording`` ("": none)."""

    free_bytes: int | None
    fault: str = ""
    recording: str = ""

    @property
    def well(self) -> bool:
        """Nothing is wrong and there is room."""
        return not self.fault and self.free_bytes is not None and self.free_bytes >= LITTLE_BYTES


async def keep_rules(config: Config, keeping: Keeping) -> KeepRules:
    """How recordings are kept. The key is made on first use only: where recordings are sealed already and the key is
    missing, ``ConfigError`` says so rather than that a second key comes into the house.
    """
    settings = config.recording
    used = await keeping.keys()
    path = key_file(config)
    if not settings.encrypt and not used:
        return KeepRules(settings.keep_as, settings.keep_days)
    key = key_id(await asyncio.to_thread(load_key if used else load_or_make_key, path))
    if strange := used - {key}:
        _log.error("recordings are sealed with other keys than %s: %s", path, ", ".join(sorted(strange)))
    if not settings.encrypt:
        return KeepRules(settings.keep_as, settings.keep_days)
    return KeepRules(settings.keep_as, settings.keep_days, path, key)


async def start_keeping(base: Foundation, exits: AsyncExitStack) -> KeepJobs:
    """Begin to bring finished recordings into their final form and to delete old ones. ``ConfigError`` as above."""
    rules = await keep_rules(base.config, base.store.keeping)
    packer = Packer()
    jobs = KeepJobs(base.store.keeping, packer, base.clock, rules)
    exits.push_async_callback(packer.close)
    exits.callback(jobs.stop)

    def look(event: Event) -> None:
        if isinstance(event.fact, RecordingFinished | RecordingDeleted):
            jobs.wake()

    base.bus.subscribe(look)
    base.tasks.keep("recordings", jobs.run)
    return jobs


async def recording_health(config: Config, recorder: Recorder, clock: Clock) -> RecordingHealth:
    """How recordings stand now."""
    try:
        free = (await _disk.do(partial(shutil.disk_usage, recordings_folder(config)))).free
    except OSError as error:
        return RecordingHealth(None, f"the recordings folder cannot be reached: {error.strerror or error}")
    trouble = recorder.trouble
    if trouble is None or clock.now() - trouble.at > ALARM_S:
        return RecordingHealth(free)
    return RecordingHealth(free, trouble.fault, trouble.recording)
