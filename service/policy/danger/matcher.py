"""Finds the patterns of a grammar in a row of words, in time linear in the text. Knows no levels and no language.

A place is reached when a word lights it and the place before it was reached: so one step of all patterns together is a
shift and an "and" of two long numbers, whatever the patterns are. Steps taken once are remembered, within bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from service.policy.danger.grammar import Grammar, Rule
from service.policy.danger.layout import Layout, Light, Node, ones

MOST_SPANS = 8
"""Of one pattern in one text; who writes it more often than this wants to keep us busy."""
MOST_STATES = 4096
MOST_PASSED = 8
"""Marks or emoji in a row that a pattern reads over."""


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


class _State:
    """The places reached at one point of a text, and the steps from there that were taken before."""

    __slots__ = ("after", "reached", "together")

    def __init__(self, reached: int) -> None:
        self.reached = reached
        self.after: dict[int, tuple[_State, int]] = {}
        """A light's number → the state after it, and the last places of patterns among those reached."""
        self.together: dict[_State, _State] = {}


class _Edge(NamedTuple):
    start: int
    places: int


class Matcher:
    """Serves every thread: what it remembers is only ever added to, or dropped as a whole."""

    def __init__(self, grammar: Grammar, gap_stops: frozenset[str]) -> None:
        """`gap_stops` are the words that no gap reaches over."""
        self._layout = Layout(grammar, gap_stops)
        self._nowhere = _State(0)
        self._states: dict[int, _State] = {0: self._nowhere}

    def vocabulary(self) -> frozenset[str]:
        """Every word that some pattern or phrase looks for."""
        return self._layout.vocabulary()

    def matches(self, items: Sequence[Item]) -> list[Match]:
        """Every rule found and where, in the order of their ends; phrases last."""
        nowhere = self._nowhere
        states = [nowhere] * (len(items) + 1)
        edges: list[list[_Edge]] = [[] for _ in states]
        ends: set[tuple[int, int]] = set()
        whole: list[Match] = []
        for at, item in enumerate(items):
            state = states[at]
            lights = [(at + 1, self._layout.light_of(item.readings))]
            if nodes := _following((self._layout.phrases,), item.readings):
                lights += self._phrases(items, at, nodes, whole)
            for end, light in lights:
                after, lasts = state.after.get(light.number) or self._step(state, light)
                if after.reached:
                    states[end] = after if states[end] is nowhere else self._both(states[end], after)
                    edges[end].append(_Edge(at, light.places))
                    if lasts:
                        ends.update((end, place) for place in ones(lasts))
            if item.passable and state.reached:
                states[at + 1] = self._both(states[at + 1], state)
        return self._traced(sorted(ends), edges, items) + whole

    def _step(self, state: _State, light: Light) -> tuple[_State, int]:
        reached = (state.reached << 1 | self._layout.firsts) & light.places
        if entered := reached << 1 & self._layout.optional:
            # Adding to a run of ones turns all above the added bit to zeros: a whole run of optional places is passed.
            optional = self._layout.optional
            reached |= entered | (optional + entered ^ optional) & optional
        step = self._state(reached), reached & self._layout.lasts
        state.after[light.number] = step
        return step

    def _both(self, one: _State, other: _State) -> _State:
        known = one.together.get(other)
        if known is None:
            known = one.together[other] = self._state(one.reached | other.reached)
        return known

    def _state(self, reached: int) -> _State:
        known = self._states.get(reached)
        if known is None:
            if len(self._states) >= MOST_STATES:
                self._nowhere = _State(0)
                self._states = {0: self._nowhere}
            known = self._states.setdefault(reached, _State(reached))
        return known

    def _phrases(
        self, items: Sequence[Item], at: int, nodes: Sequence[Node], whole: list[Match]
    ) -> Iterator[tuple[int, Light]]:
        """(where it ends, what it lights) of each phrase that begins at `at`, whose word there is at `nodes`."""
        end = at + 1
        while nodes:
            for node in nodes:
                whole.extend(Match(rule, at, end) for rule in node.whole)
                if node.light:
                    yield end, node.light
            end = _passed(items, end)
            if end == len(items):
                return
            nodes = _following(nodes, items[end].readings)
            end += 1

    def _traced(
        self, found: Sequence[tuple[int, int]], edges: Sequence[Sequence[_Edge]], items: Sequence[Item]
    ) -> list[Match]:
        seen: dict[int, int] = {}
        matches: list[Match] = []
        for end, place in found:
            seen[place] = seen.get(place, 0) + 1
            if seen[place] <= MOST_SPANS:
                matches.append(Match(self._layout.rules[place], self._start_of(place, end, edges, items), end))
            elif seen[place] == MOST_SPANS + 1:
                matches.append(Match(self._layout.rules[place], -1, end))
        return matches

    def _start_of(self, place: int, end: int, edges: Sequence[Sequence[_Edge]], items: Sequence[Item]) -> int:
        """The latest start of the pattern whose last place is `place` and that ends at `end`."""
        best = -1
        waiting = [(place, end)]
        tried = set(waiting)
        while waiting:
            place, end = waiting.pop()
            for start, places in edges[end]:
                if not places >> place & 1:
                    continue
                if self._layout.firsts >> place & 1:
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
        while self._layout.optional >> places[-1] & 1:
            places.append(places[-1] - 1)
        ends = [start]
        while ends[-1] and items[ends[-1] - 1].passable and len(ends) <= MOST_PASSED:
            ends.append(ends[-1] - 1)
        return ((one, end) for one in places for end in ends)


def _following(nodes: Sequence[Node], readings: Sequence[str]) -> list[Node]:
    return [after for node in nodes for word in readings if (after := node.following.get(word))]


def _passed(items: Sequence[Item], at: int) -> int:
    """Where the next item stands that is not read over, or the row's end."""
    last = min(len(items), at + MOST_PASSED)
    while at < last and items[at].passable:
        at += 1
    return at
