"""Runs the migrations with alembic."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from core.errors import ConfigError

_FOLDER: Final = Path(__file__).parent / "migrations"


def run_migrations(connection: Connection, current: str | None) -> None:
    """Those that a database with the schema ``current`` lacks; ``ConfigError`` where it was made by a newer version."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise ConfigError([f"database: its schema {current!r} comes from a newer Line400; update the program"])
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
