"""Everything is kept as long as docs/data.md says, and no longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.policy.ledger import Event, MessageKey, State
from service.records import Records, tables
from tests.entries import (
    ANA,
    BEN,
    DAY,
    HOUR,
    NOW,
    SOON,
    a_follow_up,
    claim,
    delete,
    dont_text_me,
    start,
    states_of,
    stop,
    yes,
)  # fmt: skip
from tests.stores import rows_of


def purge(records: Records, now: datetime) -> None:
    for _ in range(20):
        if records.purge(now) == 0:
            return
    raise AssertionError("there is always more to purge")


def sent(records: Records) -> None:
    records.apply(yes(a_follow_up("f1", due_at=NOW), at=NOW - DAY))
    claim(records, "f1")
    records.record("f1", Event.SEND, NOW)


def test_a_sealed_number_goes_seven_days_after_it_was_needed(records: Records, database_url: str):
    sent(records)
    purge(records, NOW + 7 * DAY)
    assert rows_of(database_url, tables.follow_ups)[0]["sealed_number"]

    purge(records, NOW + 7 * DAY + SOON)
    assert rows_of(database_url, tables.follow_ups)[0]["sealed_number"] is None
    assert states_of(records) == [State.SENT]


def test_a_number_is_kept_as_long_as_its_follow_up_may_go_out(records: Records, database_url: str):
    records.apply(yes(a_follow_up("f1", due_at=NOW + 80 * DAY)))
    records.apply(yes(a_follow_up("f2", due_at=NOW), sender=BEN))
    claim(records, "f2", sender=BEN)
    records.record("f2", Event.LOSE, NOW)
    purge(records, NOW + 79 * DAY)

    assert all(row["sealed_number"] for row in rows_of(database_url, tables.follow_ups))


def test_a_follow_up_and_its_story_go_after_ninety_days(records: Records, database_url: str):
    sent(records)
    purge(records, NOW + 90 * DAY)
    assert records.story("f1")

    purge(records, NOW + 90 * DAY + SOON)
    assert records.follow_ups_of(ANA) == []
    assert rows_of(database_url, tables.transitions) == []


def test_a_consent_is_kept_for_five_years_and_an_opt_out_for_ever(records: Records, database_url: str):
    records.apply(yes())
    records.apply(stop(at=NOW + SOON))
    purge(records, NOW + 5 * 365 * DAY)
    assert len(rows_of(database_url, tables.consents)) == 1

    purge(records, NOW + 6 * 365 * DAY)
    assert rows_of(database_url, tables.consents) == []
    assert records.opted_out(ANA)


def test_nothing_is_left_of_somebody_who_only_changed_their_mind(records: Records, database_url: str):
    records.apply(dont_text_me())
    records.apply(start(sender=BEN))
    purge(records, NOW + 7 * DAY)
    assert len(rows_of(database_url, tables.opt_outs)) == 2

    purge(records, NOW + 7 * DAY + SOON)
    assert rows_of(database_url, tables.opt_outs) == []


def test_an_opt_out_that_start_has_ended_is_still_known(records: Records, database_url: str):
    records.apply(stop())
    records.apply(start(at=NOW + SOON))
    purge(records, NOW + 3000 * DAY)

    assert len(rows_of(database_url, tables.opt_outs)) == 1
    assert not records.opted_out(ANA)


def test_marks_that_a_repeated_delivery_needs_go_after_ninety_days(records: Records, database_url: str):
    records.apply(stop())
    records.add_counts("flush-1", {}, NOW)
    records.delivery(MessageKey("m1"), "menu", "none", "failed", None, NOW)
    kept = (tables.applied, tables.flushes, tables.undelivered_answers)
    purge(records, NOW + 90 * DAY)
    assert [len(rows_of(database_url, table)) for table in kept] == [1, 1, 1]

    purge(records, NOW + 90 * DAY + SOON)
    assert [len(rows_of(database_url, table)) for table in kept] == [0, 0, 0]


def test_a_large_backlog_is_purged_in_small_batches(records: Records, database_url: str):
    for n in range(30):
        records.apply(dont_text_me(sender=f"sender-{n}"))

    purge(records, NOW + 100 * DAY)
    assert rows_of(database_url, tables.applied) == []


def test_a_deletion_comes_back_until_it_is_done_and_is_then_forgotten(records: Records, database_url: str):
    records.apply(delete(message="m1"))
    at = NOW + HOUR

    [deletion] = records.due_deletions(at)
    assert records.due_deletions(at) == [], "another clock has it in hand"
    assert records.due_deletions(at + timedelta(minutes=15)) == [deletion]
    records.deletion_done(deletion.id)
    assert rows_of(database_url, tables.deletions) == []


def test_a_deletion_is_not_purged_before_it_is_done(records: Records):
    records.apply(delete())
    purge(records, NOW + 3000 * DAY)

    assert len(records.due_deletions(NOW + 3000 * DAY)) == 1
