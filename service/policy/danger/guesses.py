"""What a word that nobody knows may stand for: leet, starred, stretched, mistyped, run together. One word at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain

from service.policy.danger.alike import Alike
from service.policy.danger.grammar import Readings
from service.policy.text import edit_distance_at_most_one, unleeted, unstretched, with_one_letter_less

SHORTEST_MENDED = 5
"""Letters of a word that one slip is mended in; shorter ones look too much alike."""
SHORTEST_JOINED = 6
SHORTEST_JOINABLE = 4
"""Letters of a mere spelling that may be a piece of a joined word; "dor" would be in too many."""
LONG_ENOUGH = 7
"""Letters of a word that is mended though it is not said to: so long a word has few neighbours."""
LONGEST_WORD = 18
LONGEST_JOINED = 60
MOST_READINGS = 6
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Guesses:
    """Immutable once built."""

    def __init__(self, known: Mapping[str, Readings], vocabulary: Collection[str], heavy: frozenset[str]) -> None:
        """`heavy` words are read through one slip and behind stars; the others of the vocabulary, if they are long."""
        self._known = known
        self._heavy = heavy
        self._heavy_by_shape: dict[tuple[int, str], list[str]] = {}
        for word in sorted(heavy):
            self._heavy_by_shape.setdefault((len(word), word[0]), []).append(word)
        self._alike = Alike(known, vocabulary, heavy)
        self._near_to: dict[str, Readings] = {}
        for word in sorted(filter(self._is_mended, heavy.union(vocabulary))):
            for shorter in dict.fromkeys(with_one_letter_less(word)[1:]):
                self._near_to[shorter] = (*self._near_to.get(shorter, ()), word)
        for word in filter(self._is_mended, known):
            self._near_to[word] = (*self._near_to.get(word, ()), word)
        self._vocabulary = frozenset(vocabulary)
        self._joinable = self._vocabulary.union(
            word for word, meant in known.items() if len(word) >= SHORTEST_JOINABLE or len(meant) == 1
        )
        self._lengths: dict[str, tuple[int, ...]] = {}
        joinable = (word for word in self._joinable if 3 <= len(word) <= LONGEST_WORD)
        for start, length in sorted({(word[:3], len(word)) for word in joinable}):
            self._lengths[start] = (*self._lengths.get(start, ()), length)

    def _is_mended(self, word: str) -> bool:
        return word.isalpha() and len(word) >= (SHORTEST_MENDED if word in self._heavy else LONG_ENOUGH)

    def of(self, word: str) -> list[Readings]:
        """One set of readings, or several where words were run together; the word itself where it is like no other."""
        if not word.isalpha() and (meant := self._disguised(word)):
            return meant
        plain = unstretched(word)
        if plain != word:
            for short in (plain, unstretched(word, keep=2)):
                if short in self._known:
                    return [self._known[short]]
        if same := self._alike.same_letters(plain):
            return [same]
        return self.like(plain) or [(word,)]

    def like(self, word: str) -> list[Readings] | None:
        """What lies one slip beside a word, sounds like it, is put together to it, or lies two slips beside it."""
        near = self._near(word) or self._alike.same_sound(word)
        if near:
            return [near]
        joined = self._joined(word)
        return joined if joined or not (near := self._alike.two_slips(word)) else [near]

    def _disguised(self, word: str) -> list[Readings] | None:
        plains = [unstretched(plain) for plain in unleeted(word)]
        if known := next((self._known[plain] for plain in plains if plain in self._known), None):
            return [known]
        for short in plains:
            if "*" in short:
                bare = short.replace("*", "")
                if starred := self._starred(short) or self._known.get(bare) or self._near(bare):
                    return [starred]
            elif same := self._alike.same_letters(short):
                return [same]
            elif meant := self.like(short):
                return meant
        parts = [part for part in _letters_and_digits(word) if part]
        return [self._known.get(part, (part,)) for part in parts] if len(parts) > 1 else None

    def _starred(self, word: str) -> Readings:
        """The words that `word` may be, each star being one letter: any with one star, heavy ones with more."""
        if word.count("*") == 1:
            filled = (word.replace("*", letter) for letter in _ALPHABET)
            known = sorted((one for one in filled if one in self._known), key=self._lightness)
            return tuple(dict.fromkeys(reading for one in known for reading in self._known[one]))[:MOST_READINGS]
        alike = self._heavy_by_shape.get((len(word), word[0]), ())
        fitting = (
            heavy for heavy in alike if all(typed in ("*", meant) for typed, meant in zip(word, heavy, strict=True))
        )
        return tuple(fitting)[:MOST_READINGS]

    def _lightness(self, word: str) -> bool:
        return word not in self._heavy

    def _near(self, word: str) -> Readings:
        """What the words mean that one slip makes into `word`."""
        if not SHORTEST_MENDED - 1 <= len(word) <= LONGEST_WORD:
            return ()
        near_to = self._near_to
        beside = [one for one in with_one_letter_less(word) if one in near_to]
        if not beside:
            return ()
        found = dict.fromkeys(chain.from_iterable(map(near_to.__getitem__, beside)))
        near = [one for one in found if _same_beginning(word, one) and edit_distance_at_most_one(word, one)]
        return tuple(dict.fromkeys(meant for one in near for meant in self._known.get(one, (one,))))[:MOST_READINGS]

    def _joined(self, word: str) -> list[Readings] | None:
        """The fewest known words that `word` is made of, those that rules look for before others; or None."""
        if not SHORTEST_JOINED <= len(word) <= LONGEST_JOINED:
            return None
        fewest: list[tuple[float, list[str]] | None] = [(0.0, [])] + [None] * len(word)
        for start in range(len(word)):
            before = fewest[start]
            if before is None:
                continue
            for end in self._ends(word, start):
                piece, best = word[start:end], fewest[end]
                count = before[0] + self._cost(piece)
                if best is None or count < best[0]:
                    fewest[end] = (count, [*before[1], piece])
        pieces = fewest[-1][1] if fewest[-1] else []
        if not pieces or len(pieces) > len(word) / 2:
            return None
        if len(pieces) == 2 and not self._heavy.intersection(pieces):
            return None
        return [self._known[piece] for piece in pieces]

    def _cost(self, piece: str) -> float:
        if piece in self._heavy:
            return 0.5
        return 1.0 if piece in self._vocabulary else 1.5

    def _ends(self, word: str, start: int) -> list[int]:
        """Where a known word may end that begins at `start` within `word`."""
        ends = [start + length for length in (2, *self._lengths.get(word[start : start + 3], ()))]
        if word[start] in "iy":
            ends.insert(0, start + 1)
        return [end for end in ends if end <= len(word) and word[start:end] in self._joinable]


def _same_beginning(word: str, other: str) -> bool:
    """A slip in the first letter is rare; what looks like one is mostly another word."""
    return word[0] == other[0] or word[:2] == other[1::-1] or word == other[1:]


def _letters_and_digits(word: str) -> list[str]:
    pieces = [""]
    for char in word:
        if not char.isalnum():
            pieces.append("")
        elif pieces[-1] and pieces[-1][-1].isdigit() != char.isdigit():
            pieces.append(char)
        else:
            pieces[-1] += char
    return pieces
