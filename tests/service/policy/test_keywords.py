"""Carrier words, requests to stop, keywords and topics in a sentence."""

from __future__ import annotations

import pytest

from service.policy.keywords import (
    CARRIER_WORDS,
    CarrierWord,
    Entry,
    How,
    Vocabulary,
    carrier_word,
)
from service.policy.revocation import asks_for_no_answer, asks_us_to_stop
from service.policy.text import words


def spoken(text: str) -> list[str]:
    return list(words(text))


@pytest.mark.parametrize(
    "word", ["STOP", "stop", "Stop.", "stop all", "Opt out", "UNSUBSCRIBE", "alto", "Cancelar", "REVOKE"]
)
def test_a_carrier_word_alone_is_heard(word: str) -> None:
    assert carrier_word(spoken(word)) is CarrierWord.STOP


@pytest.mark.parametrize("text", ["Stop. Thank you", "stop please", "por favor alto"])
def test_politeness_does_not_hide_a_carrier_word(text: str) -> None:
    assert carrier_word(spoken(text)) is CarrierWord.STOP


@pytest.mark.parametrize(
    "text", ["stop him hes hurting me", "i want it to end", "help me", "dont stop", "quit smoking", ""]
)
def test_a_carrier_word_inside_a_sentence_is_none(text: str) -> None:
    assert carrier_word(spoken(text)) is None


@pytest.mark.parametrize("text", ["stpo", "stopp", "halp", "strat", "unstp"])
def test_a_misspelt_carrier_word_is_none(text: str) -> None:
    assert carrier_word(spoken(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "please stop texting me",
        "Hello, could you please take my number off your list?",
        "i said dont text me anymore",
        "no more messages",
        "unsubscribe me please",
        "ya no me manden mensajes",
        "quiero darme de baja",
        "can you stop sending me these",
    ],
)
def test_a_request_to_us_to_stop_is_heard(text: str) -> None:
    assert asks_us_to_stop(spoken(text))


@pytest.mark.parametrize(
    "text",
    [
        "he won't stop texting me",
        "how do i make him stop texting me",
        "she said dont text me",
        "they dont text me back",
        "my dealer wont stop messaging me",
        "no me escribe nunca",
        "i cant stop",
    ],
)
def test_somebody_else_who_texts_is_no_request_to_us(text: str) -> None:
    assert not asks_us_to_stop(spoken(text))
    assert not asks_for_no_answer(spoken(text))


@pytest.mark.parametrize("text", ["dont text me back hes home", "please dont reply", "no respondas"])
def test_who_wants_no_answer_now_is_heard(text: str) -> None:
    assert asks_for_no_answer(spoken(text))


class TestVocabulary:
    BOOK = Vocabulary(
        [
            Entry("topic:opioids", keywords=("heroin", "opioids"), words=(("heroin",), ("fentanyl",))),
            Entry(
                "topic:detox", keywords=("detox",), phrases=("quit cold turkey",), words=(("quit", "heroin", "alone"),)
            ),
            Entry("topic:pain", keywords=("pain",)),
            Entry("more", keywords=("more",)),
            Entry("language:es", keywords=("es", "spanish")),
        ]
    )

    def route(self, text: str) -> str | None:
        match = self.BOOK.named(spoken(text)) or self.BOOK.recognised(spoken(text))
        return match.entry.route if match else None

    @pytest.mark.parametrize(
        ("text", "route"),
        [
            ("heroin", "topic:opioids"),
            ("HEROIN please", "topic:opioids"),
            ("heroin withdrawal question", "topic:opioids"),
            ("how do i quit heroin", "topic:opioids"),
            ("can i quit heroin alone at home", "topic:detox"),
            ("is it ok to quit cold turkey", "topic:detox"),
            ("more", "more"),
            ("ES", "language:es"),
        ],
    )
    def test_a_text_finds_its_route(self, text: str, route: str) -> None:
        assert self.route(text) == route

    @pytest.mark.parametrize("text", ["heroni", "heroine", "herion", "opiods"])
    def test_one_slip_of_the_thumb_is_forgiven(self, text: str) -> None:
        match = self.BOOK.named(spoken(text))

        assert match is not None
        assert match.how is How.TYPO

    def test_a_keyword_with_a_slip_still_tells_the_language(self) -> None:
        familia = Entry("topic:family", keywords=("familia",), spoken={"familia": frozenset({"es"})})
        book = Vocabulary([familia])

        assert book.language_of(["famila"]) == book.language_of(["familia"]) == "es"
        assert book.language_of(["feria"]) is None

    @pytest.mark.parametrize("text", ["pair", "rain", "mor", "hero"])
    def test_a_short_word_with_a_slip_is_another_word(self, text: str) -> None:
        assert self.route(text) is None

    @pytest.mark.parametrize("text", ["more than anything i want quiet", "es que no puedo mas"])
    def test_a_command_counts_alone_only(self, text: str) -> None:
        assert self.BOOK.named(spoken(text)) is None

    @pytest.mark.parametrize("word", sorted(CARRIER_WORDS))
    def test_no_typo_turns_a_carrier_word_into_a_keyword(self, word: str) -> None:
        near = Vocabulary([Entry("topic:any", keywords=(word + "s", word + "ed"))])

        assert near.named(spoken(word)) is None
