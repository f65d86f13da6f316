"""Reads long results piece by piece, so that no single piece keeps the event loop for more than a few milliseconds."""

from collections.abc import AsyncIterator, Callable
from typing import Final, TypeVar

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncConnection

PIECE: Final = 500
"""Rows that are turned into values between two turns of the loop: about 2 ms."""

Value = TypeVar("Value")


async def each(
    connection: AsyncConnection,
    statement: Select[tuple[object, ...]],
    convert: Callable[[Row[tuple[object, ...]]], Value],
) -> AsyncIterator[list[Value]]:
    """The rows of ``statement`` as values, in lists of at most ``PIECE``."""
    async with connection.stream(statement) as result:
        async for piece in result.partitions(PIECE):
            yield [convert(row) for row in piece]
