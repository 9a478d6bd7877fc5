"""The way of a follow-up from planned to sent: due in time, at the right pace, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.policy.conversation import Kind
from service.policy.ledger import Event, State
from service.records import Records, tables
from tests.entries import ANA, BEN, DAY, HOUR, NOW, SOON, a_follow_up, an_entry, claim, start, states_of, stop, yes
from tests.stores import rows_of


def plan(records: Records, count: int, *, urgent: bool = True, due_every: timedelta = SOON) -> list[str]:
    """That many people, each with one follow-up, due one after the other from now on; the ids in that order."""
    ids = [f"{'urgent' if urgent else 'patient'}-{n}" for n in range(count)]
    for n, id_ in enumerate(ids):
        follow_up = a_follow_up(id_, due_at=NOW + n * due_every, urgent=urgent)
        records.apply(yes(follow_up, sender=f"sender-of-{id_}", at=NOW - DAY))
    return ids


# Handing over


def test_a_follow_up_is_not_handed_over_before_it_is_due(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW + HOUR)))

    assert records.hand_over(NOW + HOUR - SOON, rate=100) == []
    assert records.hand_over(NOW + HOUR, rate=100) == ["f1"]


def test_a_follow_up_is_handed_over_once(records: Records):
    plan(records, 1)

    assert len(records.hand_over(NOW, rate=100)) == 1
    assert records.hand_over(NOW + SOON, rate=100) == []


def test_a_check_in_after_a_crisis_goes_before_the_rest(records: Records):
    patient = plan(records, 2, urgent=False)
    urgent = plan(records, 2, urgent=True)

    assert records.hand_over(NOW + HOUR, rate=100) == urgent + patient


def test_whoever_waits_longest_goes_first(records: Records):
    ids = plan(records, 4)

    assert records.hand_over(NOW + HOUR, rate=100, limit=2) == ids[:2]
    assert records.hand_over(NOW + HOUR, rate=100, limit=2) == ids[2:]


def test_a_stale_follow_up_is_never_handed_over(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW, lasts=HOUR)))

    assert records.hand_over(NOW + HOUR, rate=100) == []


def test_no_more_are_handed_over_in_a_second_than_the_number_may_send(records: Records):
    plan(records, 100, due_every=timedelta())
    records.hand_over(NOW, rate=10)

    handed_over = [len(records.hand_over(NOW + second * SOON, rate=10)) for second in range(1, 5)]
    assert handed_over == [10] * 4


def test_after_a_day_of_outage_the_backlog_goes_out_no_faster(records: Records):
    plan(records, 100, due_every=timedelta())
    records.hand_over(NOW - DAY, rate=10)

    handed_over = [len(records.hand_over(NOW + second * SOON, rate=10)) for second in range(4)]
    assert handed_over == [20, 10, 10, 10], "no more than two seconds' worth at once"


def test_a_slow_number_still_sends(records: Records):
    plan(records, 5, due_every=timedelta())

    handed_over = [len(records.hand_over(NOW + second * SOON, rate=0.25)) for second in range(9)]
    assert handed_over == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_several_clocks_share_one_pace_and_hand_over_nothing_twice(records: Records):
    records.hand_over(NOW - DAY, rate=10)
    plan(records, 150, due_every=timedelta())

    handed_over: list[str] = []
    with ThreadPoolExecutor(6) as clocks:
        for second in range(5):
            at = NOW + 2 * second * SOON
            for some in clocks.map(lambda n, at=at: records.hand_over(at, rate=10), range(6)):
                handed_over += some

    assert len(handed_over) == 5 * 20
    assert len(set(handed_over)) == 5 * 20


def test_a_clock_that_runs_behind_gains_nothing(records: Records):
    plan(records, 60, due_every=timedelta())
    records.hand_over(NOW, rate=10)

    behind = [len(records.hand_over(NOW - timedelta(milliseconds=500), rate=10)) for _ in range(3)]
    assert behind == [0, 0, 0]
    assert len(records.hand_over(NOW + SOON, rate=10)) == 10


def test_a_clock_that_was_set_back_does_not_stop_the_line(records: Records):
    plan(records, 60, due_every=timedelta(), urgent=True)
    records.hand_over(NOW + 2 * HOUR, rate=10)

    handed_over = [len(records.hand_over(NOW + second * SOON, rate=10)) for second in range(3)]
    assert handed_over == [0, 10, 10]


def test_while_it_is_paused_nothing_is_handed_over_or_claimed(records: Records):
    ids = plan(records, 2, due_every=timedelta())
    records.hand_over(NOW, rate=100, limit=1)
    records.pause(NOW + timedelta(minutes=1))

    assert records.hand_over(NOW + 59 * SOON, rate=100) == []
    assert records.claim(ids, NOW + 59 * SOON) == []
    assert len(records.hand_over(NOW + 60 * SOON, rate=100)) == 1


def test_a_shorter_pause_does_not_end_a_longer_one(records: Records):
    plan(records, 1)
    records.hand_over(NOW - DAY, rate=100)
    records.pause(NOW + 60 * SOON)
    records.pause(NOW + 10 * SOON)

    assert records.hand_over(NOW + 30 * SOON, rate=100) == []


# Claiming


def test_a_worker_gets_all_that_it_needs(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    records.hand_over(NOW, rate=100)

    [due] = records.claim(["f1"], NOW + SOON)
    assert (due.id, due.sender, due.sealed_number, due.attempts) == ("f1", ANA, "sealed-number-of-ana", 1)
    assert (due.plan, due.step, due.reply, due.language) == ("check_in", 1, "follow_up-check_in", "en")
    assert (due.due_at, due.expires_at, due.claimed_at) == (NOW, NOW + 12 * HOUR, NOW + SOON)
    assert (due.zone, due.window, due.after_danger, due.opted_out) == (
        "America/New_York",
        (8, 21),
        Kind.SUICIDE,
        False,
    )


def test_of_many_workers_with_the_same_batch_each_follow_up_has_one(records: Records):
    ids = plan(records, 40, due_every=timedelta())
    assert len(records.hand_over(NOW, rate=1000)) == 40

    with ThreadPoolExecutor(8) as workers:
        batches = list(workers.map(lambda n: records.claim(ids, NOW), range(8)))

    claimed = [due.id for batch in batches for due in batch]
    assert sorted(claimed) == sorted(ids)


@pytest.mark.parametrize("event", [None, Event.SEND, Event.LOSE, Event.CANCEL])
def test_only_what_was_handed_over_and_not_yet_claimed_can_be_claimed(records: Records, event: Event | None):
    plan(records, 1)
    if event:
        claim(records, "urgent-0", sender="sender-of-urgent-0")
        records.record("urgent-0", event, NOW)

    assert records.claim(["urgent-0", "never-heard-of"], NOW) == []


def test_a_worker_is_told_of_an_opt_out_that_no_cancellation_followed(records: Records, database_url: str):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    records.hand_over(NOW, rate=100)
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(tables.opt_outs.insert().values(sender=ANA, out_at=NOW))
    engine.dispose()

    [due] = records.claim(["f1"], NOW)
    assert due.opted_out


def test_an_opt_out_that_start_has_ended_holds_nothing_back(records: Records):
    records.apply(stop(at=NOW - 2 * DAY))
    records.apply(start(at=NOW - 2 * DAY + SOON))
    records.apply(yes(a_follow_up("f1", due_at=NOW), at=NOW - DAY))

    [due] = claim(records, "f1")
    assert not due.opted_out


# Recording


def test_each_step_is_in_the_story_with_its_time_and_reason(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW), at=NOW - DAY))
    claim(records, "f1")
    records.record("f1", Event.RETRY, NOW + SOON, code=20429, reason="not sent", not_before=NOW + 5 * SOON)

    story = [(line.event, line.after, line.at) for line in records.story("f1")]
    assert story == [
        ("plan", State.PLANNED, NOW - DAY),
        ("hand_over", State.QUEUED, NOW),
        ("claim", State.CLAIMED, NOW),
        ("retry", State.PLANNED, NOW + SOON),
    ]
    last = records.story("f1")[-1]
    assert (last.before, last.reason, last.code) == (State.CLAIMED, "not sent", 20429)


def test_what_is_not_allowed_changes_nothing_and_is_no_part_of_the_story(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    before = records.story("f1")

    assert records.record("f1", Event.REFUSE, NOW) is None
    assert records.story("f1") == before
    assert states_of(records) == [State.PLANNED]


def test_a_callback_for_a_row_that_is_not_there_does_nothing(records: Records):
    assert records.record("gone", Event.DELIVER, NOW) is None


def test_callbacks_in_any_order_end_in_delivered(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    claim(records, "f1")

    assert records.record("f1", Event.DELIVER, NOW) is State.DELIVERED
    assert records.record("f1", Event.SEND, NOW, attempt=1, provider_sid="SM1") is None
    assert states_of(records) == [State.DELIVERED]


def test_a_failed_send_goes_again_after_its_wait_and_counts_its_attempts(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    claim(records, "f1")
    records.record("f1", Event.RETRY, NOW, attempt=1, not_before=NOW + HOUR)

    assert records.hand_over(NOW + HOUR - SOON, rate=100) == []
    [again] = claim(records, "f1")
    assert again.attempts == 2


def test_a_failure_makes_no_stale_text_welcome_but_a_postponement_does(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW, lasts=4 * HOUR)))
    claim(records, "f1")
    records.record("f1", Event.RETRY, NOW, attempt=1, not_before=NOW + HOUR)
    [standing] = records.follow_ups_of(ANA)
    assert standing.expires_at == NOW + 4 * HOUR

    claim(records, "f1")
    records.record("f1", Event.POSTPONE, NOW + HOUR, attempt=2, not_before=NOW + 11 * HOUR)
    [standing] = records.follow_ups_of(ANA)
    assert (standing.due_at, standing.expires_at) == (NOW + 11 * HOUR, NOW + 14 * HOUR)


@pytest.mark.parametrize("event", [Event.RETRY, Event.POSTPONE, Event.DROP, Event.EXPIRE, Event.REFUSE, Event.LOSE])
def test_a_worker_that_was_given_up_says_nothing_about_the_next_ones_claim(records: Records, event: Event):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    [given_up] = claim(records, "f1")
    records.record("f1", Event.RETRY, NOW, attempt=1)
    claim(records, "f1")

    assert records.record("f1", event, NOW, attempt=given_up.attempts) is None
    assert states_of(records) == [State.CLAIMED]


def test_a_worker_that_was_given_up_is_believed_when_it_says_that_it_sent(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    claim(records, "f1")
    records.record("f1", Event.RETRY, NOW, attempt=1)
    claim(records, "f1")

    assert records.record("f1", Event.SEND, NOW, attempt=1, provider_sid="SM1") is State.SENT
    assert records.hand_over(NOW + SOON, rate=100) == []


def test_the_providers_id_is_kept_for_an_engineer_to_look_it_up(records: Records, database_url: str):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    claim(records, "f1")
    records.record("f1", Event.SEND, NOW, provider_sid="SM1")
    records.record("f1", Event.DELIVER, NOW)

    [row] = rows_of(database_url, tables.follow_ups)
    assert row["provider_sid"] == "SM1"


# For the phone page


def test_the_phone_page_sees_what_is_planned_for_its_number_and_no_other(records: Records):
    records.apply(yes(a_follow_up("f1"), a_follow_up("f2", step=2, due_at=NOW + 2 * DAY)))
    records.apply(yes(sender=BEN))

    assert [(standing.id, standing.step) for standing in records.follow_ups_of(ANA)] == [("f1", 1), ("f2", 2)]


def test_a_hurried_follow_up_is_due_now_at_any_hour(records: Records):
    records.apply(yes(a_follow_up("f1"), a_follow_up("f2", step=2, due_at=NOW + 9 * DAY)))

    assert records.hurry(ANA, NOW) == 2
    due = claim(records, "f1", "f2", at=NOW)
    assert {one.window for one in due} == {(0, 24)}


def test_hurrying_touches_nobody_else_and_nothing_that_is_over(records: Records):
    records.apply(yes(a_follow_up("f1"), sender=BEN))
    records.apply(an_entry(sender=ANA))

    assert records.hurry(ANA, NOW) == 0
    assert records.hand_over(NOW, rate=100) == []
