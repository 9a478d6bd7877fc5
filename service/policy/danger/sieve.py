"""Which patterns may be in a text at all, by the words in it, in whatever order: a few of thousands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from service.policy.danger.grammar import Choice, Pattern
from service.policy.danger.row import Row

Said = str | tuple[str, ...]
"""A word, or the words of a phrase."""

_ASKED = 3
"""Places of a pattern that are asked about. With two, thrice as many patterns are let through; four cost more."""
_FEW = 40
"""Different words, of those that are asked about, in a text that is sieved as a whole."""
_STRETCH = 16
"""Words of the stretches that a longer one is sieved by; of twenty patterns nineteen span no more.

Stretches of eight let a seventh less through, and cost what that saves.
"""


class Sieve:
    """Asks of every pattern at once whether its rarest words are there: one bit for each of them, as long numbers.

    Immutable once built, but for the numbers of words, which are made on first use.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._width = len(patterns)
        self._by_length = _by_length(patterns)
        needed = [_needed(pattern) for pattern in patterns]
        commonness = _commonness(needed)
        places: dict[Choice, list[int]] = {}
        for number, choices in enumerate(needed):
            asked = sorted(choices, key=commonness.__getitem__)[:_ASKED]
            for lane in range(_ASKED):
                places.setdefault(asked[min(lane, len(asked) - 1)], []).append(lane * self._width + number)
        choices_of = _by_word(places)
        self._asked = frozenset(choices_of)
        self._lights = _Lights(choices_of, places)

    def let_through(self, row: Row) -> Iterator[int]:
        """The numbers of the patterns that may be in a row, rising."""
        everywhere = self._lit(self._asked & row.phrases)
        said = self._asked & row.words
        if len(said) <= _FEW:
            return ones(self._together(self._lit(said) | everywhere))
        stretches = [self._lit(self._asked & words) | everywhere for words in row.stretches(_STRETCH)]
        through = 0
        for patterns in self._by_length:
            # What spans at most a stretch is within two of them, one after another.
            pairs = [one | following for one, following in zip_longest(stretches, stretches[1:], fillvalue=0)]
            found = 0
            for pair in pairs:
                found |= self._together(pair)
            through |= found & patterns
            stretches = pairs[::2]
        return ones(through)

    def _together(self, lit: int) -> int:
        """The patterns, as bits, all whose places that are asked about are among these."""
        return lit >> 2 * self._width & lit >> self._width & lit

    def _lit(self, asked: Iterable[Said]) -> int:
        lit = 0
        for one in asked:
            lit |= self._lights[one]
        return lit


class _Lights(dict[Said, int]):
    """A word or phrase → the places that it may stand in."""

    def __init__(self, choices_of: Mapping[Said, Sequence[Choice]], places: Mapping[Choice, Sequence[int]]) -> None:
        self._choices_of = choices_of
        self._places = places
        self._bytes = 1 + max((place for of_choice in places.values() for place in of_choice), default=0) // 8

    def __missing__(self, said: Said) -> int:
        marks = bytearray(self._bytes)
        for choice in self._choices_of[said]:
            for place in self._places[choice]:
                marks[place >> 3] |= 1 << (place & 7)
        light = self[said] = int.from_bytes(marks, "little")
        return light


def ones(number: int) -> Iterator[int]:
    """Where the bits of a number stand, from the lowest."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def _length(pattern: Pattern) -> int:
    """The most words that a pattern spans, those not counted that it reads over."""
    return sum(element.gap or max(map(len, element.choice.phrases), default=1) for element in pattern.elements)


def _by_length(patterns: Iterable[Pattern]) -> list[int]:
    """The patterns, as bits, that span at most one stretch; those of the rest that span at most two; four; eight."""
    found: list[int] = []
    for number, pattern in enumerate(patterns):
        doublings = ((_length(pattern) - 1) // _STRETCH).bit_length()
        found += [0] * (doublings + 1 - len(found))
        found[doublings] |= 1 << number
    return found


def _needed(pattern: Pattern) -> set[Choice]:
    return {choice for choice, optional, gap in pattern.elements if not optional and not gap}


def _said(choice: Choice) -> Iterable[Said]:
    return (*choice.words, *choice.phrases)


def _by_word(choices: Iterable[Choice]) -> dict[Said, list[Choice]]:
    found: dict[Said, list[Choice]] = {}
    for choice in choices:
        for said in _said(choice):
            found.setdefault(said, []).append(choice)
    return found


def _commonness(needed: Iterable[Iterable[Choice]]) -> dict[Choice, int]:
    """How many patterns ask for that word of a choice which most ask for."""
    asked = Counter(choice for choices in needed for choice in choices)
    asking: dict[Said, int] = {}
    for choice, times in asked.items():
        for said in _said(choice):
            asking[said] = asking.get(said, 0) + times
    return {choice: max(map(asking.__getitem__, _said(choice))) for choice in asked}
