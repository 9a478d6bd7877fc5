"""What may stand in a log line, and in what form. No line can hold a phone number or a word of a text."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePath
from types import TracebackType
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

log: FilteringBoundLogger = structlog.get_logger()
"""`log.info("answered", sid=…, reason=…)`: a constant for the event, values only under the names of FIELDS."""

IDS = frozenset({"sid", "row", "release"})
"""Opaque ids: hexadecimal digits may look like a phone number, so only a number that stands alone is taken out."""

_OF_EVERY_LINE = frozenset({"ts", "severity", "process", "logger", "event", "error", "at", "dropped"})
_OF_AN_ANSWER = frozenset({"level", "kind", "route", "reason", "reply", "language", "segments", "line_given"})
_OF_A_SEND = frozenset({"code", "status", "state", "plan", "attempts", "waiting"})
_OF_THE_MACHINE = frozenset({"name", "count", "ms"})
_OF_A_MISTAKE = frozenset({"where", "key", "what", "mend"})
FIELDS = IDS | _OF_EVERY_LINE | _OF_AN_ANSWER | _OF_A_SEND | _OF_THE_MACHINE | _OF_A_MISTAKE
"""Everything that a log line may hold. `level` is the danger's; how bad the line itself is stands in `severity`."""

_NUMBER = re.compile(r"\+?\d{7,}|\+\d[\d ().-]{6,}\d|\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}")
_LETTER = re.compile("[A-Za-z]")
_NUMBER_ALONE = re.compile(r"(?<![0-9A-Za-z])\+?\d{7,15}(?![0-9A-Za-z])")


@lru_cache(maxsize=512)
def without_numbers(text: str) -> str:
    """The text, and in the place of whatever may be a phone number a mark."""
    return _NUMBER.sub("[number]", text)


def configure(process: str) -> None:
    """From now on this process writes one JSON object a line to stderr, its libraries and its crashes too."""
    structlog.configure(
        processors=[_Line(process)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_Stderr,
        cache_logger_on_first_use=True,
    )
    _take_over_libraries(process)
    _take_over_crashes()


class _Stderr:
    """Where lines go. A reader that went away is no reason to leave a person without an answer."""

    def __init__(self, *_names: str) -> None:
        pass

    def msg(self, line: str) -> None:
        try:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            pass

    debug = info = warning = error = critical = exception = msg


class _Line:
    """The last step: an event with only what is allowed, as one line of JSON."""

    def __init__(self, process: str) -> None:
        self.process = process

    def __call__(self, _logger: WrappedLogger, method: str, event: EventDict) -> str:
        error = _error_in(event.pop("exc_info", None))
        if error:
            event["error"], event["at"] = " < ".join(_types(error)), _frames(error.__traceback__)
        ts = datetime.now(UTC).isoformat(timespec="milliseconds")
        severity = "error" if method == "exception" else method
        return json.dumps({"ts": ts, "process": self.process, **_only_allowed(event), "severity": severity})


def _only_allowed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The names of what was left out are kept, so that a field that somebody misses is found."""
    kept = {name: _harmless(name, value) for name, value in entry.items() if name in FIELDS}
    dropped = sorted(set(entry) - FIELDS)
    return {**kept, "dropped": dropped} if dropped else kept


def _harmless(name: str, value: object) -> object:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, list | tuple):
        return [_harmless(name, item) for item in value]
    if isinstance(value, int):
        return value if abs(value) < 10_000_000 else "[number]"
    if isinstance(value, str):
        is_id = name in IDS and _LETTER.search(value)
        return _NUMBER_ALONE.sub("[number]", value) if is_id else without_numbers(value)
    return type(value).__name__


def _error_in(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exception() if exc_info else None


def _types(error: BaseException | None) -> Iterator[str]:
    """What went wrong because of what. Never an exception's words: Twilio's hold the phone number."""
    while error is not None:
        yield type(error).__name__
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _frames(trace: TracebackType | None) -> list[str]:
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{'/'.join(PurePath(code.co_filename).parts[-3:])}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-8:]


class _LibraryHandler(logging.Handler):
    """What libraries log, from warnings on: their sentence with its numbers, without the words put into it."""

    def __init__(self, process: str) -> None:
        super().__init__(logging.WARNING)
        self.line = _Line(process)

    def emit(self, record: logging.LogRecord) -> None:
        event: MutableMapping[str, Any] = {
            "event": _sentence(record),
            "logger": record.name,
            "exc_info": record.exc_info,
        }
        _Stderr().msg(self.line(None, record.levelname.lower(), event))


def _sentence(record: logging.LogRecord) -> str:
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    try:
        return record.msg % _without_words(record.args) if record.args else record.msg
    except (TypeError, ValueError, KeyError):
        return record.msg


def _without_words(args: object) -> object:
    if isinstance(args, Mapping):
        return {name: _number_or_dots(value) for name, value in args.items()}
    return tuple(map(_number_or_dots, args)) if isinstance(args, tuple) else args


def _number_or_dots(value: object) -> object:
    return value if isinstance(value, int | float) else "…"


def _take_over_libraries(process: str) -> None:
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
    for handler in [handler for handler in logging.root.handlers if isinstance(handler, _LibraryHandler)]:
        logging.root.removeHandler(handler)
    logging.root.addHandler(_LibraryHandler(process))
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # below that it logs numbers


def _take_over_crashes() -> None:
    """Python's own reports print the exception's words."""
    sys.excepthook = lambda _type, error, _trace: _report("ended by an error", error)
    sys.unraisablehook = lambda unraisable: _report("an error nobody could take", unraisable.exc_value)
    threading.excepthook = lambda crash: _report("a thread ended by an error", crash.exc_value)


def _report(event: str, error: BaseException | None) -> None:
    if not isinstance(error, KeyboardInterrupt | SystemExit):
        log.critical(event, exc_info=error)
