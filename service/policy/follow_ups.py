"""Who is offered a follow-up, what a YES plans, and whether a planned one may go out now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.policy.conversation import (
    DISCREET_KINDS,
    OPEN_QUESTION,
    Assessment,
    Awaiting,
    AwaitingKind,
    Defer,
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
from service.policy.programme import OnDanger, PlanSpec, Playbook, Step

NEVER_OFFERED_AFTER = DISCREET_KINDS | {Kind.VIOLENCE}
_NEVER_OFFERED_TO = frozenset({Hint.CHILD, Hint.WATCHED, Hint.UNDER_WAY})
OFFERED_AGAIN_AFTER = timedelta(hours=24)

AFTER_DANGER = timedelta(hours=12)
"""No check-in comes sooner after a danger text, and nothing else is offered."""
PAUSED_FOR = timedelta(days=7)
"""So long after a danger text nothing of a series comes."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What was just answered: danger of a kind, a referral that was asked for, a topic, or a plan's own keyword."""

    kind: Kind | None = None
    referral: bool = False
    topic: str = ""
    plan: str = ""

    def suits(self, spec: PlanSpec) -> bool:
        offered = spec.offered
        return (
            spec.name == self.plan
            or self.kind in offered.after_danger
            or (self.referral and offered.after_referral)
            or self.topic in offered.after_topics
        )


def may_be_offered(
    message: InboundMessage,
    session: Session,
    assessment: Assessment,
    occasion: Occasion,
    playbook: Playbook,
    now: datetime,
) -> PlanSpec | None:
    """The first plan of the playbook that suits the occasion and may be offered to this person; None: no offer.

    A follow-up that lights up the wrong phone, or that a child cannot consent to, does harm: none is offered there.
    """
    if occasion.kind in NEVER_OFFERED_AFTER or (assessment.hints | session.hints) & _NEVER_OFFERED_TO:
        return None
    # Of a discreet danger the session keeps when it was told, and not what: the phone may still be another's.
    told_discreetly = session.danger_at is not None and session.danger_kind is None
    if session.opted_out or (occasion.kind is not None and told_discreetly):
        return None
    suiting = (spec for spec in playbook.plans.values() if occasion.suits(spec))
    return next((spec for spec in suiting if _may_have(spec, message, session, occasion, now)), None)


def _may_have(spec: PlanSpec, message: InboundMessage, session: Session, occasion: Occasion, now: datetime) -> bool:
    asked_for = occasion.plan == spec.name
    if spec.offered.countries and message.country not in spec.offered.countries:
        return False
    # The session forgets what kind of danger it was after abuse, assault and unsafe, but not when.
    shaken = session.danger_at is not None and now - session.danger_at < AFTER_DANGER
    if shaken and not spec.is_check_in:
        return False
    if spec.brings_more and left_to_read(session, now) is None:
        return False
    if not asked_for and any(one.plan == spec.name and _is_recent(one.at, now) for one in session.offers_answered):
        return False
    return all(window_for(message, step.hours, now) is not None for step in spec.steps)


def _is_recent(at: datetime, now: datetime) -> bool:
    return now - at < OFFERED_AGAIN_AFTER


def left_to_read(session: Session, now: datetime) -> str | None:
    """What MORE would bring: "pain:2"; None where nothing is open."""
    still = (a.choices[0] for a in session.awaiting if a.kind is AwaitingKind.MORE and a.expires_at > now)
    return next(still, None)


