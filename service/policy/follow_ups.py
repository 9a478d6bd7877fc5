"""Who is offered a follow-up, what a YES plans, and whether a planned one may go out now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.policy.conversation import (
    DISCREET_KINDS,
    OPEN_QUESTION,
    Assessment,
    Awaiting,
    AwaitingKind,
    FollowUp,
    FollowUpId,
    Hint,
    InboundMessage,
    Kind,
    Language,
    MessageSid,
    Session,
)
from service.policy.ledger import DueFollowUp
from service.policy.local_time import Window, window_for
from service.policy.programme import PlanSpec, Playbook

NEVER_OFFERED_AFTER = DISCREET_KINDS | {Kind.VIOLENCE}
_NEVER_OFFERED_TO = frozenset({Hint.CHILD, Hint.WATCHED, Hint.UNDER_WAY})
OFFERED_AGAIN_AFTER = timedelta(hours=24)


def may_be_offered(
    message: InboundMessage,
    session: Session,
    assessment: Assessment,
    kind: Kind | None,
    playbook: Playbook,
    now: datetime,
) -> PlanSpec | None:
    """The plan to offer after this danger (`kind`) or after a referral that was asked for (None); None: no offer.

    A follow-up that lights up the wrong phone, or that a child cannot consent to, does harm: none is offered there.
    """
    if kind in NEVER_OFFERED_AFTER or (assessment.hints | session.hints) & _NEVER_OFFERED_TO or session.opted_out:
        return None
    if session.agreed_at is not None and now - session.agreed_at < OFFERED_AGAIN_AFTER:
        return None
    if window_for(message, playbook.programme.quiet_hours, now) is None:
        return None
    suits = (
        spec
        for spec in playbook.plans.values()
        if (kind in spec.offered_after if kind is not None else spec.offered_after_referral)
    )
    return next(suits, None)


def planned_by(
    spec: PlanSpec, message: InboundMessage, session: Session, language: Language, playbook: Playbook, now: datetime
) -> tuple[FollowUp, ...]:
    """The follow-ups that a YES plans, each within the person's day."""
    window = window_for(message, playbook.programme.quiet_hours, now)
    if window is None:
        return ()
    planned = []
    for number, step in enumerate(spec.steps, start=1):
        due_at = window.next(now + step.delay)
        planned.append(
            FollowUp(
                id=follow_up_id(message.sid, spec.name, number),
                plan=spec.name,
                step=number,
                reply=step.reply,
                language=language,
                due_at=due_at,
                expires_at=due_at + step.expires_after,
                zone=window.zone,
                window=(window.first, window.last),
                urgent=spec.urgent,
                after_danger=session.danger_kind,
            )
        )
    return tuple(planned)


def follow_up_id(sid: MessageSid, plan: str, step: int) -> FollowUpId:
    """Opaque, and the same for every copy of the text that planned it: a replay plans nothing twice."""
    return FollowUpId(hashlib.sha256(f"{sid}/{plan}/{step}".encode()).hexdigest()[:32])


@dataclass(frozen=True, slots=True)
class Send:
    """It may go out now, and must reach the person within `validity`: a carrier must not deliver it at night."""

    validity: timedelta


@dataclass(frozen=True, slots=True)
class Wait:
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Never to be sent. `stale` tells a lapsed one from one that is not wanted."""

    reason: str
    stale: bool


LONGEST_VALIDITY = timedelta(hours=4)
_SHORTEST_VALIDITY = timedelta(minutes=1)


def decide_follow_up(due: DueFollowUp, now: datetime) -> Send | Wait | Drop:
    """Whether a follow-up whose turn has come may go out: asked again at the last moment, whatever was planned."""
    if due.opted_out:
        return Drop("not wanted any more", stale=False)
    if now >= due.expires_at:
        return Drop("later than it would help", stale=True)
    if now < due.due_at:
        return Wait(due.due_at, "moved to later")
    window = Window(due.zone, *due.window)
    if window.holds(now):
        lapses = min(window.closes(now), due.expires_at, now + LONGEST_VALIDITY)
        return Send(max(_SHORTEST_VALIDITY, lapses - now))
    opens_at = window.next(now)
    if opens_at >= due.expires_at:
        return Drop("its hours are over, and later it would not help", stale=True)
    return Wait(opens_at, "outside the person's hours")


def awaiting_an_answer(session: Session, sent: DueFollowUp, now: datetime) -> Session:
    """What is remembered once a check-in went out: the next text may answer it, in the light of what came before."""
    return replace(
        session,
        awaiting=(Awaiting(AwaitingKind.CHECK_IN, (), now + OPEN_QUESTION),),
        danger_kind=session.danger_kind or sent.after_danger,
        language=session.language or sent.language,
    )
