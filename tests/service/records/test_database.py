"""The database itself: its tables, how it fails, and what a failure costs somebody who waits for an answer."""

from __future__ import annotations

import fcntl
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from service.policy.conversation import Limits
from service.policy.ledger import State
from service.records import Records, RecordsRefused, RecordsUnavailable, tables
from tests.entries import ANA, DAY, HOUR, NOW, SOON, a_follow_up, an_entry, danger, stop, yes
from tests.stores import PostgreSQL, rows_of

OpenRecords = Callable[..., Records]

NOWHERE = "postgresql://nightlight@127.0.0.1:1/none"


@contextmanager
def took(at_most: float) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        assert time.perf_counter() - started < at_most


@contextmanager
def locked(sqlite_url: str) -> Iterator[None]:
    """Somebody else writes, and does not finish."""
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()


# Tables


def test_the_steps_lead_to_the_tables_that_the_code_knows(database_url: str):
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    engine.dispose()


def test_partial_indexes_are_made_with_the_condition_that_the_code_states(sqlite_url: str):
    made = {
        row["name"]: row["sql"]
        for row in rows_of(sqlite_url, sa.table("sqlite_master", *map(sa.column, ("name", "sql"))))
    }

    assert made["follow_ups_due"].endswith("WHERE state = 'planned'")
    assert made["follow_ups_begun"].endswith("WHERE state != 'planned'")


def test_several_processes_may_migrate_at_once(tmp_path: Path, open_records: OpenRecords):
    several = [open_records(f"sqlite:///{tmp_path}/new/records.db", busy_timeout=5.0) for _ in range(4)]

    with ThreadPoolExecutor(4) as processes:
        list(processes.map(Records.migrate, several))
    several[0].ping()


@pytest.mark.postgres
def test_several_machines_may_migrate_at_once(postgresql: PostgreSQL, open_records: OpenRecords):
    url = postgresql.new_database()
    several = [open_records(url, busy_timeout=5.0) for _ in range(4)]

    with ThreadPoolExecutor(4) as machines:
        list(machines.map(Records.migrate, several))
    several[0].ping()


def test_the_file_is_its_owners_alone(tmp_path: Path, open_records: OpenRecords):
    records = open_records(f"sqlite:///{tmp_path}/new/records.db")
    records.migrate()
    records.apply(stop())

    for file in (tmp_path / "new").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_what_was_written_is_there_after_a_new_start(database_url: str, open_records: OpenRecords):
    first = open_records(database_url)
    first.apply(stop())
    first.close()

    assert open_records(database_url).opted_out(ANA)


def test_a_million_planned_follow_ups_do_not_slow_the_clock(sqlite_url: str, open_records: OpenRecords):
    records = open_records(sqlite_url)
    with statements() as asked:
        records.hand_over(NOW, rate=100)
        records.sweep(NOW)
        records.unsettled(NOW)
        records.lag(NOW)
        records.oldest_unknown(NOW)
        records.purge(NOW)
        records.follow_ups_of(ANA)
    ways = {way for statement, values in asked for way in ways_of(sqlite_url, statement, values) if "follow_ups" in way}

    assert {"follow_ups_due", "follow_ups_begun", "follow_ups_of_sender"} <= {
        way.split(" INDEX ")[-1].split()[0] for way in ways
    }
    assert not [way for way in ways if way.startswith("SCAN") and "INDEX" not in way]


def test_a_million_other_people_do_not_slow_an_answer(sqlite_url: str, open_records: OpenRecords):
    records = open_records(sqlite_url)
    with statements() as asked:
        records.of(ANA)
        records.apply(yes(a_follow_up(due_at=NOW), at=NOW - DAY, limits=Limits(times=3, within=DAY, at_once=2)))
        records.apply(danger(at=NOW - HOUR))
        records.apply(stop())
    ways = {way for statement, values in asked for way in ways_of(sqlite_url, statement, values)}

    assert not [way for way in ways if way.startswith("SCAN") and "CONSTANT ROW" not in way]
    assert {way.split()[1] for way in ways if way.startswith("SEARCH")} == {"opt_outs", "consents", "follow_ups"}


@contextmanager
def statements() -> Iterator[list[tuple[str, object]]]:
    asked: list[tuple[str, object]] = []

    def note(connection: object, cursor: object, statement: str, values: object, *rest: object) -> None:
        if "follow_ups" in statement and not statement.startswith("INSERT"):
            asked.append((statement, values))

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)


