"""How hard a text is to read, by the published formulas. Counts words and syllables; knows nothing of messages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import pyphen

# A sentence ends at its mark or at the end of its line: on a phone each line stands by itself.
_SENTENCE = re.compile(r"[.!?:;]+(?=\s|$)|\n")
_WORD = re.compile(r"[^\W_](?:[\w'’./-]*\w)?")
_VOWELS = {
    "en": re.compile(r"[aeiouy]+"),
    "es": re.compile(r"[iuü]?[aeoáéó](?:[iuü]|y\b)?|[íú]|[iuü]+|\by\b"),
}
_SILENT = re.compile(r"(?<![td])ed$|(?<=[^aeioulsxzc])es$|(?<!l)e$|(?<=[aeiou]l)e$")
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Measure:
    """A formula's figure for one text, and whether somebody who finished the sixth grade reads it with ease."""

    figure: float
    name: str
    easy: bool

    def __str__(self) -> str:
        return f"{self.name} {self.figure:.1f}"


def measure(text: str, language: str) -> Measure | None:
    """None for a language without a formula here, and for a text without a word."""
    formula = _FORMULAS.get(language)
    sentences = [words for part in _SENTENCE.split(text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    if formula is None or not words:
        return None
    return formula(len(words) / len(sentences), sum(syllables(word, language) for word in words) / len(words))


@lru_cache(maxsize=8192)
def syllables(word: str, language: str) -> int:
    """A number or an address is one syllable: it is copied, not read."""
    if not _PLAIN_WORD.fullmatch(word):
        return 1
    return sum(_of_a_word(part.lower(), language) for part in word.split("-"))


def _of_a_word(word: str, language: str) -> int:
    """As often as it may be hyphenated; where printers leave a break out that readers hear, by its vowels."""
    hyphenated = len(_hyphens(language).positions(word)) + 1
    return max(hyphenated, len(_VOWELS[language].findall(_SILENT.sub("", word) if language == "en" else word)))


@lru_cache
def _hyphens(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=pyphen.language_fallback(language))


def _flesch_kincaid(words_per_sentence: float, syllables_per_word: float) -> Measure:
    """The American school year that it takes (Kincaid and others, 1975)."""
    grade = 0.39 * words_per_sentence + 11.8 * syllables_per_word - 15.59
    return Measure(grade, "Flesch-Kincaid grade", grade < 7)


def _fernandez_huerta(words_per_sentence: float, syllables_per_word: float) -> Measure:
    """From 0 to 100, easier upwards; 70 to 80 is the sixth grade (Fernández Huerta, 1959, as corrected since)."""
    ease = 206.84 - 60 * syllables_per_word - 1.02 * words_per_sentence
    return Measure(ease, "Fernández-Huerta", ease >= 70)


_FORMULAS: dict[str, Callable[[float, float], Measure]] = {"en": _flesch_kincaid, "es": _fernandez_huerta}
