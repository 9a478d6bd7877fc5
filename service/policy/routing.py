"""The whole routing policy: one text and what is remembered in, one decision out. Pure; every text gets a decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from service.policy import tapbacks
from service.policy.conversation import (
    DISCREET_KINDS,
    Assessment,
    Awaiting,
    AwaitingKind,
    Cancel,
    Decision,
    InboundMessage,
    Level,
    Reply,
    Session,
)
from service.policy.hearing import Heard, answers_in_a_row, listen, silence
from service.policy.programme import Playbook, offer_of
from service.policy.rules.awaited import awaited, loop
from service.policy.rules.banners import with_notice
from service.policy.rules.carriers import carrier
from service.policy.rules.danger import danger, still_about_it
from service.policy.rules.doors import dispatch, refused_door
from service.policy.rules.leftover import bare_yes, fallback, half_sentence, neither_language, nothing_to_read
from service.policy.rules.named import keyword, sentence
from service.policy.rules.nearby import without_paid_listings, zip_code


def decide(message: InboundMessage, session: Session, playbook: Playbook, now: datetime) -> Decision:
    """The whole routing policy. Danger is looked for first, in every state of the session.

    Total: any text in any session gets a decision. With an empty session it answers from the words alone.
    """
    heard = listen(message, session, playbook, now)
    for rule in PRECEDENCE:
        decision = rule(heard)
        if decision is not None:
            return _finished(heard, _ending_what_it_ends(heard, decision))
    return _finished(heard, fallback(heard))


def device(heard: Heard) -> Decision | None:
    # Before danger, because the words in quotation marks are ours, or were answered when they came.
    if tapbacks.is_tapback(heard.message.text):
        quiet = silence(heard, "tapback", "a phone's reaction, which quotes a text that was answered")
        return replace(quiet, assessment=Assessment())
    return None


def automatic(heard: Heard) -> Decision | None:
    if tapbacks.is_automatic(heard.message.text):
        return silence(heard, "auto_reply", "a device's automatic answer")
    return None


PRECEDENCE: tuple[Callable[[Heard], Decision | None], ...] = (
    device,
    dispatch,
    danger,
    carrier,
    loop,
    awaited,
    automatic,
    nothing_to_read,
    keyword,
    zip_code,
    refused_door,
    sentence,
    still_about_it,
    bare_yes,
    half_sentence,
    neither_language,
)
"""Fixed, not configurable: what a person in danger needs stands before what carriers, sessions and keywords say."""


def refused(decision: Decision) -> Decision:
    """The same text once SQL has said that its sender opted out: no plan, and an answer that says how to undo it."""
    return _planning_nothing(decision, "refused-opted_out", "YES, but the sender has opted out", opted_out=True)


def unoffered(decision: Decision) -> Decision:
    """The same text while nobody can say whether its sender opted out: its answer without the offer."""
    if decision.reply is None:
        return decision
    first, *rest = decision.reply.names
    is_offer = offer_of("")
    kept = tuple(name for name in rest if not name.startswith(is_offer))
    awaiting = tuple(question for question in decision.session.awaiting if question.kind is not AwaitingKind.OFFER)
    return replace(
        decision,
        reply=Reply(("refused-now" if first.startswith(is_offer) else first, *kept), decision.reply.language),
        session=replace(decision.session, awaiting=awaiting),
        offers=False,
    )


def enough(decision: Decision) -> Decision:
    """The same text once SQL has said that its sender has as much of this as one person may have."""
    return _planning_nothing(decision, "refused-enough", "YES, but that is planned already, or was often enough")


def _planning_nothing(decision: Decision, name: str, reason: str, opted_out: bool | None = None) -> Decision:
    reply = Reply((name,), decision.reply.language) if decision.reply else None
    session = replace(decision.session, opted_out=opted_out or decision.session.opted_out)
    return replace(decision, reply=reply, session=session, effects=(), reason=reason)


def _ending_what_it_ends(heard: Heard, decision: Decision) -> Decision:
    """Who reads on needs no reminder of it: a plan that was agreed to and says so ends with this text."""
    agreed = [one.plan for one in heard.session.offers_answered if one.accepted]
    specs = (heard.playbook.plans[name] for name in agreed if name in heard.playbook.plans)
    ended = tuple(spec.name for spec in specs if decision.route in spec.ended_by)
    return replace(decision, effects=(*decision.effects, Cancel(decision.route, ended))) if ended else decision


def _finished(heard: Heard, decision: Decision) -> Decision:
    return without_paid_listings(heard, with_notice(heard, _with_manners(heard, decision)))


def _with_manners(heard: Heard, decision: Decision) -> Decision:
    """What goes for every answer: a first one says that the line is automatic, and answers in a row are counted."""
    if decision.reply is None:
        return decision
    session = replace(
        decision.session,
        awaiting=_without_a_stale_deletion(decision),
        answered_at=heard.now,
        answers_in_a_row=answers_in_a_row(heard) + 1,
    )
    if session.introduced or _left_as_it_is(decision):
        return replace(decision, session=session)
    first, *rest = decision.reply.names
    if _says_it_itself(decision, first):
        return replace(decision, session=replace(session, introduced=True))
    if decision.assessment.level.is_danger:
        names = (first, "introduction", *rest)
    else:
        names = (first, *rest, "introduction-brief")
    reply = Reply(names, decision.reply.language)
    return replace(decision, reply=reply, session=replace(session, introduced=True))


SAY_IT_THEMSELVES = frozenset(
    "about about-anyone about-privacy about-real both_languages calm fallback go_on greeting help welcome wrong_number "
    "yes_nothing_open".split()
)
"""Replies that say in their own words that the line is automatic."""


def _says_it_itself(decision: Decision, reply: str) -> bool:
    # The imminent voices say it where it belongs: right after the numbers.
    return decision.assessment.level is Level.IMMINENT or reply in SAY_IT_THEMSELVES


def _left_as_it_is(decision: Decision) -> bool:
    """What may be read by somebody else, and what carriers audit, gets no sentence added."""
    return decision.assessment.kind in DISCREET_KINDS or decision.route in ("carrier:stop", "carrier:start")


def _without_a_stale_deletion(decision: Decision) -> tuple[Awaiting, ...]:
    """Whether to delete is asked of the very next text: a YES to something else must not delete."""
    asked = decision.session.awaiting
    return asked if decision.route == "delete" else tuple(q for q in asked if q.kind is not AwaitingKind.DELETE)
