"""The tables. No message text and no number that can be read is in any of them; `migrations/` makes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from service.policy.ledger import State

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment, kept as whole milliseconds since 1970 UTC: the same in every database, and sorts."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MILLISECOND


metadata = sa.MetaData()


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


opt_outs = sa.Table(
    "opt_outs",
    metadata,
    sa.Column("sender", sa.Text, primary_key=True),
    # The latest of each kind, whatever order they are written in: the later of the two is in force.
    sa.Column("out_at", Instant),
    sa.Column("in_at", Instant),
    sa.Column("how", sa.Text),
    # The latest text that ended what was planned: an earlier one, applied late, must not plan any more.
    sa.Column("ended_at", Instant),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("message", sa.Text, primary_key=True),
    sa.Column("plan", sa.Text, primary_key=True),
    _text("sender"),
    _text("wording"),
    _text("release"),
    sa.Column("at", Instant, nullable=False),
    sa.Index("consents_by_time", "at"),
    sa.Index("consents_of_sender", "sender", "plan", "at"),
)

applied = sa.Table(
    "applied",
    metadata,
    sa.Column("message", sa.Text, primary_key=True),
    _text("outcome"),
    sa.Column("at", Instant, nullable=False),
    sa.Index("applied_by_time", "at"),
)

follow_ups = sa.Table(
    "follow_ups",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _text("sender"),
    sa.Column("sealed_number", sa.Text),
    _text("plan"),
    sa.Column("step", sa.Integer, nullable=False),
    _text("reply"),
    _text("language"),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    _text("zone"),
    sa.Column("from_hour", sa.Integer, nullable=False),
    sa.Column("until_hour", sa.Integer, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("after_danger", sa.Text),
    # What MORE goes on with once a reminder is out: a topic and a part of it.
    _text("brings", ""),
    _text("state"),
    # What is to become of a row in flight, once it is known that it did not go out: "cancelled" or "forgotten".
    sa.Column("afterwards", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("listings", sa.Integer, nullable=False, server_default="0"),
    sa.Column("planned_at", Instant, nullable=False),
    sa.Column("claimed_at", Instant),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("provider_sid", sa.Text),
)

follow_ups_due = sa.Index(
    "follow_ups_due",
    follow_ups.c.urgent,
    follow_ups.c.due_at,
    follow_ups.c.expires_at,
    sqlite_where=follow_ups.c.state == State.PLANNED.value,
    postgresql_where=follow_ups.c.state == State.PLANNED.value,
)
follow_ups_begun = sa.Index(
    "follow_ups_begun",
    follow_ups.c.state,
    follow_ups.c.changed_at,
    sqlite_where=follow_ups.c.state != State.PLANNED.value,
    postgresql_where=follow_ups.c.state != State.PLANNED.value,
)
follow_ups_of_sender = sa.Index("follow_ups_of_sender", follow_ups.c.sender)

transitions = sa.Table(
    "transitions",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    _text("follow_up"),
    sa.Column("before", sa.Text),
    _text("event"),
    _text("after"),
    _text("reason", ""),
    sa.Column("code", sa.Integer),
    sa.Column("at", Instant, nullable=False),
    sa.Index("transitions_of_follow_up", "follow_up"),
)

pace = sa.Table(
    "pace",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("budget", sa.Float, nullable=False),
    sa.Column("not_before", Instant),
)

undelivered_answers = sa.Table(
    "undelivered_answers",
    metadata,
    sa.Column("message", sa.Text, primary_key=True),
    _text("reply"),
    _text("level"),
    _text("status"),
    sa.Column("code", sa.Integer),
    sa.Column("at", Instant, nullable=False),
    sa.Index("undelivered_answers_by_time", "at"),
)

counts = sa.Table(
    "counts",
    metadata,
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("level", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("route", sa.Text, primary_key=True),
    sa.Column("line", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, primary_key=True),
    sa.Column("segments", sa.Integer, primary_key=True),
    sa.Column("release", sa.Text, primary_key=True),
    sa.Column("answers", sa.BigInteger, nullable=False),
)

flushes = sa.Table(
    "flushes",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

heartbeats = sa.Table(
    "heartbeats",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)

peppers = sa.Table(
    "peppers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    _text("fingerprint"),
)

deletions = sa.Table(
    "deletions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    _text("sealed_number"),
    sa.Column("next_at", Instant, nullable=False),
    sa.Index("deletions_by_time", "next_at"),
)
