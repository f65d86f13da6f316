"""Tables of people and of lists on their way in; see ``store.schema``."""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, Table, Text

from store.schema import contacts, metadata

_BigKey: Final = BigInteger().with_variant(Integer, "sqlite")

people: Final = Table(
    "people",
    metadata,
    Column("id", _BigKey, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("made_at", Float, nullable=False),
)

person_numbers: Final = Table(
    "person_numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("person", _BigKey, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),  # 0 is tried first
    Index("ix_person_numbers_person_place", "person", "place"),
    sqlite_with_rowid=False,
)

Index("ix_contacts_person", contacts.c.person)

imports: Final = Table(
    "imports",
    metadata,
    Column("id", _BigKey, primary_key=True, autoincrement=False),
    Column("campaign", Text, nullable=False),
    Column("state", Text, nullable=False),  # see ``store.lists``
    Column("owner", Text, nullable=False),  # the process that reads it
    Column("made_at", Float, nullable=False),
    Column("touched_at", Float, nullable=False),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("first", _BigKey, nullable=False, server_default="0"),  # id of its first contact
    Column("weight", Integer, nullable=False, server_default="1"),
    Column("quota", Integer, nullable=False, server_default="0"),  # 0: none
    Column("completed", Integer, nullable=False, server_default="0"),
)

staged: Final = Table(
    "staged",
    metadata,
    Column("import", _BigKey, primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False),
    Column("others", Text, nullable=False, server_default=""),  # further numbers, a space between
    Column("name", Text, nullable=False, server_default=""),
    Column("fields", Text, nullable=False),
    Column("person", _BigKey, nullable=False, server_default="0"),  # where it does not follow from the number alone
    sqlite_with_rowid=False,
)
"""Rows of lists that are not decided: nobody sees them."""
