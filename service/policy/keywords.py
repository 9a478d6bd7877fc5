"""Which keyword, carrier word or topic a text names. Works on normalised words; danger is not looked for here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.policy.text import edit_distance_at_most_one

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
    return CARRIER_WORDS.get(bare) or CARRIER_WORDS.get(" ".join(_without_politeness(words)))


def _without_politeness(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _POLITE]


# A request to us to stop: each row begins a clause that is addressed to us. Who else texts whom is not meant.
_REQUESTS = tuple(
    tuple(row.split())
    for row in (
        "stop texting me", "stop messaging me", "stop contacting me", "stop sending me", "stop bothering me",
        "stop texting this", "stop messaging this", "stop sending messages", "stop sending texts", "stop sending these",
        "stop these messages", "stop these texts", "stop the messages", "stop the texts", "stop all messages",
        "stop all texts", "stop your messages", "stop your texts", "quit texting me", "quit messaging me",
        "quit sending me", "dont text me", "dont text this", "dont message me", "dont contact me", "dont send me",
        "do not text me", "do not text this", "do not message me", "do not contact me", "do not send me",
        "never text me", "never message me", "never contact me", "take me off", "take my number off",
        "remove me from", "remove my number", "remove this number", "unsubscribe me", "opt me out", "opt out of",
        "no more texts", "no more messages", "no more check ins", "end the messages", "end these messages",
        "cancel the messages", "cancel the texts", "cancel my subscription", "cancel all messages",
        "i want to opt out", "i want to unsubscribe", "i wanna opt out", "i would like to opt out",
        "i do not want these", "i dont want these", "i dont want any more texts", "i dont want any more messages",
        "i dont want to get these", "i dont want to receive", "i dont want your", "i no longer want",
        "dejen de", "deja de mandarme", "deja de escribirme", "deja de enviarme", "deja de textearme",
        "no me escriban", "no me escribas", "no me manden", "no me mandes", "no me envien", "no me envies",
        "no me textees", "no me texteen", "no me contacten", "no me molesten", "ya no me manden", "ya no me escriban",
        "ya no me envien", "no mas mensajes", "ya no quiero mensajes", "no quiero mensajes", "no quiero mas mensajes",
        "ya no quiero recibir", "no quiero recibir", "quiten mi numero", "quita mi numero", "quitenme de",
        "quitame de", "borren mi numero", "saquenme de", "sacame de", "dar de baja", "denme de baja", "dame de baja",
        "quiero darme de baja", "paren de",
    )
)  # fmt: skip

# What may stand before a request without making it somebody else's.
_ADDRESS = frozenset(
    "please pls plz hi hey hello ok okay can could would will you u ya yall just kindly i said need want to asked told "
    "already and so no hola por favor porfa puedes pueden podrian quiero que le les digo pido oigan oye".split()
)
_NO_ANSWER = tuple(
    tuple(row.split())
    for row in (
        "dont text me back", "dont text back", "do not text me back", "do not text back", "dont reply", "do not reply",
        "dont respond", "do not respond", "dont answer", "dont write back", "dont message me back", "dont message back",
        "no me respondas", "no respondas", "no contestes", "no me contestes", "no me escribas de vuelta",
    )
)  # fmt: skip


def asks_for_no_answer(words: Sequence[str]) -> bool:
    """ "Don't text me back": not now, because of who is near. It is no opt-out."""
    return _addressed(words, _NO_ANSWER)


def asks_us_to_stop(words: Sequence[str]) -> bool:
    """A request to us in other words than the carriers': "please stop texting me", not "he won't stop texting me".

    47 CFR 64.1200(a)(10) lets people revoke by any reasonable means.
    """
    return _addressed(words, _REQUESTS)


def _addressed(words: Sequence[str], rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether a row stands where only words that speak to us, or a whole other clause of ours, come before it."""
    for start in range(len(words)):
        if any(tuple(words[start : start + len(row)]) == row for row in rows):
            return True
        if words[start] not in _ADDRESS:
            return False
    return False


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of keywords.yaml: which words lead to a route."""

    route: str
    keywords: tuple[str, ...] = ()
    """The whole text; for topics also its first word. One typo is forgiven from five letters on."""
    phrases: tuple[str, ...] = ()
    """Words in a row, anywhere in a sentence."""
    words: tuple[tuple[str, ...], ...] = ()
    """All words of one tuple, in any order, anywhere in a sentence."""
    reply: str = ""
    """The message, where it is not the route's own."""


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


