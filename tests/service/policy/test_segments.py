"""What a person's phone puts together again, and what carriers count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy.segments import Encoding, Segments, count, not_gsm7, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments(Encoding.GSM7, 0, 0)),
        ("a", Segments(Encoding.GSM7, 1, 1)),
        ("a" * 160, Segments(Encoding.GSM7, 160, 1)),
        ("a" * 161, Segments(Encoding.GSM7, 161, 2)),
        ("a" * 306, Segments(Encoding.GSM7, 306, 2)),
        ("a" * 307, Segments(Encoding.GSM7, 307, 3)),
        ("é¿¡ñÑüà@£€[~]", Segments(Encoding.GSM7, 17, 1)),
        ("a" * 158 + "€", Segments(Encoding.GSM7, 160, 1)),
        ("a" * 159 + "€", Segments(Encoding.GSM7, 161, 2)),
        ("í" * 70, Segments(Encoding.UCS2, 70, 1)),
        ("í" * 71, Segments(Encoding.UCS2, 71, 2)),
        ("í" * 134, Segments(Encoding.UCS2, 134, 2)),
        ("í" * 135, Segments(Encoding.UCS2, 135, 3)),
        ("🌙" * 35, Segments(Encoding.UCS2, 70, 1)),
    ],
)
def test_segments_are_counted_as_carriers_count_them(text: str, expected: Segments) -> None:
    assert expected == count(text)


def test_an_escaped_character_is_not_cut_in_two() -> None:
    text = "a" * 152 + "€" + "a" * 152

    assert Segments(Encoding.GSM7, 306, 3) == count(text)
    assert split(text) == ("a" * 152, "€" + "a" * 151, "a")


def test_an_emoji_is_not_cut_in_two() -> None:
    text = "í" * 66 + "🌙" + "í" * 66

    assert count(text).segments == 3
    assert split(text)[1].startswith("🌙")


def test_what_makes_a_text_dear_is_named_once_each() -> None:
    assert not_gsm7("don’t — línea’") == ("’", "—", "í")


@given(st.text(max_size=400))
def test_any_text_is_cut_without_losing_a_character(text: str) -> None:
    parts = split(text)

    assert text == "".join(parts)
    assert count(text).segments == len(parts)
