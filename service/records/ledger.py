"""The way of a follow-up from planned to sent: handed over, claimed, recorded. Each step is one row's, or a batch's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from service.policy.conversation import FollowUpId, Kind, Language, SenderKey
from service.policy.ledger import EVIDENCE, SETTLED, DueFollowUp, Event, State, after
from service.records.effects import FORGOTTEN, is_opted_out
from service.records.rows import holding, is_state, line, move, put, remove, tell
from service.records.tables import Instant, follow_ups, opt_outs, pace
from service.records.writing import insert_new

BURST = timedelta(seconds=2)
"""What is not handed over in this time is not made up for: carriers count by the second."""

_CLOCK_SKEW = timedelta(minutes=1)


def hand_over(tx: Connection, now: datetime, *, rate: float, limit: int) -> list[FollowUpId]:
    most = max(1.0, rate * BURST.total_seconds())
    insert_new(tx, pace, id=1, at=now, budget=most)
    last = tx.execute(sa.select(pace).with_for_update()).one()
    if last.not_before and now < last.not_before:
        return []
    # A clock a little behind another one gains nothing by it; one that was set back starts anew.
    elapsed = max(0.0, (now - last.at).total_seconds())
    at = max(last.at, now) if last.at - now < _CLOCK_SKEW else now
    budget = min(most, last.budget + rate * elapsed)
    rows = _due(tx, now, min(limit, int(budget)))
    ids = move(tx, rows, Event.HAND_OVER, now)
    tx.execute(pace.update().values(at=at, budget=budget - len(ids)))
    return [FollowUpId(row.id) for row in rows]


_NOW = sa.bindparam("now", type_=Instant)
_DUE = [
    sa.select(follow_ups.c.id, follow_ups.c.state)
    .where(is_state({State.PLANNED}), follow_ups.c.urgent.is_(urgent))
    .where(follow_ups.c.due_at <= _NOW, follow_ups.c.expires_at > _NOW)
    .order_by(follow_ups.c.due_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    for urgent in (True, False)
]
"""The urgent ones first, then by due time. Two reads, so that each walks its part of the index and no further."""


def _due(tx: Connection, now: datetime, limit: int) -> list[Row[Any]]:
    rows: list[Row[Any]] = []
    for due in _DUE:
        if limit > len(rows):
            rows += tx.execute(due, {"now": now, "most": limit - len(rows)})
    return rows


def pause(tx: Connection, until: datetime) -> None:
    insert_new(tx, pace, id=1, at=until, budget=0.0)
    later = sa.or_(pace.c.not_before.is_(None), pace.c.not_before < until)
    tx.execute(pace.update().where(later).values(not_before=until))


_PAUSED = sa.select(sa.true()).where(pace.c.not_before > _NOW)


def is_paused(tx: Connection, now: datetime) -> bool:
    return tx.scalar(_PAUSED, {"now": now}) is not None


_UNWANTED = sa.or_(sa.func.coalesce(is_opted_out(), sa.false()), follow_ups.c.afterwards.is_not(None))
"""Their sender has opted out, or has ended this very one while it was in flight."""
_WITH_THE_SENDER = sa.select(follow_ups, _UNWANTED.label("unwanted")).outerjoin_from(
    follow_ups, opt_outs, follow_ups.c.sender == opt_outs.c.sender
)
_TO_CLAIM = (
    _WITH_THE_SENDER.where(follow_ups.c.id.in_(sa.bindparam("ids", expanding=True)), is_state({State.QUEUED}))
    .order_by(follow_ups.c.urgent.desc(), follow_ups.c.due_at, follow_ups.c.id)
    .with_for_update(of=follow_ups, skip_locked=True)
)
_CLAIMED = _WITH_THE_SENDER.where(
    follow_ups.c.id == sa.bindparam("row", type_=sa.Text),
    follow_ups.c.attempts == sa.bindparam("attempt", type_=sa.Integer),
    is_state({State.CLAIMED}),
)


def claim(tx: Connection, ids: Collection[FollowUpId], now: datetime) -> list[DueFollowUp]:
    if is_paused(tx, now):
        return []
    rows = tx.execute(_TO_CLAIM, {"ids": list(ids)}).all()
    move(tx, rows, Event.CLAIM, now, lambda row: {"claimed_at": now, "attempts": row.attempts + 1, "listings": 0})
    return [_due_one(row, now, row.attempts + 1) for row in rows]


def claimed(tx: Connection, id_: FollowUpId, attempt: int) -> DueFollowUp | None:
    row = tx.execute(_CLAIMED, {"row": id_, "attempt": attempt}).one_or_none()
    return _due_one(row, row.claimed_at, attempt) if row else None


def _due_one(row: Row[Any], claimed_at: datetime, attempts: int) -> DueFollowUp:
    return DueFollowUp(
        id=FollowUpId(row.id),
        sender=SenderKey(row.sender),
        sealed_number=row.sealed_number,
        plan=row.plan,
        step=row.step,
        reply=row.reply,
        language=Language(row.language),
        due_at=row.due_at,
        expires_at=row.expires_at,
        zone=row.zone,
        window=(row.from_hour, row.until_hour),
        after_danger=Kind(row.after_danger) if row.after_danger else None,
        attempts=attempts,
        claimed_at=claimed_at,
        opted_out=row.unwanted,
        brings=row.brings,
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """What is to be recorded of one row."""

    id: FollowUpId
    event: Event
    at: datetime
    attempt: int | None = None
    provider_sid: str | None = None
    code: int | None = None
    reason: str = ""
    not_before: datetime | None = None


_c = follow_ups.c
_TO_RECORD = holding(
    sa.select(_c.id, _c.state, _c.attempts, _c.afterwards, _c.due_at, _c.expires_at, _c.claimed_at, _c.provider_sid)
    .where(_c.id.in_(sa.bindparam("ids", expanding=True)))
)  # fmt: skip


def record_all(tx: Connection, happened: Sequence[Happened]) -> list[State | None]:
    """None: it was not allowed, nothing happened."""
    ids = {one.id for one in happened}
    rows = {row.id: row for row in tx.execute(_TO_RECORD, {"ids": list(ids)})}
    if len(ids) < len(happened):  # two of one row: each in the light of the one before
        return [record_all(tx, [one])[0] for one in happened]
    states = [_following(rows[one.id], one) if one.id in rows else None for one in happened]
    moved = [(rows[one.id], one, state) for one, state in zip(happened, states, strict=True) if state]
    put(tx, [_change(row, one, state) for row, one, state in moved])
    tell(
        tx,
        [line(row.id, row.state, one.event, to, one.at, reason=one.reason, code=one.code) for row, one, to in moved],
    )
    remove(tx, [row.id for row, _, state in moved if row.afterwards == FORGOTTEN and state in SETTLED])
    return states


def _following(row: Row[Any], one: Happened) -> State | None:
    if one.attempt is not None and one.attempt != row.attempts and one.event not in EVIDENCE:
        return None  # what a worker says of a claim that was given up since
    following = after(State(row.state), one.event)
    return State.CANCELLED if following is State.PLANNED and row.afterwards else following


def _change(row: Row[Any], one: Happened, state: State) -> dict[str, object]:
    due_at, expires_at, claimed_at = row.due_at, row.expires_at, row.claimed_at
    if state is State.PLANNED:
        due_at, claimed_at = max(due_at, one.not_before or due_at), None
    if state is State.PLANNED and one.event is Event.POSTPONE:
        # Only what is postponed on purpose is given more time; a failure does not make a stale text welcome.
        expires_at += due_at - row.due_at
    return {
        "row": row.id,
        "state": state,
        "changed_at": one.at,
        "provider_sid": one.provider_sid or row.provider_sid,
        "due_at": due_at,
        "expires_at": expires_at,
        "claimed_at": claimed_at,
    }
