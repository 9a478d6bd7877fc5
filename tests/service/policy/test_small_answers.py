"""Yes, no, how somebody is, and texts that break off."""

from __future__ import annotations

import pytest

from service.policy.small_answers import Mood, half_said, is_no, is_yes, mood_of
from service.policy.text import words


def spoken(text: str) -> tuple[str, ...]:
    return words(text)


@pytest.mark.parametrize("text", ["YES", "yes please", "Sí", "ok", "y", "Yeah!"])
def test_a_yes_is_heard(text: str) -> None:
    assert is_yes(spoken(text))


@pytest.mark.parametrize("text", ["yes but not now", "yesterday", "no", "yes i took them all", ""])
def test_a_sentence_that_begins_with_yes_is_no_yes(text: str) -> None:
    assert not is_yes(spoken(text))


def test_a_no_is_heard() -> None:
    assert is_no(spoken("No thanks"))


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("1", Mood.WORST),
        ("2", Mood.LOW),
        ("3", Mood.MIDDLING),
        ("4", Mood.GOOD),
        ("5", Mood.BEST),
        ("five", Mood.BEST),
        ("dos", Mood.LOW),
        ("not good. its back", Mood.WORST),
        ("awful", Mood.WORST),
        ("pretty bad", Mood.LOW),
        ("great!", Mood.BEST),
        ("better. talked to my aunt all night", Mood.GOOD),
        ("so so", Mood.MIDDLING),
        ("not bad", Mood.MIDDLING),
        ("😢", Mood.WORST),
        ("😞", Mood.LOW),
        ("👍", Mood.GOOD),
        ("😀", Mood.BEST),
        ("mal", Mood.LOW),
        ("good and bad", Mood.LOW),
        ("what is this", None),
        ("6", None),
    ],
)
def test_how_somebody_is(text: str, mood: Mood | None) -> None:
    assert mood_of(text, spoken(text)) is mood


def test_a_thought_that_breaks_off_is_noticed() -> None:
    assert half_said(spoken("i really think im going to"))
    assert not half_said(spoken("i am going home"))
