"""Finds the patterns of a grammar in a row of words, in time linear in the text. Knows no levels and no language.

Every place of every pattern is one bit of a long integer. A word lights the places where it may stand; a place is
reached when the place before it was. So one step of all patterns together is a shift and an "and", whatever they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.policy.danger.grammar import EDGE, TEXT_EDGE, Grammar, Pattern, Rule

MOST_SPANS = 8
"""Of one pattern in one text; who writes it more often than this wants to keep us busy."""


class Item(NamedTuple):
    """One thing in a row: a word with all that it may be read as, or a mark.

    `passable`: what comes before and after may belong together as if it were not there.
    """

    readings: tuple[str, ...]
    passable: bool = False


class Match(NamedTuple):
    """items[start:end] are what the rule looks for. Where the text holds it too often to look, start is -1."""

    rule: Rule
    start: int
    end: int


class _Edge(NamedTuple):
    start: int
    lit: int


@dataclass(slots=True)
class _Node:
    """A word in the trie of phrases. `lit`: the places that the phrase ending here lights; `whole`: what it is."""

    following: dict[str, _Node]
    lit: int = 0
    whole: tuple[Rule, ...] = ()


class Matcher:
    """Immutable once built."""

    def __init__(self, grammar: Grammar, gap_stops: frozenset[str]) -> None:
        """`gap_stops` are the words that no gap reaches over."""
        self._firsts = self._lasts = self._optional = self._any = 0
        self._rules: dict[int, Rule] = {}
        self._words: dict[str, int] = {}
        self._phrases = _Node({})
        self._gap_stops = gap_stops | {EDGE, TEXT_EDGE}
        self._lay_out(grammar.patterns, grammar.classes)
        for phrase in grammar.phrases:
            node = self._node(phrase.words)
            node.whole = (*node.whole, phrase.rule)

    def _lay_out(self, patterns: Sequence[Pattern], classes: Mapping[str, tuple[str, ...]]) -> None:
        place = 0
        of_class: dict[str, int] = dict.fromkeys(classes, 0)
        of_word: dict[str, int] = {}
        for pattern in patterns:
            self._firsts |= 1 << place
            for element in pattern.elements:
                bit = 1 << place
                self._optional |= bit if element.optional else 0
                self._any |= bit if element.any_word else 0
                for word in element.words:
                    of_word[word] = of_word.get(word, 0) | bit
                for name in element.classes:
                    of_class[name] |= bit
                place += 1
            self._lasts |= 1 << (place - 1)
            self._rules[place - 1] = pattern.rule
        self._light(classes, of_class, of_word)

    def _light(self, classes: Mapping[str, tuple[str, ...]], of_class: dict[str, int], of_word: dict[str, int]) -> None:
        for name, members in classes.items():
            for member in members:
                if " " in member:
                    self._node(member.split()).lit |= of_class[name]
                else:
                    of_word[member] = of_word.get(member, 0) | of_class[name]
        for word, lit in of_word.items():
            if " " in word:
                self._node(word.split()).lit |= lit
                continue
            self._words[word] = lit if word in self._gap_stops else lit | self._any

    def _node(self, words: Sequence[str]) -> _Node:
        node = self._phrases
        for word in words:
            node = node.following.setdefault(word, _Node({}))
        return node

    def vocabulary(self) -> frozenset[str]:
        """Every word that some pattern looks for."""
        found = set(self._words)
        nodes = [self._phrases]
        while nodes:
            node = nodes.pop()
            found.update(node.following)
            nodes.extend(node.following.values())
        return frozenset(found - {EDGE, TEXT_EDGE})

    def matches(self, items: Sequence[Item]) -> list[Match]:
        """Every rule found and where, in the order of their ends."""
        reached = [0] * (len(items) + 1)
        edges: list[list[_Edge]] = [[] for _ in reached]
        ends: list[tuple[int, int]] = []
        whole: list[Match] = []
        for at, item in enumerate(items):
            live = reached[at]
            step = live << 1 | self._firsts
            for end, lit in self._edges(items, at, whole):
                if passed := self._pass_optional(step & lit):
                    reached[end] |= passed
                    edges[end].append(_Edge(at, lit))
                    if hits := passed & self._lasts:
                        ends.extend((end, place) for place in _bits(hits))
            if item.passable:
                reached[at + 1] |= live
        return self._traced(sorted(set(ends)), edges, items) + whole

    def _edges(self, items: Sequence[Item], at: int, whole: list[Match]) -> Iterator[tuple[int, int]]:
        """(where it ends, the places it lights) of the word at `at` and of each phrase that begins there."""
        readings = items[at].readings
        lit = 0
        for reading in readings:
            lit |= self._words.get(reading, self._any)
        yield at + 1, lit
        nodes = [node for reading in readings if (node := self._phrases.following.get(reading))]
        end = at + 1
        while nodes:
            for node in nodes:
                whole.extend(Match(rule, at, end) for rule in node.whole)
                if node.lit:
                    yield end, node.lit
            while end < len(items) and items[end].passable:
                end += 1
            if end == len(items):
                return
            nodes = [after for node in nodes for word in items[end].readings if (after := node.following.get(word))]
            end += 1

    def _pass_optional(self, reached: int) -> int:
        """`reached`, and every place that may be missing right after one of them.

        Adding to a run of ones turns what lies above the added bit to zeros: so a whole run is passed at once.
        """
        entered = reached << 1 & self._optional
        if not entered:
            return reached
        return reached | entered | (self._optional + entered ^ self._optional) & self._optional

    def _traced(
        self, found: Sequence[tuple[int, int]], edges: Sequence[Sequence[_Edge]], items: Sequence[Item]
    ) -> list[Match]:
        seen: dict[int, int] = {}
        matches: list[Match] = []
        for end, place in found:
            seen[place] = seen.get(place, 0) + 1
            start = self._start_of(place, end, edges, items) if seen[place] <= MOST_SPANS else -1
            matches.append(Match(self._rules[place], start, end))
        return matches

    def _start_of(self, place: int, end: int, edges: Sequence[Sequence[_Edge]], items: Sequence[Item]) -> int:
        """The latest start of the pattern whose last place is `place` and that ends at `end`."""
        best = -1
        waiting = [(place, end)]
        tried = set(waiting)
        while waiting:
            place, end = waiting.pop()
            for start, lit in edges[end]:
                if not lit >> place & 1:
                    continue
                if self._firsts >> place & 1:
                    best = max(best, start)
                    continue
                for one in self._before(place, start, items):
                    if one not in tried:
                        tried.add(one)
                        waiting.append(one)
        return best

    def _before(self, place: int, start: int, items: Sequence[Item]) -> Iterator[tuple[int, int]]:
        """The places that may have been reached just before `place`, at each item where that may have been."""
        places = [place - 1]
        while self._optional >> places[-1] & 1:
            places.append(places[-1] - 1)
        ends = [start]
        while ends[-1] and items[ends[-1] - 1].passable:
            ends.append(ends[-1] - 1)
        return ((one, end) for one in places for end in ends)


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
