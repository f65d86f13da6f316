"""Brings a database to the newest schema, at every start, in one transaction; a file that is up to date is not
touched.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


def upgrade(connection: Connection) -> None:
    """Run the migrations that ``connection``'s database lacks; ``ConfigError`` if it was made by a newer version."""
    current = _schema_of(connection)
    if current == newest():
        return
    from store.alembic_run import run_migrations  # noqa: PLC0415 - loads alembic, which most starts do without

    run_migrations(connection, current)


def newest() -> str:
    """The schema that this version of the program works with: files of migrations begin with their number."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))


def _schema_of(connection: Connection) -> str | None:
    """Alembic's mark in the database; None in an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    marks = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return str(marks[0]) if marks else None
