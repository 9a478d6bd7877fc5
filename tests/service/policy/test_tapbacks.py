"""What a device wrote is not taken for a person, and a person is not taken for a device."""

from __future__ import annotations

import pytest

from service.policy.tapbacks import is_automatic, is_tapback


@pytest.mark.parametrize(
    "text",
    [
        "Liked “If you are thinking about suicide, call or text 988 any time.”",
        "Loved “call or text 988”",
        'Reacted 😢 to "call or text 988"',
        "👍 to “call or text 988”",
        "Le gustó “llama al 988”",
        "Removed a heart from “call or text 988”",
    ],
)
def test_a_reaction_that_quotes_a_text_is_a_devices(text: str) -> None:
    assert is_tapback(text)


@pytest.mark.parametrize(
    "text",
    [
        "he said “i will kill you”",
        "Liked “ok” but i want to die",
        "liked it",
        "i want to “die”",
        "“i want to die”",
        "Loved “him” so much and “now”",
        "",
    ],
)
def test_a_person_who_quotes_is_a_person(text: str) -> None:
    assert not is_tapback(text)


def test_a_cars_answer_is_a_devices() -> None:
    assert is_automatic("I’m driving with Do Not Disturb While Driving turned on.")
    assert not is_automatic("im driving off the bridge")
