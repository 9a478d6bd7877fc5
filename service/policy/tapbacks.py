"""Texts that a device wrote, not a person: reactions that quote a message, and automatic answers of a phone or car."""

from __future__ import annotations

# What iOS and Android write before the quoted message, in English and Spanish.
_REACTIONS = (
    "liked", "loved", "disliked", "laughed at", "emphasized", "emphasised", "questioned", "reacted",
    "removed a like from", "removed a heart from", "removed a laugh from", "removed an exclamation from",
    "removed a question mark from", "removed a dislike from",
    "le gusto", "le gustó", "le encanto", "le encantó", "no le gusto", "no le gustó", "se rio de", "se rió de",
    "le dio enfasis a", "enfatizo", "enfatizó", "reacciono", "reaccionó",
)  # fmt: skip
_OPENING, _CLOSING = '“"«', '”"»'

# The whole text begins so; a person who writes on after such words is answered as a person.
_AUTOMATIC = (
    "i'm driving with do not disturb", "i’m driving with do not disturb", "i'm not receiving notifications",
    "i’m not receiving notifications", "(i'm not receiving notifications", "(i’m not receiving notifications",
    "[auto-reply]", "[auto reply]", "[auto]", "auto-reply:", "auto reply:", "automatic reply:", "autoreply:",
    "i'm driving right now", "i’m driving right now", "estoy conduciendo con", "[respuesta automatica]",
    "[respuesta automática]", "respuesta automatica:", "respuesta automática:",
)  # fmt: skip


def is_tapback(text: str) -> bool:
    """A reaction: its verb, and then nothing but a quotation. What it quotes was answered when it was sent."""
    head, quoted = _split_at_quotation(text.strip())
    return bool(quoted) and (head.casefold().startswith(_REACTIONS) or _only_an_emoji_to(head))


def is_automatic(text: str) -> bool:
    """A phone's or car's own answer. Two machines must not talk to each other all night."""
    return text.strip().casefold().startswith(_AUTOMATIC)


def _split_at_quotation(text: str) -> tuple[str, str]:
    places = [text.find(mark) for mark in _OPENING if mark in text]
    if not places or not text.endswith(tuple(_CLOSING)):
        return text, ""
    start = min(places)
    # A closing mark inside: what follows it is the person's own.
    inner = text[start + 1 : -1]
    return (text[:start].strip(), inner) if not any(mark in inner for mark in "”»") else (text, "")


def _only_an_emoji_to(head: str) -> bool:
    """Android writes "👍 to “…”", and "👍 a “…”" in Spanish."""
    emoji, _, to = head.rpartition(" ")
    return to in {"to", "a"} and bool(emoji) and not any(char.isalnum() for char in emoji)
