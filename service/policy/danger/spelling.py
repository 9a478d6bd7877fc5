"""Reads typed words as words that the grammar knows: leet, stretched, spaced, joined, mistyped. No meaning here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from service.policy.danger.grammar import NUMBER
from service.policy.text import MARKS, PAUSE, STOP, Token, edit_distance_at_most_one, unleeted, unstretched

SHORTEST_MENDED = 5
"""Letters of a word that one slip is mended in; shorter ones look too much alike."""
SHORTEST_JOINED = 6
LONG_ENOUGH = 7
"""Letters of a word that is mended though it is not said to: so long a word has few neighbours."""
LONGEST_WORD = 18
LONGEST_JOINED = 60
MOST_READINGS = 6
MOST_GUESSED = 48
"""Different words of one text that are guessed at; people who write that many unknown ones write no word of ours."""
MOST_LETTERS_APART = 32
LONG_RUN = 4
"""Single letters in a row that are one word, known or not."""
MOST_RUNS = 40
"""Rows of single letters in one text that are put together."""


class Read(NamedTuple):
    """A typed word and what it may stand for, or a mark; [start, end) in the text as typed."""

    readings: tuple[str, ...]
    start: int
    end: int


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
        self._known: dict[str, tuple[str, ...]] = {word: (word,) for word in everyday}
        self._known.update((word, (word,)) for word in vocabulary)
        self._heavy = frozenset(mended)
        for typed, meant in spellings.items():
            self._known[typed] = tuple(dict.fromkeys((typed, *meant)))
        self._mended: dict[str, tuple[str, ...]] = {}
        for word in sorted(word for word in {*self._heavy, *vocabulary} if self._is_mended(word)):
            for shorter in _one_dropped(word):
                self._mended[shorter] = (*self._mended.get(shorter, ()), word)

    def _is_mended(self, word: str) -> bool:
        return word.isalpha() and len(word) >= (SHORTEST_MENDED if word in self._heavy else LONG_ENOUGH)

    def read(self, tokens: Sequence[Token]) -> list[Read]:
        """One Read or more for each token, in order; letters typed apart become one."""
        found: list[Read] = []
        guessed: dict[str, list[tuple[str, ...]]] = {mark: [(mark,)] for mark in MARKS}
        at = apart_from = runs = 0
        while at < len(tokens):
            token = tokens[at]
            if self._stands_alone(tokens, at):
                found.append(Read(self._known[token.word], token.start, token.end))
                at += 1
                continue
            whole = None
            if at >= apart_from and len(token.word) == 1 and runs < MOST_RUNS:
                run = _letters_apart(tokens, at)
                runs += bool(run)
                apart_from = run[-1] + 1 if run else at + 1
                whole = self._spelled_out(tokens, run)
            taken, reads = whole or self._torn(tokens, at) or (1, self._one(token, guessed))
            found.extend(reads)
            at += taken
        return found

    def _stands_alone(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether a token is a word as it is and no half of one: the most of most texts, so it is asked first."""
        word = tokens[at].word
        if len(word) == 1 or word not in self._known or word.isdigit():
            return False
        return at + 1 == len(tokens) or tokens[at + 1].word in self._known or tokens[at + 1].word == STOP

    def _one(self, token: Token, guessed: dict[str, list[tuple[str, ...]]]) -> list[Read]:
        word = token.word
        known = self._known.get(word)
        if word.isdigit():
            return [Read((*(known or (word,)), NUMBER), token.start, token.end)]
        if known:
            return [Read(known, token.start, token.end)]
        if word not in guessed:
            guessed[word] = self._guess(word) if len(guessed) < MOST_GUESSED else [(word,)]
        return [Read(readings, token.start, token.end) for readings in guessed[word]]

    def _guess(self, word: str) -> list[tuple[str, ...]]:
        """What a word that is not known may be: one set of readings, or several where words were run together."""
        if not word.isalpha() and (meant := self._disguised(word)):
            return meant
        for keep in (1, 2):
            if (short := unstretched(word, keep)) in self._known:
                return [self._known[short]]
        plain = unstretched(word)
        if near := self._near(plain):
            return [near]
        return self._joined(plain) or [(word,)]

    def _disguised(self, word: str) -> list[tuple[str, ...]] | None:
        for plain in unleeted(word):
            short = unstretched(plain)
            if "*" in short:
                if starred := self._starred(short) or self._near(short.replace("*", "")):
                    return [starred]
            elif short in self._known:
                return [self._known[short]]
            elif near := self._near(short):
                return [near]
            elif joined := self._joined(short):
                return joined
        parts = [part for part in _letters_and_digits(word) if part]
        return [self._known.get(part, (part,)) for part in parts] if len(parts) > 1 else None

    def _starred(self, word: str) -> tuple[str, ...]:
        """The heavy words that `word` may be, each star being one letter."""
        return tuple(
            heavy
            for heavy in sorted(self._heavy)
            if len(heavy) == len(word) and all(typed in ("*", meant) for typed, meant in zip(word, heavy, strict=True))
        )[:MOST_READINGS]

    def _near(self, word: str) -> tuple[str, ...]:
        """Words of the vocabulary that one slip makes into `word`."""
        if not SHORTEST_MENDED - 1 <= len(word) <= LONGEST_WORD:
            return ()
        found: dict[str, None] = {}
        for shorter in (word, *_one_dropped(word)):
            found.update(dict.fromkeys(self._mended.get(shorter, ())))
            if shorter in self._known and self._is_mended(shorter):
                found[shorter] = None
        near = [one for one in found if edit_distance_at_most_one(word, one) and _same_beginning(word, one)]
        return tuple(near[:MOST_READINGS])

    def _joined(self, word: str) -> list[tuple[str, ...]] | None:
        """The fewest known words that `word` is made of, or None."""
        if not SHORTEST_JOINED <= len(word) <= LONGEST_JOINED:
            return None
        fewest: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - LONGEST_WORD), end):
                before, piece = fewest[start], word[start:end]
                best = fewest[end]
                if before is None or piece not in self._known or (len(piece) == 1 and piece not in "iy"):
                    continue
                if best is None or len(before) + 1 < len(best):
                    fewest[end] = [*before, piece]
        pieces = fewest[-1]
        if not pieces or len(pieces) > len(word) / 2:
            return None
        if len(pieces) == 2 and not self._heavy.intersection(pieces):
            return None
        return [self._known[piece] for piece in pieces]

    def _spelled_out(self, tokens: Sequence[Token], run: Sequence[int]) -> tuple[int, list[Read]] | None:
        """A word typed letter by letter: "d i e", "c.u.t", "k-m-s"."""
        if len(run) < 2:
            return None
        word = "".join(tokens[one].word for one in run)
        start, end = tokens[run[0]].start, tokens[run[-1]].end
        if (len(run) == 2 and word not in self._known) or not (readings := self._spelled(word)):
            return None
        return run[-1] + 1 - run[0], [Read(one, start, end) for one in readings]

    def _spelled(self, word: str) -> list[tuple[str, ...]] | None:
        if word in self._known:
            return [self._known[word]]
        if near := self._near(word):
            return [near]
        return self._joined(word) or ([(word,)] if len(word) >= LONG_RUN else None)

    def _torn(self, tokens: Sequence[Token], at: int) -> tuple[int, list[Read]] | None:
        """One word typed as two: "li ving", "sui-cide". At least one half must be no word by itself."""
        first = tokens[at]
        last = at + 1
        if last == len(tokens) or first.word in MARKS or not first.word.isalpha():
            return None
        if last < len(tokens) and tokens[last].word == PAUSE and tokens[last].start == first.end:
            last += 1
        if last >= len(tokens) or not tokens[last].word.isalpha():
            return None
        if first.word in self._known and tokens[last].word in self._known:
            return None
        whole = self._known.get(first.word + tokens[last].word)
        if whole is None or len(first.word + tokens[last].word) < SHORTEST_MENDED:
            return None
        return last + 1 - at, [Read(whole, first.start, tokens[last].end)]


def _letters_apart(tokens: Sequence[Token], at: int) -> list[int]:
    """Where single letters stand in a row from `at` on: all with a space between, or all with a mark and no space."""
    run = [at]
    if len(tokens[at].word) != 1 or not tokens[at].word.isalnum():
        return []
    marked = at + 1 < len(tokens) and tokens[at + 1].word in (STOP, PAUSE) and tokens[at + 1].start == tokens[at].end
    stride = 2 if marked else 1
    after = at + stride
    space = tokens[after].start - tokens[at].end if after < len(tokens) else 0
    while (
        after < len(tokens)
        and len(run) < MOST_LETTERS_APART
        and len(tokens[after].word) == 1
        and tokens[after].word.isalnum()
    ):
        if marked and (
            tokens[after].start != tokens[after - 1].end or tokens[after - 1].start != tokens[after - 2].end
        ):
            break
        if not marked and tokens[after].start - tokens[run[-1]].end > space:
            break
        run.append(after)
        after += stride
        if marked and (after > len(tokens) or tokens[after - 1].word not in (STOP, PAUSE)):
            break
    apart = after < len(tokens) and tokens[after].start - tokens[run[-1]].end > space
    return run if marked or apart or len(run) > 2 else []


def _one_dropped(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


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