class Vocabulary:
    """Every keyword, phrase and topic word of a playbook, prepared for lookups that do not grow with their number.

    Where two entries fit equally well, the earlier one wins; the linter reports such ties.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._alone: dict[tuple[str, ...], Entry] = {}
        self._near: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
        self._phrases: dict[str, list[tuple[tuple[str, ...], Entry]]] = defaultdict(list)
        self._words: dict[str, list[tuple[frozenset[str], Entry]]] = defaultdict(list)
        self._longest_keyword = 1
        for entry in entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        for keyword in entry.keywords:
            words = tuple(keyword.split())
            self._alone.setdefault(words, entry)
            self._longest_keyword = max(self._longest_keyword, len(words))
            if len(words) == 1 and len(keyword) >= SHORTEST_WORD_WITH_A_TYPO:
                for shape in _with_one_letter_less(keyword):
                    self._near[shape].append((keyword, entry))
        for phrase in entry.phrases:
            words = tuple(phrase.split())
            self._phrases[words[0]].append((words, entry))
        for group in entry.words:
            self._words[min(group)].append((frozenset(group), entry))

    def named(self, words: Sequence[str]) -> Match | None:
        """The keyword that the text is, begins with (topics only), or nearly is."""
        if not words:
            return None
        plain = tuple(_without_politeness(words)) or tuple(words)
        for whole in (tuple(words), plain):
            if entry := self._alone.get(whole):
                return Match(entry, How.ALONE)
        if len(plain) == 1 and (entry := self._nearly(plain[0])):
            return Match(entry, How.TYPO)
        return self._first(plain)

    def _first(self, words: tuple[str, ...]) -> Match | None:
        # Only topics: "more than anything" and "es que no puedo" must not be taken for MORE and ES.
        for length in range(min(self._longest_keyword, len(words) - 1), 0, -1):
            entry = self._alone.get(words[:length])
            if entry and entry.route.startswith("topic:"):
                return Match(entry, How.FIRST)
        return None

    def recognised(self, words: Sequence[str]) -> Match | None:
        """The topic or question that a sentence speaks of: the longest phrase, else the most words."""
        phrase = max(self._phrases_in(words), key=lambda found: len(found[0]), default=None)
        if phrase:
            return Match(phrase[1], How.PHRASE)
        group = max(self._groups_in(words), key=lambda found: len(found[0]), default=None)
        return Match(group[1], How.WORDS) if group else None

    def _phrases_in(self, words: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Entry]]:
        for start, word in enumerate(words):
            for phrase, entry in self._phrases.get(word, ()):
                if tuple(words[start : start + len(phrase)]) == phrase:
                    yield phrase, entry

    def _groups_in(self, words: Sequence[str]) -> Iterator[tuple[frozenset[str], Entry]]:
        present = {self._spelt(word) for word in words}
        for word in sorted(present):
            for group, entry in self._words.get(word, ()):
                if group <= present:
                    yield group, entry

    def _spelt(self, word: str) -> str:
        """The topic word that a slip of the thumb meant, else the word itself."""
        if word in self._words or len(word) < SHORTEST_WORD_WITH_A_TYPO:
            return word
        for shape in _with_one_letter_less(word):
            for keyword, _ in self._near.get(shape, ()):
                if keyword in self._words and edit_distance_at_most_one(word, keyword):
                    return keyword
        return word

    def _nearly(self, word: str) -> Entry | None:
        if len(word) < SHORTEST_WORD_WITH_A_TYPO or word in CARRIER_WORDS:
            return None
        for shape in _with_one_letter_less(word):
            for keyword, entry in self._near.get(shape, ()):
                if edit_distance_at_most_one(word, keyword):
                    return entry
        return None


def _with_one_letter_less(word: str) -> Iterator[str]:
    """The word and each word that dropping one letter makes: two words one edit apart share one of them."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
