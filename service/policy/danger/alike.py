"""Known words that an unknown one looks or sounds like, further than one slip away. Each question costs little."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from service.policy.danger.grammar import Readings

MOST_ALIKE = 4
"""Words that one may be read as; who reads on finds out by what stands around them."""
SHORTEST_SWAPPED = 4
LONGEST_SWAPPED = 6
SHORTEST_WITHOUT_VOWELS = 6
"""Letters of a word that is known without its vowels though it is not heavy."""
SHORTEST_HEARD = 5
LONGEST_HEARD = 14
SHORTEST_SLIPPED_TWICE = 7
"""Letters of a heavy word, without what many others end in too, that two slips are forgiven in."""

_DOUBLED = re.compile(r"(.)\1+")
_ENDING = re.compile(r"(?:ing|arme|irme|erme)$")
_VOWELS = re.compile(r"(?<=.)[aeiouy]+")
_NO_VOWELS = str.maketrans("", "", "aeiouy")
_SILENT = re.compile(r"(?<=.)[aeiouyh]+")
_SOUNDS = (
    *(("tch", "C"), ("ch", "C"), ("sh", "S"), ("wh", "w")),
    *(("ph", "f"), ("sch", "sk"), ("ck", "k"), ("sce", "se"), ("sci", "si"), ("ce", "se"), ("ci", "si"), ("cy", "sy")),
    *(("x", "ks"), ("q", "k"), ("z", "s"), ("c", "k"), ("ight", "it"), ("dg", "j")),
)
_ANY_SOUND = re.compile("|".join(letters for letters, _ in _SOUNDS))
_STARTS = frozenset({"wr", "kn"})


def squeezed(word: str) -> str:
    """Every letter once where it stands twice or more in a row: "kiling" and "killlingg" are one."""
    return _DOUBLED.sub(r"\1", word) if _DOUBLED.search(word) else word


def skeleton(word: str) -> str:
    """What is left where somebody leaves the vowels out, but for one at the beginning: "ovrds"."""
    return squeezed(word[:1] + word[1:].translate(_NO_VOWELS))


def sound(word: str) -> str:
    """The same of how a word sounds, roughly: "rasor" and "razor" are one, "sooside" and "suicide"."""
    if _ANY_SOUND.search(word):
        for letters, heard in _SOUNDS:
            word = word.replace(letters, heard)
    if word[:2] in _STARTS:
        word = word[1:]
    return _SILENT.sub("", squeezed(word))


class Alike:
    """Immutable once built."""

    def __init__(self, known: Mapping[str, Readings], vocabulary: Collection[str], heavy: Collection[str]) -> None:
        """Doubled and swapped letters are read in any known word, missing vowels in those of the vocabulary, sounds and
        two slips in `heavy` ones.
        """
        self._known = known
        every = sorted(known)  # as a set's order differs from start to start, and so would what is read
        self._doubled = _by(squeezed, (word for word in every if _DOUBLED.search(word)))
        some = sorted(word for word in heavy if word.isalpha() and word in known)
        long_enough = sorted(word for word in vocabulary if len(word) >= SHORTEST_WITHOUT_VOWELS and word.isalpha())
        self._skeletons = _by(skeleton, dict.fromkeys([*some, *long_enough]))
        self._sounds = _by(sound, (word for word in some if len(word) > 6 or (len(word) > 5 and len(sound(word)) > 3)))
        self._twice: dict[tuple[str, int], list[tuple[str, frozenset[str]]]] = {}
        """By first letter and length."""
        for word in some:
            if len(_ENDING.sub("", word)) >= SHORTEST_SLIPPED_TWICE:
                self._twice.setdefault((word[0], len(word)), []).append((word, frozenset(word)))

    def same_letters(self, word: str) -> Readings:
        """Words with the same letters, some of them doubled, swapped with the next, or all vowels left out."""
        once = squeezed(word)
        if len(once) < 2:
            return ()
        found = [*self._doubled.get(once, ())]
        if once in self._known:
            found.append(once)
        if len(word) > 2 and not _VOWELS.search(word):
            found += self._skeletons.get(once, ())
        if not found and SHORTEST_SWAPPED <= len(word) <= LONGEST_SWAPPED:
            found += [swapped for swapped in _swapped(word) if swapped in self._known]
        return self._meant(found)

    def same_sound(self, word: str) -> Readings:
        """Heavy words that are spelled otherwise and sound like it: those that are spelled most alike."""
        if not SHORTEST_HEARD <= len(word) <= LONGEST_HEARD:
            return ()
        return self._meant([one for one in self._sounds.get(sound(word), ()) if slips(word, one, most=3) <= 3])

    def two_slips(self, word: str) -> Readings:
        """Long heavy words that two slips make into it."""
        length = len(word)
        if length < SHORTEST_SLIPPED_TWICE - 1:
            return ()
        letters = frozenset(word)
        return self._meant(
            sorted(
                heavy
                for its_length in range(length - 2, length + 3)
                for heavy, its_letters in self._twice.get((word[0], its_length), ())
                if len(letters ^ its_letters) <= 4 and slips(word, heavy, most=2) <= 2
            )
        )

    def _meant(self, words: Sequence[str]) -> Readings:
        if not words:
            return ()
        meant = dict.fromkeys(reading for word in words for reading in self._known[word])
        return tuple(meant)[:MOST_ALIKE]


def _by(key: Callable[[str], str], words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(key(word), []).append(word)
    return found


def _swapped(word: str) -> list[str]:
    return [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)]


def slips(word: str, other: str, most: int) -> int:
    """Letters added, dropped, changed or swapped with the next that make one into the other, or more than `most`."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for at, letter in enumerate(word, 1):
        here = [at]
        for there, meant in enumerate(other, 1):
            least = min(last[there] + 1, here[-1] + 1, last[there - 1] + (letter != meant))
            if before and there > 1 and letter == other[there - 2] and word[at - 2] == meant:
                least = min(least, before[there - 2] + 1)
            here.append(least)
        if min(here) > most and min(last) > most:
            return most + 1
        before, last = last, here
    return last[-1]