def planned_by(
    spec: PlanSpec, message: InboundMessage, session: Session, language: Language, now: datetime
) -> tuple[FollowUp, ...]:
    """The follow-ups that a YES plans, each within the person's day. None where nobody can say when that is."""
    turns = turns_of(spec, now, lambda step: window_for(message, step.hours, now + step.delay))
    return tuple(
        FollowUp(
            id=follow_up_id(message.sid, spec.name, turn.number),
            plan=spec.name,
            step=turn.number,
            reply=turn.step.reply,
            language=language,
            due_at=turn.due_at,
            expires_at=turn.due_at + turn.step.expires_after,
            zone=turn.window.zone,
            window=(turn.window.first, turn.window.last),
            urgent=spec.is_check_in,
            after_danger=session.danger_kind if spec.is_check_in else None,
            brings=(left_to_read(session, now) or "") if spec.brings_more else "",
        )
        for turn in turns
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """When one step of a plan is due, and within which hours."""

    number: int
    step: Step
    window: Window
    due_at: datetime


def turns_of(spec: PlanSpec, now: datetime, window_of: Callable[[Step], Window | None]) -> tuple[Turn, ...]:
    """The whole plan, for somebody who says YES now; none of it where a step has no decent hour."""
    windows = [window_of(step) for step in spec.steps]
    if not all(windows):
        return ()
    return tuple(
        Turn(number, step, window, window.next(now + step.delay))
        for number, (step, window) in enumerate(zip(spec.steps, windows, strict=True), start=1)
        if window
    )


def follow_up_id(sid: MessageSid, plan: str, step: int) -> FollowUpId:
    """Opaque, and the same for every copy of the text that planned it: a replay plans nothing twice."""
    return FollowUpId(hashlib.sha256(f"{sid}/{plan}/{step}".encode()).hexdigest()[:32])


def deferred(playbook: Playbook, now: datetime) -> Defer:
    """What a danger text does to everything that is planned: check-ins move, series pause, the rest ends."""
    paused = tuple(spec.name for spec in playbook.plans.values() if spec.on_danger is OnDanger.PAUSE)
    return Defer(now + AFTER_DANGER, paused, now + PAUSED_FOR)


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
SHORTEST_VALIDITY = timedelta(minutes=1)
"""What would have to arrive in less could arrive at night."""


def decide_follow_up(due: DueFollowUp, now: datetime) -> Send | Wait | Drop:
    """Whether a follow-up whose turn has come may go out: asked again at the last moment, whatever was planned."""
    if due.opted_out:
        return Drop("not wanted any more", stale=False)
    if now >= due.expires_at:
        return Drop("later than it would help", stale=True)
    if now < due.due_at:
        return Wait(due.due_at, "moved to later")
    window = Window(due.zone, *due.window)
    opens_at = window.next(now)
    if window.holds(now):
        validity = min(window.closes(now), due.expires_at, now + LONGEST_VALIDITY) - now
        if validity >= SHORTEST_VALIDITY:
            return Send(validity)
        opens_at = window.next(window.closes(now))
    if opens_at >= due.expires_at:
        return Drop("its hours are over, and later it would not help", stale=True)
    return Wait(opens_at, "outside the person's hours")


def awaiting_an_answer(session: Session, sent: DueFollowUp, playbook: Playbook, now: datetime) -> Session:
    """What is remembered once a follow-up went out: what the next text may answer, in the light of what came before."""
    question = _question(sent, playbook, now)
    if question is None:
        return session
    if question.kind is not AwaitingKind.CHECK_IN:
        others = tuple(one for one in session.awaiting if one.kind is not question.kind)
        return replace(session, awaiting=(*others, question), language=session.language or sent.language)
    return replace(
        session,
        awaiting=(question,),
        danger_kind=session.danger_kind or sent.after_danger,
        language=session.language or sent.language,
    )


def asks_something(sent: DueFollowUp, playbook: Playbook, now: datetime) -> bool:
    return _question(sent, playbook, now) is not None


def _question(sent: DueFollowUp, playbook: Playbook, now: datetime) -> Awaiting | None:
    """What the text that went out asks; None for one that asks nothing."""
    spec = playbook.plans.get(sent.plan)
    step = spec.step(sent.step) if spec else None
    if spec is not None and spec.is_check_in:
        return Awaiting(AwaitingKind.CHECK_IN, (), now + OPEN_QUESTION)
    if sent.brings:
        return Awaiting(AwaitingKind.MORE, (sent.brings,), now + OPEN_QUESTION)
    if step is not None and step.offers:
        return Awaiting(AwaitingKind.OFFER, (step.offers,), now + OPEN_QUESTION)
    return None


def replies_of(due: DueFollowUp, playbook: Playbook) -> tuple[str, ...]:
    """The messages that make up its text: what was planned, and the offer that its step ends with by now."""
    spec = playbook.plans.get(due.plan)
    step = spec.step(due.step) if spec else None
    return step.replies if step is not None and step.reply == due.reply else (due.reply,)
