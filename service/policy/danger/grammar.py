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
from dataclasses import dataclass
from functools import lru_cache

from service.policy import text
from service.policy.conversation import Hint, Kind, Level

EDGE = "^"
"""The word that stands for a sentence's beginning or end in a pattern."""
TEXT_EDGE = "^^"
"""The same for the whole text."""
NUMBER = "#"
"""What every number in digits is also read as; `<number>` in a pattern."""
GAP = ".."
LONGEST_GAP = 12
LONGEST_PATTERN = 48


class GrammarError(ValueError):
    """A pattern or file that cannot be read; the message says in a sentence what is wrong."""


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a pattern: the words and phrases that may stand there. A gap's place takes any word."""

    words: frozenset[str]
    classes: frozenset[str]
    optional: bool = False
    any_word: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """What a row of words means. `covers`: the rule speaks for the words it spans, and no other rule does."""

    name: str
    level: Level
    kind: Kind | None
    covers: bool = False
    hints: frozenset[Hint] = frozenset()
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pattern:
    rule: Rule
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that mean something just as they stand. Tens of thousands of these cost no more than one."""

    rule: Rule
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Combination:
    """A level that several tags give together, wherever they stand in the text: at least `needed` of them."""

    rule: Rule
    tags: frozenset[str]
    needed: int


@dataclass(frozen=True, slots=True)
class Grammar:
    """Everything that one or more files say."""

    classes: Mapping[str, tuple[str, ...]]
    """Class name → its words and phrases, lower case, without accents and apostrophes."""
    spellings: Mapping[str, tuple[str, ...]]
    """A chat spelling → the words that it may stand for: "2" → "to", "too"."""
    patterns: tuple[Pattern, ...]
    combinations: tuple[Combination, ...] = ()
    phrases: tuple[Phrase, ...] = ()


_CLASS = re.compile(r"<([a-z0-9_]+)>[ \t]*(.*)")
_HEADER = re.compile(r"\[([a-z0-9 ,:'-]+)\] *(.*)")


def read_classes(source: str, language: str) -> dict[str, tuple[str, ...]]:
    """`<name>  word, two words, <other>` from the first column on; an indented line goes on with it."""
    raw: dict[str, list[str]] = {}
    name = ""
    for number, line in _lines(source):
        if not line[0].isspace():
            found = _CLASS.fullmatch(line)
            if not found or found.group(1) in raw:
                raise GrammarError(f"{language} classes, line {number}: a new <class> and its words should stand here")
            name, line = found.groups()
            raw[name] = []
        if not name:
            raise GrammarError(f"{language} classes, line {number}: words stand before the first <class>")
        raw[name].extend(member.strip() for member in line.split(",") if member.strip())
    return {qualified(name, language): tuple(_members(name, raw, language, ())) for name in raw}


def qualified(name: str, language: str) -> str:
    """A class's name among those of all languages."""
    return f"{language}:{name}"


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
    if phrase.isascii() and phrase.isalpha():
        return phrase.lower()
    return _plain(phrase)


@lru_cache(maxsize=8192)
def _plain(phrase: str) -> str:
    return " ".join(token.word for token in text.tokens(phrase) if not token.is_mark)


def read_spellings(source: str) -> dict[str, tuple[str, ...]]:
    """`typed = meant, also meant` a line. The typed word itself stays a reading."""
    spellings: dict[str, tuple[str, ...]] = {}
    for number, line in _lines(source):
        typed, equals, meant = (part.strip() for part in line.partition("="))
        if not equals or not meant:
            raise GrammarError(f"spellings, line {number}: should read like `2nite = tonight`")
        for one in typed.split(","):
            spellings[one.strip()] = tuple(part.strip() for part in meant.split(","))
    return spellings


def read_rules(source: str, language: str, classes: Mapping[str, object]) -> Iterator[Pattern | Combination]:
    """`[name] level kind options` and its patterns, one a line. Options: covers, +tag, hint:…, when …"""
    rule: Rule | None = None
    for number, line in _lines(source):
        try:
            if line.startswith("["):
                rule, combined = _read_header(line, language)
                if combined:
                    yield _read_combination(rule, combined)
            elif rule is None:
                raise GrammarError("a pattern stands before the first [rule]")
            else:
                yield Pattern(rule, read_pattern(line, language, classes))
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


def _lines(source: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.splitlines(), 1):
        bare = line.split("#", 1)[0].rstrip()
        if bare:
            yield number, bare


def read_pattern(row: str, language: str, classes: Mapping[str, object]) -> tuple[Element, ...]:
    """One row of elements. Raises GrammarError where it cannot be read, or takes anything at all."""
    elements = tuple(element for piece in row.split() for element in _read_piece(piece, language, classes))
    if len(elements) > LONGEST_PATTERN:
        raise GrammarError(f"`{row}` has more than {LONGEST_PATTERN} places")
    if all(element.optional or element.any_word for element in elements):
        raise GrammarError(f"`{row}` needs a word that must be there")
    if elements[0].optional or elements[-1].optional:
        raise GrammarError(f"`{row}` begins or ends with what may be missing: leave that out")
    return elements


def _read_piece(piece: str, language: str, classes: Mapping[str, object]) -> Iterable[Element]:
    if piece.startswith(GAP):
        return _read_gap(piece)
    optional = piece.endswith("?")
    choices = piece.removesuffix("?").split("|")
    words = frozenset(_read_word(choice) for choice in choices if not choice.startswith("<"))
    named = [choice.strip("<>") for choice in choices if choice.startswith("<")]
    for name in named:
        if name != "number" and qualified(name, language) not in classes:
            raise GrammarError(f"there is no class <{name}>")
    numbers = frozenset({NUMBER} if "number" in named else ())
    known = frozenset(qualified(name, language) for name in named if name != "number")
    return [Element(words | numbers, known, optional)]


def _read_word(choice: str) -> str:
    if choice in (EDGE, TEXT_EDGE):
        return choice
    word = plain(choice.replace("_", " "))
    if not word or (" " in word) != ("_" in choice):
        raise GrammarError(f"`{choice}` is not one word")
    return word


def _read_gap(piece: str) -> list[Element]:
    length = piece.removeprefix(GAP)
    if not length.isdigit() or not 1 <= int(length) <= LONGEST_GAP:
        raise GrammarError(f"`{piece}`: a gap is `..1` to `..{LONGEST_GAP}`")
    place = Element(frozenset(), frozenset(), optional=True, any_word=True)
    return [place] * int(length)
