"""Precedence 3: an answer to what the line asked or offered."""

from __future__ import annotations

from dataclasses import replace

from service.policy.conversation import (
    AwaitingKind,
    Decision,
    Effect,
    Forget,
    OfferAnswered,
    OptIn,
    Plan,
    Session,
)
from service.policy.follow_ups import planned_by
from service.policy.hearing import Heard, answer, answers_in_a_row, silence
from service.policy.programme import offer_of
from service.policy.rules.danger import bad_at_the_check_in, low_at_the_check_in
from service.policy.rules.named import menu, topic
from service.policy.small_answers import Mood, is_no, is_yes, mood_of


def loop(heard: Heard) -> Decision | None:
    """After many quick answers in a row, silence: Twilio blocks a sixteenth (14107), the crisis answer with it."""
    if answers_in_a_row(heard) < heard.playbook.programme.answers_before_silence:
        return None
    return silence(heard, "loop", "too many quick answers in a row; danger is always answered")


def awaited(heard: Heard) -> Decision | None:
    return _delete_confirmed(heard) or _offer_answered(heard) or _check_in_answered(heard) or _chosen(heard)


def _delete_confirmed(heard: Heard) -> Decision | None:
    if not (heard.open(AwaitingKind.DELETE) and is_yes(heard.words)):
        return None
    session = Session(language=heard.language, opted_out=heard.session.opted_out, introduced=True)
    return answer(heard, "delete", "YES to the question", "delete-done", session=session, effects=(Forget(),))


def _offer_answered(heard: Heard) -> Decision | None:
    offer = heard.open(AwaitingKind.OFFER)
    if offer is None:
        return None
    if is_no(heard.words):
        session = _told(heard, offer.choices[0], False)
        return answer(heard, "session:offer", "NO to the offer", "declined", session=session)
    spec = heard.playbook.plans.get(offer.choices[0])
    if spec is None or not is_yes(heard.words):
        return None
    steps = planned_by(spec, heard.message, heard.session, heard.language, heard.now)
    if not steps:
        return answer(heard, "session:offer", "YES, but nobody knows this person's clock", "refused-now")
    effects: tuple[Effect, ...] = (Plan(spec.name, offer_of(spec.name), steps, spec.limits),)
    if heard.message.yes_is_start:
        effects = (OptIn(), *effects)
    session = _told(heard, spec.name, True)
    return answer(heard, "session:offer", "YES to the offer", f"accepted-{spec.name}", session=session, effects=effects)


def _told(heard: Heard, plan: str, accepted: bool) -> Session:
    """The session once the offer was answered: closed, and not made again soon."""
    others = tuple(one for one in heard.session.offers_answered if one.plan != plan)
    awaiting = tuple(question for question in heard.session.awaiting if question.kind is AwaitingKind.MORE)
    answered = (*others, OfferAnswered(plan, heard.now, accepted))
    return replace(heard.session, awaiting=awaiting, offers_answered=answered)


def _check_in_answered(heard: Heard) -> Decision | None:
    """A check-in's answer, each with one of its own: the lowest brings the crisis answer again, in other words."""
    if heard.open(AwaitingKind.CHECK_IN) is None:
        return None
    mood = mood_of(heard.message.text, heard.words)
    if mood is None:
        return None
    if mood is Mood.WORST:
        return low_at_the_check_in(heard)
    if mood is Mood.LOW:
        return bad_at_the_check_in(heard)
    session = replace(heard.session, awaiting=())
    return answer(heard, "session:check_in", f"answered the check-in: {mood}", f"check_in-{mood}", session=session)


def _chosen(heard: Heard) -> Decision | None:
    """A number from the menu."""
    if len(heard.words) != 1 or not heard.words[0].isdecimal() or len(heard.words[0]) > 2 or heard.still_urgent:
        return None
    shown = heard.open(AwaitingKind.MENU)
    number = int(heard.words[0])
    if shown and 1 <= number <= len(shown.choices):
        return topic(heard, shown.choices[number - 1], "a number from the menu")
    if heard.in_the_shadow:
        return None
    return menu(heard, "a number, but no menu is open that has it")
