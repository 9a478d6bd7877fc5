"""An engineer's hand on the ledger: rows found, one cancelled, one that certainly never left planned anew."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from service.policy.conversation import FollowUpId
from service.policy.ledger import Event, Standing, State, why_not_again
from service.policy.local_time import Window
from service.records.effects import CANCELLED, on_record
from service.records.rows import is_state, line, locked, move, put, tell
from service.records.sweeps import standing
from service.records.tables import follow_ups, opt_outs, transitions
from service.records.writing import insert_new

BY_HAND = "by hand: "
"""How the reason of what an engineer did begins, in the row's story."""


class NotDone(Exception):
    """The ledger stands as it did. The message says why, for the engineer."""


def listing(tx: Connection, states: Collection[State], plan: str | None, limit: int) -> list[Standing]:
    """The latest changed first."""
    c = follow_ups.c
    which = (is_state(states), *((c.plan == plan,) if plan else ()))
    rows = tx.execute(sa.select(follow_ups).where(*which).order_by(c.changed_at.desc(), c.id).limit(limit))
    return [standing(row) for row in rows]


def one(tx: Connection, id_: FollowUpId) -> Standing | None:
    row = tx.execute(sa.select(follow_ups).where(follow_ups.c.id == id_)).one_or_none()
    return standing(row) if row else None


def cancel(tx: Connection, id_: FollowUpId, why: str, now: datetime) -> State:
    """Its state then. One that a worker has in hand stays there, and is not sent again whatever becomes of it."""
    row = _found(tx, id_)
    if move(tx, [row], Event.CANCEL, now, reason=BY_HAND + why):
        return State.CANCELLED
    state = State(row.state)
    if state not in (State.CLAIMED, State.UNKNOWN):
        raise NotDone(f"it is {state}: there is nothing left to cancel")
    put(tx, [{"row": id_, "afterwards": row.afterwards or CANCELLED}])
    tell(tx, [line(id_, state, "cancel", state, now, reason=BY_HAND + why)])
    return state


def again_as(id_: FollowUpId) -> FollowUpId:
    """The id of what a row is planned anew as: always the same, so it is planned anew once."""
    return FollowUpId(hashlib.sha256(f"{id_}/again".encode()).hexdigest()[:32])


def replay(tx: Connection, id_: FollowUpId, why: str, now: datetime) -> FollowUpId:
    """The id of a new row like it, due as soon as its person's hours allow. Raises NotDone."""
    row = _found(tx, id_)
    if refusal := why_not_again(State(row.state), by_hand=_ended_by_hand(tx, id_)):
        raise NotDone(refusal)
    if row.sealed_number is None:
        raise NotDone("its number was deleted: that is done some days after a follow-up's end")
    if on_record(tx, row.sender).opted_out or _ended_since(tx, row):
        raise NotDone("its person has asked for no more texts since")
    due_at = Window(row.zone, row.from_hour, row.until_hour).next(now)
    anew = {
        **row._mapping,
        "id": again_as(id_),
        "state": State.PLANNED,
        "due_at": due_at,
        "expires_at": due_at + (row.expires_at - row.due_at),
        "afterwards": None,
        "attempts": 0,
        "listings": 0,
        "planned_at": now,
        "claimed_at": None,
        "changed_at": now,
        "provider_sid": None,
    }
    if not insert_new(tx, follow_ups, **anew):
        raise NotDone(f"it was planned anew already, as {again_as(id_)}")
    tell(tx, [line(again_as(id_), None, "plan", State.PLANNED, now, reason=f"{BY_HAND}{why} (instead of {id_})")])
    return again_as(id_)


def _found(tx: Connection, id_: FollowUpId) -> Row[tuple[object, ...]]:
    rows = locked(tx, follow_ups.c.id == id_)
    if not rows:
        raise NotDone("there is no such follow-up: `followups` lists them")
    return rows[0]


def _ended_by_hand(tx: Connection, id_: FollowUpId) -> bool:
    said = (transitions.c.follow_up == id_, transitions.c.reason.startswith(BY_HAND, autoescape=True))
    return tx.scalar(sa.select(sa.true()).where(*said, transitions.c.event == Event.CANCEL).limit(1)) is not None


def _ended_since(tx: Connection, row: Row[tuple[object, ...]]) -> bool:
    ended_at = tx.scalar(sa.select(opt_outs.c.ended_at).where(opt_outs.c.sender == row.sender))
    return ended_at is not None and ended_at >= row.planned_at
