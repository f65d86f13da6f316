"""Tables of cars, their owners and their history; see ``store.schema`` and ``desk.records``. Days are ISO text."""

from typing import Final

from sqlalchemy import Boolean, Column, Integer, Table, Text

from store.schema import metadata


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


vehicles: Final = Table(
    "vehicles",
    metadata,
    Column("key", Text, primary_key=True),
    Column("vin", Text, nullable=False, server_default="", index=True),
    Column("plate", Text, nullable=False, server_default="", index=True),
    _text("model"),
    _text("segment"),
    _text("plated"),
)

ownerships: Final = Table(
    "ownerships",
    metadata,
    Column("vehicle", Text, primary_key=True),
    Column("number", Text, primary_key=True, index=True),
    Column("since", Text, primary_key=True),
    _text("name"),
    _text("until"),
    Column("replaced", Boolean, nullable=False, server_default="0"),
    Column("km_since", Integer),
    _text("known_since"),
)

service_visits: Final = Table(
    "service_visits",
    metadata,
    Column("vehicle", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("km", Integer),
    _text("note"),
)

sales: Final = Table(
    "sales",
    metadata,
    Column("vehicle", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("price_yuan", Integer),
    _text("seller"),
)

complaints: Final = Table(
    "complaints",
    metadata,
    Column("number", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("mark", Text, primary_key=True),  # of the text: its SHA-256
    _text("text"),
    _text("department"),
    _text("vehicle"),
    _text("closed"),
)
