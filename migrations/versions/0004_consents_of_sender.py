"""How often somebody said YES to a plan is looked up at each YES."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("consents_of_sender", "consents", ["sender", "plan", "at"])
