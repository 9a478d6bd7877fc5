"""What a text leaves behind, applied once and in the order in which the texts came in, however late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlalchemy.sql.dml import ReturningInsert

from service.policy.conversation import Cancel, Defer, Effect, FollowUp, Forget, Limits, OptIn, OptOut, Plan, SenderKey
from service.policy.ledger import IN_FLIGHT, UNTOUCHED, Entry, Event, State
from service.policy.local_time import Window
from service.records.rows import holding, is_state, line, move, put, remove, tell
from service.records.tables import Instant, applied, consents, deletions, follow_ups, opt_outs
from service.records.writing import insert_new, lock_sender, upsert

CANCELLED, FORGOTTEN = "cancelled", "forgotten"
"""Values of `follow_ups.afterwards`."""

DELETION_DELAY = timedelta(minutes=10)
"""The answer that confirms the deletion is one of the copies: it has to be through before they can go."""


class Applied(StrEnum):
    DONE = "done"
    REFUSED = "refused"  # a plan, for somebody who has opted out: nothing is planned
    ENOUGH = "enough"  # a plan, for somebody who has as much of it as one person may have


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What SQL knows of somebody that the answer to their text may depend on."""

    opted_out: bool | None
    """None: nobody can say just now."""
    has_open: bool
    """Whether something is planned for them, or on its way."""


def apply(tx: Connection, entry: Entry) -> Applied:
    lock_sender(tx, entry.sender)
    if all(isinstance(effect, Defer) for effect in entry.effects) and not _open(tx, entry):
        return Applied.DONE  # nothing is planned that could be moved: a danger text leaves no trace of its sender
    if not insert_new(tx, applied, message=entry.message, outcome=Applied.DONE, at=entry.at):
        return Applied(tx.execute(_OUTCOME, {"applied": entry.message}).scalar_one())
    outcomes = [_apply(tx, entry, effect) for effect in entry.effects]
    refusal = next((outcome for outcome in outcomes if outcome is not Applied.DONE), None)
    if refusal is None:
        return Applied.DONE
    tx.execute(_REFUSE, {"applied": entry.message, "outcome": refusal})
    return refusal


_MESSAGE = applied.c.message == sa.bindparam("applied", type_=sa.Text)
_OUTCOME = sa.select(applied.c.outcome).where(_MESSAGE)
_REFUSE = applied.update().where(_MESSAGE)


def is_opted_out() -> sa.ColumnElement[bool]:
    """Of a row of `opt_outs`. Where both came at the same moment, the opt-out holds."""
    o = opt_outs.c
    return sa.and_(o.out_at.is_not(None), sa.or_(o.in_at.is_(None), o.out_at >= o.in_at))


_SENDER, _PLAN = sa.bindparam("sender", type_=sa.Text), sa.bindparam("plan", type_=sa.Text)
_AT = sa.bindparam("at", type_=Instant)
_OPTED_OUT = sa.exists().where(opt_outs.c.sender == _SENDER, is_opted_out()).label("opted_out")
_THEIRS_OPEN = (follow_ups.c.sender == _SENDER, is_state(UNTOUCHED | IN_FLIGHT))
_ON_RECORD = sa.select(_OPTED_OUT, sa.exists().where(*_THEIRS_OPEN).label("has_open"))


def on_record(tx: Connection, sender: SenderKey) -> OnRecord:
    row = tx.execute(_ON_RECORD, {"sender": sender}).one()
    return OnRecord(bool(row.opted_out), bool(row.has_open))


def _apply(tx: Connection, entry: Entry, effect: Effect) -> Applied:
    match effect:
        case Plan():
            return _plan(tx, entry, effect)
        case OptOut(how):
            _mark(tx, entry, "out_at", "ended_at", how=how)
            _end(tx, entry, _open(tx, entry), f"opt_out:{how}")
        case OptIn():
            _mark(tx, entry, "in_at")
        case Cancel(reason, ()):
            _mark(tx, entry, "ended_at")
            _end(tx, entry, _open(tx, entry), reason)
        case Cancel(reason, plans):
            _end(tx, entry, [row for row in _open(tx, entry) if row.plan in plans], reason)
        case Defer():
            _defer(tx, entry, effect)
        case Forget():
            _forget(tx, entry)
    return Applied.DONE


