"""Reads typed words as words that the grammar knows: as they are, spelled out, torn, or guessed. No meaning here."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence

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
BEGINNING = 6
"""Letters by which it is seen early that no word of ours was torn."""

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
        return self._typed.span(start, end)

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
        self._heavy = frozenset(mended).intersection(self._known)
        self._beginnings = frozenset(word[:BEGINNING] for word in self._known)
        self._guesses = Guesses(self._known, vocabulary, self._heavy)

    def read(self, typed: Typed) -> Reads:
        """One reading or more for each typed word, in order; letters typed apart become one."""
        words = [*typed.words, STOP]
        readings: list[Readings] = []
        origins: list[int] = []
        unclear = _Unclear(typed, words, self._known, self._beginnings, self._heavy, self._guesses)
        # A full stop ends nothing for sure in "un.a.live".
        unsure = STOP if _DOTTED.search(typed.folded) else None
        after = 0
        for at, word in enumerate(typed.words):
            if at < after:
                continue
            whole = self._whole.get(word)
            # The most of most texts, so it is asked first.
            if whole and (word in READ_AS or ((following := words[at + 1]) in whole[1] and following != unsure)):
                readings.append(whole[0])
                origins.append(at)
                continue
            taken, several = unclear.read(at)
            readings += several
            origins += [at] * len(several)
            after = at + taken
        return Reads(typed, readings, origins)


class _Unclear:
    """The words of one text that are single letters, unknown, or beside such a one."""

    def __init__(
        self,
        typed: Typed,
        words: Sequence[str],
        known: Mapping[str, Readings],
        beginnings: Collection[str],
        heavy: Collection[str],
        guesses: Guesses,
    ) -> None:
        """`words` are the typed ones, and a stop; `beginnings` are those of the known ones."""
        self._typed = typed
        self._words = words
        self._known = known
        self._beginnings = beginnings
        self._heavy = heavy
        self._guesses = guesses
        self._guessed: dict[str, list[Readings]] = {}
        self._letters_left = MOST_LETTERS_GUESSED
        self._runs = 0
        self._apart_from = 0

    def read(self, at: int) -> tuple[int, list[Readings]]:
        """How many of the typed words from `at` on are one, and what it or they may stand for."""
        word = self._words[at]
        if len(word) == 1:
            if spelled := self._spelled_out(at):
                return spelled
            if at < self._apart_from or self._runs == MOST_RUNS:
                return 1, self._one(word)
        return self._torn(at) or (1, self._one(word))

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
        run = _letters_apart(self._typed, self._words, at)
        self._runs += bool(run)
        self._apart_from = run.stop
        if len(run) < 2:
            return None
        word = "".join(self._words[run.start : run.stop : run.step])
        if (len(run) == 2 and word not in self._known) or not (readings := self._spelled(word)):
            return None
        taken = run.stop - at
        if self._words[at + 1 : run.stop + 1 : 2] == [STOP] * len(run) and not self._typed.gaps[run.stop]:
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
        words, known = self._words, self._known
        whole, last, unknown, touching = words[at], at, words[at] not in known, True
        if not whole.isalpha() or self._begins_nothing(f"{whole}{words[at + 1]}"):
            return None
        found = None
        for number in range(2, MOST_TORN + 1):
            after = last + 1
            if words[after] in (PAUSE, STOP):
                if self._typed.gaps[after] or (words[after] == STOP and self._typed.gaps[after + 1]):
                    break
                after += 1
            if not words[after].isalpha():
                break
            touching = touching and after == last + 2 and not self._typed.gaps[after]
            if touching and number == 2 and (code := known.get(f"{whole}{STOP}{words[after]}")):
                return after + 1 - at, [code]
            unknown = unknown or words[after] not in known
            whole, last = whole + words[after], after
            if len(whole) < SHORTEST_MENDED - touching:
                continue
            known_too = unknown and (number == 2 or touching)
            if whole in (known if known_too else self._heavy if unknown or touching else ()):
                found = last + 1 - at, [known[whole]]
        return found

    def _begins_nothing(self, whole: str) -> bool:
        """Whether no word begins with these two pieces; of a piece and a mark that is not asked."""
        return len(whole) >= BEGINNING and whole[:BEGINNING] not in self._beginnings and whole.isalpha()


def _letters_apart(typed: Typed, words: Sequence[str], at: int) -> range:
    """Where single letters stand in a row from `at` on: all with a space between, or all with a mark and no space.

    `words` are the typed ones, and a stop.
    """
    following = words[at + 1]
    if words[at].isalnum():
        if following in (STOP, PAUSE):
            return _letters_marked(words, typed.gaps, at)
        if _is_letter(following):
            return _letters_spaced(words, typed.gaps, at)
    return range(at, at)


def _letters_marked(words: Sequence[str], gaps: Sequence[int], at: int) -> range:
    """`gaps` are those before each word."""
    if gaps[at + 1]:
        return range(at, at)
    last, furthest = at, at + 2 * (MOST_LETTERS_APART - 1)
    while last < furthest and words[last + 1] in (STOP, PAUSE) and not gaps[last + 1] and not gaps[last + 2]:
        if not _is_letter(words[last + 2]):
            break
        last += 2
    return range(at, last + 1, 2)


def _letters_spaced(words: Sequence[str], gaps: Sequence[int], at: int) -> range:
    """Two letters are a row only before a wider space: otherwise they are words of their own, as in "i c".

    A letter is one too where the next stands closer to what follows: "i  w a n t".
    """
    widest = gaps[at + 1]
    if gaps[at + 2] < widest:
        return range(at, at)
    last, furthest = at, at + MOST_LETTERS_APART - 1
    while last < furthest and gaps[last + 1] <= widest and _is_letter(words[last + 1]):
        last += 1
    wider = gaps[last + 1] > widest and (last + 2 < len(gaps) or gaps[at] > widest)
    return range(at, last + 1 if wider or last - at > 1 else at)


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalnum()
