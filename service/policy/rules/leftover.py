"""Precedence 5: what is left. Small answers that no keyword names, and at last the short menu."""

from __future__ import annotations

from service.policy.conversation import Decision, OptIn
from service.policy.hearing import Heard, answer
from service.policy.languages import is_foreign
from service.policy.rules.named import menu
from service.policy.small_answers import half_said, is_yes


def nothing_to_read(heard: Heard) -> Decision | None:
    """No words at all. A lone emoji minutes after danger is about that, and not for this rule."""
    if heard.words or (heard.in_the_shadow and heard.message.text.strip()):
        return None
    return answer(heard, "fallback", "a picture, an emoji or nothing to read", "empty")


def bare_yes(heard: Heard) -> Decision | None:
    """YES with no offer open is no consent: nothing is planned, nothing is affirmed.

    Where the provider keeps the opt-outs it has ended one by this word, so ours ends too.
    """
    if not is_yes(heard.words) or heard.in_the_shadow:
        return None
    effects = (OptIn(),) if heard.message.yes_is_start else ()
    return answer(heard, "fallback", "YES, and no question is open", "yes_nothing_open", effects=effects)


def half_sentence(heard: Heard) -> Decision | None:
    if not half_said(heard.words):
        return None
    return answer(heard, "fallback", "half a sentence", "go_on")


def neither_language(heard: Heard) -> Decision | None:
    """Another language: both of ours say where somebody speaks it."""
    if not is_foreign(heard.message.text):
        return None
    return answer(heard, "fallback", "a language that the line does not speak", "both_languages")


def fallback(heard: Heard) -> Decision:
    return menu(heard, "nothing else explains this text", reply="fallback", route="fallback")
