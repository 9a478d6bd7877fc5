"""Do natural questions reach their topic? A floor that may only rise, on questions that no rule was fitted to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from service import playbook as playbooks
from service.policy import routing
from service.policy.conversation import Decision, Level, Session
from service.policy.programme import Playbook
from service.settings import CHECKOUT
from tests.builders import AN_AFTERNOON, a_text
from tests.corpus.measure import Share
from tests.corpus.texts import OURS, read

FLOOR = {"en": 0.92, "es": 0.86}
"""Of the held-back questions; before classes of words it was 0.454 and 0.459."""
MOST_MISTAKEN = 0.03
"""Of everyday texts, that are answered as if they asked for a topic; some do speak of one, in passing."""

_ROUTES = {
    "find": "find",
    "about": "about",
    "privacy": "about",
    "delete": "delete",
    "menu": "menu",
    "crisis": "referral",
}


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    routes: frozenset[str]
    held_back: bool


def questions(lang: str) -> Iterator[Question]:
    for line in (OURS / f"questions_{lang}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        routes = frozenset(_ROUTES.get(name, f"topic:{name}") for name in (row["topic"], *row.get("also", ())))
        digest = int(hashlib.sha256(row["text"].encode()).hexdigest(), 16)
        yield Question(row["text"], routes, held_back=digest % 3 != 0)


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    return playbooks.load(CHECKOUT, production=False)


def decided(text: str, playbook: Playbook) -> Decision:
    return routing.decide(a_text(text), Session(), playbook, AN_AFTERNOON)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_question_in_a_strangers_words_finds_its_topic(lang: str, playbook: Playbook) -> None:
    asked = [question for question in questions(lang) if question.held_back]
    found = sum(decided(question.text, playbook).route in question.routes for question in asked)

    assert len(asked) >= 70
    assert Share(found, len(asked)).value >= FLOOR[lang]


def test_no_question_is_asked_in_anothers_words() -> None:
    asked = [question.text.casefold() for lang in FLOOR for question in questions(lang)]

    assert len(asked) == 300 == len(set(asked))


def test_every_danger_that_is_heard_is_answered_before_any_topic(playbook: Playbook) -> None:
    """A topic's voice is for concern alone, and then the crisis line stands first."""
    for text in read(OURS):
        decision = decided(text.text, playbook)
        if decision.assessment.level.is_danger and not decision.route.startswith("danger:"):
            assert decision.assessment.level is Level.CONCERN, text.id
            assert decision.reply is not None
            assert decision.reply.names[0] in ("concern-lead", "about-anyone"), text.id


def test_everyday_texts_are_not_taken_for_questions(playbook: Playbook) -> None:
    everyday = [text for text in read(OURS) if text.kind in ("everyday", "figurative", "smalltalk")]
    topics = sum(decided(text.text, playbook).route.startswith("topic:") for text in everyday)

    assert len(everyday) > 800
    assert Share(topics, len(everyday)).value <= MOST_MISTAKEN
