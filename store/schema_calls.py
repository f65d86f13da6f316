"""Ways to find calls that ``store.schema`` has no room for."""

from typing import Final

from sqlalchemy import ColumnElement, Index, literal_column

from store.schema import calls

OUTWARD: Final[ColumnElement[bool]] = calls.c.direction == literal_column("'outbound'")
"""Calls that we made. It stands in the query word for word, or the index below would not serve it."""

Index("ix_calls_outward", calls.c.dnis, calls.c.started_at, sqlite_where=OUTWARD, postgresql_where=OUTWARD)
