"""What the parts of an answer cost, one by one: `make bench` runs these with pytest-benchmark."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import forms
from benchmarks.texts import Sort, corpus, shipped_playbook, texts_of
from service.gateway import Signatures, parse_inbound, twiml
from service.line import explain
from service.policy import routing
from service.policy.conversation import (
    FollowUp,
    FollowUpId,
    InboundMessage,
    Kind,
    Language,
    Level,
    Plan,
    SenderKey,
    Session,
)
from service.policy.danger import Addition, Recogniser
from service.policy.ledger import Entry, MessageKey
from service.policy.replies import render
from service.records import Records
from service.sessions import Sessions, StoredAnswer

if TYPE_CHECKING:
    from tests.stores import Valkey

NOW = datetime(2026, 11, 18, 19, 30, tzinfo=UTC)
_places = itertools.count()

Benchmark = Callable[..., Any]


def a_text(text: str) -> InboundMessage:
    return parse_inbound(
        {name: [value] for name, value in forms.form(forms.number(1), text).items()}, "AC" + "0" * 32, NOW
    )


def words_of_length(length: int) -> str:
    """Everyday words, as many as make a text so long."""
    words = " ".join(one.text for one in corpus() if one.level is Level.NONE and one.lang == "en").split()
    return " ".join(random.Random(length).choices(words, k=length))[:length]


@pytest.fixture(scope="session")
def additions() -> list[Addition]:
    chance = random.Random(7)
    words = sorted({word for text in texts_of(Sort.EVERYDAY) for word in text.lower().split() if word.isalpha()})
    phrases = dict.fromkeys(" ".join(chance.choices(words, k=4)) for _ in range(21_000))
    return [Addition(phrase, Level.CRISIS, Kind.SUICIDE, Language("en")) for phrase in phrases][:20_000]


@pytest.mark.parametrize("sort", [Sort.DANGER, Sort.CONCERN, Sort.EVERYDAY])
def test_recognition_of_the_corpus(benchmark: Benchmark, sort: Sort) -> None:
    """One round is the whole corpus of that sort: divide by `texts`."""
    recogniser, texts = shipped_playbook().recogniser, texts_of(sort)
    benchmark.extra_info["texts"] = len(texts)
    benchmark(lambda: [recogniser.assess(text) for text in texts])


@pytest.mark.parametrize("length", [20, 100, 160, 400, 1600])
def test_recognition_by_length(benchmark: Benchmark, length: int) -> None:
    benchmark(shipped_playbook().recogniser.assess, words_of_length(length))


@pytest.mark.parametrize("sort", [Sort.DANGER, Sort.CONCERN, Sort.EVERYDAY])
def test_recognition_of_a_typical_text(benchmark: Benchmark, sort: Sort) -> None:
    """One round is every text of that sort of 80 to 120 characters, as people write them: divide by `texts`."""
    recogniser = shipped_playbook().recogniser
    texts = [text for text in texts_of(sort) if 80 <= len(text) <= 120]
    benchmark.extra_info["texts"] = len(texts)
    benchmark(lambda: [recogniser.assess(text) for text in texts])


HOSTILE = {
    "words of rules": "i want to die kill me now please ",
    "short words": "a i u me to go no so ",
    "one long word": "abcdefghij",
    "emoji": "\N{SKULL}\N{PISTOL}\N{PILL}",
    "marks": "e\N{COMBINING ACUTE ACCENT}\N{ZERO WIDTH JOINER}",
    "every word a slip": "wnat too dei kil mysef suiside ",
    "letters and marks": "a.b,i!u?k-d*e@",
}


@pytest.mark.parametrize("family", HOSTILE)
def test_recognition_of_hostile_texts(benchmark: Benchmark, family: str) -> None:
    benchmark(shipped_playbook().recogniser.assess, (HOSTILE[family] * 1600)[:1600])


def test_recognition_of_a_hostile_text_of_different_cries(benchmark: Benchmark) -> None:
    """The dearest that we know: as many of the corpus as a text holds."""
    cries = sorted(set(texts_of(Sort.DANGER)), key=len)[:600]
    benchmark(shipped_playbook().recogniser.assess, " ".join(random.Random(1).sample(cries, 150))[:1600])


@pytest.mark.parametrize("phrases", [200, 2_000, 20_000])
def test_recognition_by_phrases(benchmark: Benchmark, additions: list[Addition], phrases: int) -> None:
    benchmark(Recogniser(additions[:phrases]).assess, words_of_length(100))


@pytest.mark.parametrize(("name", "text"), [("danger", "i want to die"), ("topic", "ANXIETY"), ("stop", "STOP")])
def test_routing(benchmark: Benchmark, name: str, text: str) -> None:
    benchmark(routing.decide, a_text(text), Session(), shipped_playbook(), NOW)


def test_rendering(benchmark: Benchmark) -> None:
    playbook = shipped_playbook()
    english = Language("en")
    reply = explain(a_text("i want to die"), Session(), playbook, NOW)[0].reply
    assert reply
    benchmark(lambda: twiml(render(reply.names, playbook.messages[english], playbook.values("US", english, NOW))))


def test_signature(benchmark: Benchmark) -> None:
    signatures = Signatures("https://line.example.org", ["0" * 32])
    fields = forms.form(forms.number(1), "i want to die")
    signed = signatures.sign("/sms", fields)
    assert benchmark(signatures.are_right, "/sms", {name: [value] for name, value in fields.items()}, signed)


@pytest.fixture
def sessions(valkey: Valkey) -> Iterator[Sessions]:
    sessions = Sessions(valkey.url)
    yield sessions
    sessions.close()


def test_store_recall(benchmark: Benchmark, sessions: Sessions) -> None:
    benchmark(sessions.recall, MessageKey("m"), SenderKey("s"))


def test_store_remember(benchmark: Benchmark, sessions: Sessions) -> None:
    answer = StoredAnswer("Call or text 988.", reply="topic-anxiety-1")

    def remember() -> None:
        sessions.remember(MessageKey(f"m{next(_places)}"), SenderKey("s"), Session(introduced=True), answer, {})

    benchmark(remember)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records(f"sqlite:///{tmp_path}/records.db") as records:
        records.migrate()
        yield records


def test_store_of_a_sender(benchmark: Benchmark, records: Records) -> None:
    benchmark(records.of, SenderKey("s"))


def test_store_plan(benchmark: Benchmark, records: Records) -> None:
    def plan() -> None:
        place = next(_places)
        step = FollowUp(
            FollowUpId(f"f{place}"), "check_in", 1, "follow_up-check_in", Language("en"), NOW, NOW + timedelta(days=1),
            "America/New_York", (8, 21),
        )  # fmt: skip
        effects = (Plan("check_in", "May we?", (step,)),)
        records.apply(Entry(MessageKey(f"m{place}"), SenderKey(f"s{place}"), "sealed", effects, "release", NOW))

    benchmark(plan)
