"""Whoever hides, mistypes or runs together what they say is still heard: each disguise over each family."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from service.policy.danger.builtin import assess
from tests.corpus.measure import Share
from tests.corpus.texts import OURS, Labelled, read

_MOST_A_FAMILY = 4


def _one_in_so_many_words() -> list[Labelled]:
    """A few plainly worded texts of each family: those that the floor hears undisguised, so that only the disguise counts."""
    chosen: dict[tuple[str, str], list[Labelled]] = {}
    for text in read(OURS):
        plain = re.fullmatch(r"[\w' ’]{12,60}", text.text)
        some = chosen.setdefault((text.lang, text.note), [])
        if text.is_danger and plain and len(some) < _MOST_A_FAMILY and assess(text.text).level.is_danger:
            some.append(text)
    return [text for some in chosen.values() for text in some]


_TEXTS = _one_in_so_many_words()
_LEET = str.maketrans("eio", "310")
_CYRILLIC = str.maketrans("aeopcx", "аеорсх")
_WIDE = {code: code + 0xFEE0 for code in range(ord("a"), ord("z") + 1)}


def _each_word(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: " ".join(change(word) for word in text.split())


def _longest_word(change: Callable[[str], str]) -> Callable[[str], str]:
    def disguise(text: str) -> str:
        longest = max(text.split(), key=len)
        return text.replace(longest, change(longest), 1)

    return disguise


# The floors only rise. They are lower where a disguise takes letters away that the word cannot be known without.
_DISGUISES: dict[str, tuple[Callable[[str], str], float]] = {
    "shouted": (str.upper, 1.0),
    "with curly apostrophes": (lambda text: text.replace("'", "’"), 1.0),
    "without apostrophes": (lambda text: text.replace("'", "").replace("’", ""), 0.98),
    "with full stops at the end": (lambda text: text + "...", 0.97),
    "with an emoji at the end": (lambda text: text + " 😭😭", 0.97),
    "one word a line": (lambda text: text.replace(" ", "\n"), 0.95),
    "with double spaces": (lambda text: text.replace(" ", "   "), 1.0),
    "with look-alike letters": (lambda text: text.lower().translate(_CYRILLIC), 0.98),
    "in wide letters": (lambda text: text.lower().translate(_WIDE), 0.98),
    "with invisible characters": (_each_word(lambda word: word[:1] + "\u200b" + word[1:]), 1.0),
    "without accents": (lambda text: text.translate(str.maketrans("áéíóúñ", "aeioun")), 1.0),
    "stretched": (_longest_word(lambda word: word + word[-1] * 4), 0.98),
    "in leet": (lambda text: text.lower().translate(_LEET), 0.95),
    "run together": (lambda text: re.sub(r"['’ ]", "", text), 0.68),
    "letter by letter": (lambda text: "  ".join(" ".join(word) for word in re.sub("['’]", "", text).split()), 0.79),
    "with a letter dropped": (_longest_word(lambda word: word[:3] + word[4:]), 0.85),
    "with two letters swapped": (_longest_word(lambda word: word[:2] + word[3:4] + word[2:3] + word[4:]), 0.84),
}


def _heard(disguise: Callable[[str], str], lang: str) -> Share:
    disguised = [disguise(text.text) for text in _TEXTS if text.lang == lang]
    return Share(sum(assess(text).level.is_danger for text in disguised), len(disguised))


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", _DISGUISES)
def test_somebody_in_danger_is_heard(name: str, lang: str) -> None:
    disguise, floor = _DISGUISES[name]

    assert _heard(disguise, lang).value >= floor


def test_every_disguise_is_tried_on_many() -> None:
    assert sum(text.lang == "en" for text in _TEXTS) > 150
    assert sum(text.lang == "es" for text in _TEXTS) > 70
