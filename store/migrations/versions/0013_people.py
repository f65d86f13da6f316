"""People with their numbers, over all lists; lists on their way in. Whoever is in a campaign becomes a person."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", _KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "person_numbers",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("person", _KEY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_person_numbers_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_person_numbers")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_person_numbers_person_place", "person_numbers", ["person", "place"], unique=False)
    op.create_table(
        "imports",
        sa.Column("id", _KEY, autoincrement=False, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("touched_at", sa.Float(), nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "staged",
        sa.Column("import", _KEY, autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("others", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import", "line", name=op.f("pk_staged")),
        sqlite_with_rowid=False,
    )
    op.add_column("contacts", sa.Column("person", _KEY, server_default="0", nullable=False))
    # A list had one number for each contact: whoever had it is one person, by his name in the first list.
    op.execute(
        "INSERT INTO people (id, name, made_at) SELECT c.id, c.name, k.created_at FROM contacts c "
        "JOIN campaigns k ON k.name = c.campaign WHERE c.id IN (SELECT MIN(id) FROM contacts GROUP BY number)"
    )
    op.execute(
        "INSERT INTO person_numbers (number, person, place) SELECT number, MIN(id), 0 FROM contacts GROUP BY number"
    )
    op.execute("UPDATE contacts SET person = (SELECT n.person FROM person_numbers n WHERE n.number = contacts.number)")
    op.create_index("ix_contacts_person", "contacts", ["person"], unique=False)
