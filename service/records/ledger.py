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
from service.records.rows import is_state, locked, move, put, remove, tell
from service.records.tables import follow_ups, opt_outs, pace
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


def _due(tx: Connection, now: datetime, limit: int) -> list[Row[Any]]:
    """The urgent ones first, then by due time. Two reads, so that each walks its part of the index and no further."""
    rows: list[Row[Any]] = []
    for urgent in (True, False):
        if limit > len(rows):
            rows += tx.execute(
                sa.select(follow_ups.c.id, follow_ups.c.state)
                .where(is_state({State.PLANNED}), follow_ups.c.urgent.is_(urgent))
                .where(follow_ups.c.due_at <= now, follow_ups.c.expires_at > now)
                .order_by(follow_ups.c.due_at)
                .limit(limit - len(rows))
                .with_for_update(skip_locked=True)
            )
    return rows


def pause(tx: Connection, until: datetime) -> None:
    insert_new(tx, pace, id=1, at=until, budget=0.0)
    later = sa.or_(pace.c.not_before.is_(None), pace.c.not_before < until)
    tx.execute(pace.update().where(later).values(not_before=until))


def is_paused(tx: Connection, now: datetime) -> bool:
    return tx.scalar(sa.select(sa.true()).where(pace.c.not_before > now)) is not None


def claim(tx: Connection, ids: Collection[FollowUpId], now: datetime) -> list[DueFollowUp]:
    if is_paused(tx, now):
        return []
    rows = tx.execute(
        _with_the_sender()
        .where(follow_ups.c.id.in_(ids), is_state({State.QUEUED}))
        .order_by(follow_ups.c.urgent.desc(), follow_ups.c.due_at, follow_ups.c.id)
        .with_for_update(of=follow_ups, skip_locked=True)
    ).all()
    move(tx, rows, Event.CLAIM, now, claimed_at=now, attempts=follow_ups.c.attempts + 1, listings=0)
    return [_due_one(row, now, row.attempts + 1) for row in rows]


def claimed(tx: Connection, id_: FollowUpId, attempt: int) -> DueFollowUp | None:
    held = (follow_ups.c.id == id_, follow_ups.c.attempts == attempt, is_state({State.CLAIMED}))
    row = tx.execute(_with_the_sender().where(*held)).one_or_none()
    return _due_one(row, row.claimed_at, attempt) if row else None


def _with_the_sender() -> sa.Select[Any]:
    """Rows, with whether their sender wants none: has opted out, or has ended this very one while it was in flight."""
    unwanted = sa.or_(sa.func.coalesce(is_opted_out(), sa.false()), follow_ups.c.afterwards.is_not(None))
    senders = sa.select(follow_ups, unwanted.label("unwanted"))
    return senders.outerjoin_from(follow_ups, opt_outs, follow_ups.c.sender == opt_outs.c.sender)


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
    attempt: int | None
    provider_sid: str | None
    code: int | None
    reason: str
    not_before: datetime | None


def record_all(tx: Connection, happened: Sequence[Happened]) -> list[State | None]:
    """In the order of the rows' ids, as everybody locks several: so nobody waits in a circle."""
    states: dict[int, State | None] = {}
    for place in sorted(range(len(happened)), key=lambda place: happened[place].id):
        one = happened[place]
        states[place] = record(
            tx,
            one.id,
            one.event,
            one.at,
            attempt=one.attempt,
            provider_sid=one.provider_sid,
            code=one.code,
            reason=one.reason,
            not_before=one.not_before,
        )
    return [states[place] for place in range(len(happened))]


def record(
    tx: Connection,
    id_: FollowUpId,
    event: Event,
    now: datetime,
    *,
    attempt: int | None = None,
    provider_sid: str | None = None,
    code: int | None = None,
    reason: str = "",
    not_before: datetime | None = None,
) -> State | None:
    found = locked(tx, follow_ups.c.id == id_)
    if not found or _is_of_older_claim(found[0], event, attempt):
        return None
    row = found[0]
    before = State(row.state)
    following = after(before, event)
    if following is State.PLANNED and row.afterwards:
        following = State.CANCELLED
    if following is None:
        return None
    values = {"provider_sid": provider_sid} if provider_sid else {}
    if following is State.PLANNED:
        values |= _again(row, event, not_before)
    put(tx, [id_], following, now, **values)
    tell(tx, [id_], before, event, following, now, reason=reason, code=code)
    if row.afterwards == FORGOTTEN and following in SETTLED:
        remove(tx, [id_])
    return following


def _is_of_older_claim(row: Row[Any], event: Event, attempt: int | None) -> bool:
    return attempt is not None and attempt != row.attempts and event not in EVIDENCE


def _again(row: Row[Any], event: Event, not_before: datetime | None) -> dict[str, Any]:
    """Only what is postponed on purpose is given more time; a failure does not make a stale text welcome."""
    due_at = max(row.due_at, not_before) if not_before else row.due_at
    grace = due_at - row.due_at if event is Event.POSTPONE else timedelta()
    return {"due_at": due_at, "expires_at": row.expires_at + grace, "claimed_at": None}
