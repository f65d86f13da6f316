"""How the audio of calls' legs travelled: what ``LegMeasured`` left."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.reading import AnyRow
from store.rows import DirectionRow, LegQualityRow
from store.schema import leg_quality


async def qualities_of(connection: AsyncConnection, call_id: str) -> tuple[LegQualityRow, ...]:
    """The measured legs of a call, by leg."""
    statement = select(leg_quality).where(leg_quality.c.call_id == call_id).order_by(leg_quality.c.leg)
    return tuple(_quality(row) for row in await connection.execute(statement))


def _quality(row: AnyRow) -> LegQualityRow:
    sent = None
    if row.sent_packets is not None:
        sent = DirectionRow(row.sent_packets, row.sent_lost, row.sent_loss, row.sent_jitter_ms, row.sent_mos)
    return LegQualityRow(
        leg=row.leg,
        role=row.role,
        party=row.party,
        codec=row.codec,
        received=DirectionRow(
            row.received_packets, row.received_lost, row.received_loss, row.received_jitter_ms, row.received_mos
        ),
        sent=sent,
        round_trip_ms=row.round_trip_ms,
    )


def worst_mos(rows: Iterable[AnyRow]) -> dict[str, float]:
    """The lowest estimate by call id; calls of which nothing was measured are not in it."""
    worst: dict[str, float] = {}
    for row in rows:
        for mos in (row.received_mos, row.sent_mos):
            if mos is not None:
                worst[row.call_id] = min(mos, worst.get(row.call_id, mos))
    return worst
