"""Tables of what agents and supervisors say of calls; see ``store.schema``."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from store.schema import metadata

dispositions: Final = Table(
    "dispositions",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),  # of the event
    Column("call_id", Text, nullable=False, index=True),
    Column("agent", Text, nullable=False, server_default=""),
    Column("queue", Text, nullable=False, server_default=""),
    Column("code", Text, nullable=False, server_default=""),  # "": demanded, but not given
    Column("at", Float, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("date", Text, nullable=False, server_default=""),
    Column("plate", Text, nullable=False, server_default=""),
    Column("customer", Text, nullable=False, server_default=""),
    Column("stands", Boolean, nullable=False, server_default="1"),  # until another word is said of the same talk
    Index("ix_dispositions_at", "at"),
)
"""Each word that was ever said of a talk; the last one stands."""
