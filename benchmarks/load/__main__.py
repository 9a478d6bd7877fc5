"""`make load`: texts a line, locally its own, then reconciles. Exits with 1 where one text lacks its answer."""

from __future__ import annotations

import gevent.monkey

gevent.monkey.patch_all()

import argparse  # noqa: E402 (nothing may hold an unpatched socket)
import os  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
from locust.env import Environment  # noqa: E402

from benchmarks import texts  # noqa: E402
from benchmarks.load import judged  # noqa: E402
from benchmarks.load.aim import Aim, Forbidden, aim_at  # noqa: E402
from benchmarks.load.history import History  # noqa: E402
from benchmarks.load.people import PACE, PEOPLE, Texter  # noqa: E402
from benchmarks.load.reconcile import Flaw, RowsOf, reconcile  # noqa: E402
from benchmarks.load.shapes import COURSES, KNEE, Course  # noqa: E402
from benchmarks.servers import end_what_was_started, settings_of, the_line  # noqa: E402
from benchmarks.texts import shipped_playbook  # noqa: E402
from service.policy.conversation import PhoneNumber  # noqa: E402
from service.records import Records  # noqa: E402
from service.settings import CHECKOUT, Settings  # noqa: E402
from service.wiring import sealer  # noqa: E402

RESULTS = CHECKOUT / "var" / "benchmarks"


def main() -> int:
    end_what_was_started()
    asked = _asked()
    course = COURSES[asked.shape](asked.rate, asked.seconds)
    try:
        with _target(asked.url) as (aim, rows_of):
            history, until = _texted(aim, course, ui=asked.ui, to_the_knee=asked.shape == "staircase")
            before = [one for one in history.texts.values() if one.due < until]
            flaws = reconcile(before, shipped_playbook(), datetime.now(UTC), rows_of)
    except Forbidden as error:
        print(error, file=sys.stderr)
        return 2
    return _told(history, course, flaws, rows_checked=rows_of is not None)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--url", default="", help="a line elsewhere; without it, one of its own is started")
    parser.add_argument("--shape", choices=COURSES, default="steady")
    parser.add_argument("--rate", type=float, default=50, help="texts a second, at the start of the shape")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--ui", action="store_true", help="Locust's page instead of a course of its own")
    return parser.parse_args()


@contextmanager
def _target(url: str) -> Iterator[tuple[Aim, RowsOf | None]]:
    """Where texts go, and who knows the rows there."""
    if url:
        yield aim_at(url, os.environ), None
        return
    with tempfile.TemporaryDirectory(prefix="nightlight-load-") as folder, the_line(Path(folder)) as line:
        settings = settings_of(line)
        with Records(settings.database_url) as records:
            yield _aim_of(settings), _rows_on(records, settings)


def _aim_of(settings: Settings) -> Aim:
    return Aim(settings.public_url, settings.public_url, settings.account_sid, settings.auth_tokens[0])


def _rows_on(records: Records, settings: Settings) -> RowsOf:
    key_of = sealer(settings).key_of
    return lambda number: len(records.follow_ups_of(key_of(PhoneNumber(number))))


def _texted(aim: Aim, course: Course, *, ui: bool, to_the_knee: bool) -> tuple[History, float]:
    """What was texted, and the moment of the knee: a line beyond it gives the constant answer, as it should."""
    history, until = History(), float("inf")
    texts.read_all()
    Texter.aim, Texter.history, Texter.started = aim, history, time.perf_counter()
    # Who is no longer needed after a spike gets the answer to the text under way, too.
    environment = Environment(user_classes=list(PEOPLE), host=aim.url, stop_timeout=25)
    runner = environment.create_local_runner()
    if ui:
        del sys.argv[1:]  # Locust's page reads the command line too, and knows nothing of ours
        page = environment.create_web_ui("127.0.0.1", 8089)
        print("Locust's page is at http://127.0.0.1:8089; Ctrl-C ends it and reconciles.", file=sys.stderr)
        try:
            gevent.sleep(float("inf"))
        except KeyboardInterrupt:
            page.stop()
    else:
        until = _run(runner, course, history, to_the_knee=to_the_knee)
    runner.quit()
    Texter.under_way.join()
    return history, until


def _run(runner, course: Course, history: History, *, to_the_knee: bool) -> float:  # type: ignore[no-untyped-def]
    for stretch in course:
        many = max(1, round(stretch.rate / PACE))
        print(f"{many * PACE:.0f} texts a second for {stretch.seconds:.0f} s", file=sys.stderr, flush=True)
        runner.start(many, spawn_rate=max(many, 100))
        began = time.perf_counter() - Texter.started
        gevent.sleep(stretch.seconds)
        waited = judged.waits([one for one in history.deliveries() if one.due >= began])
        if to_the_knee and waited["p99"] > KNEE * 1000:
            print(f"The knee: p99 is {waited['p99']:.0f} ms at {stretch.rate:.0f} texts a second.", file=sys.stderr)
            print("What was texted from there on is timed, and not judged.", file=sys.stderr)
            return began
    return float("inf")


def _told(history: History, course: Course, flaws: list[Flaw], *, rows_checked: bool) -> int:
    figures = judged.judged(history, course, flaws, rows_checked=rows_checked)
    page = judged.write(figures, RESULTS)
    print(judged.sentence(figures))
    for what, count in figures["flaws"].items():
        print(f"  {count} × {what}")
    print(f"The report is {page.relative_to(CHECKOUT)}, the figures beside it.")
    if not history.texts:
        print("Nothing was texted, so nothing is shown.")
    return 1 if flaws or not history.texts else 0


if __name__ == "__main__":
    sys.exit(main())
