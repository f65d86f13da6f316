"""Brings a database to the newest schema, at every start, in one transaction; a file that is up to date is not
touched.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from core.errors import ConfigError

_FOLDER: Final = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Run the migrations that ``connection``'s database lacks; ``ConfigError`` if it was made by a newer version."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise ConfigError([f"database: its schema {current!r} comes from a newer Line400; update the program"])
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
