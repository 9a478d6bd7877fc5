"""Precedence 2: the carriers' words alone in a text, and requests to us to stop in other words."""

from __future__ import annotations

from dataclasses import replace

from service.policy.conversation import (
    AwaitingKind,
    Cancel,
    Decision,
    Effect,
    Language,
    OptIn,
    OptOut,
    Revocation,
    Session,
)
from service.policy.hearing import Heard, answer, silence
from service.policy.keywords import (
    QUITTING_WORDS,
    SPANISH_CARRIER_WORDS,
    CarrierWord,
    carrier_word,
)
from service.policy.revocation import asks_for_no_answer, asks_us_to_stop
from service.policy.small_answers import is_yes


def carrier(heard: Heard) -> Decision | None:
    word = carrier_word(heard.words)
    if heard.message.carrier_answered:
        return None if _answers_our_offer(heard) else _answered_by_the_carrier(heard)
    if word is CarrierWord.STOP:
        quitting = not QUITTING_WORDS.isdisjoint(heard.words)
        return _opted_out(heard, Revocation.CARRIER_WORD, "stop-quit" if quitting else "stop")
    if word is CarrierWord.START:
        session = replace(heard.session, opted_out=False)
        return answer(heard, "carrier:start", "carrier word alone", "start", session=session, effects=(OptIn(),))
    if word is CarrierWord.HELP:
        return answer(heard, "carrier:help", "carrier word alone", "help")
    if asks_for_no_answer(heard.words):
        return replace(silence(heard, "asked", "asked for no answer"), effects=(Cancel("asked for no answer"),))
    if asks_us_to_stop(heard.words):
        return _opted_out(heard, Revocation.REQUEST, "stop-request")
    return None


def _answers_our_offer(heard: Heard) -> bool:
    """YES is START to a provider that keeps the opt-outs, and may be the answer to what we offered all the same."""
    return is_yes(heard.words) and heard.open(AwaitingKind.OFFER) is not None


def _answered_by_the_carrier(heard: Heard) -> Decision:
    """The provider matched the word and has answered; ours would be a second text, or refused (21610)."""
    effects: dict[str, tuple[Effect, ...]] = {"STOP": (OptOut(Revocation.PROVIDER),), "START": (OptIn(),)}
    decision = silence(heard, "carrier_answered", "the provider has answered this word itself")
    return replace(decision, effects=effects.get(heard.message.carrier_answered.upper(), ()))


def _opted_out(heard: Heard, how: Revocation, reply: str) -> Decision:
    language = _carrier_language(heard)
    session = Session(language=language, opted_out=True, introduced=heard.session.introduced)
    return answer(
        replace(heard, language=language),
        "carrier:stop",
        "carrier word alone" if how is Revocation.CARRIER_WORD else "a request to us to stop",
        reply,
        session=session,
        effects=(OptOut(how),),
    )


def _carrier_language(heard: Heard) -> Language:
    spanish = Language("es")
    if spanish in heard.playbook.programme.languages and not SPANISH_CARRIER_WORDS.isdisjoint(heard.words):
        return spanish
    return heard.language
