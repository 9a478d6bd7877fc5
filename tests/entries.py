"""What texts leave behind, built with defaults: `yes()`, `stop()`, `danger()`; and a follow-up's way to a worker."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from service.policy.conversation import (
    Cancel,
    Defer,
    Effect,
    FollowUp,
    FollowUpId,
    Forget,
    Kind,
    Language,
    Limits,
    OptIn,
    OptOut,
    Plan,
    Revocation,
    SenderKey,
)
from service.policy.ledger import DueFollowUp, Entry, MessageKey, State
from service.records import Records

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
SOON = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

ANA = SenderKey("ana")
BEN = SenderKey("ben")

_numbers = itertools.count(1)


def an_entry(*effects: Effect, sender: SenderKey = ANA, at: datetime = NOW, message: str | None = None) -> Entry:
    return Entry(
        message=MessageKey(message or f"message-{next(_numbers)}"),
        sender=sender,
        sealed_number=f"sealed-number-of-{sender}",
        effects=effects,
        release="release-1",
        at=at,
    )


def a_follow_up(
    id_: str = "",
    *,
    plan: str = "check_in",
    step: int = 1,
    due_at: datetime = NOW + DAY,
    lasts: timedelta = 12 * HOUR,
    urgent: bool = True,
    after_danger: Kind | None = Kind.SUICIDE,
    window: tuple[int, int] = (8, 21),
    brings: str = "",
) -> FollowUp:
    return FollowUp(
        id=FollowUpId(id_ or f"follow-up-{next(_numbers)}"),
        plan=plan,
        step=step,
        reply=f"follow_up-{plan}",
        language=Language("en"),
        due_at=due_at,
        expires_at=due_at + lasts,
        zone="America/New_York",
        window=window,
        urgent=urgent,
        after_danger=after_danger,
        brings=brings,
    )


def yes(
    *follow_ups: FollowUp,
    sender: SenderKey = ANA,
    at: datetime = NOW,
    message: str | None = None,
    limits: Limits | None = None,
) -> Entry:
    """YES to an offer; without follow-ups, to one check-in a day later."""
    planned = follow_ups or (a_follow_up(due_at=at + DAY),)
    plan = Plan(planned[0].plan, "May we text you tomorrow? Reply YES.", planned, limits)
    return an_entry(plan, sender=sender, at=at, message=message)


def stop(*, sender: SenderKey = ANA, at: datetime = NOW, message: str | None = None) -> Entry:
    return an_entry(OptOut(Revocation.CARRIER_WORD), sender=sender, at=at, message=message)


def start(*, sender: SenderKey = ANA, at: datetime = NOW) -> Entry:
    return an_entry(OptIn(), sender=sender, at=at)


def dont_text_me(*, sender: SenderKey = ANA, at: datetime = NOW, message: str | None = None) -> Entry:
    return an_entry(Cancel("asked"), sender=sender, at=at, message=message)


def danger(*, sender: SenderKey = ANA, at: datetime = NOW, paused: tuple[str, ...] = ()) -> Entry:
    return an_entry(Defer(at + 12 * HOUR, paused, at + 7 * DAY), sender=sender, at=at)


def delete(*, sender: SenderKey = ANA, at: datetime = NOW, message: str | None = None) -> Entry:
    return an_entry(Forget(), sender=sender, at=at, message=message)


def states_of(records: Records, sender: SenderKey = ANA) -> list[State]:
    return [standing.state for standing in records.follow_ups_of(sender)]


def claim(records: Records, *ids: str, at: datetime | None = None, sender: SenderKey = ANA) -> list[DueFollowUp]:
    """Brings follow-ups into a worker's hand: at that time, or when the last of them is due."""
    when = at or max(standing.due_at for standing in records.follow_ups_of(sender) if standing.id in ids)
    records.hand_over(when, rate=1000)
    return records.claim([FollowUpId(id_) for id_ in ids], when)
