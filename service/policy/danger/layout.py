"""A grammar laid out as bits: every place of every pattern has one, and every word lights those where it may stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from service.policy.danger.grammar import EDGE, TEXT_EDGE, Grammar, Pattern, Rule

MOST_UNIONS = 4096


class Light(NamedTuple):
    """The places that a word, or all readings of one, may stand in. Equal numbers light equal places."""

    number: int
    places: int


@dataclass(slots=True)
class Node:
    """A word in the trie of phrases. `light`: what the phrase that ends here lights; `whole`: the rules that it is."""

    following: dict[str, Node] = field(default_factory=dict)
    light: Light | None = None
    whole: tuple[Rule, ...] = ()


class Layout:
    """Immutable once built, but for a bounded memory of what several readings light together."""

    def __init__(self, grammar: Grammar, gap_stops: frozenset[str]) -> None:
        """`gap_stops` are the words that no gap reaches over."""
        self.rules: dict[int, Rule] = {}
        """The place that ends a pattern → what the pattern means."""
        self.phrases = Node()
        self._lights: dict[int, Light] = {}
        self._words: dict[str, Light] = {}
        self._unions: dict[tuple[str, ...], Light] = {}
        self._lay_out(grammar, gap_stops | {EDGE, TEXT_EDGE})
        for phrase in grammar.phrases:
            node = self._node(phrase.words)
            node.whole = (*node.whole, phrase.rule)

    def _lay_out(self, grammar: Grammar, gap_stops: frozenset[str]) -> None:
        of_class: dict[str, list[int]] = {name: [] for name in grammar.classes}
        of_word: dict[str, list[int]] = {}
        firsts, optional, gaps = self._number_places(grammar.patterns, of_class, of_word)
        for name, members in grammar.classes.items():
            for member in members:
                of_word.setdefault(member, []).extend(of_class[name])
        self.firsts, self.lasts = _bits(firsts), _bits(self.rules)
        self.optional = _bits(optional)
        self._gaps = _bits(gaps)
        self._unknown = self._light(self._gaps)
        for word, places in of_word.items():
            if " " in word:
                self._node(word.split()).light = self._light(_bits(places))
            else:
                self._words[word] = self._light(_bits(places) | (0 if word in gap_stops else self._gaps))

    def _number_places(
        self, patterns: Iterable[Pattern], of_class: Mapping[str, list[int]], of_word: dict[str, list[int]]
    ) -> tuple[list[int], list[int], list[int]]:
        firsts: list[int] = []
        optional: list[int] = []
        gaps: list[int] = []
        place = 0
        for pattern in patterns:
            firsts.append(place)
            for element in pattern.elements:
                if element.optional:
                    optional.append(place)
                if element.any_word:
                    gaps.append(place)
                for word in element.words:
                    of_word.setdefault(word, []).append(place)
                for name in element.classes:
                    of_class[name].append(place)
                place += 1
            self.rules[place - 1] = pattern.rule
        return firsts, optional, gaps

    def _light(self, places: int) -> Light:
        return self._lights.setdefault(places, Light(len(self._lights), places))

    def _node(self, words: Sequence[str]) -> Node:
        node = self.phrases
        for word in words:
            node = node.following.setdefault(word, Node())
        return node

    def light_of(self, readings: tuple[str, ...]) -> Light:
        """What a word lights that may be read in these ways; one that no pattern knows lights the gaps alone."""
        if len(readings) == 1:
            return self._words.get(readings[0], self._unknown)
        known = self._unions.get(readings)
        if known is None:
            places = 0
            for reading in readings:
                places |= self._words.get(reading, self._unknown).places
            known = self._light(places)
            if len(self._unions) < MOST_UNIONS:
                self._unions[readings] = known
        return known

    def vocabulary(self) -> frozenset[str]:
        """Every word that some pattern or phrase looks for."""
        found = set(self._words)
        nodes = [self.phrases]
        while nodes:
            node = nodes.pop()
            found.update(node.following)
            nodes.extend(node.following.values())
        return frozenset(found - {EDGE, TEXT_EDGE})


def _bits(places: Iterable[int]) -> int:
    marks = bytearray()
    for place in places:
        if place >> 3 >= len(marks):
            marks.extend(bytes((place >> 3) + 1 - len(marks)))
        marks[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(marks, "little")


def ones(number: int) -> Iterator[int]:
    """Where the bits of a number stand, from the lowest."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
