"""The table of what owners said of replacing their cars; see ``store.schema`` and ``desk.interest``."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from store.schema import metadata

_BigKey: Final = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


interests: Final = Table(
    "interests",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("call_id", Text, nullable=False, index=True),
    Column("person", _BigKey, nullable=False),
    Column("number", Text, nullable=False),
    _text("vehicle"),
    Column("level", Text, nullable=False),
    Column("day", Text, nullable=False),
    _text("note"),
    _text("agent"),
    _text("by"),
    Column("at", Float, nullable=False),
    Column("stands", Boolean, nullable=False, server_default="1"),  # until another word is said of the same car
    Index("ix_interests_person_vehicle", "person", "vehicle"),
)
"""Each word that was ever said; of a person and a car the last one stands."""
