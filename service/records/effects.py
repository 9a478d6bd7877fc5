"""What a text leaves behind, applied once and in the order in which the texts came in, however late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from service.policy.conversation import Cancel, Defer, Effect, FollowUp, Forget, OptIn, OptOut, Plan, SenderKey
from service.policy.ledger import IN_FLIGHT, UNTOUCHED, Entry, Event, State
from service.policy.local_time import Window
from service.records.rows import is_state, locked, move, remove, tell
from service.records.tables import applied, consents, deletions, follow_ups, opt_outs
from service.records.writing import insert_new, lock_sender

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
    if all(isinstance(effect, Defer) for effect in entry.effects) and not on_record(tx, entry.sender).has_open:
        return Applied.DONE  # nothing is planned that could be moved: a danger text leaves no trace of its sender
    if not insert_new(tx, applied, message=entry.message, outcome=Applied.DONE, at=entry.at):
        return Applied(tx.execute(sa.select(applied.c.outcome).where(applied.c.message == entry.message)).scalar_one())
    outcomes = [_apply(tx, entry, effect) for effect in entry.effects]
    refusal = next((outcome for outcome in outcomes if outcome is not Applied.DONE), None)
    if refusal is None:
        return Applied.DONE
    tx.execute(applied.update().where(applied.c.message == entry.message).values(outcome=refusal))
    return refusal


def is_opted_out() -> sa.ColumnElement[bool]:
    """Of a row of `opt_outs`. Where both came at the same moment, the opt-out holds."""
    o = opt_outs.c
    return sa.and_(o.out_at.is_not(None), sa.or_(o.in_at.is_(None), o.out_at >= o.in_at))


_SENDER = sa.bindparam("sender", type_=sa.Text)
_ON_RECORD = sa.select(
    sa.exists().where(opt_outs.c.sender == _SENDER, is_opted_out()).label("opted_out"),
    sa.exists().where(follow_ups.c.sender == _SENDER, is_state(UNTOUCHED | IN_FLIGHT)).label("has_open"),
)


def on_record(tx: Connection, sender: SenderKey) -> OnRecord:
    row = tx.execute(_ON_RECORD, {"sender": sender}).one()
    return OnRecord(bool(row.opted_out), bool(row.has_open))


def _apply(tx: Connection, entry: Entry, effect: Effect) -> Applied:
    match effect:
        case Plan():
            return _plan(tx, entry, effect)
        case OptOut(how):
            if _mark(tx, entry, opt_outs.c.out_at):
                tx.execute(opt_outs.update().where(opt_outs.c.sender == entry.sender).values(how=how))
            _end(tx, entry, f"opt_out:{how}")
        case OptIn():
            _mark(tx, entry, opt_outs.c.in_at)
        case Cancel(reason, ()):
            _end(tx, entry, reason)
        case Cancel(reason, plans):
            _end_where(tx, entry, reason, follow_ups.c.plan.in_(plans))
        case Defer():
            _defer(tx, entry, effect)
        case Forget():
            _forget(tx, entry)
    return Applied.DONE


def _mark(tx: Connection, entry: Entry, moment: sa.Column[datetime]) -> bool:
    """The moment only moves on: whether this text is the latest of its kind."""
    insert_new(tx, opt_outs, sender=entry.sender)
    older = sa.or_(moment.is_(None), moment < entry.at)
    update = opt_outs.update().where(opt_outs.c.sender == entry.sender, older).values({moment: entry.at})
    return tx.execute(update).rowcount == 1


# Planning


def _plan(tx: Connection, entry: Entry, plan: Plan) -> Applied:
    if on_record(tx, entry.sender).opted_out:
        return Applied.REFUSED
    if _has_enough(tx, entry, plan):
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
    if not _ended_since(tx, entry):
        new = [follow_up.id for follow_up in plan.follow_ups if _insert(tx, entry, follow_up)]
        tell(tx, new, None, "plan", State.PLANNED, entry.at)
    return Applied.DONE


def _has_enough(tx: Connection, entry: Entry, plan: Plan) -> bool:
    """One series of a plan at a time; beside others, and over time, as many as the playbook says."""
    still_wanted = (follow_ups.c.sender == entry.sender, follow_ups.c.afterwards.is_(None))
    still_open = sa.select(follow_ups.c.plan, follow_ups.c.urgent).where(*still_wanted, is_state(UNTOUCHED | IN_FLIGHT))
    opened = {(row.plan, row.urgent) for row in tx.execute(still_open.distinct())}
    if plan.plan in {name for name, _ in opened}:
        return True
    limits = plan.limits
    if limits is None:
        return False
    if limits.at_once is not None and sum(not urgent for _, urgent in opened) >= limits.at_once:
        return True
    c = consents.c
    lately = (c.sender == entry.sender, c.plan == plan.plan, c.at > entry.at - limits.within)
    return (tx.scalar(sa.select(sa.func.count()).select_from(consents).where(*lately)) or 0) >= limits.times


def _ended_since(tx: Connection, entry: Entry) -> bool:
    """Whether a later text, applied before this one, has ended what this one asks for."""
    ended_at = tx.scalar(sa.select(opt_outs.c.ended_at).where(opt_outs.c.sender == entry.sender))
    return ended_at is not None and ended_at >= entry.at


def _insert(tx: Connection, entry: Entry, follow_up: FollowUp) -> bool:
    from_hour, until_hour = follow_up.window
    return insert_new(
        tx,
        follow_ups,
        id=follow_up.id,
        sender=entry.sender,
        sealed_number=entry.sealed_number,
        plan=follow_up.plan,
        step=follow_up.step,
        reply=follow_up.reply,
        language=follow_up.language,
        due_at=follow_up.due_at,
        expires_at=follow_up.expires_at,
        zone=follow_up.zone,
        from_hour=from_hour,
        until_hour=until_hour,
        urgent=follow_up.urgent,
        after_danger=follow_up.after_danger,
        brings=follow_up.brings,
        state=State.PLANNED,
        planned_at=entry.at,
        changed_at=entry.at,
    )


# Ending and moving


def _planned_before(entry: Entry) -> tuple[sa.ColumnElement[bool], ...]:
    """A text touches what was planned before it, and not what the person agreed to since."""
    return follow_ups.c.sender == entry.sender, follow_ups.c.planned_at <= entry.at


def _end(tx: Connection, entry: Entry, reason: str) -> None:
    _mark(tx, entry, opt_outs.c.ended_at)
    _end_where(tx, entry, reason)


def _end_where(tx: Connection, entry: Entry, reason: str, *where: sa.ColumnElement[bool]) -> None:
    """Cancels what has not left; what may have left is not sent again."""
    where = (*_planned_before(entry), *where)
    move(tx, locked(tx, *where, is_state(UNTOUCHED)), Event.CANCEL, entry.at, reason=reason)
    in_flight = follow_ups.update().where(*where, is_state(IN_FLIGHT), follow_ups.c.afterwards.is_(None))
    tx.execute(in_flight.values(afterwards=CANCELLED))


def _defer(tx: Connection, entry: Entry, defer: Defer) -> None:
    """Check-ins move, each by itself; a series pauses as a whole, so that its texts keep their distance."""
    c = follow_ups.c
    chatty = c.urgent.is_(False)
    _end_where(tx, entry, "danger", chatty, c.plan.not_in(defer.paused))
    _move_where(tx, entry, defer.not_before, c.urgent.is_(True))
    for plan in defer.paused if defer.resumes_at else ():
        theirs = (*_planned_before(entry), chatty, c.plan == plan, is_state(UNTOUCHED | IN_FLIGHT))
        next_at = tx.scalar(sa.select(sa.func.min(c.due_at)).where(*theirs))
        if next_at is not None and defer.resumes_at and next_at < defer.resumes_at:
            _move_where(tx, entry, defer.resumes_at, chatty, c.plan == plan, later=defer.resumes_at - next_at)


def _move_where(
    tx: Connection,
    entry: Entry,
    not_before: datetime,
    *where: sa.ColumnElement[bool],
    later: timedelta | None = None,
) -> None:
    """To `not_before`, or all of them by the span `later`; into the person's hours, and as long as before welcome."""
    c = follow_ups.c
    early = () if later else (c.due_at < not_before,)
    rows = locked(tx, *_planned_before(entry), *where, *early, is_state(UNTOUCHED | IN_FLIGHT))
    move(tx, [row for row in rows if row.state in UNTOUCHED], Event.POSTPONE, entry.at, reason="danger")
    for row in rows:
        hours = Window(row.zone, row.from_hour, row.until_hour)
        due_at = hours.next(row.due_at + later if later else not_before)
        moved = {"due_at": due_at, "expires_at": row.expires_at + (due_at - row.due_at)}
        tx.execute(follow_ups.update().where(c.id == row.id).values(moved))


def _forget(tx: Connection, entry: Entry) -> None:
    """A row in flight keeps what tells whether it arrived, and goes once that is known."""
    _mark(tx, entry, opt_outs.c.ended_at)
    rows = locked(tx, *_planned_before(entry))
    in_flight = [row.id for row in rows if row.state in IN_FLIGHT]
    remove(tx, [row.id for row in rows if row.state not in IN_FLIGHT])
    stripped = {"afterwards": FORGOTTEN, "sender": "", "after_danger": None}
    tx.execute(follow_ups.update().where(follow_ups.c.id.in_(in_flight)).values(stripped))
    next_at = entry.at + DELETION_DELAY
    insert_new(tx, deletions, id=entry.message, sealed_number=entry.sealed_number, next_at=next_at)
