"""A message is what its file says: fixed words are filled in, and nothing else ever happens to it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy.replies import LONGEST, Message, UnsendableError, render, unknown_placeholders

VALUES = {
    "programme": "Nightlight",
    "contact": "help@nightlight.example",
    "emergency": "911",
    "crisis": "call or text 988",
    "menu": "1 Self-harm\n2 Addiction",
}
SITUATIONS = {"abuse", "poison"}


def said(text: str, **more: str) -> str:
    return render(("it",), {"it": Message.parse(text, SITUATIONS)}, {**VALUES, **more})


def test_the_crisis_line_stands_where_the_message_wants_it() -> None:
    assert said("{Crisis}. To talk: {crisis}.") == "Call or text 988. To talk: call or text 988."


def test_nobody_is_offered_a_help_line_that_is_shut() -> None:
    text = "{Crisis}.\nAt home: {abuse}.\nIn danger: {emergency}."

    assert said(text) == "Call or text 988.\nIn danger: 911."
    assert (
        said(text, abuse="call 1-800-799-7233") == "Call or text 988.\nAt home: call 1-800-799-7233.\nIn danger: 911."
    )


@pytest.mark.parametrize(
    "text",
    [
        "{{7*7}}",
        "${x}",
        "%(crisis)s %s",
        "{0.__class__}",
        "{crisis.__class__}",
        "{crisis!r}",
        "{crisis:>99}",
        "{CRISIS}",
    ],
)
def test_nothing_in_a_message_is_ever_evaluated(text: str) -> None:
    assert text == said(text)


def test_a_value_is_not_looked_into_for_placeholders() -> None:
    assert said("{Abuse}.\nx", abuse="call {crisis}").splitlines()[0] == "Call {crisis}."


def test_a_misspelt_placeholder_is_noticed() -> None:
    assert unknown_placeholders("{crisys} {Abus} {Abuse} {crisis}", SITUATIONS) == ("crisys", "Abus")


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("\n \n", 1), ("At home: {abuse}.", 1), ("fine\nnot\x0bfine", 2), ("fine\ud800", 1), ("a" * 1601, 1)],
)
def test_a_message_that_could_reach_nobody_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(UnsendableError) as refused:
        Message.parse(text, SITUATIONS)

    assert line == refused.value.line


def test_what_does_not_fit_is_left_out_from_the_end_and_never_the_first() -> None:
    messages = {
        name: Message.parse(letter * 700, ()) for name, letter in (("first", "a"), ("more", "b"), ("last", "c"))
    }

    assert render(("first", "more", "last"), messages, VALUES) == "a" * 700 + "\n" + "b" * 700


@given(st.text(max_size=300), st.dictionaries(st.sampled_from([*VALUES, "abuse"]), st.text(min_size=1, max_size=900)))
def test_whatever_is_written_the_answer_can_be_sent(text: str, values: dict[str, str]) -> None:
    try:
        message = Message.parse(text + "\nCall.", SITUATIONS)
    except UnsendableError:
        return

    answer = render(("it", "it"), {"it": message}, {**VALUES, **values})

    assert 0 < len(answer) <= LONGEST
    element = ElementTree.Element("Message")
    element.text = answer
    ElementTree.fromstring(ElementTree.tostring(element))
