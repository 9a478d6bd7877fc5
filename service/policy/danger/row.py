"""One text as the matcher sees it: for every word a number whose bits say where it stands. Knows no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from service.policy.danger.grammar import EDGE, Choice, Element, Readings

_ANYWHERE = -1
"""Every point of every row: in a negative number all bits to the left are set."""


class Row:
    """Points between items are counted like items: point n is before item n. A number holds any set of them.

    So every occurrence of a pattern is followed at once: a step over a word is an "and" of the points reached with the
    items where that word stands, and a shift by one.
    """

    __slots__ = ("_found", "_gap_stops", "_items", "_opened", "_passable", "phrases", "where", "words")

    def __init__(self, items: Sequence[Readings], gap_stops: frozenset[str]) -> None:
        """`gap_stops` are the words that no gap reaches over."""
        self.where: dict[str, int] = {}
        """Word → the items that may be read so."""
        self.phrases: set[tuple[str, ...]] = set()
        """Those of the grammar's phrases that the row holds; whoever looks for phrases adds them."""
        self._items = items
        self._found: dict[Choice, tuple[int, frozenset[tuple[str, ...]]]] = {}
        where, passable, bit = self.where, 0, 1
        for readings in items:
            for reading in readings:
                where[reading] = where.get(reading, 0) | bit
            if not readings[0][0].isalnum() and readings[0] != EDGE:
                passable |= bit
            bit <<= 1
        self.words = set(where)
        self._passable = passable
        """Emoji and marks: what comes before and after may belong together as if these were not there."""
        self._gap_stops = gap_stops
        self._opened: int | None = None

    def stretches(self, length: int) -> Iterator[set[str]]:
        """The words of the row, part by part, of `length` words each; what is read over is not counted."""
        counted = [at for at in range(len(self._items)) if not self._passable >> at & 1]
        for start, end in pairwise([0, *counted[length::length], len(self._items)]):
            yield {reading for readings in self._items[start:end] for reading in readings}

    def ends_of(self, elements: Iterable[Element]) -> int:
        """The points where these elements, one after another, end."""
        at, passable = _ANYWHERE, self._passable
        for choice, optional, gap in elements:
            if at > 0 and at & passable:
                at = self.passed(at)
            if gap:
                at = self._after_gap(gap, at)
                continue
            items, phrases = self._found.get(choice) or self._find(choice)
            after = (at & items) << 1
            if phrases:
                for phrase in phrases:
                    after |= self._after_phrase(phrase, at)
            at = at | after if optional else after
            if not at:
                break
        return at

    def start_of(self, elements: Sequence[Element], end: int) -> int:
        """The latest item that these elements may begin at where they end at point `end`."""
        at = self._before(elements[-1].choice, 1 << end)
        for choice, optional, gap in elements[-2::-1]:
            at = self._passed_back(at) if at >> 1 & self._passable else at
            if gap:
                at = self._before_gap(gap, at)
            elif optional:
                at |= self._before(choice, at)
            else:
                at = self._before(choice, at)
        return at.bit_length() - 1

    def start_of_phrase(self, phrase: Sequence[str], end: int) -> int:
        """The same for words just as they stand."""
        return self._before_phrase(phrase, 1 << end).bit_length() - 1

    def _find(self, choice: Choice) -> tuple[int, frozenset[tuple[str, ...]]]:
        """The items where one of a choice's words stands, and which of its phrases the row holds."""
        items = 0
        for word in choice.words & self.words:
            items |= self.where[word]
        found = self._found[choice] = items, choice.phrases & self.phrases
        return found

    def _before(self, choice: Choice, at: int) -> int:
        items, phrases = self._found.get(choice) or self._find(choice)
        before = at >> 1 & items
        for phrase in phrases:
            before |= self._before_phrase(phrase, at)
        return before

    def _after_phrase(self, phrase: Sequence[str], at: int) -> int:
        at = (at & self.where[phrase[0]]) << 1
        for word in phrase[1:]:
            at = (self.passed(at) & self.where[word]) << 1
        return at

    def _before_phrase(self, phrase: Sequence[str], at: int) -> int:
        at = at >> 1 & self.where[phrase[-1]]
        for word in phrase[-2::-1]:
            at = self._passed_back(at) >> 1 & self.where[word]
        return at

    def _after_gap(self, longest: int, at: int) -> int:
        step, open_to_gaps, passable = at, self._open(), self._passable
        for _ in range(longest):
            step = (step & open_to_gaps) << 1
            if not step:
                break
            if step & passable:
                step = self.passed(step)
            at |= step
        return at

    def _open(self) -> int:
        """The items that a gap may reach over."""
        if self._opened is None:
            self._opened = 0
            for word in self.words - self._gap_stops:
                self._opened |= self.where[word]
        return self._opened

    def _before_gap(self, longest: int, at: int) -> int:
        step, open_to_gaps = at, self._open()
        for _ in range(longest):
            step = self._passed_back(step >> 1 & open_to_gaps)
            at |= step
        return at

    def passed(self, at: int) -> int:
        """These points, and those behind what may be read over from there."""
        entered = at & self._passable
        if not entered:
            return at
        # Adding to a run of ones turns all from the added bit on to zeros: a whole run of marks is passed at once.
        return at | (entered | (self._passable + entered ^ self._passable) & self._passable) << 1

    def _passed_back(self, at: int) -> int:
        """The same backwards: twice as far at each step, where all between may be read over."""
        far, through = 1, self._passable
        while through and at:
            at |= at >> far & through
            through &= through >> far
            far *= 2
        return at
