"""Reads typed words as words that the grammar knows: as they are, spelled out, torn, or guessed. No meaning here."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping

from service.policy.danger.grammar import EDGE, NUMBER, Readings
from service.policy.danger.guesses import SHORTEST_MENDED, Guesses
from service.policy.text import BREAK, PAUSE, STOP, Typed

MOST_GUESSED = 48
"""Different words of one text that are guessed at; people who write that many unknown ones write no word of ours."""
MOST_LETTERS_GUESSED = 480
"""The letters of these together."""
MOST_LETTERS_APART = 32
LONG_RUN = 4
"""Single letters in a row that are one word, known or not."""
MOST_TORN = 4
"""Pieces that one heavy word is torn into."""
MOST_RUNS = 40
"""Rows of single letters in one text that are put together."""

_DOTTED = re.compile(r"[^\W\d_]\.[^\W\d_]")

READ_AS = {PAUSE: (PAUSE,), BREAK: (BREAK, EDGE), STOP: (EDGE,)}
"""A line's end may end a sentence or be read over."""


class Reads:
    """What each typed word or mark may stand for, in order: letters typed apart as one, words in one as several."""

    __slots__ = ("_origins", "_typed", "readings")

    def __init__(self, typed: Typed, readings: list[Readings], origins: list[int]) -> None:
        """`origins` are the typed words with which each begins."""
        self.readings = readings
        self._typed = typed
        self._origins = origins

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters where the reads from `first` to `last` stood; those beyond the text count as its edge."""
        if not self._origins:
            return 0, 0
        start, end = self._typed_word(first), self._typed_word(last)
        after = bisect_right(self._origins, end)
        end = self._origins[after] - 1 if after < len(self._origins) else -1
        return self._typed.spans[start][0], self._typed.spans[end][1]

    def _typed_word(self, at: int) -> int:
        return self._origins[0 if at < 0 else at if at < len(self._origins) else -1]


class Spelling:
    """Immutable once built."""

    def __init__(
        self,
        vocabulary: Collection[str],
        spellings: Mapping[str, tuple[str, ...]],
        mended: Iterable[str],
        everyday: Iterable[str] = (),
    ) -> None:
        """`mended` words are read through one slip; `everyday` ones mean what they say, however near to those."""
        self._known: dict[str, Readings] = {word: (word,) for word in everyday}
        self._known.update((word, (word,)) for word in vocabulary)
        for typed, meant in spellings.items():
            self._known[typed] = tuple(dict.fromkeys((typed, *meant)))
        longer = frozenset(word for word in self._known if not _is_letter(word))
        settled = frozenset({*self._known, STOP})
        self._whole = {
            word: (meant, settled if word in longer else longer)
            for word, meant in self._known.items()
            if not word.isdigit()
        }
        """What a word means before one of these: known itself, and neither half of another nor a letter of a row."""
        self._whole.update((mark, (meant, settled)) for mark, meant in READ_AS.items())
        self._heavy = frozenset(mended)
        self._guesses = Guesses(self._known, vocabulary, self._heavy)

    def read(self, typed: Typed) -> Reads:
        """One reading or more for each typed word, in order; letters typed apart become one."""
        words = [*typed.words, STOP]
        readings: list[Readings] = []
        origins: list[int] = []
        unclear = _Unclear(typed, self._known, self._heavy, self._guesses)
        # A full stop ends nothing for sure in "un.a.live".
        unsure = STOP if _DOTTED.search(typed.folded) else None
        at, end = 0, len(typed.words)
        while at < end:
            whole = self._whole.get(words[at])
            # The most of most texts, so it is asked first.
            if whole and words[at + 1] in whole[1] and words[at + 1] != unsure:
                readings.append(whole[0])
                origins.append(at)
                at += 1
                continue
            taken, several = unclear.read(at)
            readings += several
            origins += [at] * len(several)
            at += taken
        return Reads(typed, readings, origins)


class _Unclear:
    """The words of one text that are single letters, unknown, or beside such a one."""

    def __init__(self, typed: Typed, known: Mapping[str, Readings], heavy: Collection[str], guesses: Guesses) -> None:
        self._typed = typed
        self._known = known
        self._heavy = heavy
        self._guesses = guesses
        self._guessed: dict[str, list[Readings]] = {}
        self._letters_left = MOST_LETTERS_GUESSED
        self._runs = 0
        self._apart_from = 0

    def read(self, at: int) -> tuple[int, list[Readings]]:
        """How many of the typed words from `at` on are one, and what it or they may stand for."""
        word = self._typed.words[at]
        if word in READ_AS:
            return 1, [READ_AS[word]]
        return (len(word) == 1 and self._spelled_out(at)) or self._torn(at) or (1, self._one(word))

    def _one(self, word: str) -> list[Readings]:
        known = self._known.get(word)
        if word.isdigit():
            return [(*(known or (word,)), NUMBER)]
        if known:
            return [known]
        if word not in self._guessed:
            self._guessed[word] = self._guess(word)
        return self._guessed[word]

    def _guess(self, word: str) -> list[Readings]:
        self._letters_left -= len(word)
        if self._letters_left < 0 or len(self._guessed) >= MOST_GUESSED:
            return [(word,)]
        return self._guesses.of(word)

    def _spelled_out(self, at: int) -> tuple[int, list[Readings]] | None:
        """A word typed letter by letter: "d i e", "c.u.t", "k-m-s"."""
        if at < self._apart_from or self._runs == MOST_RUNS:
            return None
        run = _letters_apart(self._typed, at)
        self._runs += bool(run)
        self._apart_from = run[-1] + 1 if run else at + 1
        if len(run) < 2:
            return None
        word = "".join(self._typed.words[one] for one in run)
        if (len(run) == 2 and word not in self._known) or not (readings := self._spelled(word)):
            return None
        taken = run[-1] + 1 - at
        if self._typed.words[at + 1 : at + taken + 1 : 2] == [STOP] * len(run) and _touches(self._typed, run[-1]):
            # The stop of an abbreviation ("my s.h. is worse") may end the sentence too.
            return taken + 1, [*readings, READ_AS[BREAK]]
        return taken, readings

    def _spelled(self, word: str) -> list[Readings] | None:
        if word in self._known:
            return [self._known[word]]
        return self._guesses.like(word) or ([(word,)] if len(word) >= LONG_RUN else None)

    def _torn(self, at: int) -> tuple[int, list[Readings]] | None:
        """One word typed as several: "li ving", "sui-cide", "su i c idal", "un.a.live".

        At least one piece must be no word by itself, unless marks without spaces hold a heavy one together.
        """
        words = self._typed.words
        whole, last, unknown, touching = words[at], at, words[at] not in self._known, True
        if not whole.isalpha():
            return None
        for number in range(2, MOST_TORN + 1):
            after = last + 1
            if after < len(words) and words[after] in (PAUSE, STOP):
                if not _touches(self._typed, last) or (words[after] == STOP and not self._touch(after)):
                    return None
                after += 1
            if after >= len(words) or not words[after].isalpha():
                return None
            touching = touching and after == last + 2 and _touches(self._typed, after - 1)
            if touching and number == 2 and (code := self._known.get(f"{whole}{STOP}{words[after]}")):
                return after + 1 - at, [code]
            unknown = unknown or words[after] not in self._known
            whole, last = whole + words[after], after
            if len(whole) < SHORTEST_MENDED:
                continue
            known_too = unknown and (number == 2 or touching)
            if whole in (self._known if known_too else self._heavy if unknown or touching else ()):
                return last + 1 - at, [self._known[whole]]
        return None

    def _touch(self, mark: int) -> bool:
        return mark + 1 < len(self._typed.words) and _touches(self._typed, mark)


def _touches(typed: Typed, at: int) -> bool:
    """Whether there is no space between a word and the next."""
    return typed.spans[at][1] == typed.spans[at + 1][0]


def _letters_apart(typed: Typed, at: int) -> list[int]:
    """Where single letters stand in a row from `at` on: all with a space between, or all with a mark and no space."""
    words = typed.words
    if at + 1 == len(words) or not words[at].isalnum():
        return []
    if words[at + 1] in (STOP, PAUSE):
        return _letters_marked(typed, at) if _touches(typed, at) else []
    return _letters_spaced(typed, at) if _is_letter(words[at + 1]) else []


def _letters_marked(typed: Typed, at: int) -> list[int]:
    words = typed.words
    run = [at]
    while len(run) < MOST_LETTERS_APART and run[-1] + 2 < len(words):
        mark, letter = run[-1] + 1, run[-1] + 2
        if words[mark] not in (STOP, PAUSE) or not _is_letter(words[letter]):
            break
        if not (_touches(typed, mark - 1) and _touches(typed, mark)):
            break
        run.append(letter)
    return run


def _letters_spaced(typed: Typed, at: int) -> list[int]:
    """Two letters are a row only before a wider space: otherwise they are words of their own, as in "i c"."""
    words, spans = typed.words, typed.spans
    widest = spans[at + 1][0] - spans[at][1]
    after = at + 1
    while after < len(words) and spans[after][0] - spans[after - 1][1] <= widest:
        if after - at == MOST_LETTERS_APART or not _is_letter(words[after]):
            return list(range(at, after)) if after - at > 2 else []
        after += 1
    return list(range(at, after)) if after < len(words) or after - at > 2 else []


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalnum()