def _mark(tx: Connection, entry: Entry, *moments: str, how: str | None = None) -> None:
    """Moments only move on: whatever order texts are applied in, the latest of its kind is kept."""
    values = {"sender": entry.sender, "how": how, **dict.fromkeys(moments, entry.at)}
    tx.execute(_marking(tx.dialect.name, *moments), values)


@cache
def _marking(dialect: str, *moments: str) -> sa.Insert:
    insert = upsert(dialect, opt_outs)
    later = {name: _is_later(opt_outs.c[name], insert.excluded[name]) for name in moments}
    moved = {name: sa.case((later[name], insert.excluded[name]), else_=opt_outs.c[name]) for name in moments}
    if "out_at" in moments:
        moved["how"] = sa.case((later["out_at"], insert.excluded.how), else_=opt_outs.c.how)
    return insert.on_conflict_do_update(index_elements=[opt_outs.c.sender], set_=moved)


def _is_later(known: sa.ColumnElement[datetime], new: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    return sa.or_(known.is_(None), known < new)


# Planning


def _plan(tx: Connection, entry: Entry, plan: Plan) -> Applied:
    known = _before_planning(tx, entry, plan)
    if known.opted_out:
        return Applied.REFUSED
    if known.has_this or _is_enough(known, plan.limits):
        return Applied.ENOUGH
    insert_new(
        tx,
        consents,
        message=entry.message,
        plan=plan.plan,
        sender=entry.sender,
        wording=plan.wording,
        release=entry.release,
        at=entry.at,
    )
    has_ended_since = known.ended_at is not None and known.ended_at >= entry.at
    if not has_ended_since:
        planned = [_planned(entry, follow_up) for follow_up in plan.follow_ups]
        new = list(tx.scalars(_planning(tx.dialect.name), planned)) if planned else []
        tell(tx, [line(id_, None, "plan", State.PLANNED, entry.at) for id_ in new])
    return Applied.DONE


_STILL_OPEN = (*_THEIRS_OPEN, follow_ups.c.afterwards.is_(None))
_BEFORE_PLANNING = sa.select(
    _OPTED_OUT,
    sa.select(opt_outs.c.ended_at).where(opt_outs.c.sender == _SENDER).scalar_subquery().label("ended_at"),
    sa.exists().where(*_STILL_OPEN, follow_ups.c.plan == _PLAN).label("has_this"),
    sa.select(sa.func.count(follow_ups.c.plan.distinct()))
    .where(*_STILL_OPEN, follow_ups.c.urgent.is_(False))
    .scalar_subquery()
    .label("beside"),
    sa.select(sa.func.count())
    .select_from(consents)
    .where(consents.c.sender == _SENDER, consents.c.plan == _PLAN, consents.c.at > _AT)
    .scalar_subquery()
    .label("lately"),
)


def _before_planning(tx: Connection, entry: Entry, plan: Plan) -> Row[Any]:
    within = plan.limits.within if plan.limits else timedelta()
    asked = {"sender": entry.sender, "plan": plan.plan, "at": entry.at - within}
    return tx.execute(_BEFORE_PLANNING, asked).one()


def _is_enough(known: Row[Any], limits: Limits | None) -> bool:
    """Beside other plans, and over time, as many as the playbook says."""
    if limits is None:
        return False
    beside = limits.at_once is not None and known.beside >= limits.at_once
    return beside or bool(known.lately >= limits.times)


@cache
def _planning(dialect: str) -> ReturningInsert[Any]:
    """Gives the ids of those that were not there."""
    return upsert(dialect, follow_ups).on_conflict_do_nothing().returning(follow_ups.c.id)


def _planned(entry: Entry, follow_up: FollowUp) -> dict[str, object]:
    from_hour, until_hour = follow_up.window
    return {
        "id": follow_up.id,
        "sender": entry.sender,
        "sealed_number": entry.sealed_number,
        "plan": follow_up.plan,
        "step": follow_up.step,
        "reply": follow_up.reply,
        "language": follow_up.language,
        "due_at": follow_up.due_at,
        "expires_at": follow_up.expires_at,
        "zone": follow_up.zone,
        "from_hour": from_hour,
        "until_hour": until_hour,
        "urgent": follow_up.urgent,
        "after_danger": follow_up.after_danger,
        "brings": follow_up.brings,
        "state": State.PLANNED,
        "planned_at": entry.at,
        "changed_at": entry.at,
    }


# Ending and moving

_BEFORE = follow_ups.c.planned_at <= _AT
_ALL = holding(sa.select(follow_ups.c.id, follow_ups.c.state).where(follow_ups.c.sender == _SENDER, _BEFORE))
_OPEN = holding(sa.select(follow_ups).where(*_THEIRS_OPEN, _BEFORE))


def _open(tx: Connection, entry: Entry) -> Sequence[Row[Any]]:
    """A text touches what was planned before it, and not what the person agreed to since."""
    return tx.execute(_OPEN, {"sender": entry.sender, "at": entry.at}).all()


def _end(tx: Connection, entry: Entry, rows: Sequence[Row[Any]], reason: str) -> None:
    """Cancels what has not left; what may have left is not sent again."""
    move(tx, rows, Event.CANCEL, entry.at, reason=reason)
    in_flight = [row.id for row in rows if row.state in IN_FLIGHT and row.afterwards is None]
    put(tx, [{"row": id_, "afterwards": CANCELLED} for id_ in in_flight])


def _defer(tx: Connection, entry: Entry, defer: Defer) -> None:
    """Check-ins move, each by itself; a series pauses as a whole, so that its texts keep their distance."""
    rows = _open(tx, entry)
    series = [row for row in rows if not row.urgent]
    _end(tx, entry, [row for row in series if row.plan not in defer.paused], "danger")
    later = [(row, defer.not_before) for row in rows if row.urgent and row.due_at < defer.not_before]
    for plan in defer.paused if defer.resumes_at else ():
        theirs = [row for row in series if row.plan == plan]
        if theirs and (by := defer.resumes_at - min(row.due_at for row in theirs)) > timedelta():
            later += [(row, row.due_at + by) for row in theirs]
    moved = {row.id: _moved(row, at) for row, at in later}
    untouched = [row for row, _ in later if row.state in UNTOUCHED]
    move(tx, untouched, Event.POSTPONE, entry.at, lambda row: moved[row.id], reason="danger")
    put(tx, [{"row": row.id, **moved[row.id]} for row, _ in later if row.state in IN_FLIGHT])


def _moved(row: Row[Any], at: datetime) -> dict[str, object]:
    """Into the person's hours, and as long as before welcome."""
    due_at = Window(row.zone, row.from_hour, row.until_hour).next(at)
    return {"due_at": due_at, "expires_at": row.expires_at + (due_at - row.due_at)}


def _forget(tx: Connection, entry: Entry) -> None:
    """A row in flight keeps what tells whether it arrived, and goes once that is known."""
    _mark(tx, entry, "ended_at")
    rows = tx.execute(_ALL, {"sender": entry.sender, "at": entry.at}).all()
    remove(tx, [row.id for row in rows if row.state not in IN_FLIGHT])
    stripped = {"afterwards": FORGOTTEN, "sender": "", "after_danger": None}
    put(tx, [{"row": row.id, **stripped} for row in rows if row.state in IN_FLIGHT])
    next_at = entry.at + DELETION_DELAY
    insert_new(tx, deletions, id=entry.message, sealed_number=entry.sealed_number, next_at=next_at)
