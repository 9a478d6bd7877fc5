"""What the floor and the operators' additions say, as values. How they are written is `notation.py`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from service.policy.conversation import Hint, Kind, Level

EDGE = "^"
"""The word that stands for a sentence's beginning or end in a pattern."""
TEXT_EDGE = "^^"
"""The same for the whole text."""
NUMBER = "#"
"""What every number in digits is also read as; `<number>` in a pattern."""

Readings = tuple[str, ...]
"""One item of a row: a word with all that it may be read as, or a mark."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Words, and phrases as rows of words: any of them may stand in a place."""

    words: frozenset[str]
    phrases: frozenset[tuple[str, ...]]


Classes = Mapping[str, Choice]
"""A class's name and what it stands for; each language has its own."""


class Element(NamedTuple):
    """One place of a pattern, or a gap: up to so many words that do not matter."""

    choice: Choice
    optional: bool = False
    gap: int = 0

    @property
    def may_be_missing(self) -> bool:
        return self.optional or self.gap > 0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a row of words means. `covers`: the rule speaks for the words it spans, and no other rule does."""

    name: str
    level: Level
    kind: Kind | None
    covers: bool = False
    hints: frozenset[Hint] = frozenset()
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pattern:
    rule: Rule
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that mean something just as they stand. Tens of thousands of these cost no more than one."""

    rule: Rule
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Combination:
    """A level that several tags give together, wherever they stand in the text: at least `needed` of them."""

    rule: Rule
    tags: frozenset[str]
    needed: int


@dataclass(frozen=True, slots=True)
class Grammar:
    """Everything that one or more files say."""

    classes: Mapping[str, Classes]
    """By language."""
    spellings: Mapping[str, tuple[str, ...]]
    """A chat spelling → the words that it may stand for: "2" → "to", "too"."""
    patterns: tuple[Pattern, ...]
    combinations: tuple[Combination, ...] = ()
    phrases: tuple[Phrase, ...] = ()
