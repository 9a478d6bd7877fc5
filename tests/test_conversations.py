"""Whole exchanges that a counsellor can read and add to: `tests/conversations/*.yaml`.

Each text says how it is answered: `route`, and where it matters the `level`, what the answer `says` and what it `never`
says; `gap` is the time since the text before, `meanwhile: check-in` that the check-in went out in between.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from service import playbook as playbooks
from service.line import Answer, explain
from service.policy.conversation import DISCREET_KINDS, Kind, Level, Session
from service.policy.follow_ups import awaiting_an_answer
from service.policy.programme import Playbook
from service.sessions import KEPT
from service.settings import CHECKOUT
from tests.builders import AN_AFTERNOON, a_due_one, a_text

CONVERSATIONS = [
    conversation
    for file in sorted(Path(__file__).with_name("conversations").glob("*.yaml"))
    for conversation in yaml.safe_load(file.read_text())
]
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    return playbooks.load(CHECKOUT, production=False)


def span(words: str) -> timedelta:
    match = re.fullmatch(r"(\d+) (second|minute|hour|day)s?", words)
    assert match, words
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def after_a_check_in(session: Session, kind: Kind | None, playbook: Playbook, now: datetime) -> Session:
    """As the worker leaves it when the check-in of a YES went out; the session itself may have lapsed."""
    sent = a_due_one(due_at=now, expires_at=now, after_danger=kind, claimed_at=now)
    return awaiting_an_answer(session, sent, playbook, now)


def holds_for_every_answer(answer: Answer) -> None:
    """What no exchange needs to repeat."""
    if answer.route.startswith("quiet:"):
        assert answer.text == ""
        return
    discreet = answer.kind in DISCREET_KINDS
    # Who asks not to hear of 988 again is given another line.
    assert "988" in answer.text or "741741" in answer.text or discreet
    if answer.level == Level.IMMINENT:
        assert "911" in answer.text[:153]
    if answer.level in (Level.IMMINENT, Level.CRISIS) and not discreet:
        assert "988" in answer.text[:153] or "741741" in answer.text[:153]


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation["name"])
def test_the_exchange_goes_as_a_counsellor_would_want(conversation: dict[str, Any], playbook: Playbook) -> None:
    session, now, kind = Session(), AN_AFTERNOON, None
    told: list[str] = []
    for turn in conversation["texts"]:
        gap = span(turn.get("gap", "20 seconds"))
        now += gap
        session = Session() if gap >= KEPT else session
        if turn.get("meanwhile") == "check-in":
            session = after_a_check_in(session, kind, playbook, now)
        decision, answer = explain(a_text(turn["text"]), session, playbook, now)
        session, kind = decision.session, decision.assessment.kind or kind

        assert re.fullmatch(turn["route"].replace("*", ".*"), answer.route), answer.reason
        assert answer.level == turn.get("level", answer.level)
        holds_for_every_answer(answer)
        for words in turn.get("says", ()):
            assert words in answer.text
        for words in turn.get("never", ()):
            assert words not in answer.text
        if turn.get("in other words"):
            assert answer.text not in told
        told.append(answer.text)


def test_a_session_that_is_lost_between_any_two_texts_still_leaves_every_danger_answered(playbook: Playbook) -> None:
    for conversation in CONVERSATIONS:
        for turn in conversation["texts"]:
            _, alone = explain(a_text(turn["text"]), replace(Session()), playbook, AN_AFTERNOON)
            holds_for_every_answer(alone)
