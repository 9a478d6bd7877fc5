"""Nothing stays stuck, and nobody is asked to guess what became of a text."""

from __future__ import annotations

from datetime import timedelta

from service.policy.ledger import Event, State
from service.records import Records, Swept
from tests.entries import ANA, BEN, DAY, HOUR, NOW, SOON, a_follow_up, claim, dont_text_me, states_of, yes

MINUTE = timedelta(minutes=1)


def test_a_follow_up_that_the_queue_lost_is_planned_again(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    records.hand_over(NOW, rate=100)

    assert records.sweep(NOW + 30 * SOON) == Swept(stranded=0, lost=0, expired=0)
    assert records.sweep(NOW + 31 * SOON) == Swept(stranded=1, lost=0, expired=0)
    assert records.hand_over(NOW + 31 * SOON, rate=100) == ["f1"]


def test_a_claim_without_an_outcome_becomes_unknown_and_is_not_sent_again(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    claim(records, "f1")

    assert records.sweep(NOW + 60 * SOON).lost == 0
    assert records.sweep(NOW + 61 * SOON).lost == 1
    assert states_of(records) == [State.UNKNOWN]
    assert records.hand_over(NOW + HOUR, rate=100) == []


def test_a_follow_up_that_is_too_late_to_be_welcome_is_let_go(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW, lasts=HOUR)))
    records.apply(yes(a_follow_up("f2", due_at=NOW, lasts=HOUR, urgent=False), sender=BEN))

    assert records.sweep(NOW + HOUR - SOON).expired == 0
    assert records.sweep(NOW + HOUR).expired == 2
    assert states_of(records) == [State.EXPIRED]
    assert records.story("f1")[-1].reason == "too_late"


def test_sweeping_twice_changes_nothing_more(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    records.hand_over(NOW, rate=100)
    records.sweep(NOW + MINUTE)

    assert records.sweep(NOW + MINUTE) == Swept(stranded=0, lost=0, expired=0)


def an_unknown_one(records: Records) -> None:
    """Claimed now, and its request got no answer."""
    records.apply(yes(a_follow_up("f1", due_at=NOW), at=NOW - DAY))
    claim(records, "f1")
    records.record("f1", Event.LOSE, NOW + 10 * SOON, attempt=1)


def test_the_providers_list_is_read_two_and_ten_minutes_after_the_claim(records: Records):
    an_unknown_one(records)

    assert records.unsettled(NOW + 2 * MINUTE - SOON) == []
    [first] = records.unsettled(NOW + 2 * MINUTE)
    assert (first.id, first.claimed_at, first.listings) == ("f1", NOW, 0)
    assert records.found_nothing("f1", NOW + 2 * MINUTE) is State.UNKNOWN
    assert records.unsettled(NOW + 10 * MINUTE - SOON) == []
    assert len(records.unsettled(NOW + 10 * MINUTE)) == 1


def test_two_lists_without_it_prove_that_it_was_never_sent(records: Records):
    an_unknown_one(records)
    records.found_nothing("f1", NOW + 2 * MINUTE)

    assert records.found_nothing("f1", NOW + 10 * MINUTE) is State.PLANNED
    assert records.hand_over(NOW + 11 * MINUTE, rate=100) == ["f1"]


def test_a_list_that_was_read_too_early_proves_nothing(records: Records):
    an_unknown_one(records)

    for _ in range(3):
        assert records.found_nothing("f1", NOW + MINUTE) is None
        records.found_nothing("f1", NOW + 3 * MINUTE)
    assert states_of(records) == [State.UNKNOWN]


def test_a_callback_settles_an_unknown_one_at_once(records: Records):
    an_unknown_one(records)
    records.found_nothing("f1", NOW + 2 * MINUTE)
    records.record("f1", Event.DELIVER, NOW + 3 * MINUTE)

    assert records.found_nothing("f1", NOW + 10 * MINUTE) is None
    assert records.unsettled(NOW + DAY) == []
    assert states_of(records) == [State.DELIVERED]


def test_after_a_proof_of_absence_the_next_claim_starts_counting_anew(records: Records):
    an_unknown_one(records)
    records.found_nothing("f1", NOW + 2 * MINUTE)
    records.found_nothing("f1", NOW + 10 * MINUTE)
    claim(records, "f1", at=NOW + HOUR)
    records.record("f1", Event.LOSE, NOW + HOUR, attempt=2)

    assert records.unsettled(NOW + HOUR + MINUTE) == []
    [again] = records.unsettled(NOW + HOUR + 2 * MINUTE)
    assert again.listings == 0


def test_one_that_was_revoked_while_unknown_is_not_sent_after_all(records: Records):
    an_unknown_one(records)
    records.apply(dont_text_me(at=NOW + MINUTE))
    records.found_nothing("f1", NOW + 2 * MINUTE)

    assert records.found_nothing("f1", NOW + 10 * MINUTE) is State.CANCELLED


# How it stands


def test_the_lag_is_that_of_whoever_waits_longest(records: Records):
    assert records.lag(NOW) == timedelta()
    records.apply(yes(a_follow_up("f1", due_at=NOW, urgent=False)))
    records.apply(yes(a_follow_up("f2", due_at=NOW + MINUTE), sender=BEN))

    assert records.lag(NOW - SOON) == timedelta()
    assert records.lag(NOW + 5 * MINUTE) == 5 * MINUTE
    records.hand_over(NOW + 5 * MINUTE, rate=1000)
    assert records.lag(NOW + 5 * MINUTE) == 5 * MINUTE, "handed over is not sent"
    records.claim(["f1"], NOW + 5 * MINUTE)
    assert records.lag(NOW + 5 * MINUTE) == 4 * MINUTE


def test_what_has_expired_is_no_lag(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW, lasts=HOUR)))

    assert records.lag(NOW + 2 * HOUR) == timedelta()


def test_every_state_is_counted_also_those_without_a_row(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    records.apply(yes(a_follow_up("f2", due_at=NOW), sender=BEN))
    claim(records, "f1")

    assert records.states() == dict.fromkeys(State, 0) | {State.CLAIMED: 1, State.QUEUED: 1}


def test_what_was_settled_long_ago_is_not_counted_again_and_again(records: Records):
    for n, at in enumerate((NOW - 2 * DAY, NOW)):
        records.apply(yes(a_follow_up(f"f{n}", due_at=at), sender=f"sender-{n}", at=at - DAY))
        records.hand_over(at, rate=100)
        records.claim([f"f{n}"], at)
        records.record(f"f{n}", Event.SEND, at)

    assert records.states(settled_since=NOW - DAY)[State.SENT] == 1
    assert records.states()[State.SENT] == 2


def test_the_oldest_unknown_one_is_visible(records: Records):
    assert records.oldest_unknown(NOW) is None
    an_unknown_one(records)

    assert records.oldest_unknown(NOW + HOUR) == HOUR - 10 * SOON


def test_a_text_that_nobody_planned_has_no_story(records: Records):
    assert records.story("never") == []
    assert records.follow_ups_of(ANA) == []
