"""The parts of one call, read by its id, each oldest first."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr.facts import InputFailed, MenuChosen, QuestionAnswered
from store.projection import FAILED, READY, RECORDING, WAITING
from store.reading import AnyRow
from store.rows import ChoiceRow, GapRow, LegRow, OfferRow, QueueEntryRow, RecordingRow, StoredEvent, TalkRow
from store.schema import legs, offers, queue_entries, recording_gaps, recordings, talks

_WORST_FIRST: Final = (FAILED, RECORDING, WAITING, READY)


async def legs_of(connection: AsyncConnection, call_id: str) -> tuple[LegRow, ...]:
    """The call's legs."""
    statement = select(legs).where(legs.c.call_id == call_id).order_by(legs.c.started_at, legs.c.id)
    return tuple(
        LegRow(row.id, row.role, row.party, row.started_at, row.answered_at, row.ended_at, row.reason, row.status)
        for row in await connection.execute(statement)
    )


async def entries_of(connection: AsyncConnection, call_id: str) -> tuple[QueueEntryRow, ...]:
    """The call's waits in queues."""
    table = queue_entries
    statement = select(table).where(table.c.call_id == call_id).order_by(table.c.entered_at, table.c.id)
    return tuple(
        QueueEntryRow(
            id=row.id,
            queue=row.queue,
            entered_at=row.entered_at,
            left_at=row.left_at,
            outcome=row.outcome,
            agent=row.agent,
            wait_s=row.wait_s,
            told_ahead=row.told_ahead,
            told_wait_s=row.told_wait_s,
            told_low_s=row.told_low_s,
            told_high_s=row.told_high_s,
        )
        for row in await connection.execute(statement)
    )


async def offers_of(connection: AsyncConnection, call_id: str) -> tuple[OfferRow, ...]:
    """The ringing of agents for the call."""
    statement = select(offers).where(offers.c.call_id == call_id).order_by(offers.c.made_at, offers.c.id)
    return tuple(
        OfferRow(row.id, row.entry, row.queue, row.agent, row.made_at, row.ended_at, row.result, row.ring_s)
        for row in await connection.execute(statement)
    )


async def talks_of(connection: AsyncConnection, call_id: str) -> tuple[TalkRow, ...]:
    """The call's talks with agents."""
    statement = select(talks).where(talks.c.call_id == call_id).order_by(talks.c.started_at, talks.c.id)
    return tuple(
        TalkRow(row.agent, row.queue, row.started_at, row.ended_at, row.talk_s, row.hold_s)
        for row in await connection.execute(statement)
    )


async def recordings_of(connection: AsyncConnection, call_id: str) -> tuple[RecordingRow, ...]:
    """The call's recordings."""
    table = recordings
    statement = select(table).where(table.c.call_id == call_id).order_by(table.c.started_at, table.c.id)
    rows = (await connection.execute(statement)).all()
    gaps = await gaps_of(connection, [row.id for row in rows])
    return tuple(recording_row(row, gaps.get(row.id, ())) for row in rows)


async def gaps_of(connection: AsyncConnection, of: list[str]) -> dict[str, tuple[GapRow, ...]]:
    """The gaps of these recordings, by recording, as far as there are any."""
    table = recording_gaps
    statement = select(table).where(table.c.recording.in_(of)).order_by(table.c.start_s, table.c.seq)
    found: dict[str, tuple[GapRow, ...]] = {}
    for row in await connection.execute(statement):
        found[row.recording] = (*found.get(row.recording, ()), GapRow(row.start_s, row.end_s, row.why))
    return found


def recording_row(row: AnyRow, gaps: tuple[GapRow, ...] = ()) -> RecordingRow:
    """A row of ``recordings`` as value."""
    return RecordingRow(
        id=row.id,
        call_id=row.call_id,
        path=row.path,
        left=row.left,
        right=row.right,
        started_at=row.started_at,
        duration_s=row.duration_s,
        repaired=row.repaired,
        transcription=row.transcription,
        why=row.why,
        box=row.box,
        keeping=row.keeping,
        keep_why=row.keep_why,
        keep_as=row.keep_as,
        size=row.size,
        sha256=row.sha256,
        pcm_sha256=row.pcm_sha256,
        key=row.key,
        held_at=row.held_at,
        held_by=row.held_by,
        held_why=row.held_why,
        deleted_at=row.deleted_at,
        gaps=gaps,
    )


def worst_transcription(rows: Iterable[AnyRow]) -> str:
    """One word for a call's recordings: the state that most needs a look; "" without recordings."""
    states = {row.transcription for row in rows}
    return next((state for state in _WORST_FIRST if state in states), "")


def choices_in(timeline: Sequence[StoredEvent]) -> tuple[ChoiceRow, ...]:
    """What the caller chose, answered or failed to."""
    found = []
    for event in timeline:
        fields = event.fields
        node = str(fields.get("node", ""))
        if event.name == MenuChosen.name:
            found.append(ChoiceRow(event.at, node, "chosen", str(fields["choice"]), str(fields["how"])))
        elif event.name == QuestionAnswered.name:
            found.append(ChoiceRow(event.at, node, "answered", str(fields["value"]), str(fields["how"])))
        elif event.name == InputFailed.name:
            found.append(ChoiceRow(event.at, node, "failed", "", str(fields["why"])))
    return tuple(found)
