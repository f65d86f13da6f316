"""Cars, who has had them, and what became of both."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "vehicles",
        _key("key"), _text("vin"), _text("plate"), _text("model"), _text("segment"), _text("plated"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_vehicles")),
    )  # fmt: skip
    op.create_index(op.f("ix_vehicles_vin"), "vehicles", ["vin"], unique=False)
    op.create_index(op.f("ix_vehicles_plate"), "vehicles", ["plate"], unique=False)
    op.create_table(
        "ownerships",
        _key("vehicle"), _key("number"), _key("since"), _text("name"), _text("until"),
        sa.Column("replaced", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("km_since", sa.Integer(), nullable=True),
        _text("known_since"),
        sa.PrimaryKeyConstraint("vehicle", "number", "since", name=op.f("pk_ownerships")),
    )  # fmt: skip
    op.create_index(op.f("ix_ownerships_number"), "ownerships", ["number"], unique=False)
    op.create_table(
        "service_visits",
        _key("vehicle"), _key("day"), _key("kind"),
        sa.Column("km", sa.Integer(), nullable=True),
        _text("note"),
        sa.PrimaryKeyConstraint("vehicle", "day", "kind", name=op.f("pk_service_visits")),
    )  # fmt: skip
    op.create_table(
        "sales",
        _key("vehicle"), _key("number"), _key("day"),
        sa.Column("price_yuan", sa.Integer(), nullable=True),
        _text("seller"),
        sa.PrimaryKeyConstraint("vehicle", "number", "day", name=op.f("pk_sales")),
    )  # fmt: skip
    op.create_table(
        "complaints",
        _key("number"), _key("day"), _key("mark"), _text("text"), _text("department"), _text("vehicle"),
        _text("closed"),
        sa.PrimaryKeyConstraint("number", "day", "mark", name=op.f("pk_complaints")),
    )  # fmt: skip
