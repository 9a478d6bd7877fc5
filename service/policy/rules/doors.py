"""Precedence 1 as well: whether help was sent, and doors that were refused."""

from __future__ import annotations

from dataclasses import replace

from service.policy.conversation import Assessment, Decision, Evidence, Hint, Kind, Level
from service.policy.hearing import Heard
from service.policy.rules.danger import refer

_LONGEST_QUESTION = 8
_SENT = (
    "did u send", "did you send", "did yall send", "did u call", "did you call", "you send them", "u send them",
    "are you sending", "are u sending", "are they coming", "is anyone coming", "is someone coming", "is help coming",
    "are they on the way", "when will they", "how long until they", "where are they",
    "los mandaron", "la mandaron", "ya vienen", "van a venir", "mandaron a alguien", "viene alguien", "ya los llamaron",
)  # fmt: skip


def dispatch(heard: Heard) -> Decision | None:
    """ "Did u send them", after something urgent: nobody was sent, and only a call brings help."""
    if not heard.still_urgent or len(heard.words) > _LONGEST_QUESTION:
        return None
    said = f" {' '.join(heard.words)} "
    if not any(f" {one} " in said for one in _SENT):
        return None
    asked = Evidence("context.whether_help_was_sent", 0, len(heard.message.text))
    told = replace(heard.session, last_reply=f"danger-{Kind.EMERGENCY}-{Level.IMMINENT}", hints=frozenset[Hint]())
    return refer(replace(heard, session=told), Assessment(Level.IMMINENT, Kind.EMERGENCY, (asked,)))


def refused_door(heard: Heard) -> Decision | None:
    """ "988 left me on hold", with nothing else: it is believed, and another door is named."""
    if Hint.LINE_REFUSED not in heard.assessment.hints:
        return None
    asked = Evidence("context.line_refused", 0, len(heard.message.text))
    before = heard.session.danger_kind if heard.in_the_shadow else None
    level, kind = (heard.session.danger_level, before) if before else (Level.CONCERN, Kind.HOPELESSNESS)
    return refer(heard, replace(heard.assessment, level=level, kind=kind, evidence=(asked,)))
