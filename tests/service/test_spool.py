"""What SQL could not take is not lost while this disk is there."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy.conversation import Cancel, Defer, FollowUp, Forget, Kind, OptIn, OptOut, Plan
from service.policy.ledger import Entry, State
from service.records import Applied, Records, RecordsRefused, RecordsUnavailable
from service.spool import Spool, SpoolUnavailable, UnreadableEntry, decode, encode
from tests.entries import ANA, NOW, SOON, a_follow_up, an_entry, delete, start, states_of, stop, yes

moments = st.integers(-(10**15), 10**15).map(lambda microseconds: NOW + timedelta(microseconds=microseconds))
hours = st.integers(0, 24)
follow_ups = st.builds(
    FollowUp,
    due_at=moments,
    expires_at=moments,
    window=st.tuples(hours, hours),
    after_danger=st.none() | st.sampled_from(Kind),
)
effects = st.one_of(
    st.builds(OptOut),
    st.builds(OptIn),
    st.builds(Plan, follow_ups=st.lists(follow_ups, max_size=3).map(tuple)),
    st.builds(Defer, not_before=moments),
    st.builds(Cancel),
    st.builds(Forget),
)
entries = st.builds(Entry, effects=st.lists(effects, max_size=4).map(tuple), at=moments)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def fails_from(count: int, applied: list[Entry]) -> Callable[[Entry], None]:
    """SQL that is gone again after so many entries."""

    def apply(entry: Entry) -> None:
        if len(applied) == count:
            raise RecordsUnavailable
        applied.append(entry)

    return apply


# The file


@given(entries)
def test_what_a_text_leaves_behind_comes_back_from_disk_as_it_was(entry: Entry):
    assert decode(encode(entry)) == entry


@given(
    st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_whatever_is_in_a_file_it_is_an_entry_or_unreadable(document: bytes):
    with pytest.raises(UnreadableEntry):
        decode(document)


@pytest.mark.parametrize("key", ["version", "message", "sender", "sealed_number", "release", "at", "effects"])
def test_half_an_entry_is_unreadable(key: str):
    document = json.loads(encode(yes()))
    del document[key]

    with pytest.raises(UnreadableEntry):
        decode(json.dumps(document).encode())


@pytest.mark.parametrize("change", [{"version": 2}, {"effects": [{"effect": "Unheard", "with": {}}]}, {"effects": [3]}])
def test_an_entry_of_another_version_is_not_guessed_at(change: dict[str, object]):
    document = json.loads(encode(stop())) | change

    with pytest.raises(UnreadableEntry):
        decode(json.dumps(document).encode())


# Putting


def test_a_spooled_stop_is_one_private_file(spool: Spool, tmp_path: Path):
    spool.put(stop())

    [file] = (tmp_path / "spool").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert spool.waiting() == 1


def test_a_repeated_delivery_is_spooled_once(spool: Spool):
    entry = stop()
    spool.put(entry)
    spool.put(entry)

    assert spool.waiting() == 1


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path: Path):
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "spool")

    with pytest.raises(SpoolUnavailable):
        spool.put(stop())
    assert spool.waiting() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_on_a_full_disk_the_entry_is_refused_and_no_half_file_is_left(tmp_path: Path):
    folder = tmp_path / "spool"
    folder.mkdir()
    spool = Spool(folder)
    entry = stop()
    # Where the file would be written first, there is a disk that is full.
    moment = int(entry.at.timestamp() * 1000)
    passing = f".{moment:015d}-{entry.message}.json.{os.getpid()}-{threading.get_ident()}"
    (folder / passing).symlink_to("/dev/full")

    with pytest.raises(SpoolUnavailable, match="No space left"):
        spool.put(entry)
    assert spool.waiting() == 0
    assert list(folder.iterdir()) == []


# Draining


def test_what_was_spooled_is_applied_oldest_first_and_then_gone(spool: Spool):
    texts = [yes(at=NOW), stop(at=NOW + SOON), start(at=NOW + 2 * SOON)]
    for entry in reversed(texts):
        spool.put(entry)

    applied: list[Entry] = []
    assert spool.drain(applied.append) == 3
    assert applied == texts
    assert spool.waiting() == 0


def test_when_sql_goes_again_the_rest_waits(spool: Spool):
    for n in range(5):
        spool.put(stop(at=NOW + n * SOON, sender=f"sender-{n}"))

    applied: list[Entry] = []
    assert spool.drain(fails_from(2, applied)) == 2
    assert spool.waiting() == 3
    assert spool.drain(applied.append) == 3
    assert [entry.sender for entry in applied] == [f"sender-{n}" for n in range(5)]


def test_a_damaged_file_is_kept_aside_and_holds_nobody_up(spool: Spool, tmp_path: Path):
    spool.put(stop(at=NOW + SOON))
    damaged = tmp_path / "spool" / "000000000000000-damaged.json"
    damaged.write_bytes(b'{"version": 1, "mess')

    applied: list[Entry] = []
    assert spool.drain(applied.append) == 1
    assert (spool.waiting(), spool.corrupt()) == (0, 1)
    assert damaged.with_suffix(".corrupt").read_bytes() == b'{"version": 1, "mess'


def test_an_entry_that_sql_will_never_take_holds_nobody_up(spool: Spool):
    spool.put(stop(sender="odd"))
    spool.put(stop(at=NOW + SOON))
    applied: list[Entry] = []

    def apply(entry: Entry) -> None:
        if entry.sender == "odd":
            raise RecordsRefused
        applied.append(entry)

    assert spool.drain(apply) == 1
    assert (len(applied), spool.waiting(), spool.corrupt()) == (1, 0, 1)


def test_a_spool_that_was_never_used_has_nothing_to_drain(spool: Spool):
    assert spool.drain(lambda entry: None) == 0


def test_two_that_drain_at_once_do_not_apply_an_entry_twice(spool: Spool):
    for n in range(3):
        spool.put(stop(at=NOW + n * SOON))
    applied: list[Entry] = []

    def apply(entry: Entry) -> None:
        applied.append(entry)
        assert spool.drain(applied.append) == 0, "another one drains"

    assert spool.drain(apply) == 3
    assert len(applied) == 3


def test_a_writer_that_was_killed_leaves_no_half_entry(spool: Spool, tmp_path: Path):
    spool.put(stop())
    (tmp_path / "spool" / ".000001795359600-half.json.1-1").write_bytes(b'{"version"')

    assert spool.drain(lambda entry: None) == 1
    assert (spool.waiting(), spool.corrupt()) == (0, 0)


def test_a_put_is_on_disk_before_it_returns(tmp_path: Path):
    """Another process sees it whole, whatever becomes of the one that wrote it."""
    write = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from service.spool import Spool\n"
        "from tests.entries import stop\n"
        "Spool(Path(sys.argv[1])).put(stop())\n"
        "os._exit(9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", write, str(tmp_path / "spool")], cwd=Path(__file__).parents[2])

    assert ended.returncode == 9
    assert Spool(tmp_path / "spool").drain(lambda entry: None) == 1


# Into real records


def test_a_stop_that_was_spooled_counts_as_if_it_had_come_in_time(spool: Spool, records: Records):
    records.apply(yes(a_follow_up("f1", due_at=NOW + SOON)))
    spool.put(stop(at=NOW + SOON))
    spool.put(replace(delete(at=NOW + timedelta(days=-1)), sender="somebody-else"))

    assert spool.drain(records.apply) == 2
    assert records.opted_out(ANA)
    assert states_of(records) == [State.CANCELLED]


def test_an_entry_that_was_applied_before_the_crash_is_applied_once(spool: Spool, records: Records):
    entry = yes(a_follow_up("f1"))
    records.apply(entry)
    spool.put(entry)

    assert spool.drain(records.apply) == 1
    assert states_of(records) == [State.PLANNED]
    assert records.apply(an_entry()) is Applied.DONE
