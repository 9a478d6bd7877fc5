"""Which keyword, carrier word or topic a text names. Works on normalised words; danger is not looked for here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain

from service.policy.classes import Member, WordClasses
from service.policy.conversation import Language
from service.policy.text import edit_distance_at_most_one, with_one_letter_less

SHORTEST_WORD_WITH_A_TYPO = 5
"""Letters. Shorter words have too many real neighbours ("pain": "pair", "main", "rain")."""


class CarrierWord(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"


# CTIA, the FCC's per-se words (47 CFR 64.1200(a)(10)) and Twilio's list, with their Spanish counterparts.
_STOP = {
    "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out",
    "alto", "parar", "cancelar",
}  # fmt: skip
_START = {"start", "unstop"}
_HELP = {"help", "info", "ayuda"}
CARRIER_WORDS: dict[str, CarrierWord] = {
    **dict.fromkeys(_STOP, CarrierWord.STOP),
    **dict.fromkeys(_START, CarrierWord.START),
    **dict.fromkeys(_HELP, CarrierWord.HELP),
}
QUITTING_WORDS = frozenset({"quit", "end", "cancel", "cancelar"})
"""Carrier words that somebody who wants to quit a drug may mean otherwise."""

SPANISH_CARRIER_WORDS = frozenset({"alto", "parar", "cancelar", "ayuda"})

_POLITE = frozenset({"please", "pls", "plz", "por", "favor", "porfa", "thanks", "thank", "you", "ty", "gracias"})


def carrier_word(words: Sequence[str]) -> CarrierWord | None:
    """The carrier word that is the whole text, politeness aside ("Stop. Thank you"). Never by a typo."""
    if not words:
        return None
    bare = " ".join(words)
    return CARRIER_WORDS.get(bare) or CARRIER_WORDS.get(" ".join(without_politeness(words)))


def without_politeness(words: Sequence[str]) -> list[str]:
    """What is left when "please" and "thank you" are taken away."""
    return [word for word in words if word not in _POLITE]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of keywords.yaml: which words lead to a route."""

    route: str
    keywords: tuple[str, ...] = ()
    """The whole text; for topics also how it begins. One typo is forgiven from five letters on."""
    phrases: tuple[str, ...] = ()
    """Words in a row, anywhere in a sentence."""
    words: tuple[tuple[str, ...], ...] = ()
    """All of one tuple, in any order, anywhere in a sentence: words, and classes of words by their names."""
    reply: str = ""
    """The message, where it is not the route's own."""
    spoken: Mapping[str, frozenset[Language]] = field(default_factory=dict)
    """Which languages list a keyword; "dolor" tells that somebody wants Spanish, "trauma" does not."""


class How(StrEnum):
    """How a text named its route; part of the reason that people read."""

    ALONE = "keyword alone"
    FIRST = "keyword first"
    TYPO = "keyword with a typo"
    PHRASE = "phrase in the sentence"
    WORDS = "words in the sentence"


@dataclass(frozen=True, slots=True)
class Match:
    entry: Entry
    how: How


_NO_CLASSES: Mapping[str, Iterable[Member]] = {}


