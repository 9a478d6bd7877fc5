"""How many SMS segments a text takes, and which characters make it dear. What the text says does not matter here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

# GSM 03.38, the default alphabet and its extension table (each of those is an escape and a second septet).
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_GSM7 = _BASIC | _EXTENDED


class Encoding(StrEnum):
    """What the whole text is sent in. One character outside GSM-7 makes all of it UCS-2."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


_ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_IN_PARTS = {Encoding.GSM7: 153, Encoding.UCS2: 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """What carriers count and bill. `units` are septets, or UTF-16 code units."""

    encoding: Encoding
    units: int
    segments: int


@lru_cache(maxsize=1024)
def count(text: str) -> Segments:
    """An empty text has no segment. Kept, since a line gives the same few hundred answers again and again."""
    encoding = _encoding(text)
    return Segments(encoding, sum(_widths(text, encoding)), len(split(text)))


def split(text: str) -> tuple[str, ...]:
    """The parts that travel one by one. No escape pair and no surrogate pair is cut (TS 23.040, 9.2.3.24.1)."""
    encoding = _encoding(text)
    widths = _widths(text, encoding)
    longest = _ALONE[encoding] if sum(widths) <= _ALONE[encoding] else _IN_PARTS[encoding]
    if sum(widths) == len(text):  # every character is one unit, as in nearly every answer: nothing can be cut in two
        return tuple(text[start : start + longest] for start in range(0, len(text), longest))
    parts, start, used = [], 0, 0
    for index, width in enumerate(widths):
        if used + width > longest:
            parts.append(text[start:index])
            start, used = index, 0
        used += width
    return (*parts, text[start:])


def not_gsm7(text: str) -> tuple[str, ...]:
    """The characters that force UCS-2, each once, in the order in which they stand."""
    return tuple(dict.fromkeys(character for character in text if character not in _GSM7))


def _encoding(text: str) -> Encoding:
    return Encoding.GSM7 if _GSM7.issuperset(text) else Encoding.UCS2


def _widths(text: str, encoding: Encoding) -> Sequence[int]:
    wide = _EXTENDED if encoding is Encoding.GSM7 else {character for character in text if character > "\uffff"}
    if wide.isdisjoint(text):
        return b"\x01" * len(text)
    return [2 if character in wide else 1 for character in text]
