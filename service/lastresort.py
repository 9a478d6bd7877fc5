"""The outermost layer: whatever breaks behind it, a text gets the crisis answer in time. Nothing of ours at the top."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from queue import Empty, Full, Queue, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    Hook = Callable[[str], None]
    Build = Callable[[], tuple[WSGIApplication, Hook | None]]

CRISIS_TEXT = (
    "Call 911 if you are in danger now. Call or text 988 to talk with someone, day or night. "
    "We could not read your text just now; please text again in a few minutes. "
    "En peligro ahora: llama al 911. Llama o envia AYUDA al 988 para hablar con alguien."
)
"""GSM-7 and two segments. It holds for whoever texts, so it may go out unasked and unsigned."""

_XML = '<?xml version="1.0" encoding="UTF-8"?>'
CRISIS_TWIML = f"{_XML}<Response><Message>{CRISIS_TEXT}</Message></Response>".encode()
NOTHING_TWIML = f"{_XML}<Response/>".encode()

BODY_LIMIT = 64 * 1024
DEADLINE = 1.0
"""Seconds for the whole answer. Twilio waits for 15, the person in front of the phone does not."""
SLOTS = 96
"""Requests side by side, half as many again as the server has threads, so that only hanging ones can take them all.
One that hangs keeps its slot; once all do, the constant answer comes at once."""
SIDE_BY_SIDE = 2
"""Requests that are worked on at once, beside those that take long: more only take the interpreter from each other."""
SOON = 0.05
"""Seconds after which a request takes long: it waits for something, and another may be worked on in its place."""
STARTING_TIME = 20.0
"""Seconds that a start of the server waits for the line; after that texts get the constant answer until it is there."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds before a failed start is tried again: a playbook may have been mended meanwhile."""


class LastResort:
    """A WSGI application around another that `build` makes in the background, and tries again while it fails."""

    def __init__(
        self,
        build: Build,
        *,
        until_started: Hook | None = None,
        deadline: float = DEADLINE,
        slots: int = SLOTS,
        pause: float = FIRST_PAUSE,
    ) -> None:
        self.app: WSGIApplication | None = None
        self.problems: tuple[str, ...] = ("The line is starting.",)
        self._build = build
        self._pause = pause
        self._reporter = _Reporter(until_started)
        self._first_try_ended = threading.Event()
        self._guards = {
            "/sms": _Guard(CRISIS_TWIML, slots, deadline, self._reporter),
            "/sms/status": _Guard(NOTHING_TWIML, slots, deadline, self._reporter),
        }
        threading.Thread(target=self._start, name="start", daemon=True).start()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        guard = self._guards.get(environ.get("PATH_INFO", "")) if environ.get("REQUEST_METHOD") == "POST" else None
        if guard:
            return guard.answer(self.app, environ, start_response)
        if self.app:
            return self.app(environ, start_response)
        return self._without_app(environ, start_response)

    def wait(self, seconds: float) -> None:
        """Return once the first try to build has ended, well or not."""
        self._first_try_ended.wait(seconds)

    def _start(self) -> None:
        while not self._started():
            time.sleep(self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _started(self) -> bool:
        try:
            self.app, self._reporter.hook = self._build()
        except BaseException as error:  # a failed import may raise anything, and a text may come at any moment
            self._note_failure(error)
        self._first_try_ended.set()
        return self.app is not None

    def _note_failure(self, error: BaseException) -> None:
        problems = _problems_of(error)
        if problems != self.problems:
            self.problems = problems
            for problem in problems:
                self._reporter.report(f"not started: {problem}")

    def _without_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        if environ.get("PATH_INFO") == "/healthz":
            return _plain(start_response, "200 OK", b"alive\n", "text/plain")
        state = json.dumps({"ready": False, "last_resort": True, "problems": self.problems}).encode()
        return _plain(start_response, "503 Service Unavailable", state, "application/json")


class _Guard:
    """One address that Twilio calls: answered in time, with 200 or 403, whatever the application does."""

    def __init__(self, constant: bytes, slots: int, deadline: float, reporter: _Reporter) -> None:
        self._constant = constant
        self._deadline = deadline
        self._slots = _Slots(slots)
        self._reporter = reporter

    def answer(
        self, app: WSGIApplication | None, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        reason, error = "not started", None
        if app:
            body = _body(environ)
            call = _Call(app, {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))})
            reason, error = self._tried(call, body)
            if not reason:
                start_response(call.status, call.headers)
                return [call.body]
        self._reporter.report(reason, error)
        return _plain(start_response, "200 OK", self._constant, "text/xml; charset=utf-8")

    def _tried(self, call: _Call, body: bytes) -> tuple[str, BaseException | None]:
        """Why the call's own answer cannot be given, or an empty reason."""
        if len(body) > BODY_LIMIT:
            return "too large", None
        if not self._slots.take(call):
            return "no slot", None
        if not self._ended_in_time(call):
            return "deadline", None
        if call.error:
            return type(call.error).__name__, call.error
        if call.status[:3] not in ("200", "403"):
            return f"status {call.status[:3]}", None
        return "", None

    def _ended_in_time(self, call: _Call) -> bool:
        waited, patience = 0.0, SOON
        while not call.ended.acquire(timeout=min(patience, self._deadline - waited)):
            waited += patience
            if waited >= self._deadline:
                return False
            self._slots.hurry()
            patience *= 2
        return True


