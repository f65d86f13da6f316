"""Tables of who may be called: decisions, bars, consents, and the ledger that chains them; see ``store.schema``."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text

from store.schema import metadata

_BigKey: Final = BigInteger().with_variant(Integer, "sqlite")

decisions: Final = Table(
    "decisions",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("at", Float, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("contact", _BigKey, nullable=False),
    Column("attempt", Text, nullable=False, server_default=""),
    Column("allowed", Boolean, nullable=False),
    Column("rule", Text, nullable=False, server_default=""),
    Column("not_before", Float),
    Index("ix_decisions_contact_seq", "contact", "seq"),
)

number_bars: Final = Table(
    "number_bars",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("by", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("campaign", Text, nullable=False, server_default=""),
    Column("contact", _BigKey, nullable=False, server_default="0"),
    Column("call_id", Text, nullable=False, server_default=""),
    Column("freed_at", Float),
    Column("freed_by", Text, nullable=False, server_default=""),
    Column("freed_why", Text, nullable=False, server_default=""),
    Index("ix_number_bars_number_kind", "number", "kind"),
    Index("ix_number_bars_call_id", "call_id"),
)
"""Each bar that was ever put; it holds while ``freed_at`` is NULL."""

consents: Final = Table(
    "consents",
    metadata,
    Column("seq", _BigKey, primary_key=True, autoincrement=False),  # of the event
    Column("number", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("given_at", Float, nullable=False),
    Column("at", Float, nullable=False),  # when it was put on record
    Column("by", Text, nullable=False),
    Column("withdrawn_at", Float),
    Column("withdrawn_by", Text, nullable=False, server_default=""),
    Column("withdrawn_why", Text, nullable=False, server_default=""),
    Index("ix_consents_number_purpose", "number", "purpose"),
    Index("ix_consents_evidence", "evidence"),
)
"""Each consent that was ever given; it holds while ``withdrawn_at`` is NULL."""

consent_lists: Final = Table(
    "consent_lists",
    metadata,
    Column("id", _BigKey, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),  # see ``store.lists``
    Column("owner", Text, nullable=False),  # the process that reads it
    Column("by", Text, nullable=False),  # the account that asked
    Column("made_at", Float, nullable=False),
    Column("touched_at", Float, nullable=False),
    Column("rows", Integer, nullable=False, server_default="0"),
)
"""Lists of consents that are on their way on record (``store.consent_lists``)."""

staged_consents: Final = Table(
    "staged_consents",
    metadata,
    Column("list", _BigKey, primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("given_at", Float, nullable=False),
    sqlite_with_rowid=False,
)
"""Their rows, which nobody sees."""

ledger: Final = Table(
    "ledger",
    metadata,
    Column("line", _BigKey, primary_key=True, autoincrement=False),  # 1, 2, 3, … without gaps
    Column("event", Text, nullable=False, unique=True),
    Column("text", Text, nullable=False),  # canonical JSON, with the hash of the line before
    Column("hash", Text, nullable=False),  # SHA-256 of ``text``, hexadecimal
)
"""See ``store.ledger``."""
