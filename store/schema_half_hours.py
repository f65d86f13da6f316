"""Tables of what was counted by half hours; see ``store.half_hours``."""

from typing import Final

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, Table, Text, UniqueConstraint

from store.schema import metadata

half_hours: Final = Table(
    "half_hours",
    metadata,
    Column("start", Float, primary_key=True, autoincrement=False),  # UTC
    Column("counted", Boolean, nullable=False, server_default="0", index=True),
    Column("touched", Integer, nullable=False, server_default="0"),  # facts that came after the row was made
    Column("tallies", LargeBinary, nullable=False),  # of queues, see reports.half_hours
    Column("sums", LargeBinary, nullable=False),  # their groups
    Column("work", LargeBinary),  # of agents, see reports.agent_half_hours
    Column("line_tallies", LargeBinary),  # of queues and lines
    Column("line_sums", LargeBinary),
)

half_hour_cells: Final = Table(
    "half_hour_cells",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("queue", Text, nullable=False, server_default=""),
    Column("line", Text, nullable=False, server_default=""),
    UniqueConstraint("queue", "line"),
)

half_hour_agents: Final = Table(
    "half_hour_agents",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("agent", Text, nullable=False, unique=True),
)
