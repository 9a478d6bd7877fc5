"""The promise of a fresh clone, and the line with its Valkey killed, frozen and its workers gone."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import CHECKOUT
from tests.processes.running import Running, a_run

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("whole line")]

PEOPLE = [f"+1212555{number:04d}" for number in range(1200, 1216)]


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with a_run(tmp_path_factory.mktemp("line") / "var") as running:
        yield running


def agree(line: Running, people: list[str]) -> None:
    for number in people:
        assert "988" in line.text("i want to die", number)
        assert "check-in" in line.text("YES", number)


def test_a_fresh_line_answers_and_delivers_a_hurried_check_in(line: Running) -> None:
    person = "+12125551100"

    assert "988" in line.text("i want to die", person)
    assert "MORE" in line.text("heroin", person)
    assert "check-in" in line.text("YES", person)
    assert line.hurry(person) == 1
    line.until(lambda: line.check_ins(person) == 1)
    assert "unsubscribed" in line.text("STOP", person)


def test_no_check_in_is_lost_or_doubled_when_valkey_and_the_clock_are_killed(line: Running) -> None:
    people = PEOPLE[:8]
    agree(line, people)
    ended = threading.Event()

    def kill_again_and_again() -> None:
        for turn in range(4):
            for pid in line.pids("valkey-server") + (line.named("clock") if turn % 2 else []):
                os.kill(pid, signal.SIGKILL)
            if ended.wait(1.0):
                return

    killer = threading.Thread(target=kill_again_and_again)
    killer.start()
    for number in people:
        line.hurry(number)
        assert "988" in line.text("i want to die", f"+1312{number[-7:]}")
    killer.join()
    ended.set()

    # A row whose job was lost is handed over again half a minute later.
    line.until(lambda: all(line.check_ins(number) >= 1 for number in people), patience=90)
    assert [line.check_ins(number) for number in people] == [1] * len(people)


def test_a_check_in_in_the_hands_of_a_killed_worker_is_never_sent_twice(line: Running) -> None:
    people = PEOPLE[12:]
    agree(line, people)
    for number in people:
        line.hurry(number)
    line.until(lambda: any(line.check_ins(number) for number in people))

    for pid in line.pids("-m workers"):
        os.kill(pid, signal.SIGKILL)

    # Whatever was in its hands when it died is settled by evidence, in minutes; nothing of it may come twice.
    line.until(lambda: line.readyz().count("No worker") == 0)
    line.until(lambda: line.hurry(people[0]) == 0)
    assert {line.check_ins(number) for number in people} <= {0, 1}


def test_everything_is_answered_while_valkey_is_frozen_and_no_check_in_is_lost(line: Running) -> None:
    people = PEOPLE[8:12]
    agree(line, people)
    [valkey] = line.pids("valkey-server")
    os.kill(valkey, signal.SIGSTOP)
    try:
        for number in people:
            line.hurry(number)
        assert "988" in line.text("i want to die", "+12125551301")
        assert "MORE" in line.text("heroin", "+12125551302")
        assert "unsubscribed" in line.text("STOP", "+12125551303")
    finally:
        os.kill(valkey, signal.SIGCONT)

    line.until(lambda: all(line.check_ins(number) >= 1 for number in people), patience=90)
    assert [line.check_ins(number) for number in people] == [1] * len(people)


def test_an_edited_message_is_in_force_within_seconds_without_a_restart(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for folder in ("config", "templates"):
        shutil.copytree(CHECKOUT / folder, home / folder)
    with a_run(tmp_path / "var", NIGHTLIGHT_HOME=str(home)) as line:
        message = home / "templates/messages/en/topic-opioids-1.txt"
        was = message.read_text()
        message.write_text(was.replace("Opioids", "Today opioids", 1))

        # Each time somebody else: who texts eight times in a row gets no ninth answer.
        anybody = (f"+1415555{number:04d}" for number in itertools.count(1000))
        line.until(lambda: "Today opioids" in line.text("heroin", next(anybody)), patience=15)

        message.write_text("{unheard_of")
        (home / "config/keywords.yaml").write_text("- this is: [no keyword file")
        line.until(lambda: "was not taken" in line.readyz(), patience=15)
        assert "Today opioids" in line.text("heroin", next(anybody))