@dataclass(slots=True)
class _Call:
    """One request on its way through the application."""

    app: WSGIApplication
    environ: WSGIEnvironment
    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    error: BaseException | None = None
    ended: threading.Lock = field(default_factory=threading.Lock)
    """Held until the application has ended: a lock is the cheapest thing to wait for."""

    def __post_init__(self) -> None:
        self.ended.acquire()

    def run(self) -> None:
        try:
            self.body = self._whole_body()
        except BaseException as error:  # SystemExit or MemoryError in a handler is no reason for silence
            self.error = error
        finally:
            self.ended.release()

    def _whole_body(self) -> bytes:
        chunks = self.app(self.environ, self._start_response)
        try:
            return b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], _exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return _no_write


class _Slots:
    """A bounded number of threads. One that hangs does not keep the process from ending, as an executor's would."""

    def __init__(self, count: int) -> None:
        self._free = threading.Semaphore(count)
        self._lanes = threading.Semaphore(SIDE_BY_SIDE)
        self._calls: SimpleQueue[_Call] = SimpleQueue()
        self._began: dict[int, float] = {}
        """When each thread took up what it is working on."""

    def take(self, call: _Call) -> bool:
        """False, at once, while all are taken or the machine gives no more threads."""
        if not self._free.acquire(blocking=False):
            return False
        if self._lanes.acquire(blocking=False) and not _started(self._serve):
            self._lanes.release()
            self._free.release()
            return False
        self._calls.put(call)
        return True

    def hurry(self) -> None:
        """One that waits for its turn gets a thread of its own where those under way take long, not where many wait.

        Under a load that is too much, threads that take the interpreter from each other would only make it worse.
        """
        now = time.monotonic()
        brisk = sum(now - began < SOON for began in list(self._began.values()))
        if brisk < SIDE_BY_SIDE and not self._calls.empty():
            _started(self._serve_one)

    def _serve(self) -> None:
        while True:
            self._run(self._calls.get())

    def _serve_one(self) -> None:
        with suppress(Empty):  # its turn came meanwhile
            self._run(self._calls.get_nowait())

    def _run(self, call: _Call) -> None:
        self._began[threading.get_ident()] = time.monotonic()
        call.run()
        del self._began[threading.get_ident()]
        self._free.release()


def _started(work: Callable[[], None]) -> bool:
    """Whether the machine gave a thread for it."""
    try:
        threading.Thread(target=work, name="text", daemon=True).start()
    except RuntimeError:
        return False
    return True


class _Reporter:
    """Says on stderr and to the hook what happened, beside the answers: neither may hold one up."""

    def __init__(self, hook: Hook | None) -> None:
        self.hook = hook
        self._reports: Queue[tuple[str, BaseException | None]] = Queue(maxsize=256)
        threading.Thread(target=self._serve, name="report", daemon=True).start()

    def report(self, reason: str, error: BaseException | None = None) -> None:
        with suppress(Full):
            self._reports.put_nowait((reason, error))

    def _serve(self) -> None:
        while True:
            reason, error = self._reports.get()
            with suppress(Exception):  # the top of a thread that must outlive a broken hook or a closed stderr
                self._say(reason, error)
                if self.hook:
                    self.hook(reason)

    def _say(self, reason: str, error: BaseException | None) -> None:
        line = {
            "ts": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "severity": "critical",
            "process": "web",
            "event": "last resort",
            "reason": reason,
            **({"error": type(error).__name__, "at": _place(error)} if error else {}),
        }
        print(json.dumps(line), file=sys.stderr, flush=True)


def _body(environ: WSGIEnvironment) -> bytes:
    """At most one byte over the limit. What a client broke off counts as empty, and the application judges that.

    Read before the slot is taken, outside the deadline: granian 2.8 freezes the whole process if a request ends while
    another thread still reads its body. A client that sends half a text holds a server thread, and no slot.
    """
    try:
        return bytes(environ["wsgi.input"].read(BODY_LIMIT + 1))
    except (OSError, ValueError):
        return b""


def _plain(start_response: StartResponse, status: str, body: bytes, content_type: str) -> list[bytes]:
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]


def _no_write(_chunk: bytes) -> object:
    raise NotImplementedError("WSGI's write() is not used here")


def _problems_of(error: BaseException) -> tuple[str, ...]:
    """An error of ours carries sentences without secrets; any other is named by type and place, not by its words."""
    sentences = getattr(error, "problems", None) or getattr(error, "mistakes", None)
    return tuple(map(str, sentences)) if sentences else (f"{type(error).__name__} at {_place(error)}",)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if not trace:
        return "an unknown place"
    return f"{'/'.join(PurePath(trace.tb_frame.f_code.co_filename).parts[-2:])}:{trace.tb_lineno}"


def _line() -> tuple[WSGIApplication, Hook | None]:
    from service import logs, starting
    from service.settings import Settings

    logs.configure("web")
    settings = Settings.read(os.environ)
    with starting.all_of_it_stays():
        from service.app import create_app

        app = create_app(settings)
    return app.wsgi_app, app.extensions.get("on_last_resort")


def _shout(reason: str) -> None:
    """Who is told until the line has started and says so itself."""
    from service.alerts import Alerts
    from service.settings import CHECKOUT

    url = os.environ.get("NIGHTLIGHT_ALERT_URL")
    if url:
        var = Path(os.environ.get("NIGHTLIGHT_VAR") or CHECKOUT / "var")
        what = f"Each text gets only the constant crisis answer, since the line cannot start ({reason})."
        Alerts(url, var).alert("last-resort-start", what, "Read /readyz or the web's log, mend it, and start again.")


def __getattr__(name: str) -> LastResort:
    """`application` is made when the server asks for it: importing this module does nothing, so it cannot fail."""
    if name != "application":
        raise AttributeError(name)
    application = LastResort(_line, until_started=_shout)
    application.wait(STARTING_TIME)
    globals()["application"] = application
    return application
