"""What may become of a follow-up, and what a provider's error means for it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy.ledger import (
    CODES,
    EVIDENCE,
    FINAL,
    IN_FLIGHT,
    OURS_TO_MEND,
    SETTLED,
    TRANSITIONS,
    UNTOUCHED,
    Event,
    Outcome,
    State,
    after,
    backoff,
    classify,
    listing_due,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

events = st.sampled_from(Event)
states = st.sampled_from(State)


def walked(*happened: Event) -> State:
    """Where a planned follow-up ends up; what is not allowed changes nothing."""
    state = State.PLANNED
    for event in happened:
        state = after(state, event) or state
    return state


# The states


def test_a_follow_up_goes_from_planned_to_delivered():
    assert walked(Event.HAND_OVER, Event.CLAIM, Event.SEND, Event.DELIVER) is State.DELIVERED


def test_what_became_final_stays_so_whatever_is_heard_later():
    for state in FINAL:
        for event in Event:
            assert after(state, event) is None, f"{state} must not move on {event}"


def test_only_delivered_undelivered_refused_expired_and_cancelled_are_final():
    assert {State.DELIVERED, State.UNDELIVERED, State.REFUSED, State.EXPIRED, State.CANCELLED} == FINAL


@given(st.lists(events, max_size=30))
def test_a_person_is_never_sent_a_text_again_once_it_is_known_to_be_out(happened: list[Event]):
    out = False
    state = State.PLANNED
    for event in happened:
        state = after(state, event) or state
        out = out or state in {State.SENT, State.DELIVERED, State.UNDELIVERED}
        assert not out or state in {State.SENT, State.DELIVERED, State.UNDELIVERED}


@pytest.mark.parametrize("state", sorted(set(State) - FINAL - {State.SENT}))
@pytest.mark.parametrize(
    ("proof", "proven"),
    [(Event.SEND, State.SENT), (Event.DELIVER, State.DELIVERED), (Event.FAIL, State.UNDELIVERED)],
)
def test_proof_that_it_left_is_believed_in_every_state_that_is_open(state: State, proof: Event, proven: State):
    assert after(state, proof) is proven


def test_a_late_sent_says_nothing_new_about_a_delivered_one():
    assert after(State.DELIVERED, Event.SEND) is None
    assert walked(Event.HAND_OVER, Event.CLAIM, Event.DELIVER, Event.SEND) is State.DELIVERED


@pytest.mark.parametrize("state", sorted(UNTOUCHED))
def test_somebody_who_revokes_in_time_gets_nothing(state: State):
    assert after(state, Event.CANCEL) is State.CANCELLED


@pytest.mark.parametrize("state", sorted(set(State) - UNTOUCHED))
def test_what_may_have_left_is_not_called_cancelled(state: State):
    assert after(state, Event.CANCEL) is None


@pytest.mark.parametrize("state", sorted(set(State) - UNTOUCHED - {State.CLAIMED}))
def test_only_what_has_not_left_can_be_moved_to_later(state: State):
    assert after(state, Event.POSTPONE) is None


def test_an_unknown_one_is_planned_again_only_when_it_is_known_not_to_have_left():
    again = {event for event in Event if after(State.UNKNOWN, event) is State.PLANNED}

    assert again == {Event.DISPROVE, Event.RETRY}


def test_an_unknown_one_is_not_let_go_because_it_is_late():
    assert after(State.UNKNOWN, Event.EXPIRE) is None


@given(states, events)
def test_a_claim_is_the_only_way_to_a_worker(state: State, event: Event):
    assert (after(state, event) is State.CLAIMED) == ((state, event) == (State.QUEUED, Event.CLAIM))


def test_every_state_can_be_reached_and_every_event_means_something():
    assert {State.PLANNED, *TRANSITIONS.values()} == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_each_state_is_open_or_in_flight_or_settled_and_never_two_of_them():
    assert set(State) == UNTOUCHED | IN_FLIGHT | SETTLED
    assert len(UNTOUCHED) + len(IN_FLIGHT) + len(SETTLED) == len(State)


def test_evidence_is_what_a_callback_or_a_listing_brings():
    assert {Event.SEND, Event.DELIVER, Event.FAIL} == EVIDENCE


# The provider's errors


@given(st.none() | st.integers(100, 599), st.none() | st.integers(10000, 99999))
def test_every_answer_of_the_provider_has_a_class(status: int | None, code: int | None):
    assert classify(status, code) in Outcome


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (400, 21610, Outcome.OPTED_OUT),  # the person sent STOP
        (None, 30004, Outcome.OPTED_OUT),  # blocked by the carrier
        (400, 21211, Outcome.FINAL),  # no such number
        (400, 21614, Outcome.FINAL),  # not a mobile
        (400, 21408, Outcome.FINAL),  # a country that we may not text
        (None, 30007, Outcome.FINAL),  # filtered
        (429, 20429, Outcome.RETRY),  # too many requests
        (429, None, Outcome.RETRY),
        (400, 21611, Outcome.RETRY),  # the provider's queue is full
        (None, 30022, Outcome.RETRY),  # over the carrier's rate
        (401, 20003, Outcome.RETRY),  # our credentials: nothing was looked at
        (401, None, Outcome.RETRY),
        (500, 20500, Outcome.UNKNOWN),
        (503, None, Outcome.UNKNOWN),
        (200, None, Outcome.UNKNOWN),  # taken, and the answer unreadable
        (408, None, Outcome.UNKNOWN),
        (None, None, Outcome.UNKNOWN),  # the connection broke
        (400, 99999, Outcome.FINAL),  # a code that nobody has told us of
        (None, 99999, Outcome.FINAL),
        (404, None, Outcome.FINAL),
    ],
)
def test_an_error_says_whether_the_text_may_go_again(status: int | None, code: int | None, outcome: Outcome):
    assert classify(status, code) is outcome


@given(st.integers(500, 599), st.sampled_from(sorted(CODES)))
def test_a_server_error_never_says_that_nothing_was_sent(status: int, code: int):
    assert classify(status, code) is Outcome.UNKNOWN


def test_what_an_operator_must_mend_is_never_held_against_the_person():
    assert not [code for code in OURS_TO_MEND if CODES[code] is Outcome.OPTED_OUT]


# Waiting


@given(st.integers(-3, 10**6), st.floats(0, 1, exclude_max=True))
def test_the_wait_after_a_failure_is_between_seconds_and_a_quarter_of_an_hour(attempt: int, chance: float):
    assert timedelta(seconds=2.5) <= backoff(attempt, lambda: chance) <= timedelta(minutes=15)


def test_the_wait_doubles_with_each_failure():
    waits = [backoff(attempt, lambda: 0.0) for attempt in range(1, 10)]

    assert waits[1] == 2 * waits[0]
    assert waits[2] == 2 * waits[1]
    assert waits == sorted(waits)


def test_those_who_failed_together_do_not_come_back_together():
    assert backoff(5, lambda: 0.0) < backoff(5, lambda: 0.5) < backoff(5, lambda: 0.99)


@pytest.mark.parametrize(
    ("minutes", "listings", "due"),
    [(1, 0, False), (2, 0, True), (9, 1, False), (10, 1, True), (60, 2, False)],
)
def test_absence_takes_two_looks_two_and_ten_minutes_after_the_claim(minutes: int, listings: int, due: bool):
    assert listing_due(NOW, listings, NOW + timedelta(minutes=minutes)) is due
