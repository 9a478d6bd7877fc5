"""An engineer starts everything with one command, things end that should not, and nobody's text waits for long."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service import embedded
from service.lastresort import CRISIS_TWIML
from service.settings import Settings
from service.supervisor.roster import birth
from tests.processes.runs import TOYS, Runs, eventually

pytestmark = pytest.mark.processes


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(tmp_path)
    yield runs
    runs.end()


def socket_of(runs: Runs) -> Path:
    return Settings.read(runs.environ).embedded_socket


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def shared_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Shared_Dirty:")) / 1024


def is_answered(runs: Runs) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{runs.port}/sms", data=b"Body=hi", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def is_heard(runs: Runs) -> bool:
    with closing(socket.socket()) as line:
        return line.connect_ex(("127.0.0.1", runs.port)) == 0


def web_pid(runs: Runs) -> int | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{runs.port}/", timeout=1) as answer:
            return int(json.loads(answer.read())["pid"])
    except OSError:
        return None


def test_an_engineer_starts_everything_and_ends_everything_with_ctrl_c(runs: Runs) -> None:
    run = runs.start().is_up()

    assert f"http://127.0.0.1:{runs.port}/phone" in run.said
    assert set(runs.pids()) == {"valkey", "web", "worker", "clock"}
    assert embedded.answers(socket_of(runs))

    run.interrupt()

    assert run.ends() == 0
    assert not runs.living()
    assert not socket_of(runs).parent.exists()
    assert run.complained == ""


def test_an_engineer_behind_a_proxy_is_told_that_the_line_is_up(runs: Runs) -> None:
    runs.start(http_proxy="http://127.0.0.1:9").is_up()


@pytest.mark.parametrize("name", ["web", "worker", "valkey"])
def test_a_process_that_is_killed_is_back_within_a_second(runs: Runs, name: str) -> None:
    runs.start().is_up()
    before = runs.pids()[name]

    os.kill(before, signal.SIGKILL)

    assert eventually(lambda: birth(runs.pids()[name]) and runs.pids()[name] != before) < 1.0
    if name == "valkey":
        assert eventually(lambda: embedded.answers(socket_of(runs))) < 1.0


def test_a_texter_is_still_answered_after_the_whole_run_was_killed(runs: Runs) -> None:
    run = runs.start().is_up()

    run.process.kill()
    run.ends()

    assert web_pid(runs) == runs.pids()["web"]


def test_a_new_run_ends_what_a_killed_one_left_behind_and_keeps_its_open_menus(runs: Runs) -> None:
    first = runs.start().is_up()
    first.process.kill()
    first.ends()
    before = runs.pids()

    second = runs.start().is_up()

    after = runs.pids()
    assert after["valkey"] == before["valkey"]
    assert not any(birth(before[name]) for name in ("web", "worker", "clock"))
    assert web_pid(runs) == after["web"]
    assert second.said.count("of a run that was killed is still there") == 4
    second.interrupt()
    assert second.ends() == 0
    assert not runs.living()


def test_a_new_run_does_not_use_a_valkey_that_is_frozen(runs: Runs) -> None:
    first = runs.start().is_up()
    first.process.kill()
    first.ends()
    frozen = runs.pids()["valkey"]
    os.kill(frozen, signal.SIGSTOP)

    runs.start().is_up()

    assert embedded.answers(socket_of(runs))
    assert not birth(frozen)


def test_a_second_run_on_the_same_folder_is_refused_and_the_first_goes_on(runs: Runs) -> None:
    runs.start().is_up()

    second = runs.start()

    assert second.ends() == 1
    assert second.complained.startswith("Nightlight already runs")
    assert second.complained.count("\n") == 1
    assert web_pid(runs)


def test_a_port_in_use_is_one_sentence(runs: Runs) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", runs.port))
        other.listen()
        run = runs.start()
        assert run.ends() == 1

    assert run.complained.startswith(f"Port {runs.port} cannot be used")
    assert run.complained.count("\n") == 1
    assert not runs.living()


def test_a_folder_that_cannot_be_written_is_one_sentence(runs: Runs) -> None:
    runs.var.touch()

    run = runs.start()

    assert run.ends() == 1
    assert run.complained.startswith(f"{runs.var} cannot be written")
    assert run.complained.count("\n") == 1


NO_DATABASE = "import sys; print('trace'); sys.exit('No server answers at db.example.')"


def test_a_database_out_of_reach_is_one_sentence_in_development_and_leaves_nothing_behind(runs: Runs) -> None:
    run = runs.start(migration=NO_DATABASE)

    assert run.ends() == 1
    assert run.complained.startswith("The database cannot be used: No server answers at db.example.")
    assert run.complained.count("\n") == 1
    assert not embedded.answers(socket_of(runs))


def test_a_text_is_taken_only_once_the_database_is_as_it_has_to_be(runs: Runs) -> None:
    run = runs.start(None, migration="import time; time.sleep(6)")

    run.says("web is started")
    while "The database is ready." not in run.said:
        assert not is_heard(runs) or "The database is ready." in run.said

    eventually(lambda: is_heard(runs), 30)
    run.interrupt()
    assert run.ends() == 0


PRODUCTION = {
    "NIGHTLIGHT_ENV": "production",
    "PUBLIC_URL": "https://line.example.org",
    "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
    "TWILIO_AUTH_TOKEN": "b2" * 16,
    "TWILIO_FROM": "98765",
    "NIGHTLIGHT_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "NIGHTLIGHT_PEPPER": "p" * 40,
}


def test_a_texter_is_answered_in_production_although_the_database_is_out_of_reach(runs: Runs) -> None:
    run = runs.start(migration=NO_DATABASE, **PRODUCTION).is_up()

    assert "Texts are answered meanwhile" in run.said
    assert web_pid(runs)


def test_somebody_in_a_hurry_presses_ctrl_c_twice(runs: Runs) -> None:
    run = runs.start({**TOYS, "clock": "stubborn"}).is_up()

    run.interrupt()
    run.says("Nightlight ends.")
    run.interrupt()

    assert run.ends(2) == 0
    assert "clock does not end; it is killed." in run.said
    assert not runs.living()


def test_a_texter_gets_the_crisis_answer_while_settings_are_wrong(runs: Runs) -> None:
    run = runs.start(None, TWILIO_ACCOUNT_SID="mistyped")
    run.says("The line cannot start", 30)

    assert set(runs.pids()) == {"web"}
    assert "TWILIO_ACCOUNT_SID does not look right" in run.said
    assert "worker is not started" in run.said
    with urllib.request.urlopen(f"http://127.0.0.1:{runs.port}/sms", data=b"Body=hi", timeout=5) as answer:
        assert answer.read() == CRISIS_TWIML
    run.interrupt()
    assert run.ends() == 0


def test_a_texter_is_answered_by_a_new_server_process_when_one_is_killed(runs: Runs) -> None:
    run = runs.start(None, TWILIO_ACCOUNT_SID="mistyped")
    run.says("The line cannot start", 30)
    (server,) = children_of(runs.pids()["web"])

    os.kill(server, signal.SIGKILL)

    eventually(lambda: is_answered(runs), 30)
    assert server not in children_of(runs.pids()["web"])


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="no /proc tells about memory here")
def test_server_processes_share_what_they_loaded_until_sighup_asks_for_new_code(runs: Runs) -> None:
    run = runs.start(None, TWILIO_ACCOUNT_SID="mistyped")
    run.says("The line cannot start", 30)
    web = runs.pids()["web"]
    (server,) = children_of(web)
    assert shared_megabytes(server) > 50  # all that a server imports, and what recognises danger

    os.kill(web, signal.SIGHUP)

    eventually(lambda: not birth(server), 60)
    eventually(lambda: is_answered(runs), 30)
    assert all(shared_megabytes(pid) < 10 for pid in children_of(web))
