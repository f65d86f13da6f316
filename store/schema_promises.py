"""The table of promises to call contacts of campaigns; see ``store.schema``."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from store.schema import metadata

_BigKey: Final = BigInteger().with_variant(Integer, "sqlite")

promises: Final = Table(
    "promises",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("campaign", Text, nullable=False),
    Column("contact", _BigKey, nullable=False, index=True),
    Column("call_at", Float, nullable=False),
    Column("agent", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("made_at", Float, nullable=False),
    Column("open", Boolean, nullable=False),
    Index("ix_promises_campaign_open_call_at", "campaign", "open", "call_at"),
)
"""Each promise that was ever made; it is open until the contact is done, or another one takes its place."""
