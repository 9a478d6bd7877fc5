"""Whether somebody who is frightened could read it: the formulas' own figures, on texts counted by hand."""

from __future__ import annotations

import pytest

from service.check.reading import measure, syllables

EASY = "Call or text 988. Now. They help day or night."
HARD = {
    "en": "Psychological deterioration necessitates immediate professional intervention.",
    "es": "El deterioro psicológico necesita inmediatamente una intervención profesional especializada.",
}


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [("night", "en", 1), ("Medicine", "en", 3), ("self-harm", "en", 2), ("988", "en", 1), ("1-800-799-7233", "en", 1),
     ("findtreatment.gov", "en", 1), ("emergency", "en", 4), ("línea", "es", 3), ("automática", "es", 5)],
)  # fmt: skip
def test_a_number_or_an_address_is_one_syllable(word: str, language: str, count: int) -> None:
    assert syllables(word, language) == count


def test_an_english_text_is_measured_by_the_school_year_it_takes() -> None:
    """Ten words in three sentences, ten syllables: 0.39 * 10 / 3 + 11.8 - 15.59."""
    level = measure(EASY, "en")

    assert level is not None
    assert (str(level), level.easy) == ("Flesch-Kincaid grade -2.5", True)


def test_a_spanish_text_is_measured_by_fernandez_huerta() -> None:
    """Eight words in two sentences, thirteen syllables: 206.84 - 60 * 13 / 8 - 1.02 * 4."""
    level = measure("Llama al 988 ahora. Te van a ayudar.", "es")

    assert level is not None
    assert (str(level), level.easy) == ("Fernández-Huerta 105.3", True)


def test_each_line_on_the_phone_is_a_sentence() -> None:
    assert measure("one two\nthree four", "en") == measure("one two. three four.", "en")


@pytest.mark.parametrize("language", ["en", "es"])
def test_words_that_take_years_of_school_are_not_easy(language: str) -> None:
    level = measure(HARD[language], language)

    assert level is not None
    assert not level.easy


@pytest.mark.parametrize(("text", "language"), [("", "en"), ("?!", "es"), (EASY, "fr")])
def test_what_cannot_be_measured_has_no_level(text: str, language: str) -> None:
    assert measure(text, language) is None
