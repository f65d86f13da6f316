"""The calls with one number outside that came before a call: those from it, and ours to it."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import ParseError
from core.numbers import national, normalise
from store.reading import AnyRow
from store.schema import calls
from store.schema_calls import OUTWARD


async def earlier_rows(connection: AsyncConnection, call_id: str, most: int) -> Sequence[AnyRow]:
    """Rows of ``calls``, the newest first; none where the call is unknown or its number was withheld."""
    this = (await connection.execute(select(calls).where(calls.c.id == call_id))).one_or_none()
    number = "" if this is None else _outside(this.direction, this.ani, this.dnis)
    if this is None or not number:
        return ()

    both = (theirs(number, this.started_at, most), ours(number, this.started_at, most))
    rows = [row for one in both for row in (await connection.execute(one)).all()]
    return sorted(rows, key=lambda row: float(row.started_at), reverse=True)[:most]


def theirs(number: str, before: float, most: int) -> Select[tuple[object, ...]]:
    """Calls from it."""
    found = select(calls).where(calls.c.ani == number, ~OUTWARD, calls.c.started_at < before)
    return found.order_by(calls.c.started_at.desc()).limit(most)


def ours(number: str, before: float, most: int) -> Select[tuple[object, ...]]:
    """Calls to it, however they were dialled."""
    dialled = calls.c.dnis.in_(sorted({number, national(number)}))
    found = select(calls).where(dialled, OUTWARD, calls.c.started_at < before)
    return found.order_by(calls.c.started_at.desc()).limit(most)


def _outside(direction: str, ani: str, dnis: str) -> str:
    """The number outside, as callers' numbers are kept."""
    if direction != "outbound":
        return ani
    try:
        return normalise(dnis)
    except ParseError:
        return dnis
