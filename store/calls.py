"""Calls for people who ask: the list, page by page, and one call with all that is known of it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.facts import QueueOutcome
from store import call_parts
from store.answers import told
from store.call_filter import WAITING_OUTCOME, condition
from store.callbacks import callback_of
from store.database import Database
from store.dispositions import codes_of, dispositions_of
from store.earlier import earlier_rows
from store.events import stored_event
from store.figure_filter import entries_behind
from store.probes import probes_in
from store.qualities import qualities_of, worst_mos
from store.reading import AnyRow
from store.rows import CallDetail, CallFilter, CallPage, CallSummary, RecordingRow, StoredEvent
from store.schema import calls, events, leg_quality, legs, queue_entries, recordings, talks
from store.transcripts import transcripts_of

MAX_PAGE: Final = 500
_TIMELINE: Final = 2000


class Calls:
    """Reads calls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, which: CallFilter | None = None, *, limit: int = 50, offset: int = 0) -> CallPage:
        """The calls that fit ``which`` (all), newest first: at most ``limit`` (≤ ``MAX_PAGE``) after the first
        ``offset``.
        """
        fits = condition(which or CallFilter())
        page = (
            select(calls)
            .where(fits)
            .order_by(calls.c.started_at.desc(), calls.c.id.desc())
            .limit(min(limit, MAX_PAGE))
            .offset(offset)
        )
        async with self._database.reading() as connection:
            total: int = (await connection.execute(select(func.count()).select_from(calls).where(fits))).scalar_one()
            entries: int | None = None
            if which is not None and which.behind is not None:
                counted = entries_behind(which.behind.query, which.behind.key)
                of_these = queue_entries.c.call_id.in_(select(calls.c.id).where(fits))
                waits = select(func.count()).select_from(queue_entries).where(counted, of_these)
                entries = (await connection.execute(waits)).scalar_one()
            rows = (await connection.execute(page)).all()
            return CallPage(tuple(await _summaries(connection, rows)), total, entries)

    async def get(self, call_id: str) -> CallDetail | None:
        """The call with legs, queue entries, offers, talks, recordings, choices, transcripts and time line; None if
        unknown.
        """
        async with self._database.reading() as connection:
            row = (await connection.execute(select(calls).where(calls.c.id == call_id))).one_or_none()
            if row is None:
                return None
            [summary] = await _summaries(connection, [row])
            log = select(events).where(events.c.call_id == call_id).order_by(events.c.seq).limit(_TIMELINE)
            timeline = tuple(stored_event(line) for line in await connection.execute(log))
            return CallDetail(
                call=summary,
                legs=await call_parts.legs_of(connection, call_id),
                qualities=await qualities_of(connection, call_id),
                entries=await call_parts.entries_of(connection, call_id),
                offers=await call_parts.offers_of(connection, call_id),
                talks=await call_parts.talks_of(connection, call_id),
                recordings=await call_parts.recordings_of(connection, call_id),
                choices=call_parts.choices_in(timeline),
                transcripts=await transcripts_of(connection, list(summary.recordings)),
                timeline=timeline,
                callback=await callback_of(connection, call_id),
                dispositions=await dispositions_of(connection, call_id),
            )

    async def in_words(self, timeline: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
        """See ``store.answers.told``."""
        async with self._database.reading() as connection:
            return await told(connection, timeline)

    async def earlier(self, call_id: str, *, limit: int) -> Sequence[CallSummary]:
        """The calls before ``call_id`` from the number outside that it is with, and ours to it, the newest first."""
        async with self._database.reading() as connection:
            return await _summaries(connection, await earlier_rows(connection, call_id, min(limit, MAX_PAGE)))

    async def recording(self, recording: str) -> RecordingRow | None:
        """One recording; None where there is none of that id."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(recordings).where(recordings.c.id == recording))).one_or_none()
            gaps = await call_parts.gaps_of(connection, [recording])
        return None if row is None else call_parts.recording_row(row, gaps.get(recording, ()))


async def _summaries(connection: AsyncConnection, rows: Sequence[AnyRow]) -> list[CallSummary]:
    """What is known of the calls in ``rows``; put together in a thread, since a page of them takes milliseconds."""
    ids = [row.id for row in rows]
    entered = select(queue_entries).where(queue_entries.c.call_id.in_(ids)).order_by(queue_entries.c.entered_at)
    entries = (await connection.execute(entered)).all()
    talk = select(talks).where(talks.c.call_id.in_(ids)).order_by(talks.c.started_at)
    talked = (await connection.execute(talk)).all()
    record = select(recordings).where(recordings.c.call_id.in_(ids)).order_by(recordings.c.started_at)
    recorded = (await connection.execute(record)).all()
    measured = (await connection.execute(select(leg_quality).where(leg_quality.c.call_id.in_(ids)))).all()
    codes = await codes_of(connection, ids)
    probes = await probes_in(connection, rows)
    outward = [row.id for row in rows if row.direction == "outbound"]
    callers: dict[str, str] = {}
    if outward:  # whoever called may have reached nobody
        called = select(legs.c.call_id, legs.c.party).where(legs.c.call_id.in_(outward), legs.c.party != "")
        placed = await connection.execute(called.order_by(legs.c.started_at))
        callers = {row.call_id: row.party for row in placed.all()}
    return await asyncio.to_thread(_joined, rows, entries, talked, recorded, measured, codes, callers, probes)


def _joined(
    rows: Sequence[AnyRow],
    entries: Sequence[AnyRow],
    talked: Sequence[AnyRow],
    recorded: Sequence[AnyRow],
    measured: Sequence[AnyRow],
    codes: Mapping[str, str],
    callers: Mapping[str, str],
    probes: Mapping[str, str],
) -> list[CallSummary]:
    entries_of, talks_of, recordings_of = _by_call(entries), _by_call(talked), _by_call(recorded)
    worst = worst_mos(measured)
    return [
        replace(
            _summary(
                row,
                entries_of.get(row.id, []),
                talks_of.get(row.id, []),
                recordings_of.get(row.id, []),
                worst,
                callers.get(row.id, ""),
            ),
            disposition=codes.get(row.id),
            probe=probes.get(row.id, ""),
        )
        for row in rows
    ]


def _by_call(rows: Iterable[AnyRow]) -> dict[str, list[AnyRow]]:
    found: dict[str, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.call_id, []).append(row)
    return found


def _summary(
    row: AnyRow,
    entries: Sequence[AnyRow],
    talked: Sequence[AnyRow],
    recorded: Sequence[AnyRow],
    worst: Mapping[str, float],
    caller: str,
) -> CallSummary:
    entry = entries[-1] if entries else None
    answered = (
        entry.agent if entry is not None and entry.outcome == QueueOutcome.ANSWERED else ""
    )  # who may not have talked yet
    return CallSummary(
        id=row.id,
        direction=row.direction,
        ani=row.ani,
        dnis=row.dnis,
        trunk=row.trunk,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        reason=row.reason,
        by=row.by,
        status=row.status,
        queue=entry.queue if entry else "",
        outcome=(entry.outcome or WAITING_OUTCOME) if entry else "",
        wait_s=_waited_s(entries),
        agent=talked[-1].agent if talked else answered or caller,
        talk_s=sum(talk.talk_s or 0.0 for talk in talked),
        recordings=tuple(recording.id for recording in recorded),
        transcription=call_parts.worst_transcription(recorded),
        mos=worst.get(row.id),
    )


def _waited_s(entries: Sequence[AnyRow]) -> float | None:
    """The whole wait over all queues of a call; None where there was none, or while he still waits."""
    if not entries or entries[-1].wait_s is None:
        return None
    return float(sum(entry.wait_s or 0.0 for entry in entries))
