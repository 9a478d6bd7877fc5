"""Classes of words and the slips they are typed with, as people type them."""

from __future__ import annotations

import pytest

from service.policy.classes import WordClasses

CLASSES = WordClasses(
    {
        "QUIT": [("quit",), ("get", "off")],
        "ADDICTED": [("addict*",), ("addiction",), ("hooked",)],
        "OPIOID": [("heroin",), ("fentanyl",)],
        "PILL": [("xanax",)],
        "SUBSTANCE": [("OPIOID",), ("PILL",)],
        "ANYTHING": [("SUBSTANCE",)],
        "HERSELF": [("cut*", "herself")],
        "NEAR": [("#####",)],
        "CIRCLE": [("ROUND",)],
        "ROUND": [("CIRCLE",), ("wheel",)],
    },
    words=("depression", "alcoholic"),
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("how do i quit", "QUIT"),
        ("how can i get off it", "QUIT"),
        ("am i an addict", "ADDICTED"),
        ("she is addicted", "ADDICTED"),
        ("so my sister is cutting herself", "HERSELF"),
        ("anything in 48204", "NEAR"),
    ],
)
def test_a_sentence_says_a_class_by_any_of_its_members(text: str, name: str) -> None:
    assert name in CLASSES.said(text.split())


@pytest.mark.parametrize("text", ["get it off", "herself cutting", "zip 123456", "a quite day"])
def test_other_words_in_another_order_say_nothing(text: str) -> None:
    assert not any(word.isupper() for word in CLASSES.said(text.split()))


def test_a_class_within_a_class_within_a_class_is_said_with_it() -> None:
    assert {"OPIOID", "SUBSTANCE", "ANYTHING"} <= CLASSES.said(["heroin"])


def test_classes_that_name_each_other_do_not_go_round_for_ever() -> None:
    assert {"CIRCLE", "ROUND"} <= CLASSES.said(["wheel"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fentnyl", "OPIOID"),
        ("fentanil", "OPIOID"),
        ("adiction", "ADDICTED"),
        ("addicton", "ADDICTED"),
        ("addcition", "ADDICTED"),
        ("depresion", "depression"),
        ("alchoholic", "alcoholic"),
    ],
)
def test_a_long_word_is_known_through_a_slip_or_by_its_sound(typed: str, meant: str) -> None:
    assert meant in CLASSES.said([typed])


@pytest.mark.parametrize("word", ["hero", "xanas", "condition", "expression", "adoption", "impression"])
def test_a_real_word_that_looks_alike_is_left_alone(word: str) -> None:
    assert CLASSES.said([word]) == {word}
