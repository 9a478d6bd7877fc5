"""A process that has started keeps what it made, and asks no database that is just being changed."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from service import starting
from service.settings import CHECKOUT

STARTED = """
import gc
from service import starting
try:
    with starting.all_of_it_stays():
        assert not gc.isenabled()
        kept = [[n] for n in range(10_000)]
        {then}
except ValueError:
    pass
assert gc.isenabled() and gc.get_freeze_count() > 10_000
"""


@pytest.mark.parametrize("then", ["pass", "raise ValueError('a playbook that cannot be read')"])
def test_only_what_comes_after_a_start_is_looked_through_also_after_a_failed_one(then: str) -> None:
    subprocess.run([sys.executable, "-c", STARTED.format(then=then)], cwd=CHECKOUT, check=True)


def test_nobody_uses_a_database_before_its_migration_has_ended_however_it_ends(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    waiting = threading.Thread(target=starting.wait_for_migration, args=(tmp_path,))

    def broken_off() -> None:
        with starting.migration(tmp_path):
            waiting.start()
            waiting.join(0.1)
            assert waiting.is_alive()
            raise ConnectionError

    with pytest.raises(ConnectionError):
        broken_off()

    waiting.join(10)
    assert not waiting.is_alive()


def test_where_no_run_migrates_nobody_waits(tmp_path: Path) -> None:
    starting.wait_for_migration(tmp_path)


@pytest.mark.parametrize(
    ("loads", "lacks"),
    [
        ("service.__main__, service.supervisor", {"granian", "flask", "sqlalchemy", "structlog", "service.app"}),
        (
            "service.wiring, workers.jobs, workers.clock",
            {"granian", "flask", "alembic", "psycopg", "zipcodes", "pyphen", "service.policy.danger.builtin"},
        ),
    ],
    ids=["a run", "workers"],
)
def test_what_a_process_never_needs_is_not_loaded(loads: str, lacks: set[str]) -> None:
    program = f"import sys, {loads}; print(sorted({lacks!r} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def test_what_the_first_send_needs_is_loaded_before_workers_are_forked() -> None:
    a_gateway = 'Gateway("AC" + "0" * 32, "0" * 32, sender="98765", api_url=None)'
    program = f"import sys; from service.gateway import Gateway; {a_gateway}.prepare(); print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True)

    assert "twilio.rest.api.v2010.account.message" in loaded.stdout.split()
