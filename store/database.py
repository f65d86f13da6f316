"""Engines: many readers and one writer over SQLite (aiosqlite, WAL) or PostgreSQL (asyncpg), by URL.

SQLite's own transaction habits (a driver that begins late) are switched off: a read transaction is one snapshot, a
write transaction takes the write lock at once, so it can't fail half-way on "database is locked".
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import ConfigError

BUSY_TIMEOUT_MS: Final = 10_000
_READERS: Final = 4
_WRITER_LOCK: Final = 0x0400_0400
"""PostgreSQL advisory lock that makes one writer at a time, so that ``seq`` has no gaps and follows the order of
commits.
"""

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class _AioSqlite(Protocol):
    async def execute(self, sql: str) -> object: ...


def parse_url(url: str) -> URL:
    """``sqlite:///path/to/file`` or ``postgresql://user:password@host:port/name`` with the async driver named."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(["database: not a URL; write sqlite:///var/line400.db or postgresql://host/name"]) from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise ConfigError([f"database: {parsed.drivername!r} is not supported; use sqlite or postgresql"])
    if driver == "sqlite+aiosqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError(["database: a file is needed, e.g. sqlite:///var/line400.db"])
    return parsed.set(drivername=driver)


class Database:
    """The engines of one database. Only the event log's writer task uses ``writing``."""

    def __init__(self, url: str) -> None:
        parsed = parse_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._readers: AsyncEngine
        self._writer: AsyncEngine
        self._durable: bool | None = None
        if self.is_sqlite:
            assert parsed.database is not None  # parse_url saw to it
            _make_private_file(Path(parsed.database))
            self._readers = create_async_engine(
                parsed, pool_size=_READERS, max_overflow=0, connect_args={"isolation_level": None}
            )
            self._writer = create_async_engine(
                parsed, pool_size=1, max_overflow=0, connect_args={"isolation_level": None}
            )
            _prepare_sqlite(self._readers, begin="BEGIN", pragmas=("query_only=ON",))
            _prepare_sqlite(self._writer, begin="BEGIN IMMEDIATE", pragmas=("journal_mode=WAL", "synchronous=NORMAL"))
        else:
            self._readers = create_async_engine(parsed, pool_size=_READERS, max_overflow=0, pool_pre_ping=True)
            self._writer = create_async_engine(parsed, pool_size=1, max_overflow=0, pool_pre_ping=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements all see one snapshot; it can't write."""
        async with self._readers.connect() as connection:
            if not self.is_sqlite:
                await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection

    @asynccontextmanager
    async def writing(self, *, durable: bool = True) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end of the block and rolls back on any error.

        ``durable`` False lets SQLite leave the flush to the next checkpoint: what was committed survives the death
        of the process, not of the machine. (PostgreSQL always flushes.)
        """
        async with self._writer.connect() as connection:
            if self.is_sqlite and durable != self._durable:
                raw = await connection.get_raw_connection()
                driver: _AioSqlite | None = raw.driver_connection
                assert driver is not None  # the pool has just opened it
                await driver.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            async with connection.begin():
                if not self.is_sqlite:
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
                yield connection

    async def forget_writer(self) -> None:
        """Close the writer's connection after an error, so that the next transaction opens a fresh one."""
        self._durable = None
        await self._writer.dispose()

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.dispose()
        await self._writer.dispose()


def _make_private_file(path: Path) -> None:
    """Create the file readable by its owner only (it holds phone numbers); SQLite gives its side files the same
    mode.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(engine: AsyncEngine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
