"""Selections, outlooks, cars in stock; whoever is on record becomes a person, by his number."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

_ON_RECORD = (
    "SELECT number, name FROM ownerships UNION ALL SELECT number, '' FROM sales UNION ALL "
    "SELECT number, '' FROM complaints"
)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "selections",
        _key("name"), _key("conditions"), _text("by"),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_selections")),
    )  # fmt: skip
    op.create_table(
        "outlooks",
        _key("vehicle"), _key("number"), _key("since"),
        sa.Column("within_3", sa.Float(), nullable=False),
        sa.Column("within_6", sa.Float(), nullable=False),
        sa.Column("within_12", sa.Float(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle", "number", "since", name=op.f("pk_outlooks")),
    )  # fmt: skip
    op.create_table(
        "stock",
        _key("vin"), _key("model"), _text("colour"),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("price_yuan", sa.Integer(), nullable=True),
        _text("since"), _text("state"),
        sa.PrimaryKeyConstraint("vin", name=op.f("pk_stock")),
    )  # fmt: skip
    op.create_index(op.f("ix_stock_model"), "stock", ["model"], unique=False)
    connection = op.get_bind()
    unknown = connection.execute(
        sa.text(
            f"SELECT r.number, MAX(r.name) FROM ({_ON_RECORD}) r "
            "WHERE r.number NOT IN (SELECT number FROM person_numbers) GROUP BY r.number ORDER BY r.number"
        )
    ).all()
    last = connection.scalar(sa.text("SELECT COALESCE(MAX(id), 0) FROM people"))
    people = [{"id": last + place, "name": name} for place, (_, name) in enumerate(unknown, 1)]
    numbers = [{"id": last + place, "number": number} for place, (number, _) in enumerate(unknown, 1)]
    if people:
        connection.execute(sa.text("INSERT INTO people (id, name, made_at) VALUES (:id, :name, 0)"), people)
        connection.execute(
            sa.text("INSERT INTO person_numbers (number, person, place) VALUES (:number, :id, 0)"), numbers
        )
