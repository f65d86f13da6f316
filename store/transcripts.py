"""Transcripts: what waits for one, keeping them together with their fact, reading them. Implements
``asr.jobs.TranscriptStore``.
"""

import json
from pathlib import Path
from typing import Final

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from asr.facts import TranscriptFailed, TranscriptReady
from asr.jobs import RecordingJob
from asr.protocol import Segment, Transcript, Word
from core.clock import Clock
from store.database import Database
from store.log import EventLog
from store.projection import WAITING
from store.schema import recordings, segments, transcripts
from store.writer import Transaction

_JOBS: Final = 100

# Built once: each building leaves rings of objects to the cyclic collector.
_PENDING: Final = (
    select(recordings)
    .where(recordings.c.transcription == WAITING, recordings.c.deleted_at.is_(None))
    .order_by(recordings.c.started_at, recordings.c.id)
    .limit(_JOBS)
)
_DROP_SEGMENTS: Final = delete(segments).where(segments.c.recording == bindparam("of"))
_DROP_HEAD: Final = delete(transcripts).where(transcripts.c.recording == bindparam("of"))
_ADD_HEAD: Final = insert(transcripts)
_ADD_SEGMENTS: Final = insert(segments)


class Transcripts:
    """Transcripts by recording."""

    def __init__(self, database: Database, log: EventLog, clock: Clock, recordings_folder: Path) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._folder = recordings_folder

    async def pending(self) -> tuple[RecordingJob, ...]:
        """See ``asr.jobs.TranscriptStore``."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(_PENDING)).all()
        return tuple(
            RecordingJob(row.id, row.call_id, self._folder / row.path, (row.left, row.right), row.tries) for row in rows
        )

    async def save(self, job: RecordingJob, transcript: Transcript) -> None:
        """See ``asr.jobs.TranscriptStore``. A transcript that is there already is replaced."""
        head = {
            "recording": job.recording,
            "call_id": job.call_id,
            "engine": transcript.engine,
            "duration_s": transcript.duration_s,
            "took_s": transcript.took_s,
            "made_at": self._clock.now(),
        }
        said = [
            {
                "recording": job.recording,
                "position": position,
                "speaker": segment.speaker,
                "start_s": segment.start_s,
                "end_s": segment.end_s,
                "text": segment.text,
                "words": json.dumps([[word.text, word.start_s, word.end_s, word.confidence] for word in segment.words]),
            }
            for position, segment in enumerate(transcript.segments)
        ]
        characters = sum(len(segment.text) for segment in transcript.segments)

        def work(transaction: Transaction) -> None:
            connection = transaction.connection
            connection.execute(_DROP_SEGMENTS, {"of": job.recording})
            connection.execute(_DROP_HEAD, {"of": job.recording})
            connection.execute(_ADD_HEAD, head)
            if said:
                connection.execute(_ADD_SEGMENTS, said)
            ready = TranscriptReady(job.recording, transcript.engine, characters, transcript.took_s)
            transaction.say(job.call_id, ready)

        await self._log.write(work)

    async def fail(self, job: RecordingJob, why: str, final: bool) -> None:
        """See ``asr.jobs.TranscriptStore``."""
        await self._log.commit(job.call_id, TranscriptFailed(job.recording, why, final))

    async def get(self, recording: str) -> Transcript | None:
        """The transcript of ``recording``; None where there is none (yet)."""
        async with self._database.reading() as connection:
            return (await transcripts_of(connection, [recording])).get(recording)


async def transcripts_of(connection: AsyncConnection, of: list[str]) -> dict[str, Transcript]:
    """The transcripts of these recordings, by recording, as far as there are any."""
    heads = (await connection.execute(select(transcripts).where(transcripts.c.recording.in_(of)))).all()
    said: dict[str, list[Segment]] = {row.recording: [] for row in heads}
    order = (segments.c.recording, segments.c.position)
    for row in await connection.execute(select(segments).where(segments.c.recording.in_(of)).order_by(*order)):
        words = tuple(Word(*word) for word in json.loads(row.words))
        said[row.recording].append(Segment(row.speaker, row.start_s, row.end_s, row.text, words))
    return {
        row.recording: Transcript(row.engine, row.duration_s, tuple(said[row.recording]), row.took_s) for row in heads
    }
