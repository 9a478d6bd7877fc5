"""What many record at the same time is kept together, and what fails for one fails for nobody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.policy.conversation import FollowUpId
from service.policy.ledger import Event, State
from service.records import Records
from service.records.ledger import Happened
from service.records.together import Together
from tests.entries import DAY, NOW, a_follow_up, claim, yes


class BadValue(Exception):
    pass


class Late(Exception):
    pass


class Disk:
    """Slow for the first, so that the others wait together; it refuses what is negative."""

    def __init__(self) -> None:
        self.writes: list[list[int]] = []
        self.writes_first, self.others_wait = threading.Event(), threading.Event()

    def write(self, items: Sequence[int]) -> list[int]:
        if not self.writes:
            self.writes_first.set()
            self.others_wait.wait(5)
        self.writes.append(list(items))
        if min(items) < 0:
            raise BadValue
        return [item * 10 for item in items]


def all_at_once(disk: Disk, items: Sequence[int]) -> list[int | str]:
    together = Together(disk.write, patience=5, breath=0.001, refused=BadValue, late=Late)

    def do(item: int) -> int | str:
        try:
            return together.do(item)
        except BadValue:
            return "refused"

    with ThreadPoolExecutor(len(items)) as threads:
        first = threads.submit(do, items[0])
        disk.writes_first.wait(5)
        rest = [threads.submit(do, item) for item in items[1:]]
        while len(together._waiting) < len(items) - 1:
            time.sleep(0.001)
        disk.others_wait.set()
        return [first.result(), *(one.result() for one in rest)]


def test_those_who_come_while_one_is_written_are_written_together() -> None:
    disk = Disk()

    assert all_at_once(disk, [1, 2, 3, 4, 5]) == [10, 20, 30, 40, 50]
    assert [len(items) for items in disk.writes] == [1, 4]


def test_a_value_that_is_refused_costs_nobody_elses() -> None:
    disk = Disk()

    assert all_at_once(disk, [1, 2, -3, 4]) == [10, 20, "refused", 40]


def test_an_outage_is_told_to_everybody_who_waited() -> None:
    def away(items: Sequence[int]) -> list[int]:
        raise ConnectionError

    together = Together(away, patience=5, breath=0.001, refused=BadValue, late=Late)
    with ThreadPoolExecutor(4) as threads:
        outcomes = [threads.submit(together.do, item) for item in range(4)]
    for outcome in outcomes:
        with pytest.raises(ConnectionError):
            outcome.result()


def test_nobody_waits_for_ever_behind_a_disk_that_hangs() -> None:
    disk = Disk()
    together = Together(disk.write, patience=0.05, breath=0.001, refused=BadValue, late=Late)
    with ThreadPoolExecutor(1) as threads:
        hangs = threads.submit(together.do, 1)
        disk.writes_first.wait(5)
        with pytest.raises(Late):
            together.do(2)
        disk.others_wait.set()

        assert hangs.result() == 10
        assert together.do(3) == 30
    assert disk.writes == [[1], [2, 3]], "what was brought late is written all the same"


def test_between_two_writes_of_one_process_another_one_gets_its_turn() -> None:
    began, ended = [], []

    def write(items: Sequence[int]) -> Sequence[int]:
        began.append(time.monotonic())
        ended.append(time.monotonic())
        return items

    together = Together(write, patience=5, breath=0.001, refused=BadValue, late=Late)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(together.do, range(40)))

    assert min(after - before for before, after in zip(ended, began[1:], strict=False)) >= 0.001


def test_forty_outcomes_at_once_are_each_recorded_with_their_story(records: Records) -> None:
    ids = [f"row-{n}" for n in range(40)]
    for id_ in ids:
        records.apply(yes(a_follow_up(id_, due_at=NOW), sender=f"sender-of-{id_}", at=NOW - DAY))
    records.hand_over(NOW, rate=1000)
    due = records.claim(ids, NOW)

    with ThreadPoolExecutor(20) as threads:
        states = list(threads.map(lambda one: records.record(one.id, Event.SEND, NOW, attempt=1), due))

    assert states == [State.SENT] * 40
    assert all([line.event for line in records.story(id_)] == ["plan", "hand_over", "claim", "send"] for id_ in ids)


def test_two_reports_of_one_text_kept_together_are_both_in_its_story(records: Records) -> None:
    records.apply(yes(a_follow_up("f1", due_at=NOW), at=NOW - DAY))
    claim(records, "f1")

    reports = [Happened(FollowUpId("f1"), event, NOW) for event in (Event.SEND, Event.DELIVER)]
    assert records._record_all(reports) == [State.SENT, State.DELIVERED]
    assert [line.event for line in records.story("f1")] == ["plan", "hand_over", "claim", "send", "deliver"]
