"""The table of trade-in offers that people have made; see ``store.schema`` and ``desk.offers``."""

from typing import Final

from sqlalchemy import Column, Float, Integer, Table, Text

from store.schema import metadata

tradein_offers: Final = Table(
    "tradein_offers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("terms", Text, nullable=False),  # JSON object with the keys of [[offer]]
    Column("place", Integer, nullable=False),  # the least first: the first that fits a car is the one that is made
    Column("made_at", Float, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("changed_by", Text, nullable=False),
)
"""Offers that are not those of the configuration. All that was ever changed is in the log (``desk.offer_facts``)."""
