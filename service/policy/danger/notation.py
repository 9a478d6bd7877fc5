"""The language that the floor and the operators' additions are written in, read into values. No matching here.

A file of classes names sets of words and phrases; a file of rules says what they mean together:

    <want>  want, wanna, would like                [wish to die] crisis suicide
                                                   <want> to? die
                                                   wish ..2 dead

A pattern is a row of elements: `word`, `<class>`, `a|b|<c>` one of these, `two_words` in a row, `a?` may be missing,
`..3` up to three words that do not matter (never past the end of a sentence, nor past a new "I"), `^` a sentence's
edge, `^^` the whole text's edge. What follows `#` is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from sys import intern

from service.policy.conversation import Hint, Kind, Level
from service.policy.danger.grammar import (
    EDGE,
    NUMBER,
    TEXT_EDGE,
    Choice,
    Classes,
    Combination,
    Element,
    Pattern,
    Rule,
)
from service.policy.text import MARKS, Typed

GAP = ".."
LONGEST_GAP = 12
LONGEST_PATTERN = 48


class GrammarError(ValueError):
    """A pattern or file that cannot be read; the message says in a sentence what is wrong."""


_CLASS = re.compile(r"<([a-z0-9_]+)>[ \t]*(.*)")
_HEADER = re.compile(r"\[([a-z0-9 ,:'-]+)\] *(.*)")


def read_classes(source: str, language: str) -> dict[str, Choice]:
    """`<name>  word, two words, <other>` from the first column on; an indented line goes on with it."""
    raw: dict[str, list[str]] = {}
    name = ""
    for number, line in lines(source):
        if not line[0].isspace():
            found = _CLASS.fullmatch(line)
            if not found or found.group(1) in raw:
                raise GrammarError(f"{language} classes, line {number}: a new <class> and its words should stand here")
            name, line = found.groups()
            raw[name] = []
        if not name:
            raise GrammarError(f"{language} classes, line {number}: words stand before the first <class>")
        raw[name].extend(member.strip() for member in line.split(",") if member.strip())
    return {name: _choice(_members(name, raw, language, ())) for name in raw}


def _choice(said: Iterable[str]) -> Choice:
    every = frozenset(said)
    phrases = frozenset(tuple(map(intern, one.split())) for one in every if " " in one)
    return Choice(frozenset(one for one in every if " " not in one) if phrases else every, phrases)


def _members(name: str, raw: Mapping[str, list[str]], language: str, seen: tuple[str, ...]) -> Iterator[str]:
    if name in seen or name not in raw:
        raise GrammarError(f"{language} classes: <{name}> is not defined, or holds itself")
    for member in raw[name]:
        if member.startswith("<"):
            yield from _members(member.strip("<>"), raw, language, (*seen, name))
        else:
            yield plain(member)


def plain(phrase: str) -> str:
    """A phrase as the matcher will meet it: lower case, no accents or apostrophes, single spaces."""
    if phrase.isascii() and phrase.replace(" ", "").isalpha():
        return phrase.lower()
    return _plain(phrase)


@lru_cache(maxsize=8192)
def _plain(phrase: str) -> str:
    return " ".join(word for word in Typed(phrase).words if word not in MARKS)


def read_spellings(source: str) -> dict[str, tuple[str, ...]]:
    """`typed = meant, also meant` a line. The typed word itself stays a reading."""
    spellings: dict[str, tuple[str, ...]] = {}
    for number, line in lines(source):
        typed, equals, meant = (part.strip() for part in line.partition("="))
        if not equals or not meant:
            raise GrammarError(f"spellings, line {number}: should read like `2nite = tonight`")
        for one in typed.split(","):
            spellings[one.strip()] = (*spellings.get(one.strip(), ()), *(part.strip() for part in meant.split(",")))
    return spellings


def read_rules(source: str, language: str, pieces: Pieces) -> Iterator[Pattern | Combination]:
    """`[name] level kind options` and its patterns, one a line. Options: covers, +tag, hint:…, when …"""
    rule: Rule | None = None
    for number, line in lines(source):
        try:
            if line.startswith("["):
                rule, combined = _read_header(line, language)
                if combined:
                    yield _read_combination(rule, combined)
            elif rule is None:
                raise GrammarError("a pattern stands before the first [rule]")
            else:
                yield Pattern(rule, read_pattern(line, pieces))
        except ValueError as mistake:
            raise GrammarError(f"{language} rules, line {number}: {mistake}") from None


def _read_combination(rule: Rule, combined: str) -> Combination:
    """`a b` all of them; `2 of a b c` any two."""
    count, of, some = combined.partition(" of ")
    tags = frozenset((some if of else combined).split())
    return Combination(rule, tags, int(count) if of else len(tags))


def _read_header(line: str, language: str) -> tuple[Rule, str]:
    found = _HEADER.fullmatch(line.strip())
    if not found:
        raise GrammarError("a rule begins like `[wish to die] crisis suicide`")
    said, _, combined = found.group(2).partition(" when ")
    level, *options = said.split()
    words = [option for option in options if option[0] != "+" and not option.startswith("hint:")]
    kinds = [Kind(word) for word in words if word != "covers"]
    rule = Rule(
        name=f"{language}: {found.group(1)}",
        level=Level(level),
        kind=kinds[0] if kinds else None,
        covers="covers" in words,
        hints=frozenset(Hint(option[5:]) for option in options if option.startswith("hint:")),
        tags=frozenset(option[1:] for option in options if option[0] == "+"),
    )
    if rule.level.is_danger != (rule.kind is not None):
        raise GrammarError("a level but none has a kind, and none has no kind")
    return rule, combined


def lines(source: str) -> Iterator[tuple[int, str]]:
    """Each line that says something, with its number and without its comment."""
    for number, line in enumerate(source.splitlines(), 1):
        bare = line.split("#", 1)[0].rstrip()
        if bare:
            yield number, bare


def read_pattern(row: str, pieces: Pieces) -> tuple[Element, ...]:
    """One row of elements. Raises GrammarError where it cannot be read, or takes anything at all."""
    elements = tuple(pieces[piece] for piece in row.split())
    if sum(element.gap or 1 for element in elements) > LONGEST_PATTERN:
        raise GrammarError(f"`{row}` has more than {LONGEST_PATTERN} places")
    if all(element.may_be_missing for element in elements):
        raise GrammarError(f"`{row}` needs a word that must be there")
    if elements[0].may_be_missing or elements[-1].may_be_missing:
        raise GrammarError(f"`{row}` begins or ends with what may be missing: leave that out")
    return elements


class Pieces(dict[str, Element]):
    """A piece of a pattern → its element, each read once: patterns share most of theirs."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._words: dict[str, str] = {}

    def __missing__(self, piece: str) -> Element:
        if piece.startswith(GAP):
            element = _read_gap(piece)
        elif piece.endswith("?"):
            element = Element(self[piece.removesuffix("?")].choice, optional=True)
        else:
            element = Element(self._read_choice(piece))
        self[piece] = element
        return element

    def _read_choice(self, piece: str) -> Choice:
        choices = piece.split("|")
        own = _choice([self._words.get(one) or self._read_word(one) for one in choices if one[:1] != "<"])
        if "<" not in piece:
            return own
        named = [self._class(one) for one in choices if one[:1] == "<"]
        if len(named) == len(choices) == 1:
            return named[0]
        return Choice(
            own.words.union(*(choice.words for choice in named)),
            own.phrases.union(*(choice.phrases for choice in named)),
        )

    def _read_word(self, written: str) -> str:
        word = written if written in (EDGE, TEXT_EDGE) else plain(written.replace("_", " "))
        if not word or (" " in word) != ("_" in written):
            raise GrammarError(f"`{written}` is not one word")
        self._words[written] = word
        return word

    def _class(self, written: str) -> Choice:
        name = written.strip("<>")
        if name == "number":
            return _NUMBER
        try:
            return self._classes[name]
        except KeyError:
            raise GrammarError(f"there is no class <{name}>") from None


_NUMBER = Choice(frozenset({NUMBER}), frozenset())
_NOTHING = Choice(frozenset(), frozenset())


def _read_gap(piece: str) -> Element:
    length = piece.removeprefix(GAP)
    if not length.isdigit() or not 1 <= int(length) <= LONGEST_GAP:
        raise GrammarError(f"`{piece}`: a gap is `..1` to `..{LONGEST_GAP}`")
    return Element(_NOTHING, gap=int(length))
