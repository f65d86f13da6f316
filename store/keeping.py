"""Recordings after their calls: what waits for its final form, what is held, what is deleted, what must be checked.
Implements ``archive.jobs.KeepStore``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from archive.check import Stored
from archive.facts import RecordingDeleted, RecordingHeld, RecordingKept, RecordingNotKept, RecordingReleased
from archive.jobs import Done, KeepJob, Leftover
from archive.pack import Packed
from archive.peaks import Peaks, unpack_peaks
from core.errors import LocalProtocolError
from store.call_parts import recording_row
from store.database import Database
from store.evidence import MAY_GO, PROOFS, hold, proof_since, proves_consent
from store.log import EventLog
from store.projection import ALL_FILES, WAITING
from store.rows import RecordingRow
from store.schema import recording_peaks, recordings
from store.writer import Transaction

_MOST: Final = 200

# Built once: each building leaves rings of objects to the cyclic collector.
_TO_KEEP: Final = (
    select(recordings.c.id, recordings.c.call_id, recordings.c.path, recordings.c.keep_tries)
    .where(recordings.c.keeping == WAITING)
    .order_by(recordings.c.started_at, recordings.c.id)
    .limit(_MOST)
)
_LEFTOVERS: Final = (
    select(recordings.c.id, recordings.c.path, recordings.c.leftover).where(recordings.c.leftover != "").limit(_MOST)
)
_TOO_OLD: Final = (
    select(recordings.c.id)
    .where(recordings.c.started_at < bindparam("since"), recordings.c.duration_s.is_not(None))
    .where(recordings.c.deleted_at.is_(None), MAY_GO)
    .order_by(recordings.c.started_at, recordings.c.id)
    .limit(_MOST)
)
_THE_ROW: Final = select(recordings).where(recordings.c.id == bindparam("of"))
_LEAVE_ALL: Final = update(recordings).where(recordings.c.id == bindparam("of")).values(leftover=ALL_FILES)
_TIDIED: Final = (
    update(recordings)
    .where(recordings.c.id == bindparam("of"), recordings.c.leftover == bindparam("noted"))
    .values(leftover="")
)
_DROP_PEAKS: Final = delete(recording_peaks).where(recording_peaks.c.recording == bindparam("of"))
_ADD_PEAKS: Final = insert(recording_peaks)


class Keeping:
    """Recordings by id. ``folder`` is what their paths are relative to."""

    def __init__(self, database: Database, log: EventLog, folder: Path) -> None:
        self._database = database
        self._log = log
        self._folder = folder

    async def to_keep(self) -> tuple[KeepJob, ...]:
        """See ``archive.jobs.KeepStore``."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(_TO_KEEP)).all()
        return tuple(KeepJob(row.id, row.call_id, self._folder / row.path, row.keep_tries) for row in rows)

    async def kept(self, done: Sequence[Done], key: str) -> None:
        """See ``archive.jobs.KeepStore``."""

        def work(transaction: Transaction) -> None:
            for job, packed in done:
                self._kept(transaction, job, packed, key)

        await self._log.write(work)

    def _kept(self, transaction: Transaction, job: KeepJob, packed: Packed, key: str) -> None:
        connection = transaction.connection
        if _row(transaction, job.recording).deleted_at is not None:  # it went while it was packed: so goes this
            connection.execute(_LEAVE_ALL, {"of": job.recording})
            return
        channels, data = packed.peaks.slices.shape[1], packed.peaks.packed()
        connection.execute(_DROP_PEAKS, {"of": job.recording})
        connection.execute(_ADD_PEAKS, {"recording": job.recording, "channels": channels, "peaks": data})
        path = Path(packed.path).relative_to(self._folder).as_posix()
        fact = RecordingKept(job.recording, path, packed.keep_as, packed.size, packed.sha256, packed.pcm_sha256, key)
        transaction.say(job.call_id, fact)

    async def not_kept(self, job: KeepJob, why: str, final: bool) -> None:
        """See ``archive.jobs.KeepStore``."""
        await self._log.commit(job.call_id, RecordingNotKept(job.recording, why, final))

    async def too_old(self, before: float) -> tuple[str, ...]:
        """See ``archive.jobs.KeepStore``."""
        async with self._database.reading() as connection:
            return tuple((await connection.execute(_TOO_OLD, {"since": before})).scalars())

    async def delete(self, recording: str, by: str, why: str) -> None:
        """See ``archive.jobs.KeepStore``. The waveform goes too; the transcript stays."""

        def work(transaction: Transaction) -> None:
            row = _row(transaction, recording)
            if row.held_at is not None:
                raise LocalProtocolError(f"recording {recording} is on legal hold since {row.held_by} held it")
            if row.deleted_at is None and proves_consent(transaction.connection, recording):
                raise LocalProtocolError(f"recording {recording} proves a consent to calls that was not withdrawn")
            _delete(transaction, row, by, why)

        await self._log.write(work)

    async def outlived(self, recording: str, before: float, by: str, why: str) -> bool:
        """See ``archive.jobs.KeepStore``."""

        def work(transaction: Transaction) -> bool:
            row = _row(transaction, recording)
            if proof := proof_since(transaction.connection, recording, before):
                if row.held_at is None and row.deleted_at is None:
                    hold(transaction, [(recording, row.call_id)], by, proof)
                return False
            if row.held_at is not None:
                if row.held_why not in PROOFS:
                    return False
                transaction.say(row.call_id, RecordingReleased(recording, by))
            _delete(transaction, row, by, why)
            return True

        return await self._log.write(work)

    async def leftovers(self) -> tuple[Leftover, ...]:
        """See ``archive.jobs.KeepStore``."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(_LEFTOVERS)).all()
        return tuple(
            Leftover(row.id, self._folder / row.path, everything=True)
            if row.leftover == ALL_FILES
            else Leftover(row.id, self._folder / row.leftover, everything=False)
            for row in rows
        )

    async def gone(self, leftovers: Sequence[Leftover]) -> None:
        """See ``archive.jobs.KeepStore``. Where a machine dies before this is on its disk, they are removed again."""
        noted = [
            {
                "of": leftover.recording,
                "noted": ALL_FILES if leftover.everything else leftover.path.relative_to(self._folder).as_posix(),
            }
            for leftover in leftovers
        ]

        def work(transaction: Transaction) -> None:
            transaction.connection.execute(_TIDIED, noted)

        await self._log.write(work, durable=False)

    async def hold(self, recording: str, by: str, why: str) -> None:
        """Put it on legal hold: it is not deleted. ``LocalProtocolError`` where it is gone or unknown."""

        def work(transaction: Transaction) -> None:
            row = _row(transaction, recording)
            if row.deleted_at is not None:
                raise LocalProtocolError(f"recording {recording} was deleted already")
            transaction.say(row.call_id, RecordingHeld(recording, by, why))

        await self._log.write(work)

    async def release(self, recording: str, by: str) -> None:
        """End the legal hold; no error where there was none."""

        def work(transaction: Transaction) -> None:
            row = _row(transaction, recording)
            if row.held_at is not None:
                transaction.say(row.call_id, RecordingReleased(recording, by))

        await self._log.write(work)

    async def to_check(self, recording: str = "") -> tuple[Stored, ...]:
        """Every finished recording that was not deleted (or only ``recording``), oldest first. Empty ones, of which
        nothing need be on the disk, are left out.
        """
        table = recordings.c
        statement = (
            select(table.id, table.path, table.size, table.sha256)
            .where(table.duration_s > 0, table.deleted_at.is_(None))
            .order_by(table.started_at, table.id)
        )
        if recording:
            statement = statement.where(table.id == recording)
        async with self._database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(Stored(row.id, self._folder / row.path, row.size, row.sha256) for row in rows)

    async def held(self) -> tuple[RecordingRow, ...]:
        """What is on legal hold, oldest first."""
        statement = select(recordings).where(recordings.c.held_at.is_not(None)).order_by(recordings.c.started_at)
        async with self._database.reading() as connection:
            return tuple(recording_row(row) for row in await connection.execute(statement))

    async def keys(self) -> frozenset[str]:
        """The names of the keys that stored recordings are sealed with."""
        table = recordings.c
        statement = select(table.key).where(table.key != "", table.deleted_at.is_(None)).distinct()
        async with self._database.reading() as connection:
            return frozenset((await connection.execute(statement)).scalars())

    async def peaks(self, recording: str) -> Peaks | None:
        """The stored waveform; None where there is none (yet)."""
        statement = select(recording_peaks).where(recording_peaks.c.recording == recording)
        async with self._database.reading() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else unpack_peaks(row.peaks, row.channels)


def _delete(transaction: Transaction, row: RecordingRow, by: str, why: str) -> None:
    if row.duration_s is None:
        raise LocalProtocolError(f"recording {row.id} is still being made")
    if row.deleted_at is None:
        transaction.connection.execute(_DROP_PEAKS, {"of": row.id})
        transaction.say(row.call_id, RecordingDeleted(row.id, by, why))


def _row(transaction: Transaction, recording: str) -> RecordingRow:
    row = transaction.connection.execute(_THE_ROW, {"of": recording}).one_or_none()
    if row is None:
        raise LocalProtocolError(f"there is no recording {recording}")
    return recording_row(row)
