"""The floor's own files: nothing in them is there for nothing, and a mistake in them is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.policy.danger import floor
from service.policy.danger.notation import GrammarError, Pieces, read_classes, read_pattern, read_rules, read_spellings
from service.policy.text import Typed

_FILES = Path(floor.__file__).parent


@pytest.mark.parametrize("lang", floor.LANGUAGES)
def test_every_class_is_used(lang: str) -> None:
    named: set[str] = set()
    for file in (_FILES / lang).glob("*.rules"):
        named |= set(re.findall(r"<([a-z0-9_]+)>", file.read_text("utf-8")))
    defined: set[str] = set()
    for file in (_FILES / lang).glob("*.classes"):
        for line in file.read_text("utf-8").splitlines():
            name, _, members = line.partition(">")
            named |= set(re.findall(r"<([a-z0-9_]+)>", members if line.startswith("<") else line))
            defined |= {name[1:]} if line.startswith("<") else set()

    assert defined - named == {floor.GAP_STOPS} | (defined & {floor.WITH_S})


@pytest.mark.parametrize("lang", floor.LANGUAGES)
def test_a_spelling_can_be_typed(lang: str) -> None:
    for file in (_FILES / lang).glob("*.spellings"):
        for typed in read_spellings(file.read_text("utf-8")):
            assert Typed(typed).words == [typed] or "." in typed, typed


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("want <nothing>", "no class <nothing>"),
        ("a? b c?", "begins or ends"),
        ("..2", "must be there"),
        ("a ..13 b", "a gap is"),
        ("two__ words|", "not one word"),
        (" ".join(["word"] * 49), "more than"),
    ],
)
def test_a_pattern_that_cannot_be_read_says_why(row: str, says: str) -> None:
    with pytest.raises(GrammarError, match=says):
        read_pattern(row, Pieces({}))


def test_a_mistake_in_a_file_is_named_with_its_line() -> None:
    with pytest.raises(GrammarError, match=r"en rules, line 2: a rule begins like"):
        list(read_rules("# first\n[Shouting] crisis suicide", "en", Pieces({})))
    with pytest.raises(GrammarError, match=r"en rules, line 1: a pattern stands before"):
        list(read_rules("want to die", "en", Pieces({})))
    with pytest.raises(GrammarError, match=r"a level but none has a kind"):
        list(read_rules("[a rule] crisis", "en", Pieces({})))
    with pytest.raises(GrammarError, match=r"classes, line 1"):
        read_classes("  words before any class", "en")
    with pytest.raises(GrammarError, match=r"not defined, or holds itself"):
        read_classes("<a> <b>\n<b> <a>", "en")
    with pytest.raises(GrammarError, match=r"spellings, line 1"):
        read_spellings("2nite")
