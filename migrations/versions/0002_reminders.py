"""What MORE goes on with after a reminder."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("follow_ups", sa.Column("brings", sa.Text, nullable=False, server_default=""))
