"""What a text leaves behind lasts, once, and as if the texts had come one by one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.policy.conversation import Cancel, Limits, OptIn, Plan, Revocation
from service.policy.ledger import Entry, Event, State
from service.records import Applied, Records, RecordsRefused, tables
from tests.entries import (
    ANA,
    BEN,
    DAY,
    HOUR,
    NOW,
    SOON,
    a_follow_up,
    an_entry,
    claim,
    danger,
    delete,
    dont_text_me,
    start,
    states_of,
    stop,
    yes,
)
from tests.stores import rows_of

# Saying yes


def test_somebody_who_says_yes_is_planned_a_check_in(records: Records):
    follow_up = a_follow_up("f1")

    assert records.apply(yes(follow_up)) is Applied.DONE

    [standing] = records.follow_ups_of(ANA)
    assert (standing.id, standing.state, standing.due_at) == ("f1", State.PLANNED, follow_up.due_at)
    assert (standing.expires_at, standing.zone, standing.reply) == (
        follow_up.expires_at,
        "America/New_York",
        "follow_up-check_in",
    )


def test_a_yes_is_kept_with_its_time_and_wording(records: Records, database_url: str):
    records.apply(yes(message="m1"))

    [consent] = rows_of(database_url, tables.consents)
    assert consent["wording"] == "May we text you tomorrow? Reply YES."
    assert (consent["release"], consent["plan"], consent["sender"]) == ("release-1", "check_in", ANA)
    assert consent["at"] == NOW


def test_a_second_yes_does_not_bring_a_second_series(records: Records):
    records.apply(yes(a_follow_up("f1")))

    assert records.apply(yes(a_follow_up("f2"), at=NOW + SOON)) is Applied.ENOUGH
    assert [standing.id for standing in records.follow_ups_of(ANA)] == ["f1"]


def test_one_person_has_no_more_plans_beside_each_other_than_the_playbook_says(records: Records):
    two = Limits(times=9, within=DAY, at_once=2)
    for plan in ("caring", "drip"):
        records.apply(yes(a_follow_up(plan, plan=plan, urgent=False), at=NOW, limits=two))

    third = yes(a_follow_up("third", plan="reminder", urgent=False), at=NOW + SOON, limits=two)
    assert records.apply(third) is Applied.ENOUGH
    check_in = yes(a_follow_up("check-in"), at=NOW + SOON, limits=replace(two, at_once=None))
    assert records.apply(check_in) is Applied.DONE, "for a check-in there is always room"


def test_one_person_says_yes_to_a_plan_no_more_often_than_the_playbook_says(records: Records):
    twice = Limits(times=2, within=30 * DAY, at_once=None)

    def agree(at: datetime) -> Applied:
        applied = records.apply(yes(a_follow_up(plan="drip", urgent=False, due_at=at), at=at, limits=twice))
        records.apply(dont_text_me(at=at + SOON))
        return applied

    assert [agree(NOW), agree(NOW + DAY), agree(NOW + 2 * DAY)] == [Applied.DONE, Applied.DONE, Applied.ENOUGH]
    assert agree(NOW + 31 * DAY) is Applied.DONE


def test_what_ends_one_plan_leaves_the_others(records: Records):
    records.apply(yes(a_follow_up("f1")))
    records.apply(yes(a_follow_up("f2", plan="reminder", urgent=False), at=NOW + SOON))
    records.apply(an_entry(Cancel("more", ("reminder",)), at=NOW + 2 * SOON))

    assert states_of(records) == [State.PLANNED, State.CANCELLED]


def test_a_yes_to_another_plan_is_its_own(records: Records):
    records.apply(yes(a_follow_up("f1")))
    records.apply(yes(a_follow_up("f2", plan="drip", urgent=False), at=NOW + SOON))

    assert len(states_of(records)) == 2


def test_a_yes_after_the_last_one_was_sent_plans_anew(records: Records):
    records.apply(yes(a_follow_up("f1")))
    claim(records, "f1")
    records.record("f1", Event.SEND, NOW + DAY)

    records.apply(yes(a_follow_up("f2", due_at=NOW + 3 * DAY), at=NOW + 2 * DAY))
    assert states_of(records) == [State.SENT, State.PLANNED]


def test_a_yes_of_somebody_who_opted_out_plans_nothing_and_keeps_no_consent(records: Records, database_url: str):
    records.apply(stop())

    assert records.apply(yes(at=NOW + SOON)) is Applied.REFUSED
    assert records.follow_ups_of(ANA) == []
    assert rows_of(database_url, tables.consents) == []


def test_a_yes_does_not_come_back_when_its_text_is_delivered_again(records: Records):
    yes_once = yes(a_follow_up("f1"))
    records.apply(yes_once)
    records.apply(delete(at=NOW + SOON))

    assert records.apply(yes_once) is Applied.DONE
    assert records.follow_ups_of(ANA) == []


def test_a_refused_yes_is_refused_again_when_its_text_is_delivered_again(records: Records):
    records.apply(stop())
    refused = yes(at=NOW + SOON)
    records.apply(refused)
    records.apply(start(at=NOW + 2 * SOON))

    assert records.apply(refused) is Applied.REFUSED
    assert records.follow_ups_of(ANA) == []


@pytest.mark.parametrize("copies", [50])
def test_fifty_copies_of_one_yes_plan_one_check_in(records: Records, copies: int):
    entry = yes(a_follow_up("f1"), a_follow_up("f2", step=2, due_at=NOW + 2 * DAY))

    with ThreadPoolExecutor(copies) as side_by_side:
        outcomes = list(side_by_side.map(records.apply, itertools.repeat(entry, copies)))

    assert outcomes == [Applied.DONE] * copies
    assert len(states_of(records)) == 2
    assert [line.event for line in records.story("f1")] == ["plan"]


def test_of_a_yes_and_a_stop_at_the_same_time_nothing_is_left_planned(records: Records):
    for second in range(0, 40, 2):
        at = NOW + second * SOON
        sender = f"sender-{second}"
        pair = [yes(sender=sender, at=at), stop(sender=sender, at=at + SOON)]
        with ThreadPoolExecutor(2) as side_by_side:
            list(side_by_side.map(records.apply, pair))
        assert State.PLANNED not in states_of(records, sender)


# Opting out and in


def test_stop_opts_out_and_cancels_what_is_planned(records: Records):
    records.apply(yes(a_follow_up("f1")))
    records.apply(stop(at=NOW + SOON))

    assert records.opted_out(ANA)
    assert states_of(records) == [State.CANCELLED]
    assert records.story("f1")[-1].reason == f"opt_out:{Revocation.CARRIER_WORD}"


def test_stop_cancels_what_is_already_on_its_way_to_a_worker(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    records.hand_over(NOW, rate=100)
    records.apply(stop(at=NOW + SOON))

    assert states_of(records) == [State.CANCELLED]
    assert records.claim(["f1"], NOW + SOON) == []


def test_one_persons_stop_is_nobody_elses(records: Records):
    records.apply(yes(sender=BEN))
    records.apply(stop(sender=ANA, at=NOW + SOON))

    assert not records.opted_out(BEN)
    assert states_of(records, BEN) == [State.PLANNED]


def test_start_ends_the_opt_out_and_brings_nothing_back(records: Records):
    records.apply(yes())
    records.apply(stop(at=NOW + SOON))
    records.apply(start(at=NOW + 2 * SOON))

    assert not records.opted_out(ANA)
    assert states_of(records) == [State.CANCELLED]


def test_somebody_who_never_texted_has_not_opted_out(records: Records):
    assert not records.opted_out(ANA)


def test_an_older_start_that_comes_late_does_not_undo_a_stop(records: Records):
    records.apply(stop(at=NOW + SOON))
    records.apply(start(at=NOW))

    assert records.opted_out(ANA)


def test_an_older_stop_that_comes_late_does_not_undo_a_start_nor_a_newer_yes(records: Records):
    records.apply(start(at=NOW + SOON))
    records.apply(yes(at=NOW + 2 * SOON))
    records.apply(stop(at=NOW))

    assert not records.opted_out(ANA)
    assert states_of(records) == [State.PLANNED]


def test_of_a_stop_and_a_start_at_the_very_same_moment_the_stop_holds(records: Records):
    records.apply(stop(at=NOW))
    records.apply(start(at=NOW))

    assert records.opted_out(ANA)


def test_a_stop_cancels_a_yes_that_was_spooled_before_it(records: Records):
    records.apply(stop(at=NOW + SOON))
    records.apply(start(at=NOW + 2 * SOON))
    records.apply(yes(at=NOW))

    assert State.PLANNED not in states_of(records)


@pytest.mark.parametrize("ending", [dont_text_me, delete])
def test_whoever_says_no_after_a_yes_that_was_spooled_gets_nothing(records: Records, ending: Callable[..., Entry]):
    records.apply(ending(at=NOW + SOON))
    records.apply(yes(at=NOW))

    assert records.follow_ups_of(ANA) == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_in_whatever_order_the_texts_are_written_the_last_word_holds(records: Records, order: tuple[int, ...]):
    texts = [stop(at=NOW), start(at=NOW + SOON), stop(at=NOW + 2 * SOON), yes(at=NOW - SOON)]
    for place in order:
        records.apply(texts[place])

    assert records.opted_out(ANA)
    assert State.PLANNED not in states_of(records)


# Changing one's mind


def test_dont_text_me_cancels_without_opting_out(records: Records):
    records.apply(yes(a_follow_up("f1")))
    records.apply(dont_text_me(at=NOW + SOON))

    assert states_of(records) == [State.CANCELLED]
    assert not records.opted_out(ANA)
    assert records.story("f1")[-1].reason == "asked"


def test_a_repeated_dont_text_me_does_not_cancel_a_newer_yes(records: Records):
    no = dont_text_me()
    records.apply(no)
    records.apply(yes(at=NOW + SOON))
    records.apply(no)

    assert states_of(records) == [State.PLANNED]


@pytest.mark.parametrize("ending", [stop, dont_text_me])
def test_what_may_have_left_when_somebody_says_no_is_not_sent_again(records: Records, ending: Callable[..., Entry]):
    records.apply(yes(a_follow_up("f1")))
    claim(records, "f1")
    records.apply(ending(at=NOW + DAY + SOON))
    assert states_of(records) == [State.CLAIMED]

    assert records.record("f1", Event.RETRY, NOW + DAY + 2 * SOON) is State.CANCELLED
    assert records.hand_over(NOW + 2 * DAY, rate=100) == []


# Danger


def test_a_danger_text_of_somebody_without_plans_writes_nothing(records: Records, database_url: str):
    assert records.apply(danger()) is Applied.DONE

    assert rows_of(database_url, tables.applied) == []


def test_a_danger_text_moves_a_check_in_to_twelve_hours_later(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW + HOUR, lasts=5 * HOUR, window=(0, 24))))
    records.apply(danger(at=NOW + SOON))

    [standing] = records.follow_ups_of(ANA)
    assert standing.state is State.PLANNED
    assert standing.due_at == NOW + SOON + 12 * HOUR
    assert standing.expires_at == standing.due_at + 5 * HOUR


def test_a_danger_text_does_not_bring_a_later_check_in_forward(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW + DAY)))
    records.apply(danger(at=NOW + SOON))

    [standing] = records.follow_ups_of(ANA)
    assert standing.due_at == NOW + DAY


def test_a_danger_text_ends_what_is_no_check_in(records: Records):
    records.apply(yes(a_follow_up("drip", plan="drip", urgent=False)))
    records.apply(danger(at=NOW + SOON))

    assert states_of(records) == [State.CANCELLED]
    assert records.story("drip")[-1].reason == "danger"


def test_a_check_in_that_danger_moves_into_the_night_waits_for_the_morning_and_is_not_dropped(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW + HOUR, lasts=2 * HOUR)))
    records.apply(danger(at=NOW + SOON))  # 10:00 in New York, so twelve hours later it is night there

    [standing] = records.follow_ups_of(ANA)
    assert standing.due_at == NOW + 22 * HOUR  # 8:00 the next morning
    assert standing.expires_at == NOW + 24 * HOUR


def test_a_danger_text_pauses_a_series_for_a_week_and_keeps_its_distances(records: Records):
    series = [
        a_follow_up(f"note-{n}", plan="caring", step=n, urgent=False, due_at=NOW + days * DAY)
        for n, days in enumerate((1, 7, 30), start=1)
    ]
    records.apply(yes(*series))
    records.apply(danger(at=NOW, paused=("caring",)))

    assert [standing.due_at for standing in records.follow_ups_of(ANA)] == [NOW + days * DAY for days in (7, 13, 36)]
    assert set(states_of(records)) == {State.PLANNED}


def test_a_series_that_is_further_off_than_the_pause_stays_where_it_is(records: Records):
    records.apply(yes(a_follow_up("note", plan="caring", urgent=False, due_at=NOW + 20 * DAY)))
    records.apply(danger(at=NOW + SOON, paused=("caring",)))

    assert [standing.due_at for standing in records.follow_ups_of(ANA)] == [NOW + 20 * DAY]


def test_a_danger_text_calls_a_check_in_back_from_the_queue(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW, window=(0, 24))))
    records.hand_over(NOW, rate=100)
    records.apply(danger(at=NOW + SOON))

    assert records.claim(["f1"], NOW + SOON) == []
    assert states_of(records) == [State.PLANNED]
    assert records.hand_over(NOW + 12 * HOUR, rate=100) == []
    assert records.hand_over(NOW + 12 * HOUR + SOON, rate=100) == ["f1"]


def test_a_danger_text_leaves_alone_what_a_worker_has_in_hand_but_moves_its_next_try(records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW, window=(0, 24))))
    claim(records, "f1")
    records.apply(danger(at=NOW + SOON))
    assert states_of(records) == [State.CLAIMED]

    records.record("f1", Event.RETRY, NOW + 2 * SOON, not_before=NOW + HOUR)
    [standing] = records.follow_ups_of(ANA)
    assert standing.due_at == NOW + SOON + 12 * HOUR


def test_a_danger_text_of_somebody_with_nothing_planned_leaves_no_trace_of_them(records: Records, database_url: str):
    records.apply(danger())

    assert rows_of(database_url, tables.opt_outs) == []


# Being forgotten


def test_delete_leaves_nothing_but_the_opt_out_and_the_consent(records: Records, database_url: str):
    records.apply(yes(a_follow_up("f1"), a_follow_up("f2", step=2)))
    records.apply(stop(at=NOW + SOON))
    records.apply(delete(at=NOW + 2 * SOON))

    assert records.follow_ups_of(ANA) == []
    assert records.story("f1") == []
    assert records.opted_out(ANA)
    assert len(rows_of(database_url, tables.consents)) == 1


def test_delete_of_one_person_touches_nobody_else(records: Records):
    records.apply(yes(sender=BEN))
    records.apply(delete(at=NOW + SOON))

    assert states_of(records, BEN) == [State.PLANNED]
    assert len(records.story(records.follow_ups_of(BEN)[0].id)) == 1


def test_delete_asks_for_the_providers_copies_once_the_confirmation_is_through(records: Records):
    request = delete(message="m1")
    records.apply(request)
    records.apply(request)

    assert records.due_deletions(NOW + timedelta(minutes=9)) == []
    [deletion] = records.due_deletions(NOW + timedelta(minutes=10))
    assert (deletion.id, deletion.sealed_number) == ("m1", "sealed-number-of-ana")


def test_what_is_in_flight_at_a_delete_is_still_not_sent_twice_and_then_goes(records: Records, database_url: str):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    claim(records, "f1")
    records.record("f1", Event.LOSE, NOW + SOON)
    records.apply(delete(at=NOW + 2 * SOON))

    [row] = rows_of(database_url, tables.follow_ups)
    assert row["sender"] == ""
    assert row["after_danger"] is None
    [unsettled] = records.unsettled(NOW + HOUR)
    assert unsettled.sealed_number == "sealed-number-of-ana"
    records.found_nothing("f1", NOW + timedelta(minutes=2))
    assert records.found_nothing("f1", NOW + timedelta(minutes=10)) is State.CANCELLED
    assert rows_of(database_url, tables.follow_ups) == []
    assert rows_of(database_url, tables.transitions) == []


def test_what_is_in_flight_at_a_delete_goes_once_it_is_known_to_be_sent(records: Records, database_url: str):
    records.apply(yes(a_follow_up("f1", due_at=NOW)))
    claim(records, "f1")
    records.apply(delete(at=NOW + SOON))

    assert records.record("f1", Event.SEND, NOW + 2 * SOON) is State.SENT
    assert rows_of(database_url, tables.follow_ups) == []


def test_several_things_at_once_are_done_together_or_not_at_all(records: Records, database_url: str):
    nameless = Plan(None, "", ())  # type: ignore[arg-type]
    with pytest.raises(RecordsRefused):
        records.apply(an_entry(OptIn(), nameless))

    assert rows_of(database_url, tables.opt_outs) == []
    assert rows_of(database_url, tables.applied) == []
