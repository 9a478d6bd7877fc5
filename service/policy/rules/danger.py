"""Precedence 1: danger in the words, in every state of the conversation."""

from __future__ import annotations

from dataclasses import replace

from service.policy import voices
from service.policy.conversation import (
    DISCREET_KINDS,
    Assessment,
    AwaitingKind,
    Cancel,
    Decision,
    Effect,
    Evidence,
    Kind,
    Level,
    OptOut,
    Reply,
    Revocation,
    Session,
)
from service.policy.follow_ups import Occasion, deferred
from service.policy.hearing import Heard, answer, silence
from service.policy.revocation import asks_for_no_answer, asks_us_to_stop
from service.policy.rules.named import topic
from service.policy.rules.offers import with_offer
from service.policy.small_answers import Mood, mood_of


def danger(heard: Heard) -> Decision | None:
    if not heard.assessment.level.is_danger:
        return None
    if heard.assessment.kind in DISCREET_KINDS and asks_for_no_answer(heard.words) and heard.in_the_shadow:
        return replace(
            silence(heard, "asked", "asked for no answer, after the answer with the line was given"),
            effects=(Cancel("asked for no answer"),),
        )
    told = _worse_at_the_check_in(heard) or _nobody_is_there(heard) or _in_the_topics_voice(heard)
    return told or _weighed_after_danger(heard) or refer(heard, heard.assessment)


def _weighed_after_danger(heard: Heard) -> Decision | None:
    """What only words weigh, minutes after a danger that a rule knew: it is about that one."""
    return still_about_it(heard) if heard.assessment.is_weighed else None


def _worse_at_the_check_in(heard: Heard) -> Decision | None:
    """ "Worse" alone is concern; as the answer to a check-in it is the crisis that the check-in asks about."""
    if heard.assessment.level is not Level.CONCERN or heard.open(AwaitingKind.CHECK_IN) is None:
        return None
    if mood_of(heard.message.text, heard.words) not in (Mood.WORST, Mood.LOW):
        return None
    return low_at_the_check_in(heard)


def low_at_the_check_in(heard: Heard) -> Decision:
    """The crisis answer again, in other words than the one that the check-in came from."""
    kind = heard.session.danger_kind or heard.assessment.kind or Kind.HOPELESSNESS
    evidence = heard.assessment.evidence or (Evidence("context.check_in_low", 0, len(heard.message.text)),)
    told = replace(heard.session, last_reply=f"danger-{kind}-{Level.CRISIS}")
    low = replace(heard.assessment, level=Level.CRISIS, kind=kind, evidence=evidence)
    return refer(replace(heard, session=told), low)


def bad_at_the_check_in(heard: Heard) -> Decision:
    """Not the worst, and not well: the line first, in words for that, and everything else as after danger."""
    kind = heard.session.danger_kind or heard.assessment.kind or Kind.HOPELESSNESS
    evidence = heard.assessment.evidence or (Evidence("context.check_in_bad", 0, len(heard.message.text)),)
    decision = refer(heard, replace(heard.assessment, level=Level.CONCERN, kind=kind, evidence=evidence))
    names = ("check_in-low", *(decision.reply.names[1:] if decision.reply else ()))
    session = replace(decision.session, last_reply="check_in-low")
    return replace(decision, reply=Reply(names, heard.language), session=session)


def _nobody_is_there(heard: Heard) -> Decision | None:
    """ "Is anyone there": that it is automatic, and where somebody is; no answer about feelings nobody spoke of."""
    if heard.assessment.level is not Level.CONCERN or heard.assessment.kind is not Kind.HOPELESSNESS:
        return None
    match = heard.playbook.vocabulary.named(heard.words) or heard.playbook.vocabulary.recognised(heard.words)
    if match is None or match.entry.reply != "about-anyone":
        return None
    session = _after_danger(heard, heard.session, heard.assessment)
    effects = (deferred(heard.playbook, heard.now),)
    return answer(
        heard, "about", f"asks for somebody, {match.how}", match.entry.reply, session=session, effects=effects
    )


def _in_the_topics_voice(heard: Heard) -> Decision | None:
    """Concern inside a topic's question: that topic's answer, with the crisis line before it."""
    if heard.assessment.level is not Level.CONCERN or heard.assessment.kind not in voices.SPOKEN_IN_A_TOPIC:
        return None
    match = heard.playbook.vocabulary.recognised(heard.words)
    if match is None or not match.entry.route.startswith("topic:"):
        return None
    decision = topic(heard, match.entry.route.removeprefix("topic:"), f"concern in a topic's question, {match.how}")
    reply = Reply(("concern-lead", *decision.reply.names), heard.language) if decision.reply else None
    return replace(
        decision,
        reply=reply,
        session=_after_danger(heard, decision.session, heard.assessment),
        effects=(deferred(heard.playbook, heard.now),),
    )


def refer(heard: Heard, assessment: Assessment) -> Decision:
    """The answer for this danger: its voice, and where it is right, the offer of a check-in."""
    kind = assessment.kind or Kind.HOPELESSNESS
    voice = voices.for_danger(assessment, heard.session, heard.playbook.messages[heard.language])
    effects = _what_it_changes(heard)
    session = replace(heard.session, last_reply=voice, awaiting=())
    if any(isinstance(effect, OptOut) for effect in effects):
        session = replace(session, opted_out=True)
    rules = ", ".join(dict.fromkeys(evidence.rule for evidence in assessment.evidence))
    decision = Decision(
        assessment,
        route=f"danger:{kind}",
        reason=f"danger: {rules}",
        reply=Reply((voice,), heard.language),
        session=_after_danger(heard, session, assessment),
        effects=effects,
    )
    return with_offer(heard, decision, Occasion(kind=kind))


def _what_it_changes(heard: Heard) -> tuple[Effect, ...]:
    """What was agreed to waits; it ends only if the same text asks for that."""
    if asks_for_no_answer(heard.words):
        return (Cancel("asked for no answer"),)
    if asks_us_to_stop(heard.words):
        return (OptOut(Revocation.REQUEST),)
    return (deferred(heard.playbook, heard.now),)


def _after_danger(heard: Heard, session: Session, assessment: Assessment) -> Session:
    """What is remembered of a danger: of abuse, assault and unsafe, only when it was answered."""
    if assessment.kind in DISCREET_KINDS:
        forgotten = Session(language=session.language, opted_out=session.opted_out, introduced=session.introduced)
        return replace(forgotten, danger_at=heard.now, answered_at=session.answered_at)
    return replace(
        session,
        danger_level=assessment.level,
        danger_kind=assessment.kind,
        danger_at=heard.now,
    )


def still_about_it(heard: Heard) -> Decision | None:
    """Nothing else explains this text and danger was spoken of a moment ago: the line again, not the menu."""
    kind = heard.session.danger_kind
    if not heard.in_the_shadow or kind is None:
        return None
    level = heard.session.danger_level
    again = Assessment(level, kind, (Evidence("context.still_about_the_danger", 0, len(heard.message.text)),))
    return refer(heard, again)
