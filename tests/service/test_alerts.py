"""An engineer is woken: once, with what to do, and whatever else is down."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Barrier, Thread

import pytest

from service.alerts import Alerts

WHAT, MEND = "A danger answer did not arrive.", "Look at the carrier's code."


class Pager(HTTPServer):
    """A webhook that somebody reads. `refuses` is how many posts it answers with 500 first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.heard: Queue[dict[str, str]] = Queue()
        self.refuses = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Post(BaseHTTPRequestHandler):
    server: Pager

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.refuses -= 1
        self.send_response(500 if self.server.refuses >= 0 else 200)
        self.end_headers()
        if self.server.refuses < 0:
            self.server.heard.put(text)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def pager() -> Iterator[Pager]:
    with Pager() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def heard(pager: Pager) -> dict[str, str] | None:
    try:
        return pager.heard.get(timeout=0.3)
    except Empty:
        return None


def test_an_engineer_reads_what_is_wrong_and_what_to_do(pager: Pager, tmp_path: Path) -> None:
    assert Alerts(pager.url, tmp_path).alert("undelivered", WHAT, MEND)

    assert heard(pager) == {"text": f"Nightlight: {WHAT} {MEND}"}


def test_an_engineer_is_not_woken_twice_in_an_hour_by_any_process(pager: Pager, tmp_path: Path) -> None:
    processes = [Alerts(pager.url, tmp_path) for _ in range(8)]

    with ThreadPoolExecutor(8) as together:
        said = list(together.map(lambda alerts: alerts.alert("lag", WHAT, MEND), processes))

    assert said.count(True) == 1
    assert heard(pager)
    assert heard(pager) is None


def test_of_processes_that_meet_the_same_trouble_at_once_one_tells_it(tmp_path: Path) -> None:
    processes = [Alerts(None, tmp_path) for _ in range(8)]
    together = Barrier(8)

    def tell(alerts: Alerts) -> list[bool]:
        together.wait(5)
        return [alerts.alert(f"trouble-{number}", WHAT, MEND) for number in range(100)]

    with ThreadPoolExecutor(8) as pool:
        said = [told for each in pool.map(tell, processes) for told in each]

    assert said.count(True) == 100


def test_an_engineer_is_told_again_if_it_is_still_so_an_hour_later(pager: Pager, tmp_path: Path) -> None:
    alerts = Alerts(pager.url, tmp_path)
    alerts.alert("lag", WHAT, MEND)
    an_hour_ago = time.time() - 3601
    os.utime(tmp_path / "alerts" / "lag", (an_hour_ago, an_hour_ago))

    assert alerts.alert("lag", WHAT, MEND)
    assert not alerts.alert("lag", WHAT, MEND)


def test_another_trouble_is_told_in_the_same_hour(pager: Pager, tmp_path: Path) -> None:
    alerts = Alerts(pager.url, tmp_path)

    assert alerts.alert("lag", WHAT, MEND)
    assert alerts.alert("undelivered:30007/../x", WHAT, MEND)


def test_an_engineer_is_told_although_nothing_can_be_written(pager: Pager, tmp_path: Path) -> None:
    (tmp_path / "alerts").touch()
    alerts = Alerts(pager.url, tmp_path)

    assert alerts.alert("disk", WHAT, MEND)
    assert not alerts.alert("disk", WHAT, MEND)
    assert heard(pager)


def test_an_engineer_is_told_although_the_pager_stumbled_at_first(pager: Pager, tmp_path: Path) -> None:
    pager.refuses = 1

    Alerts(pager.url, tmp_path, pauses=(0.0, 0.05)).alert("lag", WHAT, MEND)

    assert heard(pager)


def test_a_shout_that_nobody_heard_does_not_silence_the_next(tmp_path: Path) -> None:
    alerts = Alerts("http://127.0.0.1:9/", tmp_path, pauses=(0.0,))
    alerts.alert("lag", WHAT, MEND)
    for _ in range(100):
        if not (tmp_path / "alerts" / "lag").exists():
            break
        time.sleep(0.02)

    assert alerts.alert("lag", WHAT, MEND)


def test_whoever_alerts_is_not_kept_waiting_by_a_dead_pager(tmp_path: Path) -> None:
    began = time.monotonic()

    Alerts("http://127.0.0.1:9/", tmp_path).alert("lag", WHAT, MEND)

    assert time.monotonic() - began < 0.1


def test_a_line_without_a_pager_still_says_it_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Alerts(None, tmp_path).alert("lag", WHAT, MEND)

    assert MEND in capsys.readouterr().out


def test_no_number_of_a_person_goes_to_the_pager(pager: Pager, tmp_path: Path) -> None:
    Alerts(pager.url, tmp_path).alert("lag", "No answer to +15005550006.", MEND)

    assert "0006" not in str(heard(pager))
