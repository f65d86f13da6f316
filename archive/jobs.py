"""What is done to recordings when nobody waits for it: bring them into their final form, delete what is too old.

The store declares what waits and keeps the results (``KeepStore``); files are touched only by the packer's process and
by ``erase``. The order of steps is such that a kill between any two of them loses nothing and leaves nothing behind:
first the new file is whole, then the store knows of it, then the old one goes; and for a deletion first the store
knows, then the file goes, and what is still to go is noted in the store.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from archive.pack import Packed, PackOrder, clear_parts
from archive.sound import names_of
from core.clock import Clock
from core.errors import Line400Error, Unavailable
from core.retry import AWAY_PAUSE_S, Retries

_log = logging.getLogger("line400.archive")

MAX_TRIES: Final = 5
RETRY_AFTER_S: Final = (30.0, 300.0, 1800.0, 7200.0)
RETENTION_EVERY_S: Final = 600.0
TOGETHER: Final = 50
TOGETHER_S: Final = 1.0
"""So many recordings at most, packed within that time, are noted in one go: a busy line ends twenty calls a second, and
each note for itself would be two transactions that wait for the disk.
"""
DAY_S: Final = 86_400.0
RETENTION: Final = "retention"
HOUSE: Final = "line400"
"""Who deletes what is too old."""


@dataclass(frozen=True, slots=True)
class KeepJob:
    """A finished recording at ``path`` that is not yet in its final form; ``tries`` made so far."""

    recording: str
    call_id: str
    path: Path
    tries: int


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file that is to go: the WAV of a recording that is kept otherwise now, or all of a deleted recording."""

    recording: str
    path: Path
    everything: bool


Done: TypeAlias = tuple[KeepJob, Packed]
"""What was packed, and how."""


class KeepStore(Protocol):
    """What the jobs need of the store."""

    async def to_keep(self) -> Sequence[KeepJob]:
        """Finished recordings that wait for their final form, oldest first (a bounded number)."""
        ...

    async def kept(self, done: Sequence[Done], key: str) -> None:
        """Note the final forms with their waveforms and post ``RecordingKept`` for each, in one transaction."""
        ...

    async def not_kept(self, job: KeepJob, why: str, final: bool) -> None:
        """Count a failed try and post ``RecordingNotKept``, in one transaction; ``final``: not tried again."""
        ...

    async def too_old(self, before: float) -> Sequence[str]:
        """Recordings that began before ``before`` (epoch seconds), are over and not held, oldest first (a bounded
        number). What is held only as the proof of something that was withdrawn before then is among them.
        """
        ...

    async def outlived(self, recording: str, before: float, by: str, why: str) -> bool:
        """``delete`` what is ``too_old``, and release it first where it was held as a proof; in one transaction. False:
        it is held, or was put on hold now, as it proves what counts, or was withdrawn at ``before`` or later.
        """
        ...

    async def delete(self, recording: str, by: str, why: str) -> None:
        """Post ``RecordingDeleted`` and note its files as leftovers, in one transaction. ``LocalProtocolError`` where
        it is held, runs, is deleted already or was never there.
        """
        ...

    async def leftovers(self) -> Sequence[Leftover]:
        """Files that are to go (a bounded number)."""
        ...

    async def gone(self, leftovers: Sequence[Leftover]) -> None:
        """The files of ``leftovers`` are gone."""
        ...


class PackPort(Protocol):
    """Who packs (``archive.packer.Packer``)."""

    async def pack(self, order: PackOrder) -> Packed:
        """See there."""
        ...


@dataclass(frozen=True, slots=True)
class KeepRules:
    """``keep_as`` flac, opus or wav; ``keep_days`` 0 means for ever; sealed with ``key_file`` (its name is ``key``)."""

    keep_as: str = "flac"
    keep_days: int = 0
    key_file: Path | None = None
    key: str = ""


