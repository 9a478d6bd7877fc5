"""What people type is read as they meant it, and every token knows where it stood."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy.text import (
    MOST_SIGNS,
    Typed,
    decoded,
    edit_distance_at_most_one,
    language_of,
    unleeted,
    unstretched,
    words,
)


def read(text: str) -> list[str]:
    return list(words(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("I don’t know", ["i", "dont", "know"]),  # phones send U+2019
        ("I don't know", ["i", "dont", "know"]),
        ("ｈｅｌｐ", ["help"]),  # full width
        ("hеlр", ["help"]),  # Cyrillic е and р
        ("he​lp", ["help"]),  # zero-width space
        ("HELP", ["help"]),
        ("ＳＴＯＰ!", ["stop"]),
        ("🆂🆃🅾🅿", ["stop"]),
        ("stooooop", ["stop"]),
        ("¿Dónde está mi niño?", ["donde", "esta", "mi", "nino"]),
        ("depresión", ["depresion"]),  # decomposed accent
        ("line one\nline two", ["line", "one", "line", "two"]),
    ],
)
def test_somebody_is_understood_however_their_phone_writes(typed: str, meant: list[str]) -> None:
    assert read(typed) == meant


def test_a_symbol_inside_a_word_is_kept_for_those_who_can_read_it() -> None:
    assert Typed("k!ll s*icide").words == ["k!ll", "s*icide"]
    assert unleeted("d1e") == ("die", "dle")


def test_marks_say_what_ends_a_thought_and_what_only_breathes() -> None:
    assert Typed("no. well, ok...").words == ["no", ".", "well", ",", "ok", "\n"]


def test_an_emoji_is_a_word_and_its_skin_tone_is_not() -> None:
    assert Typed("🙏🏽 💊").words == ["🙏", "💊"]


@given(st.text())
def test_every_word_stands_where_it_says(text: str) -> None:
    typed = Typed(text)
    last = 0
    for at, word in enumerate(typed.words):
        start, end = typed.span(at, at)
        assert 0 <= start <= end <= len(text)
        assert word
        if decoded(text) is text:
            assert start >= last
            last = start


@pytest.mark.parametrize(
    ("text", "stood"),
    [
        ("don’t d\u200bie", ["don’t", "d\u200bie"]),
        ("é\u0301l ﬁn…", ["é\u0301l", "ﬁn", "…"]),
        ("😭😭😭😭 no", ["😭", "😭", "😭", "no"]),
    ],
)
def test_a_word_is_shown_as_it_was_typed(text: str, stood: list[str]) -> None:
    typed = Typed(text)

    assert [text[slice(*typed.span(at, at))] for at in range(len(typed.words))] == stood


def test_who_sends_a_thousand_emoji_and_then_a_word_is_read() -> None:
    typed = Typed("😭💔" * 500 + " help")

    assert len(typed.words) == MOST_SIGNS + 1
    assert typed.words[-1] == "help"


def test_a_long_text_that_a_carrier_packed_is_unpacked() -> None:
    packed = base64.b64encode("no sé qué hacer y estoy sola".encode()).decode()

    assert read(packed)[:4] == ["no", "se", "que", "hacer"]


@pytest.mark.parametrize(
    "plain", ["supercalifragilistic", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "thisisoneverylongwordthatnobodysaid12"]
)
def test_a_long_word_is_no_packed_text(plain: str) -> None:
    assert decoded(plain) is plain


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how do i find a therapist", "en"),
        ("no se que hacer", "es"),
        ("ayuda", "es"),
        ("ya no puedo mas bro i feel bad", "es"),
        ("90210", None),
        ("", None),
        ("❤️", None),
    ],
)
def test_the_answer_is_in_the_language_of_the_text(text: str, language: str | None) -> None:
    assert language_of(words(text)) == language


@pytest.mark.parametrize(
    ("a", "b"), [("stop", "stpo"), ("stop", "stp"), ("stop", "stopp"), ("stop", "stap"), ("a", "")]
)
def test_one_slip_of_the_finger_is_forgiven(a: str, b: str) -> None:
    assert edit_distance_at_most_one(a, b)
    assert edit_distance_at_most_one(b, a)


@pytest.mark.parametrize(("a", "b"), [("stop", "spto"), ("stop", "shops"), ("stop", ""), ("ab", "cd")])
def test_two_slips_are_another_word(a: str, b: str) -> None:
    assert not edit_distance_at_most_one(a, b)


@given(st.text(alphabet="abcd", max_size=6), st.integers(0, 6))
def test_dropping_any_letter_is_one_slip(word: str, at: int) -> None:
    assert edit_distance_at_most_one(word, word[:at] + word[at + 1 :])


def test_stretching_is_cut_to_what_was_meant() -> None:
    assert unstretched("heyyyy") == "hey"
    assert unstretched("sooo", keep=2) == "soo"
    assert unstretched("2000") == "2000"
