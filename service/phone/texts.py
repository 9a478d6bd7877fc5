"""A text as the phone page sends it, checked. What a misshapen one is answered with is a sentence for the page."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

LONGEST = 1600
"""Characters that Twilio takes in one text."""


class MisshapenText(Exception):
    """The page sent what is not a text. The message is one sentence and holds nothing of it."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a person. `sid` stays the same where the text is sent anew."""

    sid: str
    sender: str
    text: str
    country: str
    state: str
    zip: str
    media_count: int


def number(value: object) -> str:
    """A person's number in E.164, or MisshapenText."""
    if isinstance(value, str) and re.fullmatch(r"\+[1-9][0-9]{6,14}", value):
        return value
    raise MisshapenText("The sender's number should be + and 7 to 15 digits, country code first.")


def parse(given: object) -> Text:
    """Raise MisshapenText with the first thing that is wrong."""
    if not isinstance(given, dict):
        raise MisshapenText("A text should be a JSON object.")
    sender, media_count = number(given.get("from")), _media_count(given.get("media", 0))
    return Text(
        sid=_sid(given.get("sid"), media_count),
        sender=sender,
        text=_words(given.get("text", "")),
        country=_place(given.get("country"), r"[A-Z]{2}|", "The country should be two capital letters."),
        state=_place(given.get("state"), r"[A-Za-z .-]{0,20}", "The state should be at most 20 letters."),
        zip=_place(given.get("zip"), r"[A-Za-z0-9 -]{0,10}", "The ZIP should be at most 10 letters or digits."),
        media_count=media_count,
    )


def new_sid(kind: str = "SM") -> str:
    """As Twilio names messages: SM for a text, MM for one with pictures."""
    return kind + secrets.token_hex(16)


def _sid(value: object, media_count: int) -> str:
    if value is None:
        return new_sid("MM" if media_count else "SM")
    if isinstance(value, str) and re.fullmatch(r"(SM|MM)[0-9a-f]{32}", value):
        return value
    raise MisshapenText("The sid should be SM or MM and 32 hexadecimal digits.")


def _words(value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise MisshapenText(f"The text should be at most {LONGEST} characters.")
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair, which no form can carry
        raise MisshapenText("The text holds a broken character.") from None
    return value


def _place(value: object, pattern: str, otherwise: str) -> str:
    value = "" if value is None else value
    if isinstance(value, str) and re.fullmatch(pattern, value):
        return value
    raise MisshapenText(otherwise)


def _media_count(value: object) -> int:
    if type(value) is int and 0 <= value <= 10:
        return value
    raise MisshapenText("The number of pictures should be 0 to 10.")