def ways_of(url: str, statement: str, values: object) -> list[str]:
    """How SQLite finds its rows."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        of_one = values[0] if isinstance(values, list) else values
        return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", of_one)]


# Failures


def test_a_database_that_was_never_migrated_says_so(tmp_path: Path, open_records: OpenRecords):
    with pytest.raises(RecordsUnavailable):
        open_records(f"sqlite:///{tmp_path}/empty.db").ping()


@pytest.mark.parametrize("ask", [lambda r: r.ping(), lambda r: r.opted_out(ANA), lambda r: r.apply(stop())])
def test_a_database_that_is_not_there_is_one_kind_of_failure(
    open_records: OpenRecords, ask: Callable[[Records], object]
):
    with pytest.raises(RecordsUnavailable), took(at_most=0.3):
        ask(open_records(NOWHERE))


def test_a_folder_that_cannot_be_written_is_the_same_failure(tmp_path: Path, open_records: OpenRecords):
    (tmp_path / "file").touch()

    with pytest.raises(RecordsUnavailable, match="folder"):
        open_records(f"sqlite:///{tmp_path}/file/records.db").migrate()


def test_a_damaged_file_is_the_same_failure(tmp_path: Path, open_records: OpenRecords):
    (tmp_path / "records.db").write_bytes(b"no database" * 1000)

    with pytest.raises(RecordsUnavailable):
        open_records(f"sqlite:///{tmp_path}/records.db").opted_out(ANA)


def test_a_failure_tells_nothing_about_a_person(sqlite_url: str, open_records: OpenRecords):
    records = open_records(sqlite_url)
    entry = an_entry(*yes(a_follow_up(due_at=NOW, after_danger=object())).effects)  # type: ignore[arg-type]
    with pytest.raises(RecordsUnavailable) as caught:
        records.apply(entry)

    assert caught.value.__suppress_context__
    assert ANA not in str(caught.value)
    assert entry.sealed_number not in str(caught.value)


def test_another_writer_costs_a_quarter_of_a_second_once_and_then_nothing(sqlite_url: str, open_records: OpenRecords):
    records = open_records(sqlite_url)
    records.opted_out(ANA)
    with locked(sqlite_url):
        with pytest.raises(RecordsUnavailable), took(at_most=0.6):
            records.apply(stop())
        for _ in range(20):
            with pytest.raises(RecordsUnavailable), took(at_most=0.02):
                records.apply(stop())


def test_another_process_that_writes_for_long_costs_no_more(sqlite_url: str, open_records: OpenRecords):
    records, other = open_records(sqlite_url, rest=timedelta()), open_records(sqlite_url)
    records.opted_out(ANA)
    with other._database.writing(), pytest.raises(RecordsUnavailable), took(at_most=0.6):
        records.apply(stop())

    records.apply(stop())
    assert records.opted_out(ANA)


def test_whoever_writes_holds_the_turn_for_which_other_processes_wait(sqlite_url: str, open_records: OpenRecords):
    records = open_records(sqlite_url)
    with Path(sqlite_url.removeprefix("sqlite:///") + "-turn").open("w") as turn:
        with records._database.writing(), pytest.raises(BlockingIOError):
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with records._database.reading():
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_when_the_other_writer_is_done_all_is_well_after_the_rest(sqlite_url: str, open_records: OpenRecords):
    records = open_records(sqlite_url, rest=timedelta(milliseconds=50))
    entry = stop()
    with locked(sqlite_url), pytest.raises(RecordsUnavailable):
        records.apply(entry)
    time.sleep(0.06)

    records.apply(entry)
    assert records.opted_out(ANA)


def test_a_worker_waits_for_another_writer_and_never_rests(sqlite_url: str, open_records: OpenRecords):
    records = open_records(sqlite_url, busy_timeout=5.0, rest=timedelta())
    with ThreadPoolExecutor(1) as worker:
        with locked(sqlite_url):
            waiting = worker.submit(records.apply, stop())
            time.sleep(0.3)
            assert not waiting.done()
        waiting.result(timeout=5)
    assert records.opted_out(ANA)


def test_a_value_that_no_database_takes_is_refused_and_nobody_else_suffers(records: Records):
    with pytest.raises(RecordsRefused):
        records.beat(None, NOW)  # type: ignore[arg-type]

    assert not records.opted_out(ANA)


def test_web_and_workers_write_side_by_side_without_a_failure(database_url: str, open_records: OpenRecords):
    web, workers = (open_records(database_url, busy_timeout=5.0) for _ in range(2))
    for n in range(40):
        workers.apply(yes(a_follow_up(f"f{n}", due_at=NOW), sender=f"sender-{n}", at=NOW - DAY))
    ids = workers.hand_over(NOW, rate=100)

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(web.apply, yes(sender=f"other-{n}")) for n in range(40)]
        claims = [threads.submit(workers.claim, [id_], NOW) for id_ in ids]
        for answer in answers:
            answer.result()
        assert sum(len(claim.result()) for claim in claims) == 40
    assert web.states()[State.PLANNED] == 40


@pytest.mark.postgres
def test_a_frozen_database_costs_less_than_a_second_once_and_then_nothing(
    postgresql: PostgreSQL, postgresql_url: str, open_records: OpenRecords
):
    records = open_records(postgresql_url)
    records.opted_out(ANA)
    with postgresql.frozen():
        with pytest.raises(RecordsUnavailable), took(at_most=0.95):
            records.apply(stop())
        with pytest.raises(RecordsUnavailable), took(at_most=0.02):
            records.apply(stop())


@pytest.mark.postgres
def test_a_database_that_freezes_before_the_first_question_costs_no_more(
    postgresql: PostgreSQL, postgresql_url: str, open_records: OpenRecords
):
    records = open_records(postgresql_url)
    with postgresql.frozen(), pytest.raises(RecordsUnavailable), took(at_most=0.95):
        records.opted_out(ANA)


@pytest.mark.postgres
def test_after_a_restart_of_the_database_nobody_notices(
    postgresql: PostgreSQL, postgresql_url: str, open_records: OpenRecords
):
    records = open_records(postgresql_url)
    records.apply(stop())
    postgresql.hang_up()

    assert records.opted_out(ANA)


@pytest.mark.postgres
def test_the_usual_ways_to_write_its_address_all_work(postgresql_url: str, open_records: OpenRecords):
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        open_records(postgresql_url.replace("postgresql", scheme, 1)).ping()


def test_sleeping_is_not_part_of_a_second(records: Records):
    records.beat("clock", NOW + SOON / 3)

    assert records.beats() == {"clock": NOW + timedelta(milliseconds=333)}
