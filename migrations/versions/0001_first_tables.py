"""The first tables: opt-outs, consents, follow-ups with their story, counts, marks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _instant(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def _table(name: str, *columns: sa.Column[object], key: tuple[str, ...]) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key))


def upgrade() -> None:
    _people()
    _follow_ups()
    _counts()
    _marks()


def _people() -> None:
    moments = [_instant(name, null=True) for name in ("out_at", "in_at", "ended_at")]
    _table("opt_outs", _text("sender"), *moments, _text("how", null=True), key=("sender",))
    words = [_text(name) for name in ("message", "plan", "sender", "wording", "release")]
    _table("consents", *words, _instant("at"), key=("message", "plan"))
    op.create_index("consents_by_time", "consents", ["at"])
    _table("applied", _text("message"), _text("outcome"), _instant("at"), key=("message",))
    op.create_index("applied_by_time", "applied", ["at"])


def _follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Text, primary_key=True),
        _text("sender"),
        _text("sealed_number", null=True),
        _text("plan"),
        sa.Column("step", sa.Integer, nullable=False),
        _text("reply"),
        _text("language"),
        _instant("due_at"),
        _instant("expires_at"),
        _text("zone"),
        sa.Column("from_hour", sa.Integer, nullable=False),
        sa.Column("until_hour", sa.Integer, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        _text("after_danger", null=True),
        _text("state"),
        _text("afterwards", null=True),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("listings", sa.Integer, nullable=False, server_default="0"),
        _instant("planned_at"),
        _instant("claimed_at", null=True),
        _instant("changed_at"),
        _text("provider_sid", null=True),
    )
    _partial_index("follow_ups_due", ["urgent", "due_at", "expires_at"], "state = 'planned'")
    _partial_index("follow_ups_begun", ["state", "changed_at"], "state != 'planned'")
    op.create_index("follow_ups_of_sender", "follow_ups", ["sender"])
    op.create_table(
        "transitions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        _text("follow_up"),
        _text("before", null=True),
        _text("event"),
        _text("after"),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("code", sa.Integer),
        _instant("at"),
    )
    op.create_index("transitions_of_follow_up", "transitions", ["follow_up"])
    one_row = sa.Column("id", sa.Integer, autoincrement=False)
    budget = sa.Column("budget", sa.Float, nullable=False)
    _table("pace", one_row, _instant("at"), budget, _instant("not_before", null=True), key=("id",))


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "follow_ups", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _counts() -> None:
    words = [_text(name) for name in ("day", "level", "kind", "route", "line", "language", "state")]
    segments = sa.Column("segments", sa.Integer, autoincrement=False)
    key = ("day", "level", "kind", "route", "line", "language", "state", "segments")
    _table("counts", *words, segments, sa.Column("answers", sa.BigInteger, nullable=False), key=key)
    _table("flushes", _text("id"), _instant("at"), key=("id",))


def _marks() -> None:
    words = [_text(name) for name in ("message", "reply", "level", "status")]
    _table("undelivered_answers", *words, sa.Column("code", sa.Integer), _instant("at"), key=("message",))
    op.create_index("undelivered_answers_by_time", "undelivered_answers", ["at"])
    _table("heartbeats", _text("name"), _instant("at"), key=("name",))
    _table("peppers", sa.Column("id", sa.Integer, autoincrement=False), _text("fingerprint"), key=("id",))
    _table("deletions", _text("id"), _text("sealed_number"), _instant("next_at"), key=("id",))
    op.create_index("deletions_by_time", "deletions", ["next_at"])
