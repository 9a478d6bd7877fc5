"""Which message speaks for a danger: by kind, level and what else the text told, and never the same words twice."""

from __future__ import annotations

from collections.abc import Mapping

from service.policy.conversation import Assessment, Hint, Kind, Session
from service.policy.replies import Message

SPOKEN_IN_A_TOPIC = frozenset({Kind.THIRD_PARTY, Kind.HOPELESSNESS, Kind.SELF_HARM, Kind.SUICIDE, Kind.MEDICAL})
"""Concern of these kinds may be answered in a topic's voice. Grief, abuse and violence have no topic that fits."""

# The most telling first: what the body needs now, then who is asking.
_BY_WEIGHT = (
    Hint.UNDER_WAY,
    Hint.WATCHED,
    Hint.CHILD,
    Hint.LINE_REFUSED,
    Hint.NEW_PARENT,
    Hint.DEAF,
    Hint.VETERAN,
    Hint.LGBTQ,
    Hint.OLDER,
)


def for_danger(assessment: Assessment, session: Session, messages: Mapping[str, Message]) -> str:
    """The most particular message there is; the playbook has one for every kind and level.

    A hint of an earlier text counts too: who said "im 11" is still eleven in the next text.
    """
    voice = f"danger-{assessment.kind}-{assessment.level}"
    hints = assessment.hints | (session.hints - {Hint.UNDER_WAY})
    particular = (f"{voice}-{hint}" for hint in _BY_WEIGHT if hint in hints)
    chosen = next((name for name in particular if name in messages), voice)
    return other(chosen, session, messages)


def other(name: str, session: Session, messages: Mapping[str, Message]) -> str:
    """The message, or its second voice where the first was the last thing that this person was told."""
    second = f"{name}-2"
    return second if session.last_reply == name and second in messages else name


def shorter(name: str, session: Session, messages: Mapping[str, Message]) -> str:
    """The message, or the next and shorter one where it, or one after it, was the last thing that was said."""
    said, _, number = session.last_reply.rpartition("-") if session.last_reply != name else (name, "", "1")
    if said != name or not number.isdecimal():
        return name
    following = f"{name}-{int(number) + 1}"
    return following if following in messages else session.last_reply
