"""Reads long results piece by piece, so that no single piece keeps the event loop for more than a few milliseconds."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeAlias

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncConnection

PIECE: Final = 500
"""Rows that are handled between two turns of the loop: about 2 ms."""

AnyRow: TypeAlias = Row[tuple[object, ...]]


async def each(connection: AsyncConnection, statement: Select[tuple[object, ...]]) -> AsyncIterator[Sequence[AnyRow]]:
    """The rows of ``statement``, at most ``PIECE`` at a time."""
    async with connection.stream(statement, execution_options={"yield_per": PIECE}) as result:
        async for piece in result.partitions():
            yield piece
