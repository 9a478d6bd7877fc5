"""What is remembered between two texts; and what it costs somebody when it is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as checked
from hypothesis import strategies as st

from service.policy.conversation import (
    Awaiting,
    AwaitingKind,
    Hint,
    Kind,
    Language,
    Level,
    OfferAnswered,
    SenderKey,
    Session,
)
from service.policy.counting import CountKey
from service.policy.ledger import MessageKey
from service.sessions import Recalled, Sessions, SessionsUnavailable, StoredAnswer
from tests.entries import ANA, BEN, NOW
from tests.stores import Valkey

M1, M2 = MessageKey("message-1"), MessageKey("message-2")
AN_ANSWER = StoredAnswer("Call or text 988 now.", reply="danger-suicide-crisis", level="crisis", segments=1)
A_SESSION = Session(
    language=Language("es"),
    awaiting=(Awaiting(AwaitingKind.OFFER, ("check_in",), NOW + timedelta(hours=12)),),
    last_reply="offer-check_in",
    danger_level=Level.CRISIS,
    danger_kind=Kind.SUICIDE,
    danger_at=NOW,
    hints=frozenset({Hint.VETERAN}),
    opted_out=False,
    tail=("want", "to"),
    tail_at=NOW,
)
A_COUNT = CountKey("2026-11-22", "crisis", "suicide", "danger:suicide", "us-988", "en", "NY", 1, "0123456789ab")

moments = st.integers(-(10**15), 10**15).map(lambda microseconds: NOW + timedelta(microseconds=microseconds))
words = st.lists(st.text(), max_size=3).map(tuple)
remembered = st.builds(
    Session,
    awaiting=st.lists(st.builds(Awaiting, choices=words, expires_at=moments), max_size=3).map(tuple),
    danger_at=st.none() | moments,
    answered_at=st.none() | moments,
    offers_answered=st.lists(st.builds(OfferAnswered, at=moments), max_size=2).map(tuple),
    hints=st.frozensets(st.sampled_from(Hint)),
    opted_out=st.none() | st.booleans(),
    tail=words,
    tail_at=st.none() | moments,
)


@pytest.fixture
def open_sessions() -> Iterator[Callable[..., Sessions]]:
    opened: list[Sessions] = []

    def open_one(server: Valkey, **settings: timedelta) -> Sessions:
        opened.append(Sessions(server.url, **settings))
        return opened[-1]

    yield open_one
    for sessions in opened:
        sessions.close()


@pytest.fixture
def sessions(valkey: Valkey, open_sessions: Callable[..., Sessions]) -> Sessions:
    return open_sessions(valkey)


def remember(
    sessions: Sessions,
    message: MessageKey = M1,
    sender: SenderKey = ANA,
    session: Session = A_SESSION,
    answer: StoredAnswer = AN_ANSWER,
) -> StoredAnswer:
    return sessions.remember(message, sender, session, answer, {A_COUNT: 1})


@contextmanager
def took(at_most: float) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        assert time.perf_counter() - started < at_most


# Remembering


def test_nothing_is_known_about_a_stranger(sessions: Sessions):
    assert sessions.recall(M1, ANA) == Recalled(answer=None, session=Session())


def test_what_was_said_is_remembered_for_the_next_text(sessions: Sessions):
    remember(sessions)

    assert sessions.recall(M2, ANA) == Recalled(answer=None, session=A_SESSION)
    assert sessions.recall(M2, BEN).session == Session()


@checked(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(session=remembered, text=st.text())
def test_a_session_comes_back_as_it_was(sessions: Sessions, session: Session, text: str):
    sessions.forget(ANA)
    message = MessageKey(f"message-{time.monotonic_ns()}")
    remember(sessions, message, session=session, answer=StoredAnswer(text))

    assert sessions.recall(message, ANA) == Recalled(StoredAnswer(text), session)


def test_a_repeated_delivery_finds_its_answer(sessions: Sessions):
    remember(sessions)

    assert sessions.recall(M1, ANA).answer == AN_ANSWER


def test_a_repeated_delivery_changes_nothing_and_gets_the_first_answer(sessions: Sessions):
    remember(sessions)
    remember(sessions, M2, session=replace(A_SESSION, last_reply="menu"))

    assert remember(sessions, answer=StoredAnswer("another")) == AN_ANSWER
    assert sessions.recall(M1, ANA).session.last_reply == "menu"
    assert counts(sessions) == {A_COUNT: 2}


def test_a_silence_is_remembered_as_a_silence(sessions: Sessions):
    silence = StoredAnswer("", route="quiet:tapback")
    remember(sessions, answer=silence)

    assert remember(sessions) == silence


def test_fifty_copies_of_one_text_get_one_answer(sessions: Sessions):
    def copy(n: int) -> StoredAnswer:
        return remember(sessions, answer=StoredAnswer(f"answer {n}"))

    with ThreadPoolExecutor(50) as side_by_side:
        answers = set(side_by_side.map(copy, range(50)))

    assert len(answers) == 1
    assert counts(sessions) == {A_COUNT: 1}


def test_everything_is_gone_after_a_day(sessions: Sessions, valkey: Valkey):
    remember(sessions)

    lives = [valkey.client.ttl(key) for key in valkey.client.scan_iter() if b"counts" not in key and b"tail" not in key]
    assert len(lives) == 2
    assert all(86_000 < seconds <= 86_400 for seconds in lives)


def test_half_a_sentence_is_gone_after_two_minutes(sessions: Sessions, valkey: Valkey):
    remember(sessions, session=A_SESSION)

    tails = [key for key in valkey.client.keys("*") if b"tail" in key]
    assert [valkey.client.ttl(key) for key in tails] == [120]
    assert all(b"want" not in (valkey.client.get(key) or b"") for key in valkey.client.keys("nightlight:session:*"))


def test_somebody_who_asked_to_be_forgotten_is_a_stranger(sessions: Sessions):
    remember(sessions)
    remember(sessions, M2, BEN)
    sessions.forget(ANA)

    assert sessions.recall(M2, ANA).session == Session()
    assert sessions.recall(M1, BEN).session == A_SESSION


@pytest.mark.parametrize(
    "stored",
    [b"", b"1", b"0{}", b"2{}", b"1[]", b'1{"danger_at": "soon"}', b'1{"danger_kind": "unheard"}', b"\xff", b"1nul"],
)
def test_a_session_that_cannot_be_read_is_a_strangers(sessions: Sessions, valkey: Valkey, stored: bytes):
    valkey.client.set(f"nightlight:session:{ANA}", stored)
    valkey.client.set(f"nightlight:answer:{M1}", stored)

    assert sessions.recall(M1, ANA) == Recalled(answer=None, session=Session())


def test_a_session_of_a_newer_process_is_read_as_far_as_it_is_known(sessions: Sessions, valkey: Valkey):
    valkey.client.set(f"nightlight:session:{ANA}", b'1{"language": "es", "of_the_future": 1}')

    assert sessions.recall(M1, ANA).session == Session(language=Language("es"))


# Amending


def test_a_check_in_that_went_out_adds_its_question_and_keeps_the_rest(sessions: Sessions):
    remember(sessions)
    question = Awaiting(AwaitingKind.CHECK_IN, (), NOW + timedelta(hours=12))
    sessions.amend(ANA, lambda session: replace(session, awaiting=(*session.awaiting, question)))

    session = sessions.recall(M2, ANA).session
    assert session == replace(A_SESSION, awaiting=(*A_SESSION.awaiting, question))


def test_a_check_in_to_somebody_long_forgotten_is_remembered_for_a_day(sessions: Sessions, valkey: Valkey):
    sessions.amend(ANA, lambda session: replace(session, last_reply="follow_up-check_in"))

    assert sessions.recall(M1, ANA).session == Session(last_reply="follow_up-check_in")
    assert 86_000 < valkey.client.ttl(f"nightlight:session:{ANA}") <= 86_400


def test_a_text_that_comes_while_a_check_in_goes_out_is_not_lost(sessions: Sessions, open_sessions, valkey: Valkey):
    web = open_sessions(valkey)
    seen: list[Session] = []

    def while_the_person_texts(session: Session) -> Session:
        if not seen:
            remember(web, session=Session(danger_level=Level.CRISIS))
        seen.append(session)
        return replace(session, last_reply="follow_up-check_in")

    sessions.amend(ANA, while_the_person_texts)
    assert seen == [Session(), Session(danger_level=Level.CRISIS)]
    assert sessions.recall(M2, ANA).session == Session(danger_level=Level.CRISIS, last_reply="follow_up-check_in")


def test_somebody_who_never_stops_texting_does_not_hold_a_worker_for_ever(sessions: Sessions, valkey: Valkey):
    def each_time_something_new(session: Session) -> Session:
        valkey.client.set(f"nightlight:session:{ANA}", time.monotonic_ns())
        return session

    with pytest.raises(SessionsUnavailable):
        sessions.amend(ANA, each_time_something_new)


# Counting


def counts(sessions: Sessions) -> dict[CountKey, int]:
    taken = sessions.take_counts()
    return taken[1] if taken else {}


def test_each_answer_is_counted_once_and_taken_once(sessions: Sessions):
    remember(sessions)
    remember(sessions, M2)
    taken = sessions.take_counts()
    assert taken
    assert taken[1] == {A_COUNT: 2}

    sessions.counts_flushed(taken[0])
    assert sessions.take_counts() is None


def test_a_clock_that_dies_between_taking_and_flushing_loses_and_doubles_nothing(sessions: Sessions):
    remember(sessions)
    taken = sessions.take_counts()
    remember(sessions, M2)

    assert sessions.take_counts() == taken, "the same flush, under the same id"
    assert taken
    sessions.counts_flushed(taken[0])
    later = sessions.take_counts()
    assert later
    assert later[1] == {A_COUNT: 1}
    assert later[0] != taken[0]


def test_a_late_clock_does_not_drop_the_next_ones_counts(sessions: Sessions):
    remember(sessions)
    taken = sessions.take_counts()
    assert taken
    sessions.counts_flushed(taken[0])
    remember(sessions, M2)
    after = sessions.take_counts()
    sessions.counts_flushed(taken[0])

    assert sessions.take_counts() == after


def test_a_field_that_is_no_count_is_left_out(sessions: Sessions, valkey: Valkey):
    valkey.client.hset("nightlight:counts", mapping={"odd": 3, A_COUNT.as_text(): 2})

    assert counts(sessions) == {A_COUNT: 2}


# Failures

WAYS: list[Callable[[Sessions], object]] = [
    lambda sessions: sessions.recall(M1, ANA),
    remember,
    lambda sessions: sessions.amend(ANA, lambda session: session),
    lambda sessions: sessions.forget(ANA),
    lambda sessions: sessions.take_counts(),
    lambda sessions: sessions.counts_flushed("flush"),
    lambda sessions: sessions.ping(),
]


@pytest.mark.parametrize("ask", WAYS)
def test_without_redis_nobody_waits(ask: Callable[[Sessions], object]):
    nowhere = Sessions("redis://127.0.0.1:1/0")

    with pytest.raises(SessionsUnavailable), took(at_most=0.1):
        ask(nowhere)
    with pytest.raises(SessionsUnavailable), took(at_most=0.02):
        ask(nowhere)


def test_a_frozen_redis_costs_somebody_a_quarter_of_a_second_and_the_others_nothing(
    breakable_valkey: Valkey, open_sessions: Callable[..., Sessions]
):
    sessions = open_sessions(breakable_valkey)
    sessions.recall(M1, ANA)
    breakable_valkey.freeze()
    try:
        with pytest.raises(SessionsUnavailable), took(at_most=0.4):
            sessions.recall(M1, ANA)
        for _ in range(100):
            with pytest.raises(SessionsUnavailable), took(at_most=0.02):
                remember(sessions)
    finally:
        breakable_valkey.thaw()


def test_a_redis_that_freezes_before_the_first_text_costs_no_more(
    breakable_valkey: Valkey, open_sessions: Callable[..., Sessions]
):
    breakable_valkey.freeze()
    try:
        with pytest.raises(SessionsUnavailable), took(at_most=0.4):
            open_sessions(breakable_valkey).recall(M1, ANA)
    finally:
        breakable_valkey.thaw()


def test_a_redis_that_thaws_is_asked_again_after_the_rest(
    breakable_valkey: Valkey, open_sessions: Callable[..., Sessions]
):
    sessions = open_sessions(breakable_valkey, rest=timedelta(milliseconds=50))
    remember(sessions)
    breakable_valkey.freeze()
    with pytest.raises(SessionsUnavailable):
        sessions.ping()
    breakable_valkey.thaw()
    time.sleep(0.06)

    assert sessions.recall(M1, ANA).answer == AN_ANSWER


def test_a_redis_that_was_killed_and_started_again_is_an_empty_one_and_nobody_notices(
    breakable_valkey: Valkey, open_sessions: Callable[..., Sessions]
):
    sessions = open_sessions(breakable_valkey)
    remember(sessions)
    breakable_valkey.kill()
    breakable_valkey.start()

    assert sessions.recall(M1, ANA) == Recalled(None, Session())
    assert remember(sessions) == AN_ANSWER, "the script is loaded anew"


def test_while_redis_is_dead_it_is_one_kind_of_failure(
    breakable_valkey: Valkey, open_sessions: Callable[..., Sessions]
):
    sessions = open_sessions(breakable_valkey)
    sessions.ping()
    breakable_valkey.kill()

    with pytest.raises(SessionsUnavailable), took(at_most=0.1):
        remember(sessions)


def test_a_full_redis_still_tells_what_it_remembers(breakable_valkey: Valkey, open_sessions: Callable[..., Sessions]):
    sessions = open_sessions(breakable_valkey, rest=timedelta())
    remember(sessions)
    breakable_valkey.client.config_set("maxmemory", "1mb")

    with pytest.raises(SessionsUnavailable):
        remember(sessions, M2)
    assert sessions.recall(M1, ANA) == Recalled(AN_ANSWER, A_SESSION)


def test_a_failure_tells_nothing_about_a_person(breakable_valkey: Valkey, open_sessions: Callable[..., Sessions]):
    sessions = open_sessions(breakable_valkey)
    breakable_valkey.client.set(f"nightlight:session:{ANA}", "x")
    breakable_valkey.client.config_set("maxmemory", "1mb")
    with pytest.raises(SessionsUnavailable) as caught:
        remember(sessions)

    assert caught.value.__suppress_context__
    assert ANA not in str(caught.value)
    assert AN_ANSWER.text not in str(caught.value)
