"""What goes for every answer: who is told that the line is automatic, in which language, and how long it goes on."""

from __future__ import annotations

import re

import pytest

from service.policy.conversation import Language, Session
from service.policy.languages import is_foreign
from service.policy.replies import render
from service.policy.routing import SAY_IT_THEMSELVES
from service.policy.segments import split
from tests.builders import AN_AFTERNOON
from tests.service.policy.decided import BOOK, decide

AUTOMATIC = re.compile(r"automatic|automátic|nobody is behind|no hay nadie", re.IGNORECASE)
LONGEST_FOOT = 30


def told(text: str, session: Session | None = None) -> tuple[str, Session]:
    decision = decide(text, session)
    assert decision.reply is not None
    values = BOOK.values("US", decision.reply.language, AN_AFTERNOON)
    return render(decision.reply.names, BOOK.messages[decision.reply.language], values), decision.session


@pytest.mark.parametrize(
    "text",
    ["trauma", "hola", "menu", "how do i quit heroin", "dolor", "90011", "fuck you", "CRISIS", "👍", "thanks", "HELP",
     "is this confidential", "more", "mi hijo usa drogas", "im so tired of being here", "i want to die"],
)  # fmt: skip
def test_a_first_answer_says_that_the_line_is_automatic_and_a_second_does_not_repeat_it(text: str) -> None:
    first, session = told(text)
    second = decide("dual", session)

    assert AUTOMATIC.search(first)
    assert second.reply is not None
    assert second.reply.names[0] == "topic-dual-1"
    assert not [name for name in second.reply.names if name.startswith("introduction")]


@pytest.mark.parametrize("text", ["he hits me every night", "STOP", "my uncle touched me"])
def test_nothing_is_added_for_who_may_be_watched_nor_to_what_carriers_audit(text: str) -> None:
    decision = decide(text)

    assert decision.reply is not None
    assert not [name for name in decision.reply.names if name.startswith("introduction")]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_reply_that_is_said_to_name_the_line_does(language: str) -> None:
    for name in sorted(SAY_IT_THEMSELVES):
        text = render((name,), BOOK.messages[Language(language)], BOOK.values("US", Language(language), AN_AFTERNOON))
        assert AUTOMATIC.search(text), (language, name)


@pytest.mark.parametrize(("language", "most"), [("en", 2), ("es", 3)])
def test_a_first_part_has_room_for_saying_that_the_line_is_automatic(language: str, most: int) -> None:
    messages, values = BOOK.messages[Language(language)], BOOK.values("US", Language(language), None)
    for name in BOOK.topics:
        assert len(split(render((f"topic-{name}-1", "introduction-brief"), messages, values))) <= most, name


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_foot_of_a_topic_is_short(language: str) -> None:
    spoken = Language(language)
    foot = f"Crisis: {BOOK.values('US', spoken, AN_AFTERNOON)['crisis_brief']}."

    assert len(foot) <= LONGEST_FOOT
    for topic in BOOK.topics.values():
        for part in range(1, topic.parts + 1):
            text = render((f"topic-{topic.name}-{part}",), BOOK.messages[spoken], BOOK.values("US", spoken, None))
            assert foot.removeprefix("Crisis: ") in text or "988" in text, (topic.name, part)


@pytest.mark.parametrize("texts", [["fuck you", "stupid bot", "you suck"], ["lol", "haha", "jk"]])
def test_insults_and_pranks_get_one_calm_line_that_is_shorter_each_time(texts: list[str]) -> None:
    session, lengths = told("hello")[1], []
    for text in texts:
        answer, session = told(text, session)
        assert "988" in answer
        lengths.append(len(answer))

    assert lengths[0] > lengths[1] >= lengths[2]


def test_a_danger_after_insults_gets_the_full_voice() -> None:
    session = Session()
    for text in ("fuck you", "stupid bot"):
        session = told(text, session)[1]

    assert told("i want to die", session)[0].startswith("What you wrote matters.")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("dolor", "es"),
        ("terapia", "es"),
        ("autolesión", "es"),
        ("therapy", "en"),
        ("trauma", "en"),
        ("sobredosis", "es"),
    ],
)
def test_a_keyword_alone_is_answered_in_its_own_language(text: str, language: str) -> None:
    decision = decide(text)

    assert decision.reply is not None
    assert decision.reply.language == language


@pytest.mark.parametrize(
    "text",
    ["我需要帮助", "救命", "помогите мне", "ساعدني", "bonjour je suis tres triste", "eu preciso de ajuda", "mwen bezwen ed",
     "kailangan ko ng tulong", "toi khong muon", "ich brauche bitte hilfe"],
)  # fmt: skip
def test_another_language_is_answered_in_both_of_ours_and_told_of_interpreters(text: str) -> None:
    answer, _ = told(text)

    assert is_foreign(text)
    assert "interpreter" in answer
    assert "intérprete" in answer
    assert "988" in answer


@pytest.mark.parametrize(
    "text", ["yo whats up", "no me digas", "lol", "¿?", "👍", "ok", "que pasa", "die", "me da igual"]
)
def test_our_own_languages_are_no_other(text: str) -> None:
    assert not is_foreign(text)
