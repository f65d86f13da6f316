"""The person of a row that is on its way into a campaign, where several numbers tell it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("staged", sa.Column("person", _KEY, server_default="0", nullable=False))
