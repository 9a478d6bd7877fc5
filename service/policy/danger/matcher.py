"""Finds the patterns of a grammar in a row of words, in time linear in the text. Knows no levels and no language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from service.policy.danger.grammar import EDGE, TEXT_EDGE, Grammar, Readings, Rule
from service.policy.danger.phrases import Phrases
from service.policy.danger.row import Row
from service.policy.danger.sieve import Sieve, ones

MOST_SPANS = 8
"""Of one pattern in one text; who writes it more often than this wants to keep us busy."""


class Match(NamedTuple):
    """items[start:end] are what the rule looks for. Where the text holds it too often to look, start is -1."""

    rule: Rule
    start: int
    end: int


class Matcher:
    """Serves every thread."""

    def __init__(self, grammar: Grammar, gap_stops: frozenset[str]) -> None:
        """`gap_stops` are the words that no gap reaches over."""
        self._gap_stops = gap_stops | {EDGE, TEXT_EDGE}
        self._patterns = grammar.patterns
        self._sieve = Sieve(grammar.patterns)
        choices = {element.choice for pattern in grammar.patterns for element in pattern.elements}
        choices.update(*(classes.values() for classes in grammar.classes.values()))
        self._phrases = Phrases({phrase for choice in choices for phrase in choice.phrases}, grammar.phrases)
        words = frozenset[str]().union(*(choice.words for choice in choices), self._phrases.words())
        self.vocabulary = words - {EDGE, TEXT_EDGE}
        """Every word that some pattern or phrase looks for."""

    def matches(self, items: Sequence[Readings]) -> list[Match]:
        """Every rule found and where, in the order of their ends; phrases last."""
        row = Row(items, self._gap_stops)
        alone: list[Match] = []
        for node, ends in self._phrases.found_in(row):
            row.phrases.add(node.phrase)
            for rule in node.rules:
                alone += _spans(rule, ends, partial(row.start_of_phrase, node.phrase))
        found: list[Match] = []
        for number in self._sieve.let_through(row):
            rule, elements = self._patterns[number].rule, self._patterns[number].elements
            if ends := row.ends_of(elements):
                found += _spans(rule, ends, partial(row.start_of, elements))
        found.sort(key=lambda match: match.end)
        alone.sort(key=lambda match: (match.start, match.end))
        return found + alone


def _spans(rule: Rule, ends: int, start_of: Callable[[int], int]) -> Iterator[Match]:
    for number, end in enumerate(ones(ends)):
        if number == MOST_SPANS:
            yield Match(rule, -1, end)
            return
        yield Match(rule, start_of(end), end)
