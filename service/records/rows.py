"""Follow-up rows: finding them by state, and moving them by the table of transitions, which tells their story."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
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
    return list(tx.execute(holding(sa.select(follow_ups).where(*where))))


def holding(rows: sa.Select[Any]) -> sa.Select[Any]:
    """Everybody locks several rows in the order of their ids: so nobody waits in a circle."""
    return rows.order_by(follow_ups.c.id).with_for_update()


def move(
    tx: Connection,
    rows: Iterable[Row[Any]],
    event: Event,
    at: datetime,
    also: Callable[[Row[Any]], Mapping[str, object]] = lambda row: {},
    *,
    reason: str = "",
) -> list[str]:
    """Moves each row that the event may move, of rows that this transaction holds; the ids of those that it moved.

    What `also` gives for a row is changed with its state.
    """
    moved = [(row, following) for row in rows if (following := after(State(row.state), event))]
    put(tx, [{"row": row.id, "state": following, "changed_at": at, **also(row)} for row, following in moved])
    tell(tx, [line(row.id, row.state, event, following, at, reason=reason) for row, following in moved])
    return [row.id for row, _ in moved]


_PUT = follow_ups.update().where(follow_ups.c.id == sa.bindparam("row", type_=sa.Text))


def put(tx: Connection, changes: Sequence[Mapping[str, object]]) -> None:
    """Each has the same columns, and the row's id under `row`."""
    if changes:
        tx.execute(_PUT, changes)


_TELL = transitions.insert().inline()


def tell(tx: Connection, lines: Sequence[Mapping[str, object]]) -> None:
    """Adds lines to the stories of their rows."""
    if lines:
        tx.execute(_TELL, lines)


def line(
    id_: str,
    before: str | None,
    event: str,
    following: State,
    at: datetime,
    *,
    reason: str = "",
    code: int | None = None,
) -> Mapping[str, object]:
    return {
        "follow_up": id_,
        "before": before,
        "event": event,
        "after": following,
        "reason": reason,
        "code": code,
        "at": at,
    }


_FORGET_STORY = transitions.delete().where(transitions.c.follow_up == sa.bindparam("row", type_=sa.Text))
_FORGET_ROW = follow_ups.delete().where(follow_ups.c.id == sa.bindparam("row", type_=sa.Text))


def remove(tx: Connection, ids: Collection[str]) -> None:
    """Rows and their stories."""
    rows = [{"row": id_} for id_ in ids]
    for forget in (_FORGET_STORY, _FORGET_ROW) if rows else ():
        tx.execute(forget, rows)
