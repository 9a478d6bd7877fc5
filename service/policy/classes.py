"""Words that mean alike, and the slips they are typed with: what a sentence says in whatever words. No routes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from service.policy.text import edit_distance_at_most_one, with_one_letter_less

ZIP_CODE = "#####"
"""Stands for any five digits."""
SHORTEST_STEM = 3
SHORTEST_WITH_A_SLIP = 7
"""Letters of the word that was meant; shorter ones have too many real neighbours ("sweats": "seats", "sweets")."""
SHORTEST_BY_SOUND = 7
FEWEST_CONSONANTS = 4
"""Of a word known by its sound: fewer are shared by too many words."""

Member = tuple[str, ...]
"""Words in a row; one that ends in `*` stands for each that begins so. A class's name alone is all its members."""


class WordClasses:
    """Immutable once built. A class is named in capitals, as no word of a text is."""

    def __init__(self, members: Mapping[str, Iterable[Member]], words: Iterable[str] = ()) -> None:
        """`words` are known by themselves too, so that a slip in them is mended."""
        self._starting: dict[str, list[tuple[Member, str]]] = defaultdict(list)
        self._around: dict[str, set[str]] = defaultdict(set)
        known = set(words)
        for name, rows in members.items():
            for row in rows:
                if len(row) == 1 and row[0].isupper():
                    self._around[row[0]].add(name)
                else:
                    self._starting[row[0]].append((row[1:], name))
                    known.update(row)
        self._slips = Slips(word for word in known if word.isalpha())

    def said(self, words: Sequence[str]) -> frozenset[str]:
        """Every word as it was meant, and every class that one or more of them in a row belong to."""
        meant = [self._meant(word) for word in words]
        found = set(meant)
        for place, word in enumerate(meant):
            for shape in _shapes(word):
                for rest, name in self._starting.get(shape, ()):
                    if _follows(rest, meant[place + 1 : place + 1 + len(rest)]):
                        found.add(name)
        return frozenset(self._with_those_around(found))

    def _with_those_around(self, names: set[str]) -> set[str]:
        found, wider = set(names), names
        while wider := {outer for name in wider for outer in self._around.get(name, ())} - found:
            found |= wider
        return found

    def _meant(self, word: str) -> str:
        if any(shape in self._starting for shape in _shapes(word)):
            return word
        return self._slips.meant(word)


class Slips:
    """Which known word a mistyped or misheard one stands for."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._shorter: dict[str, list[str]] = defaultdict(list)
        self._sounds: dict[str, str] = {}
        for word in sorted(self._words):
            if len(word) >= SHORTEST_WITH_A_SLIP:
                for shape in with_one_letter_less(word):
                    self._shorter[shape].append(word)
            if len(word) >= SHORTEST_BY_SOUND and len(sound := _sound(word)) >= FEWEST_CONSONANTS:
                self._sounds.setdefault(sound, word)

    def meant(self, word: str) -> str:
        """The known word that `word` is a slip of; itself where it is known or nobody can tell."""
        if word in self._words or len(word) < SHORTEST_WITH_A_SLIP - 1 or not word.isalpha():
            return word
        for shape in with_one_letter_less(word):
            for known in self._shorter.get(shape, ()):
                if known[0] == word[0] and _slipped(word, known):
                    return known
        heard = self._sounds.get(_sound(word), word) if len(word) >= SHORTEST_BY_SOUND else word
        return heard if _two_letters_apart_at_most(word, heard) else word


def _slipped(word: str, known: str) -> bool:
    """One letter apart, and not by another consonant in its place: "skipped" is no slip of "slipped"."""
    if not edit_distance_at_most_one(word, known):
        return False
    other = [(a, b) for a, b in zip(word, known, strict=False) if a != b]
    return len(word) != len(known) or len(other) == 2 or all({a, b} <= set("aeiouy") for a, b in other)


def _two_letters_apart_at_most(word: str, known: str) -> bool:
    return any(edit_distance_at_most_one(shape, known) for shape in with_one_letter_less(word)) or any(
        edit_distance_at_most_one(word, shape) for shape in with_one_letter_less(known)
    )


_ALIKE = (("ph", "f"), ("sh", "x"), ("ch", "x"), ("ck", "k"), ("q", "k"), ("c", "k"), ("z", "s"), ("b", "v"))
_VOWELS = re.compile(r"(?<!^)[aeiouyh]+")
_DOUBLED = re.compile(r"(.)\1+")


def _sound(word: str) -> str:
    """The first letter and the consonants after it, those that sound alike as one."""
    for typed, heard in _ALIKE:
        word = word.replace(typed, heard)
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", word))


def _shapes(word: str) -> Iterator[str]:
    """What a member may begin with to stand for this word."""
    yield word
    if len(word) == len(ZIP_CODE) and word.isdecimal():
        yield ZIP_CODE
    for end in range(SHORTEST_STEM, len(word) + 1):
        yield word[:end] + "*"


def _follows(pattern: Member, words: Sequence[str]) -> bool:
    return len(words) == len(pattern) and all(
        word == wanted or (wanted[-1] == "*" and word.startswith(wanted[:-1]))
        for word, wanted in zip(words, pattern, strict=True)
    )