class Vocabulary:
    """Every keyword, phrase and topic word of a playbook, prepared for lookups that do not grow with their number.

    Where two entries fit equally well, the earlier one wins; the linter reports such ties.
    """

    def __init__(self, entries: Iterable[Entry], classes: Mapping[str, Iterable[Member]] = _NO_CLASSES) -> None:
        self._alone: dict[tuple[str, ...], Entry] = {}
        self._near: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
        self._phrases: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
        self._words: dict[str, list[tuple[frozenset[str], int]]] = defaultdict(list)
        self._spoken: dict[tuple[str, ...], frozenset[Language]] = {}
        self._longest_keyword = 1
        self._entries = tuple(entries)
        for place, entry in enumerate(self._entries):
            self._add(entry, place)
        self._classes = WordClasses(classes, (word for entry in self._entries for row in entry.words for word in row))

    def _add(self, entry: Entry, place: int) -> None:
        for keyword in entry.keywords:
            words = tuple(keyword.split())
            self._alone.setdefault(words, entry)
            self._spoken[words] = self._spoken.get(words, frozenset()) | entry.spoken.get(keyword, frozenset())
            self._longest_keyword = max(self._longest_keyword, len(words))
            if len(words) == 1 and len(keyword) >= SHORTEST_WORD_WITH_A_TYPO:
                for shape in with_one_letter_less(keyword):
                    self._near[shape].append((keyword, entry))
        for phrase in entry.phrases:
            words = tuple(phrase.split())
            self._phrases[words[0]].append((words, place))
        for group in entry.words:
            self._words[min(group)].append((frozenset(group), place))

    def named(self, words: Sequence[str]) -> Match | None:
        """The keyword that the text is, or nearly is."""
        if not words:
            return None
        plain = tuple(without_politeness(words)) or tuple(words)
        for whole in (tuple(words), plain):
            if entry := self._alone.get(whole):
                return Match(entry, How.ALONE)
        if len(plain) == 1 and (near := self._nearly(plain[0])):
            return Match(near[1], How.TYPO)
        return None

    def language_of(self, words: Sequence[str]) -> Language | None:
        """The one language that the text is a keyword of, or nearly is."""
        plain = tuple(without_politeness(words)) or tuple(words)
        if plain not in self._spoken and len(plain) == 1 and (near := self._nearly(plain[0])):
            plain = (near[0],)
        spoken = self._spoken.get(plain, frozenset())
        return next(iter(spoken)) if len(spoken) == 1 else None

    def _first(self, words: Sequence[str]) -> Match | None:
        # Only topics: "more than anything" and "es que no puedo" must not be taken for MORE and ES.
        for length in range(min(self._longest_keyword, len(words) - 1), 0, -1):
            entry = self._alone.get(tuple(words[:length]))
            if entry and entry.route.startswith("topic:"):
                return Match(entry, How.FIRST)
        return None

    def recognised(self, words: Sequence[str]) -> Match | None:
        """What a sentence speaks of: the entry whose longest clue is longest, else the topic that it begins with.

        Of two as long, words in a row count before words anywhere; then the entry that more of the words speak for.
        """
        said = self._classes.said(words)
        found: dict[int, list[tuple[int, How, frozenset[str]]]] = defaultdict(list)
        for place, clue in chain(self._phrases_in(words), self._groups_in(said)):
            found[place].append(clue)
        if not found:
            return self._first(words)
        place = max(found, key=lambda place: (*_strength(found[place]), -place))
        best = max(found[place], key=lambda clue: (clue[0], clue[1] is How.PHRASE))
        return Match(self._entries[place], best[1])

    def _phrases_in(self, words: Sequence[str]) -> Iterator[tuple[int, tuple[int, How, frozenset[str]]]]:
        for start, word in enumerate(words):
            for phrase, place in self._phrases.get(word, ()):
                if tuple(words[start : start + len(phrase)]) == phrase:
                    yield place, (len(phrase), How.PHRASE, frozenset(phrase))

    def _groups_in(self, said: frozenset[str]) -> Iterator[tuple[int, tuple[int, How, frozenset[str]]]]:
        for one in said:
            for group, place in self._words.get(one, ()):
                if group <= said:
                    yield place, (len(group), How.WORDS, group)

    def _nearly(self, word: str) -> tuple[str, Entry] | None:
        """The keyword that one slip makes into `word`, and its entry."""
        if len(word) < SHORTEST_WORD_WITH_A_TYPO or word in CARRIER_WORDS:
            return None
        for shape in with_one_letter_less(word):
            for keyword, entry in self._near.get(shape, ()):
                if edit_distance_at_most_one(word, keyword):
                    return keyword, entry
        return None


def _strength(clues: Sequence[tuple[int, How, frozenset[str]]]) -> tuple[int, bool, int]:
    longest = max(length for length, _, _ in clues)
    in_a_row = any(length == longest and how is How.PHRASE for length, how, _ in clues)
    return longest, in_a_row, len(frozenset[str]().union(*(of for _, _, of in clues)))
