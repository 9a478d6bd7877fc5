"""Somebody texts while something behind the line is broken: they get the crisis answer, and in time."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from queue import Queue
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from xml.etree import ElementTree

import pytest

from service.lastresort import CRISIS_TEXT, CRISIS_TWIML, NOTHING_TWIML, LastResort
from service.playbook.mistakes import Mistake, PlaybookError

ANSWER = b"<Response><Message>an answer</Message></Response>"


class Answer:
    """What the person's phone company sees."""

    def __init__(
        self, layer: WSGIApplication, path: str = "/sms", body: bytes = b"Body=hi", method: str = "POST"
    ) -> None:
        self.status = ""
        self.headers: dict[str, str] = {}
        began = time.monotonic()
        environ: WSGIEnvironment = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
        self.body = b"".join(layer(environ, self._start))
        self.seconds = time.monotonic() - began

    def _start(
        self, status: str, headers: list[tuple[str, str]], _exc_info: object = None, /
    ) -> Callable[[bytes], None]:
        self.status, self.headers = status, dict(headers)
        return lambda _chunk: None


def around(
    app: WSGIApplication, *, deadline: float = 1.0, slots: int = 2, told: Queue[str] | None = None
) -> LastResort:
    layer = LastResort(lambda: (app, told.put if told else None), deadline=deadline, slots=slots)
    layer.wait(5)
    return layer


def answering(status: str = "200 OK", body: bytes = ANSWER) -> WSGIApplication:
    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, [("Content-Type", "text/xml; charset=utf-8"), ("X-Nightlight-Route", "menu")])
        return [body]

    return app


