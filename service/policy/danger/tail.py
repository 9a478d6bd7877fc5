"""What of a text's end is kept for its continuation: numbers of words that the grammar knows, never the words."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from service.policy.danger.grammar import EDGE, Readings
from service.policy.text import BREAK, PAUSE

LONGEST = 8
OTHER = "_"
"""A word that no rule looks for."""
_ANY_WORD = "0_"
"""How it is read: as nobody can type it."""


class Tail:
    """Immutable once built. Numbers given out under one vocabulary mean nothing under another, and are dropped."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        words = sorted(vocabulary)
        self._edition = f"{zlib.crc32(' '.join(words).encode()):08x}"
        self._number_of = {word: f"{number:x}" for number, word in enumerate(words)}
        self._word_of = {number: word for word, number in self._number_of.items()}

    def of(self, readings: Sequence[Readings], before: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The classes of the last few words of the last sentence, or nothing where the sentence is over.

        Some people send a word a text: what `before` left of the same sentence is still part of it.
        """
        kept: list[str] = []
        for reading in reversed(readings):
            if reading[0] == EDGE or len(kept) == LONGEST:
                break
            if reading[0] not in (PAUSE, BREAK):
                kept.append(self._class_of(reading))
        else:
            kept.extend(reversed(self._entries(before)))
        kept = kept[:LONGEST]
        return (self._edition, *reversed(kept)) if kept.count(OTHER) < len(kept) else ()

    def _class_of(self, readings: Readings) -> str:
        if len(readings) == 1:
            return self._number_of.get(readings[0], OTHER)
        return "+".join(self._number_of[word] for word in readings if word in self._number_of) or OTHER

    def items(self, tail: tuple[str, ...]) -> list[Readings]:
        """The row that `of` was given, as far as the grammar is concerned."""
        return [tuple(self._word_of.get(one, _ANY_WORD) for one in entry.split("+")) for entry in self._entries(tail)]

    def _entries(self, tail: tuple[str, ...]) -> tuple[str, ...]:
        return tail[1:] if tail and tail[0] == self._edition else ()
