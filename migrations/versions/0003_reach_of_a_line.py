"""Counts by the help lines given, and by the release that gave them: how many were told a wrong number."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_BEFORE = ("day", "level", "kind", "route", "line", "language", "state", "segments")


def upgrade() -> None:
    # A primary key cannot be widened in SQLite, so the table is made anew.
    op.create_table(
        "counts_by_release",
        *(sa.Column(name, sa.Text, nullable=False) for name in _BEFORE[:-1]),
        sa.Column("segments", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("release", sa.Text, nullable=False),
        sa.Column("answers", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(*_BEFORE, "release"),
    )
    columns = ", ".join(_BEFORE)
    op.execute(
        f"INSERT INTO counts_by_release ({columns}, release, answers) SELECT {columns}, '', answers FROM counts"  # noqa: S608
    )
    op.drop_table("counts")
    op.rename_table("counts_by_release", "counts")