class KeepJobs:
    """The loop that works it all off; run it as one task."""

    def __init__(self, store: KeepStore, packer: PackPort, clock: Clock, rules: KeepRules) -> None:
        self._store = store
        self._packer = packer
        self._clock = clock
        self._rules = rules
        self._woken = asyncio.Event()
        self._retries = Retries(clock, RETRY_AFTER_S, MAX_TRIES)
        self._next_retention = 0.0
        self._stopped = False

    def stop(self) -> None:
        """Begin nothing more, and take what the packer breaks off from now on for no fault of the recording."""
        self._stopped = True

    def wake(self) -> None:
        """A recording has just been finished or deleted: look now."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled. What is finished soon after the last round began waits for the next one."""
        loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            began = loop.time()
            wait_s = await self.work_off()
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            await asyncio.sleep(max(0.0, began + TOGETHER_S - loop.time()))

    async def work_off(self) -> float:
        """Do everything that is due once; returns the seconds after which to look again."""
        await clear_away(self._store)
        now = self._clock.now()
        if self._rules.keep_days and now >= self._next_retention:
            self._next_retention = now + RETENTION_EVERY_S
            await self.delete_old()
        jobs = await self._store.to_keep()
        self._retries.keep_only(job.recording for job in jobs)
        done: list[Done] = []
        loop = asyncio.get_running_loop()
        since = loop.time()
        for job in jobs:
            if self._stopped:
                break
            if self._retries.rests(job.recording):
                continue
            if not await self._pack(job, done):
                await self._note(done)
                return AWAY_PAUSE_S
            if len(done) >= TOGETHER or loop.time() - since >= TOGETHER_S:
                await self._note(done)
                done, since = [], loop.time()
        await self._note(done)
        return self._retries.look_again_s()

    async def delete_old(self) -> None:
        """Delete what is older than the house keeps recordings, except what is held."""
        before = self._clock.now() - self._rules.keep_days * DAY_S
        while names := await self._store.too_old(before):
            done = deleted = 0
            for name in names:
                try:
                    gone = await self._store.outlived(name, before, HOUSE, RETENTION)
                except Line400Error as error:
                    _log.info("recording %s is not deleted: %s", name, error)
                    continue
                deleted += gone
                done += 1
            await clear_away(self._store)
            _log.info("retention: %d recordings deleted, %d kept as proof", deleted, done - deleted)
            if not done:
                return

    async def _note(self, done: Sequence[Done]) -> None:
        """The store is to know of these, then their old files may go."""
        if done:
            await self._store.kept(done, self._rules.key)
            await clear_away(self._store)

    async def _pack(self, job: KeepJob, done: list[Done]) -> bool:
        """One try, to be ``done``; False where the packer itself is in trouble, so the others need not be tried now."""
        rules = self._rules
        order = PackOrder(str(job.path), rules.keep_as, str(rules.key_file) if rules.key_file else "")
        try:
            packed = await self._packer.pack(order)
        except Unavailable as error:
            if self._stopped:
                return False
            _log.warning("recording %s: %s", job.recording, error)
            await self._failed(job, str(error))
            return False
        except FileNotFoundError:
            await self._store.not_kept(job, "the file is not there", final=True)
            return True
        except (Line400Error, OSError) as error:
            await self._failed(job, str(error))
            return True
        self._retries.done(job.recording)
        done.append((job, packed))
        return True

    async def _failed(self, job: KeepJob, why: str) -> None:
        _log.warning("recording %s stays as it is (try %d): %s", job.recording, job.tries + 1, why)
        await self._store.not_kept(job, why, self._retries.failed(job.recording, job.tries))


async def clear_away(store: KeepStore) -> None:
    """Remove the files that the store notes as leftovers."""
    leftovers = await store.leftovers()
    gone = await asyncio.to_thread(_erase_all, leftovers) if leftovers else ()
    if gone:
        await store.gone(gone)


def _erase_all(leftovers: Sequence[Leftover]) -> list[Leftover]:
    """Those whose files are gone now."""
    gone = []
    for leftover in leftovers:
        try:
            erase(leftover)
        except OSError as error:
            _log.error("recording %s: a file cannot be deleted: %s", leftover.recording, error)
        else:
            gone.append(leftover)
    return gone


def erase(leftover: Leftover) -> None:
    """Remove the file, or every file that the recording may have. None of them being there is no error."""
    names = names_of(leftover.path) if leftover.everything else (leftover.path,)
    for path in names:
        path.unlink(missing_ok=True)
    if leftover.everything:
        clear_parts(leftover.path)
