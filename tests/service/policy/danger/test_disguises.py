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


def _starred(word: str) -> str:
    return re.sub(r"(?<=\w)[aeiou](?=\w)", "*", word, count=1)


def _without_vowels(word: str) -> str:
    return word[:1] + re.sub("[aeiou]", "", word[1:])


def _slipped_twice(word: str) -> str:
    """One letter changed and one doubled, where a word is long enough to be known by the rest."""
    return word[:3] + "e" + word[4:-2] + word[-2] * 2 + word[-1] if len(word) >= 9 else word


def _all_at_once(text: str) -> str:
    longest = max(text.split(), key=len)
    return text.lower().replace(longest.lower(), longest.lower().translate(_LEET) + longest[-1].lower() * 3, 1)


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
    "letter by letter": (lambda text: "  ".join(" ".join(word) for word in re.sub("['’]", "", text).split()), 0.97),
    "with a letter dropped": (_longest_word(lambda word: word[:3] + word[4:]), 0.85),
    "with a star for a vowel": (_longest_word(_starred), 0.97),
    "with stars for vowels": (_each_word(lambda word: _starred(word) if len(word) > 3 else word), 0.95),
    "with another symbol for a vowel": (_longest_word(lambda word: _starred(word).replace("*", "^")), 0.97),
    "with a full stop inside": (_longest_word(lambda word: word[:3] + "." + word[3:]), 0.9),
    "with a dash inside": (_longest_word(lambda word: word[:3] + "-" + word[3:]), 0.9),
    "torn in three": (
        _longest_word(lambda word: f"{word[:2]}.{word[2:4]}.{word[4:]}" if len(word) > 5 else word),
        0.94,
    ),
    "with last letters doubled": (_each_word(lambda word: word + word[-1:] if len(word) > 2 else word), 0.94),
    "with vowels left out": (_longest_word(_without_vowels), 0.83),
    "with two slips": (_longest_word(_slipped_twice), 0.9),
    "in leet, and stretched": (_all_at_once, 0.99),
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


@pytest.mark.parametrize(
    "text",
    [
        "gg ez, g3t r3kt n00b",
        "l33t h4x0r sk1llz only",
        "k1lled that level f1rst try",
        "that was a f*cking g00d game, holy sh*t",
        "what the h*ll, d*mn traffic again",
        "b*tch please",
        "a e s t h e t i c vibes only",
        "v a p o r w a v e  n i g h t",
        "u.s.a. u.s.a.",
        "p.s. my new nickname is a.k.a. the boss",
        "see you at the x-ray, then k-pop practice",
        "teh game tmrw, cnat wiat",
        "defiantely goign to recieve it tommorow",
        "srry im l8, trafic was crazyyy",
        "wher r u, im at teh bus stopp",
        "my dady maks the best cookys",
        "that was tragic, the gravy had lumps",
        "love knitting, rating films and chatting",
        "no want coffee, thank you",
        "i think to buy new phone",
        "omg im ded lol",
    ],
)
def test_who_only_types_so_is_left_alone(text: str) -> None:
    assert not assess(text).level.is_danger
