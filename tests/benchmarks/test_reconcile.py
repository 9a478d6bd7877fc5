"""The end of a load: nobody may be left without their one answer, and nobody's YES without its rows."""

from __future__ import annotations

import pytest

from benchmarks.load.history import Delivery, Texted
from benchmarks.load.reconcile import Flaw, reconcile
from benchmarks.texts import shipped_playbook
from service.gateway import twiml
from service.lastresort import CRISIS_TWIML
from service.line import explain
from service.policy.conversation import Session
from tests.builders import A_NUMBER, AN_AFTERNOON, a_text


def the_answer(text: str) -> bytes:
    _, answer = explain(a_text(text), Session(), shipped_playbook(), AN_AFTERNOON)
    return answered(answer.text, answer.reply, answer.level)


def answered(text: str, reply: str, level: str) -> bytes:
    return twiml(text or None, f"https://line.example.org/sms/status?reply={reply}&level={level}").encode()


def texted(text: str, *bodies: bytes, status: int = 200, earlier: int = 0) -> Texted:
    deliveries = [Delivery(0.0, 0.1, status, body) for body in bodies]
    return Texted("SM1", A_NUMBER, text, "danger", 0, earlier, deliveries=deliveries)


def flaws(*texts: Texted, rows: int | None = 0) -> list[str]:
    rows_of = None if rows is None else lambda _: rows
    return [flaw.what for flaw in reconcile(texts, shipped_playbook(), AN_AFTERNOON, rows_of)]


@pytest.mark.parametrize("text", ["i want to die", "ANXIETY", "STOP", "hello there"])
def test_somebody_who_was_answered_well_is_no_flaw(text: str) -> None:
    assert flaws(texted(text, the_answer(text))) == []


def test_somebody_without_an_answer_is_found() -> None:
    assert flaws(texted("i want to die")) == ["not answered: never delivered"]
    assert flaws(texted("i want to die", b"", status=0)) == ["not answered: [0]"]
    assert flaws(texted("i want to die", b"oops", status=500)) == ["not answered: [500]"]


def test_somebody_whose_second_delivery_failed_is_found() -> None:
    twice = texted("i want to die", the_answer("i want to die"), the_answer("i want to die"))
    twice.deliveries[1].status = 503

    assert flaws(twice) == ["not answered: [200, 503]"]


def test_somebody_who_got_two_different_answers_to_one_text_is_found() -> None:
    assert flaws(texted("i want to die", the_answer("i want to die"), the_answer("ANXIETY"))) == [
        "2 different answers to 2 deliveries"
    ]


def test_somebody_in_danger_who_got_everyday_words_is_found() -> None:
    assert flaws(texted("i want to die", answered("A menu.", "menu", "none"))) == [
        "level none, where the words alone say crisis"
    ]


def test_a_silence_that_is_not_listed_is_found() -> None:
    assert flaws(texted("i want to die", answered("", "", "")))[0].startswith("silence")
    assert flaws(texted("ANXIETY", answered("", "", "")))[0].startswith("silence")
    assert flaws(texted("ANXIETY", answered("", "", ""), earlier=8)) == []


def test_the_constant_answer_is_found() -> None:
    assert flaws(texted("i want to die", CRISIS_TWIML)) == ["the constant answer of the last resort"]


def test_an_answer_may_be_more_urgent_than_the_words_only_in_a_conversation() -> None:
    urgent = answered("Call or text 988.", "danger-suicide-crisis", "crisis")

    assert flaws(texted("ok", urgent, earlier=1)) == []
    assert flaws(texted("ok", urgent)) == ["level crisis, where the words alone say none"]


def test_a_yes_without_its_row_is_found() -> None:
    yes = texted("YES", answered("We will.", "accepted-check_in", "none"), earlier=1)

    assert flaws(yes, rows=1) == []
    assert flaws(yes, rows=0) == ["YES planned 1 follow-ups, and 0 are on record"]
    assert flaws(yes, rows=None) == []


def test_a_flaw_names_no_person_and_no_word() -> None:
    found = reconcile([texted("i want to die")], shipped_playbook(), AN_AFTERNOON, None)

    assert found == [Flaw("SM1", "not answered: never delivered")]
    assert A_NUMBER not in repr(found) + repr(texted("i want to die"))
