"""What a log line may and may not say about a person."""

from __future__ import annotations

import ast
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from enum import StrEnum

import pytest
import structlog

from service import logs
from service.logs import FIELDS, log
from service.settings import CHECKOUT

NUMBER = "+15005550006"
WORDS = "nobody would miss me"


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    handlers = list(logging.root.handlers)
    logs.configure("web")
    yield
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    logging.root.handlers[:] = handlers
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_answer_is_one_line_of_json_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    log.info("answered", sid="SM" + "12345678" * 4, level="crisis", reason="plan", ms=12.5, segments=2)

    (line,) = written(capsys)
    assert {name: line[name] for name in ("event", "process", "severity", "level", "reason", "ms")} == {
        "event": "answered",
        "process": "web",
        "severity": "info",
        "level": "crisis",
        "reason": "plan",
        "ms": 12.5,
    }
    assert line["sid"] == "SM" + "12345678" * 4


def test_a_text_or_a_number_under_any_other_name_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log.info("answered", sender=NUMBER, body=WORDS, reason="plan")

    (line,) = written(capsys)
    assert line["dropped"] == ["body", "sender"]
    assert NUMBER[2:] not in json.dumps(line)
    assert WORDS not in json.dumps(line)


@pytest.mark.parametrize("spelling", [NUMBER, NUMBER[1:], "(500) 555-0006", "500.555.0006", "+1 500 555 0006"])
def test_a_number_under_an_allowed_name_is_taken_out(spelling: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.warning("refused", reason=f"no way to {spelling}", at=[spelling], sid=spelling.replace(" ", ""))

    assert "0006" not in json.dumps(written(capsys))


def logged_fields() -> Iterator[tuple[str, str]]:
    """Where and under what name anything of ours is logged."""
    for path in [*CHECKOUT.glob("service/**/*.py"), *CHECKOUT.glob("workers/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            is_log = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_log and isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "_log"):
                yield from ((path.name, keyword.arg or "**") for keyword in node.keywords)


def test_no_engineer_looks_in_vain_for_what_was_logged_under_another_name() -> None:
    fields = list(logged_fields())

    assert len(fields) > 10
    assert [field for field in fields if field[1] not in FIELDS | {"exc_info"}] == []


def test_a_number_that_poses_as_a_count_is_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    log.info("refused", count=15005550006)

    assert written(capsys)[0]["count"] == "[number]"


def test_a_line_break_in_a_value_does_not_begin_a_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.info("answered", reason='plan\n{"event": "forged"}')

    assert len(written(capsys)) == 1


def test_a_lone_surrogate_or_a_strange_value_does_not_stop_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    class Route(StrEnum):
        MENU = "menu"

    log.info("answered", reason="\ud800", route=Route.MENU, what=object())

    assert (written(capsys)[0]["route"]) == "menu"


def test_an_error_is_named_with_its_place_and_never_with_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            raise ValueError(f"{NUMBER} wrote: {WORDS}")
        except ValueError as error:
            raise LookupError(WORDS) from error
    except LookupError:
        log.exception("could not answer")

    (line,) = written(capsys)
    assert line["error"] == "LookupError < ValueError"
    assert "test_logs.py" in str(line["at"])
    assert line["severity"] == "error"
    assert WORDS not in json.dumps(line)


def test_a_library_keeps_its_sentence_and_loses_what_was_put_into_it(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("some.library").warning("POST for %s failed %d times", NUMBER, 3)
    logging.getLogger("some.library").error(ValueError(WORDS))
    logging.getLogger("some.library").error("%(words)s", {"words": WORDS})

    first, second, third = written(capsys)
    assert first["event"] == "POST for … failed 3 times"
    assert second["event"] == "ValueError"
    assert WORDS not in json.dumps(third)


def test_what_libraries_say_below_a_warning_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("twilio.http_client").info("GET Query Params: {'To': '%s'}", NUMBER)
    worker = logging.getLogger("rq.worker")
    worker.setLevel(logging.INFO)  # as RQ does itself
    worker.info("default: send(%s)", NUMBER)

    assert written(capsys) == []


def test_a_library_that_set_itself_a_handler_before_is_heard_through_ours_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    eager = logging.getLogger("eager.library")
    eager.addHandler(logging.StreamHandler(sys.stderr))
    eager.propagate = False

    logs.configure("worker")
    eager.warning(f"no answer for {NUMBER}")

    (line,) = written(capsys)
    assert (line["process"], line["event"]) == ("worker", "no answer for [number]")


def test_a_thread_that_crashes_does_not_print_the_words_it_held(capsys: pytest.CaptureFixture[str]) -> None:
    thread = threading.Thread(target=lambda: int(WORDS))
    thread.start()
    thread.join()

    (line,) = written(capsys)
    assert line["error"] == "ValueError"
    assert WORDS not in json.dumps(line)


def test_a_process_that_crashes_does_not_print_the_words_it_held() -> None:
    program = f"from service import logs; logs.configure('clock'); int({WORDS!r})"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert json.loads(ended.stderr)["error"] == "ValueError"
    assert WORDS not in ended.stderr


def test_a_reader_of_the_log_that_went_away_costs_nobody_an_answer() -> None:
    program = (
        "import os; from service import logs; logs.configure('web'); os.close(2); logs.log.info('a'); print('answer')"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ended.stdout == "answer\n"
