"""The table of faults says BROKEN for each way in which a person can be let down, and for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.policy.conversation import FollowUpId, PhoneNumber
from service.policy.ledger import Event, Standing, State, Transition
from tests.builders import A_NUMBER
from tests.faults.chaos import table
from tests.faults.judgement import Judgement, judge
from tests.faults.line import Person
from tests.faults.twilio import Request

DUE_AT = datetime(2026, 11, 18, 19, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)

ANA = Person(PhoneNumber(A_NUMBER), "row", "America/New_York", (8, 21), DUE_AT)
SENT = Standing(
    FollowUpId("row"), "check_in", 1, "follow_up-check_in", State.SENT, DUE_AT, DUE_AT, "America/New_York", 1, DUE_AT
)
STORY = [
    Transition(DUE_AT, before, event, after, "", None)
    for before, event, after in (
        (None, "plan", State.PLANNED),
        (State.PLANNED, Event.HAND_OVER, State.QUEUED),
        (State.QUEUED, Event.CLAIM, State.CLAIMED),
        (State.CLAIMED, Event.SEND, State.SENT),
    )
]


def a_request(after: timedelta = SECOND, **different: object) -> Request:
    at = (DUE_AT + after).timestamp()
    request = Request(id=f"request-{at}", at=at, to=A_NUMBER, row="row", form={}, took=True, sid="SM1")
    return replace(request, **different)


def judged(
    *requests: Request, person: Person = ANA, now: Standing | None = SENT, story: list[Transition] = STORY
) -> Judgement:
    return judge(
        "a fault", [person], requests, lambda _: now, lambda _: story, lambda at: datetime.fromtimestamp(at, UTC)
    )


def test_a_text_that_arrived_once_is_all_that_was_promised() -> None:
    judgement = judged(a_request(took=False), a_request(3 * SECOND))

    assert judgement.is_kept
    assert (judgement.rows, judgement.once, judgement.worst_lag) == (1, 1, 3 * SECOND)
    assert "BROKEN" not in table([judgement])


@pytest.mark.parametrize("state", [State.UNKNOWN, State.EXPIRED, State.CANCELLED, State.REFUSED])
def test_a_text_that_did_not_go_out_and_says_so_is_not_lost(state: State) -> None:
    judgement = judged(now=replace(SENT, state=state), story=[])

    assert not judgement.lost
    assert judgement.ended == {state: 1}


@pytest.mark.parametrize(
    ("what", "judgement"),
    [
        ("doubled", judged(a_request(), a_request(2 * SECOND))),
        ("lost", judged(now=None)),
        ("lost", judged(now=replace(SENT, state=State.PLANNED), story=STORY[:1])),
        ("lost", judged(now=SENT)),  # said to be sent, and Twilio never got it
        ("after_stop", judged(a_request(5 * SECOND), person=replace(ANA, stopped_at=DUE_AT.timestamp()))),
        ("outside_hours", judged(a_request(timedelta(hours=7)))),
        ("went_back", judged(a_request(), story=[STORY[0], *STORY[2:]])),
        ("went_back", judged(a_request(), now=replace(SENT, state=State.PLANNED))),
    ],
)
def test_a_broken_promise_is_counted_and_named(what: str, judgement: Judgement) -> None:
    assert getattr(judgement, what) == 1
    assert not judgement.is_kept
    assert "BROKEN" in table([judgement])
    assert judgement.problems[0].startswith("row: ")


def test_a_stop_while_the_request_was_on_the_wire_is_nobodys_fault() -> None:
    stopped = replace(ANA, stopped_at=(DUE_AT + SECOND / 2).timestamp())

    assert judged(a_request(), person=stopped).is_kept
