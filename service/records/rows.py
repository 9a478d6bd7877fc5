"""Follow-up rows: finding them by state, and moving them by the table of transitions, which tells their story."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from service.policy.ledger import Event, State, after
from service.records.tables import follow_ups, transitions


def is_state(states: Collection[State]) -> sa.ColumnElement[bool]:
    """Spelled out in the statement, not bound: so a prepared one, too, is planned with the partial index."""
    spelled = [_spelled(state) for state in sorted(states)]
    among = follow_ups.c.state == spelled[0] if len(spelled) == 1 else follow_ups.c.state.in_(spelled)
    # SQLite does not conclude the index's own condition from another one.
    return among if State.PLANNED in states else sa.and_(has_begun(), among)


def has_begun() -> sa.ColumnElement[bool]:
    return follow_ups.c.state != _spelled(State.PLANNED)


def _spelled(state: State) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{state.value}'", sa.Text)


def locked(tx: Connection, *where: sa.ColumnElement[bool]) -> list[Row[Any]]:
    """The rows, held until the transaction ends. Rows that another transaction holds are waited for."""
    found = sa.select(follow_ups).where(*where).order_by(follow_ups.c.id).with_for_update()
    return list(tx.execute(found))


def move(
    tx: Connection, rows: Iterable[Row[Any]], event: Event, at: datetime, *, reason: str = "", **values: object
) -> list[str]:
    """Moves each row that the event may move, of rows that this transaction holds; the ids of those that it moved."""
    moved = []
    for before, group in groupby(sorted(rows, key=lambda row: str(row.state)), key=lambda row: State(row.state)):
        following = after(before, event)
        if following:
            ids = [row.id for row in group]
            put(tx, ids, following, at, **values)
            tell(tx, ids, before, event, following, at, reason=reason)
            moved += ids
    return moved


def put(tx: Connection, ids: Collection[str], state: State, at: datetime, **values: object) -> None:
    tx.execute(follow_ups.update().where(follow_ups.c.id.in_(ids)).values(state=state, changed_at=at, **values))


def tell(
    tx: Connection,
    ids: Iterable[str],
    before: State | None,
    event: str,
    following: State,
    at: datetime,
    *,
    reason: str = "",
    code: int | None = None,
) -> None:
    """Adds a line to the story of each row."""
    line = {"before": before, "event": event, "after": following, "reason": reason, "code": code, "at": at}
    lines = [{"follow_up": id_, **line} for id_ in ids]
    if lines:
        tx.execute(transitions.insert(), lines)


def remove(tx: Connection, ids: Collection[str]) -> None:
    """Rows and their stories."""
    tx.execute(transitions.delete().where(transitions.c.follow_up.in_(ids)))
    tx.execute(follow_ups.delete().where(follow_ups.c.id.in_(ids)))
