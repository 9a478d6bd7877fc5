"""Finds the patterns of a grammar in a row of words, in time linear in the text. Knows no levels and no language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter

from service.policy.danger.grammar import EDGE, TEXT_EDGE, Grammar, Readings, Rule
from service.policy.danger.phrases import Phrases
from service.policy.danger.row import Row
from service.policy.danger.sieve import Sieve, ones

MOST_UNASKED = 64
"""Patterns that are followed before it is asked whether more of them can matter; a text that people write has fewer."""
ASKED_EVERY = 16
MOST_SPANS = 8
"""Of one pattern in one text; who writes it more often than this wants to keep us busy."""


class Match:
    """items[start:end] are what the rule looks for: where they start is looked for when somebody asks."""

    __slots__ = ("_start", "_starts", "end", "rule")

    def __init__(self, rule: Rule, end: int, starts: Callable[[int], int]) -> None:
        self.rule = rule
        self.end = end
        self._starts = starts
        self._start: int | None = None

    @property
    def start(self) -> int:
        """-1 where the text holds the rule too often to look."""
        if self._start is None:
            self._start = self._starts(self.end)
        return self._start


Enough = Callable[[Sequence[Match], Rule], bool]
"""Whether these say so much that a match of this rule, or of a later pattern's, adds nothing but evidence."""


class Matcher:
    """Serves every thread."""

    def __init__(self, grammar: Grammar, gap_stops: frozenset[str]) -> None:
        """Patterns are looked for in their order. `gap_stops` are the words that no gap reaches over."""
        self._gap_stops = gap_stops | {EDGE, TEXT_EDGE}
        self._patterns = grammar.patterns
        self._sieve = Sieve(grammar.patterns)
        choices = {element.choice for pattern in grammar.patterns for element in pattern.elements}
        choices.update(*(classes.values() for classes in grammar.classes.values()))
        self._phrases = Phrases({phrase for choice in choices for phrase in choice.phrases}, grammar.phrases)
        words = frozenset[str]().union(*(choice.words for choice in choices), self._phrases.words())
        self.vocabulary = words - {EDGE, TEXT_EDGE}
        """Every word that some pattern or phrase looks for."""

    def matches(self, items: Sequence[Readings], enough: Enough) -> list[Match]:
        """Every rule found and where, in the order of their ends; phrases last. Of very many, those until `enough`."""
        row = Row(items, self._gap_stops)
        alone: list[Match] = []
        for node, ends in self._phrases.found_in(row):
            row.phrases.add(node.phrase)
            for rule in node.rules:
                alone += _spans(rule, ends, partial(row.start_of_phrase, node.phrase))
        found: list[Match] = []
        for followed, number in enumerate(self._sieve.let_through(row), 1):
            rule, elements = self._patterns[number].rule, self._patterns[number].elements
            if followed > MOST_UNASKED and not followed % ASKED_EVERY and enough(found, rule):
                break
            if ends := row.ends_of(elements):
                found += _spans(rule, ends, partial(row.start_of, elements))
        found.sort(key=_end)
        alone.sort(key=_end)
        return found + alone


_end = attrgetter("end")


def _spans(rule: Rule, ends: int, starts: Callable[[int], int]) -> Iterator[Match]:
    for number, end in enumerate(ones(ends)):
        if number == MOST_SPANS:
            yield Match(rule, end, _nobody_looked)
            return
        yield Match(rule, end, starts)


def _nobody_looked(_: int) -> int:
    return -1