def raising(error: BaseException) -> WSGIApplication:
    def app(_environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
        raise error

    return app


class Hanging:
    """An application that does not come back until the test lets it."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.released.wait(30)
        return answering()(environ, start_response)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    app = Hanging()
    yield app
    app.released.set()


def is_crisis_answer(answer: Answer) -> bool:
    return (answer.status, answer.body) == ("200 OK", CRISIS_TWIML) and answer.headers["Content-Type"].startswith(
        "text/xml"
    )


def test_a_text_to_a_line_that_works_gets_that_lines_answer() -> None:
    answer = Answer(around(answering()))

    assert (answer.status, answer.body) == ("200 OK", ANSWER)
    assert answer.headers["X-Nightlight-Route"] == "menu"


def test_the_line_sees_the_whole_text_and_its_length() -> None:
    seen: list[tuple[bytes, str]] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append((environ["wsgi.input"].read(), environ["CONTENT_LENGTH"]))
        return answering()(environ, start_response)

    Answer(around(app), body=b"Body=" + b"a" * 1600)

    assert seen == [(b"Body=" + b"a" * 1600, "1605")]


def test_a_forged_text_is_still_refused() -> None:
    assert Answer(around(answering("403 FORBIDDEN", b"no"))).status == "403 FORBIDDEN"


@pytest.mark.parametrize(
    "error", [ValueError("bug"), SystemExit(1), MemoryError(), RecursionError(), KeyboardInterrupt()]
)
def test_a_text_that_meets_a_bug_gets_the_crisis_answer(error: BaseException) -> None:
    assert is_crisis_answer(Answer(around(raising(error))))


def test_a_text_whose_answer_breaks_half_way_gets_the_crisis_answer() -> None:
    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        yield b"<Response>"
        raise OSError

    assert is_crisis_answer(Answer(around(app)))


@pytest.mark.parametrize(
    "status", ["500 INTERNAL SERVER ERROR", "400 BAD REQUEST", "404 NOT FOUND", "413 X", "302 FOUND"]
)
def test_a_text_never_gets_an_error_page(status: str) -> None:
    assert is_crisis_answer(Answer(around(answering(status))))


def test_a_text_that_meets_a_hang_is_answered_at_the_deadline(hanging: Hanging) -> None:
    answer = Answer(around(hanging, deadline=0.2))

    assert is_crisis_answer(answer)
    assert 0.2 <= answer.seconds < 0.5


def test_a_text_is_answered_at_once_when_everything_hangs(hanging: Hanging) -> None:
    layer = around(hanging, deadline=0.1, slots=2)
    for _ in range(2):
        Answer(layer)

    answer = Answer(layer)

    assert is_crisis_answer(answer)
    assert answer.seconds < 0.05


def test_a_text_behind_texts_that_hang_gets_the_lines_own_answer_soon(hanging: Hanging) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (hanging if environ["wsgi.input"].read() == b"hangs" else answering())(environ, start_response)

    layer = around(app, slots=8)
    waiting = [threading.Thread(target=Answer, args=(layer,), kwargs={"body": b"hangs"}) for _ in range(4)]
    for one in waiting:
        one.start()
    time.sleep(0.02)

    answer = Answer(layer)

    hanging.released.set()
    for one in waiting:
        one.join()
    assert answer.body == ANSWER
    assert answer.seconds < 0.5


def test_a_rush_of_texts_is_worked_off_a_few_at_a_time() -> None:
    at_work, seen = set[int](), list[int]()

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        at_work.add(threading.get_ident())
        seen.append(len(at_work))
        time.sleep(0.005)
        at_work.discard(threading.get_ident())
        return answering()(environ, start_response)

    layer = around(app, slots=60)
    rush = [threading.Thread(target=Answer, args=(layer,)) for _ in range(60)]
    for one in rush:
        one.start()
    for one in rush:
        one.join()

    assert len(seen) == 60
    assert max(seen) < 8


def test_the_line_answers_by_itself_again_once_the_hang_is_over(hanging: Hanging) -> None:
    layer = around(hanging, deadline=0.1, slots=1)
    Answer(layer)

    hanging.released.set()
    time.sleep(0.05)

    assert Answer(layer).body == ANSWER


def test_status_reports_that_hang_take_no_slot_from_a_text(hanging: Hanging) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (hanging if environ["PATH_INFO"] == "/sms/status" else answering())(environ, start_response)

    layer = around(app, deadline=0.1, slots=1)

    assert Answer(layer, "/sms/status").body == NOTHING_TWIML
    assert Answer(layer).body == ANSWER


def test_a_body_that_no_phone_company_sends_gets_the_crisis_answer_unread_by_the_line() -> None:
    assert is_crisis_answer(Answer(around(answering()), body=b"a" * (64 * 1024 + 1)))
    assert Answer(around(answering()), body=b"a" * (64 * 1024)).body == ANSWER


def test_a_page_streams_through_untouched() -> None:
    chunks = iter([b"event: one\n\n", b"event: two\n\n"])

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return chunks

    environ: WSGIEnvironment = {"REQUEST_METHOD": "GET", "PATH_INFO": "/phone/events"}
    assert around(app)(environ, lambda *_: lambda _chunk: None) is chunks


def test_every_last_resort_answer_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    told: Queue[str] = Queue()

    Answer(around(raising(ValueError("+15005550006")), told=told))

    assert told.get(timeout=5) == "ValueError"
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["error"]) == ("last resort", "ValueError")
    assert "0006" not in json.dumps(line)


def test_a_text_is_answered_while_whoever_is_told_of_it_hangs(hanging: Hanging) -> None:
    layer = LastResort(lambda: (raising(ValueError()), lambda _reason: hanging.released.wait(30)))  # type: ignore[func-returns-value]
    layer.wait(5)

    assert all(Answer(layer).seconds < 0.1 for _ in range(3))


class Mended:
    """A line that cannot be built the first time."""

    def __init__(self, error: BaseException) -> None:
        self.error: BaseException | None = error

    def __call__(self) -> tuple[WSGIApplication, None]:
        if self.error:
            raise self.error
        return answering(), None


class Wrong(Exception):
    problems = ("PUBLIC_URL is not set.", "PORT is wrong.")


def test_a_text_to_a_line_that_cannot_start_gets_the_crisis_answer() -> None:
    layer = LastResort(Mended(ImportError("+15005550006")))
    layer.wait(5)

    assert is_crisis_answer(Answer(layer))
    assert Answer(layer, "/sms/status").body == NOTHING_TWIML
    assert Answer(layer, "/healthz", method="GET").status == "200 OK"
    assert "0006" not in Answer(layer, "/readyz", method="GET").body.decode()


def test_whoever_asks_why_the_line_cannot_start_reads_every_wrong_setting_and_is_told_unasked() -> None:
    told: Queue[str] = Queue()
    layer = LastResort(Mended(Wrong()), until_started=told.put)
    layer.wait(5)

    answer = Answer(layer, "/readyz", method="GET")

    assert answer.status == "503 Service Unavailable"
    assert json.loads(answer.body) == {"ready": False, "last_resort": True, "problems": list(Wrong.problems)}
    assert [told.get(timeout=5) for _ in range(2)] == [f"not started: {problem}" for problem in Wrong.problems]


def test_whoever_asks_reads_every_mistake_of_a_broken_playbook() -> None:
    broken = PlaybookError([Mistake("config/keywords.yaml", 3, "heroin", "is claimed twice", "Remove one")])
    layer = LastResort(Mended(broken))
    layer.wait(5)

    (problem,) = json.loads(Answer(layer, "/readyz", method="GET").body)["problems"]

    assert problem.startswith("config/keywords.yaml:3")


def test_a_text_that_comes_while_the_line_starts_is_not_kept_waiting(hanging: Hanging) -> None:
    def slow() -> tuple[WSGIApplication, None]:
        hanging.released.wait(30)
        return answering(), None

    layer = LastResort(slow)

    assert is_crisis_answer(Answer(layer))
    hanging.released.set()
    layer.wait(5)
    assert Answer(layer).body == ANSWER


def test_a_line_that_is_mended_while_it_runs_answers_by_itself_again() -> None:
    build = Mended(Wrong())
    layer = LastResort(build, pause=0.05)
    layer.wait(5)

    build.error = None
    time.sleep(0.2)

    assert Answer(layer).body == ANSWER


def test_the_crisis_answer_reads_on_every_phone_and_names_both_numbers_first() -> None:
    (message,) = ElementTree.fromstring(CRISIS_TWIML).iter("Message")

    assert message.text == CRISIS_TEXT
    assert CRISIS_TEXT.isascii()
    assert not set(CRISIS_TEXT) & set("^{}\\[]~|`")
    assert len(CRISIS_TEXT) <= 2 * 153
    assert 0 <= CRISIS_TEXT.index("911") < CRISIS_TEXT.index("988") < 60
    assert "AYUDA al 988" in CRISIS_TEXT


WITHOUT_THE_REST = """
import sys, time
import service.lastresort

assert not [name for name in sys.modules if name.startswith(("service.", "flask")) and name != "service.lastresort"]
sys.modules["service.settings"] = sys.modules["service.app"] = None  # from here on, importing them fails
answer = service.lastresort.application({"REQUEST_METHOD": "POST", "PATH_INFO": "/sms"}, lambda *start: print(start))
print(b"".join(answer).decode())
time.sleep(0.2)  # the report is written beside the answer
"""


def test_nothing_of_ours_needs_to_import_for_the_last_resort_to_stand() -> None:
    ended = subprocess.run([sys.executable, "-c", WITHOUT_THE_REST], capture_output=True, text=True, check=False)

    assert "200 OK" in ended.stdout
    assert CRISIS_TEXT in ended.stdout
    assert "ModuleNotFoundError" in ended.stderr
