"""Numbers are right after a crash, and lead to nobody."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from service.policy.counting import CountKey, DailyCount
from service.policy.ledger import MessageKey
from service.records import Records
from tests.entries import NOW, SOON

A_COUNT = CountKey(
    day="2026-11-22", level="crisis", kind="suicide", route="danger:suicide", line="us-988", language="en", state="NY",
    segments=2, release="0123456789ab",
)  # fmt: skip
ANOTHER = replace(A_COUNT, level="none", kind="", route="menu", line="", segments=1)


def test_counts_of_a_day_add_up(records: Records):
    records.add_counts("flush-1", {A_COUNT: 3, ANOTHER: 1}, NOW)
    records.add_counts("flush-2", {A_COUNT: 2}, NOW)

    assert records.daily_counts("2026-11") == [DailyCount(A_COUNT, 5), DailyCount(ANOTHER, 1)]


def test_a_flush_that_is_given_again_after_a_crash_counts_once(records: Records):
    assert records.add_counts("flush-1", {A_COUNT: 3}, NOW)

    assert not records.add_counts("flush-1", {A_COUNT: 3}, NOW + SOON)
    assert records.daily_counts("2026-11") == [DailyCount(A_COUNT, 3)]


def test_two_clocks_that_flush_the_same_at_once_count_once(records: Records):
    with ThreadPoolExecutor(8) as clocks:
        new = list(clocks.map(lambda n: records.add_counts("flush-1", {A_COUNT: 3}, NOW), range(8)))

    assert sorted(new) == [False] * 7 + [True]
    assert records.daily_counts("2026-11") == [DailyCount(A_COUNT, 3)]


def test_two_flushes_at_once_both_count(records: Records):
    flushes = [f"flush-{n}" for n in range(20)]
    with ThreadPoolExecutor(5) as clocks:
        list(clocks.map(records.add_counts, flushes, itertools.repeat({ANOTHER: 1, A_COUNT: 1}), itertools.repeat(NOW)))

    assert records.daily_counts("2026-11") == [DailyCount(A_COUNT, 20), DailyCount(ANOTHER, 20)]


def test_a_month_holds_its_own_days_only(records: Records):
    days = ["2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01"]
    records.add_counts("flush-1", {replace(A_COUNT, day=day): 1 for day in days}, NOW)

    assert [count.key.day for count in records.daily_counts("2026-11")] == ["2026-11-01", "2026-11-30"]
    assert records.daily_counts("%") == []


@pytest.mark.parametrize("key", [A_COUNT, ANOTHER, replace(A_COUNT, state='"], [', route="topic:é")])
def test_a_count_survives_its_way_through_redis(key: CountKey):
    assert CountKey.from_text(key.as_text()) == key


@pytest.mark.parametrize("text", ["", "{}", "[]", "3", '["2026-11-22"]', "[1,2,3,4,5,6,7,null]", "no json"])
def test_what_is_no_count_is_left_out(text: str):
    assert CountKey.from_text(text) is None


# Answers that never arrived


def never_arrived(records: Records, message: str = "m1", status: str = "undelivered") -> bool:
    return records.delivery(MessageKey(message), "danger-suicide-crisis", "crisis", status, 30007, NOW)


def test_an_answer_that_never_arrived_is_news_once(records: Records):
    assert never_arrived(records)
    assert not never_arrived(records)
    assert not never_arrived(records, status="failed")
    assert never_arrived(records, "m2", status="failed")


@pytest.mark.parametrize("status", ["sent", "delivered", "queued", "never-heard-of"])
def test_an_answer_that_is_on_its_way_is_no_news(records: Records, status: str):
    assert not never_arrived(records, status=status)
    assert never_arrived(records)


# Marks


def test_the_latest_sign_of_life_of_each_process_is_kept(records: Records):
    records.beat("clock", NOW)
    records.beat("worker-1", NOW)
    records.beat("clock", NOW + SOON)

    assert records.beats() == {"clock": NOW + SOON, "worker-1": NOW}


def test_a_pepper_that_is_not_the_first_one_is_noticed(records: Records):
    assert records.pepper_fingerprint("the first")
    assert records.pepper_fingerprint("the first")
    assert not records.pepper_fingerprint("another")
    assert records.pepper_fingerprint("the first")
