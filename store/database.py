"""Engines: many readers and one writer over SQLite (WAL) or PostgreSQL (asyncpg), by URL.

Readers are asynchronous (aiosqlite, asyncpg). A write transaction is one plain function over a SQLAlchemy
``Connection``: on SQLite it runs from BEGIN to COMMIT in the writer's thread, because a hop between threads for each
statement costs ten times the statement (0.25 ms each, 15 in the smallest transaction); on PostgreSQL in SQLAlchemy's
greenlet over asyncpg.

SQLite's own transaction habits (a driver that begins late) are switched off: a read transaction is one snapshot, a
write transaction takes the write lock at once, so it can't fail half-way on "database is locked".
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import ConfigError

BUSY_TIMEOUT_MS: Final = 10_000
_READERS: Final = 4
_CACHED: Final = -256
"""Kilobytes (negative: SQLite's way to say so) that each reader of SQLite keeps to itself; the system caches the file
anyway, and the usual 2 MB of each fill up over hours, which looks like a leak.
"""
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


Result = TypeVar("Result")


def parse_url(url: str) -> URL:
    """``sqlite:///path/to/file`` or ``postgresql://user:password@host:port/name`` with the async driver named."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise ConfigError(["database: not a URL; write sqlite:///var/line400.db or postgresql://host/name"]) from None
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise ConfigError([f"database: {parsed.drivername!r} is not supported; use sqlite or postgresql"])
    if driver == "sqlite+aiosqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError(["database: a file is needed, e.g. sqlite:///var/line400.db"])
    return parsed.set(drivername=driver)


class _Writer(Protocol):
    async def write(self, work: Callable[[Connection], Result], *, durable: bool) -> Result: ...
    async def forget(self) -> None: ...


class Database:
    """The readers and the writer of one database. After ``open`` only the event log's writer uses ``write``."""

    def __init__(self, url: str) -> None:
        parsed = parse_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._writer: _Writer
        if self.is_sqlite:
            _make_private_file(Path(str(parsed.database)))
            self._readers = create_async_engine(
                parsed, pool_size=_READERS, max_overflow=0, connect_args={"isolation_level": None}
            )
            _prepare_sqlite(
                self._readers.sync_engine, begin="BEGIN", pragmas=("query_only=ON", f"cache_size={_CACHED}")
            )
            self._writer = _ThreadWriter(parsed)
        else:
            self._readers = create_async_engine(parsed, pool_size=_READERS, max_overflow=0, pool_pre_ping=True)
            self._writer = _AsyncWriter(parsed)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements all see one snapshot; it can't write."""
        async with self._readers.connect() as connection:
            if not self.is_sqlite:
                await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield connection

    async def write(self, work: Callable[[Connection], Result], *, durable: bool = True) -> Result:
        """Run ``work`` in a transaction that commits at its end and rolls back if it raises; its result. One at a time.

        ``durable`` False lets SQLite leave the flush to the next checkpoint: what was committed survives the death of
        the process, not of the machine. (PostgreSQL always flushes.)
        """
        return await self._writer.write(work, durable=durable)

    async def forget_writer(self) -> None:
        """Close the writer's connection after an error, so that the next transaction opens a fresh one."""
        await self._writer.forget()

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.dispose()
        await self._writer.forget()


class _ThreadWriter:
    """SQLite: one connection that lives in one thread."""

    def __init__(self, url: URL) -> None:
        self._engine: Engine = create_engine(
            url.set(drivername="sqlite+pysqlite"),
            pool_size=1,
            max_overflow=0,
            connect_args={"isolation_level": None, "check_same_thread": False},
        )
        _prepare_sqlite(self._engine, begin="BEGIN IMMEDIATE", pragmas=("journal_mode=WAL", "synchronous=NORMAL"))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="line400-store")
        self._durable: bool | None = None

    async def write(self, work: Callable[[Connection], Result], *, durable: bool) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, work, durable)

    async def forget(self) -> None:
        self._durable = None
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown(wait=False)  # it has nothing left to do
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="line400-store")

    def _transact(self, work: Callable[[Connection], Result], durable: bool) -> Result:
        with self._engine.connect() as connection:
            if durable != self._durable:
                driver = connection.connection.driver_connection
                assert driver is not None  # the pool has just opened it
                driver.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            with connection.begin():
                return work(connection)


class _AsyncWriter:
    """PostgreSQL: one connection; the advisory lock keeps other processes' writers waiting."""

    def __init__(self, url: URL) -> None:
        self._engine: AsyncEngine = create_async_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)

    async def write(self, work: Callable[[Connection], Result], *, durable: bool) -> Result:
        async with self._engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
            return await connection.run_sync(work)

    async def forget(self) -> None:
        await self._engine.dispose()


def _make_private_file(path: Path) -> None:
    """Create the file readable by its owner only (it holds phone numbers); SQLite gives its side files the same
    mode.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(engine: Engine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
