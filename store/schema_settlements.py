"""The table of what dispositions of campaigns' calls meant for the contacts; see ``store.schema``."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from store.schema import metadata

_BigKey: Final = BigInteger().with_variant(Integer, "sqlite")

settlements: Final = Table(
    "settlements",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("campaign", Text, nullable=False),
    Column("contact", _BigKey, nullable=False),
    Column("attempt", Text, nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("then", Text, nullable=False, server_default=""),  # see ``desk.dispositions.Then``
    Column("agreed", Boolean, nullable=False, server_default="0"),
    Column("again_at", Float),
    Column("at", Float, nullable=False),
    Column("stands", Boolean, nullable=False, server_default="1"),  # until another word is said of the same attempt
    Index("ix_settlements_campaign_stands", "campaign", "stands"),
)
"""Each word that was ever said of a campaign's talk, as far as it matters for the contact; the last one stands."""
