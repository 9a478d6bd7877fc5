"""How often SQL is asked for what somebody waits for: each question costs more than what it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from service.policy.conversation import Limits, SenderKey
from service.policy.ledger import Entry, Event, State
from service.records import Records
from service.records.ledger import Happened
from tests.entries import ANA, DAY, HOUR, NOW, SOON, a_follow_up, claim, danger, start, states_of, stop, yes

LIMITS = Limits(times=3, within=DAY, at_once=2)


@contextmanager
def questions(records: Records) -> Iterator[list[str]]:
    """The first words of each statement, with the connection made before."""
    records.of(ANA)
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "advisory" not in statement:  # PostgreSQL's lock of the sender
            asked.append(" ".join(statement.split()[:3]))

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)


def test_what_is_known_of_somebody_is_one_question_without_a_transaction(records: Records) -> None:
    with questions(records) as asked:
        records.of(ANA)

    assert len(asked) == 1, asked


@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param(lambda: stop(), 4, id="STOP"),
        pytest.param(lambda: start(), 3, id="START"),
        pytest.param(lambda: yes(limits=LIMITS), 6, id="YES to a check-in"),
        pytest.param(
            lambda: yes(*(a_follow_up(f"note-{n}", plan="caring", step=n, urgent=False) for n in range(5))),
            6,
            id="YES to a series",
        ),
        pytest.param(lambda: danger(), 2, id="danger, nothing planned"),
    ],
)
def test_what_a_strangers_text_leaves_behind_takes_few_questions(
    records: Records, text: Callable[[], Entry], most: int
) -> None:
    with questions(records) as asked:
        records.apply(text())

    assert len(asked) <= most, asked


def test_danger_moves_what_is_planned_in_few_questions(records: Records) -> None:
    records.apply(yes(*(a_follow_up(f"f{n}", step=n, due_at=NOW + HOUR, window=(0, 24)) for n in range(5))))
    with questions(records) as asked:
        records.apply(danger(at=NOW + SOON))

    assert len(asked) <= 6, asked
    assert [standing.due_at for standing in records.follow_ups_of(ANA)] == [NOW + SOON + 12 * HOUR] * 5


def test_stop_cancels_a_whole_series_in_few_questions(records: Records) -> None:
    records.apply(yes(*(a_follow_up(f"f{n}", step=n) for n in range(5))))
    with questions(records) as asked:
        records.apply(stop(at=NOW + SOON))

    assert len(asked) <= 6, asked
    assert states_of(records) == [State.CANCELLED] * 5


def test_twenty_are_handed_over_claimed_and_recorded_in_as_many_questions_as_one(records: Records) -> None:
    def asked_for(*ids: str) -> list[str]:
        records.apply(
            yes(*(a_follow_up(id_, step=n, due_at=NOW) for n, id_ in enumerate(ids)), sender=SenderKey(ids[0]))
        )
        with questions(records) as asked:
            due = claim(records, *ids, at=NOW)
            states = records._record_all([Happened(one.id, Event.SEND, NOW, one.attempts) for one in due])
        assert states == [State.SENT] * len(ids)
        return asked

    assert asked_for(*(f"one-of-twenty-{n}" for n in range(20))) == asked_for("one")
