"""What operators add to the floor, and whether it says too much. The floor itself is not theirs to change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.policy.conversation import Kind, Language, Level
from service.policy.danger import floor
from service.policy.danger.grammar import EDGE, Grammar, Pattern, Phrase, Rule
from service.policy.danger.notation import GAP, LONGEST_PATTERN, GrammarError, Pieces, plain, read_pattern

TOO_BROAD = 0.002
"""The share of everyday texts that an addition may fire on: one in five hundred."""


class AdditionError(ValueError):
    """A phrase that cannot be looked for. The message says why, and is safe to show."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A phrase that an operator wants to be danger: plain words, or the floor's own notation (`<want> to? vanish`)."""

    phrase: str
    level: Level
    kind: Kind
    language: Language

    def __post_init__(self) -> None:
        if not self.level.is_danger:
            raise AdditionError("an addition raises a level; with `none` it would take something away")
        if self.language not in floor.LANGUAGES:
            raise AdditionError(f"there is no floor in `{self.language}` that this could be added to")
        try:
            self.read(floor.load())
        except GrammarError as mistake:
            raise AdditionError(str(mistake)) from None

    @property
    def rule(self) -> Rule:
        return Rule(f"added {self.language}: {plain(self.phrase)}", self.level, self.kind)

    def read(self, grammar: Grammar) -> Phrase | Pattern:
        """What the matcher is to look for. Raises GrammarError where that is nothing, or anything."""
        if any(sign in self.phrase for sign in ("<", "|", "?", GAP, EDGE)):
            return Pattern(self.rule, read_pattern(self.phrase, Pieces(grammar.classes[self.language])))
        words = tuple(plain(self.phrase).split())
        if not words:
            raise GrammarError("the phrase holds no word")
        if len(words) > LONGEST_PATTERN:
            raise GrammarError(f"the phrase has more than {LONGEST_PATTERN} words")
        return Phrase(self.rule, words)


def with_additions(additions: Iterable[Addition]) -> Grammar:
    """The floor, and what is added to it."""
    grammar = floor.load()
    found = [addition.read(grammar) for addition in additions]
    return replace(
        grammar,
        patterns=(*grammar.patterns, *(one for one in found if isinstance(one, Pattern))),
        phrases=tuple(one for one in found if isinstance(one, Phrase)),
    )
