"""Tables of selections, of whom they bring in anew, of the outlooks that they may ask for, and of cars in stock; see
``store.schema``.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from store.schema import metadata

_BigKey: Final = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


selections: Final = Table(
    "selections",
    metadata,
    Column("name", Text, primary_key=True),
    Column("conditions", Text, nullable=False),  # JSON, see ``store.selections``
    _text("by"),
    Column("at", Float, nullable=False),
)

outlooks: Final = Table(
    "outlooks",
    metadata,
    Column("vehicle", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("since", Text, primary_key=True),
    Column("within_3", Float, nullable=False),
    Column("within_6", Float, nullable=False),
    Column("within_12", Float, nullable=False),
    Column("at", Float, nullable=False),
)
"""Of each ownership that has not ended, as the cycle was fitted last: the chance to replace within so many months."""

stock: Final = Table(
    "stock",
    metadata,
    Column("vin", Text, primary_key=True),
    Column("model", Text, nullable=False, index=True),
    _text("colour"),
    Column("year", Integer),
    Column("price_yuan", Integer),
    _text("since"),
    _text("state"),
)

holdouts: Final = Table(
    "holdouts",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("percent", Integer, nullable=False),
    Column("key", Text, nullable=False),  # hexadecimal
    _text("by"),
    Column("at", Float, nullable=False),
)

feeds: Final = Table(
    "feeds",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("selection", Text, nullable=False),
    Column("living", Boolean, nullable=False),
    _text("by"),
    Column("at", Float, nullable=False),
    Column("looked_at", Float),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("held_out", Integer, nullable=False, server_default="0"),
    Column("aside", Integer, nullable=False, server_default="0"),
    Column("again_days", Integer, nullable=False, server_default="0"),
)
"""The selection that a campaign's people come from."""

chosen: Final = Table(
    "chosen",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("person", _BigKey, primary_key=True, autoincrement=False),
)
"""Who came into a campaign by a selection, rather than by a list."""

contact_rounds: Final = Table(
    "contact_rounds",
    metadata,
    Column("contact", _BigKey, primary_key=True, autoincrement=False),
    Column("round", Integer, primary_key=True, autoincrement=False),  # 2 and more: the first needs no row
    Column("campaign", Text, nullable=False),
    Column("since", Float, nullable=False),
    Index("ix_contact_rounds_campaign_round", "campaign", "round"),
)
"""Contacts who were called anew: attempts from ``since`` on are of that round; see ``store.rounds``."""
