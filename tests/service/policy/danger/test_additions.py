"""Operators add to the floor. They can neither silence it, nor add what cannot be read or fires on everybody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy.conversation import Kind, Language, Level
from service.policy.danger import Addition, AdditionError, Recogniser, too_broad
from service.policy.danger.builtin import assess
from tests.corpus.texts import OURS, read

_EN = Language("en")
_EVERYDAY = [text.text for text in read(OURS) if not text.is_danger]


def an_addition(phrase: str, level: Level = Level.CRISIS, kind: Kind = Kind.SUICIDE, lang: str = "en") -> Addition:
    return Addition(phrase, level, kind, Language(lang))


def test_a_plain_phrase_is_enough() -> None:
    service = Recogniser([an_addition("crossing the rainbow bridge")])

    assert assess("im crossing the rainbow bridge").level is Level.NONE
    assert service.assess("I’m Crossing the  rainbow bridge tonight!").level is Level.CRISIS


def test_it_is_found_behind_a_disguise_too() -> None:
    assert Recogniser([an_addition("blue elephants")]).assess("blu3 el3phants").level is Level.CRISIS


def test_who_knows_the_notation_may_use_it() -> None:
    service = Recogniser([an_addition("<want> <to>? ..2 moonwalk|moonwalking")])

    assert service.assess("i really want to just moonwalk").level is Level.CRISIS
    assert service.assess("watched a moonwalk").level is Level.NONE


def test_the_evidence_says_that_it_was_an_addition() -> None:
    (evidence,) = Recogniser([an_addition("Rainbow bridge!")]).assess("rainbow bridge").evidence

    assert evidence.rule == "added en: rainbow bridge"


@pytest.mark.parametrize(
    ("phrase", "level", "lang", "says"),
    [
        ("", Level.CRISIS, "en", "no word"),
        ("?!", Level.CRISIS, "en", "not one word"),
        ("...", Level.CRISIS, "en", "a gap is"),
        ("<nobody> dies", Level.CRISIS, "en", "no class <nobody>"),
        ("..3", Level.CRISIS, "en", "must be there"),
        ("a? b?", Level.CRISIS, "en", "must be there"),
        ("die ..99 now", Level.CRISIS, "en", "a gap is"),
        ("die ..2", Level.CRISIS, "en", "begins or ends"),
        ("calm down", Level.NONE, "en", "raises a level"),
        ("mourir", Level.CRISIS, "fr", "no floor in `fr`"),
        ("word " * 60, Level.CRISIS, "en", "more than"),
    ],
)
def test_a_phrase_that_cannot_be_used_is_refused_with_a_reason(phrase: str, level: Level, lang: str, says: str) -> None:
    with pytest.raises(AdditionError, match=says):
        an_addition(phrase, level, lang=lang)


@given(st.text(alphabet="abz <>|?.^_#:", max_size=20))
def test_whatever_an_operator_writes_is_refused_or_works(phrase: str) -> None:
    try:
        addition = an_addition(phrase)
    except AdditionError:
        return
    assert addition.rule.level is Level.CRISIS


def test_an_addition_never_lowers_what_the_floor_says() -> None:
    order = [Level.IMMINENT, Level.CRISIS, Level.CONCERN, Level.NONE]
    service = Recogniser(
        [an_addition("want to die", Level.CONCERN, Kind.HOPELESSNESS), an_addition("not", Level.CONCERN)]
    )

    for text in ["i want to die", "i took all my pills", "not suicidal", "i do not want to live", "good morning"]:
        assert order.index(service.assess(text).level) <= order.index(assess(text).level)


def test_an_addition_that_fires_on_everybody_is_told_so_and_on_what() -> None:
    fired = too_broad(an_addition("i"), _EVERYDAY)

    assert len(fired) > 100
    assert set(fired) <= set(_EVERYDAY)


def test_an_addition_that_fires_on_hardly_anybody_is_not() -> None:
    assert too_broad(an_addition("rainbow bridge"), _EVERYDAY) == []
