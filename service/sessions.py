"""What may vanish at any moment, in Redis: sessions, answers already given, counters. Alone knows its keys."""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import redis
from pydantic import TypeAdapter
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.breaker import Breaker
from service.policy.conversation import SPLIT_TEXT_WINDOW, SenderKey, Session
from service.policy.counting import CountKey
from service.policy.ledger import MessageKey

KEPT = timedelta(hours=24)
PATIENCE = 0.25
"""Seconds for connecting, and for each answer. With its defaults the client would try for up to a minute."""

_VERSION = b"1"
"""Before each stored value. A change that older processes would misread gets a new one: theirs are forgotten."""

_COUNTS = "nightlight:counts"
_FLUSHING = "nightlight:counts:flushing"
_FLUSH_ID = "id"


class _Script:
    """Runs inside the server, as one step; `sha` is what the server knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


_REMEMBER = _Script("""
local given = redis.call('GET', KEYS[1])
if given then return given end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
if ARGV[4] == '' then redis.call('DEL', KEYS[3]) else redis.call('SET', KEYS[3], ARGV[4], 'EX', ARGV[5]) end
for i = 6, #ARGV, 2 do redis.call('HINCRBY', KEYS[4], ARGV[i], ARGV[i + 1]) end
return false
""")

_REPLACE = _Script("""
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
""")

_TAKE = _Script("""
if redis.call('EXISTS', KEYS[2]) == 0 then
  if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
end
return redis.call('HGETALL', KEYS[2])
""")

_TAKEN = _Script("""
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
return 1
""")


class SessionsUnavailable(Exception):
    """Redis did not answer. Nothing is known about a write; go on as with a stranger."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it was given, so that a repeated delivery gets the very same."""

    text: str
    """Empty for a silence."""
    reply: str = ""
    level: str = ""
    kind: str = ""
    route: str = ""
    reason: str = ""
    line: str = ""
    """The ids of the help lines it named."""
    language: str = ""
    segments: int = 0
    release: str = ""


@dataclass(frozen=True, slots=True)
class Recalled:
    answer: StoredAnswer | None
    session: Session


_SESSION = TypeAdapter(Session)
_ANSWER = TypeAdapter(StoredAnswer)


class Sessions:
    """Thread-safe; connects when first used. Every method may raise SessionsUnavailable, within half a second at worst.

    After a failure Redis is left alone for `rest`, in which every call fails at once.
    """

    def __init__(self, url: str, *, rest: timedelta = timedelta(seconds=1.5)) -> None:
        self._wire = _Wire(url)
        self._breaker = Breaker(rest)

    def ping(self) -> None:
        self._ask("PING")

    def close(self) -> None:
        self._wire.close()

    def recall(self, message: MessageKey, sender: SenderKey) -> Recalled:
        """Whether this very message was answered already, and what is remembered of its sender. One round trip."""
        found = self._ask("MGET", _answer_key(message), _session_key(sender), _tail_key(sender))
        answer, session, tail = _read(_ANSWER, found[0]), _read(_SESSION, found[1]), _read(_SESSION, found[2])
        session = session or Session()
        return Recalled(answer, replace(session, tail=tail.tail, tail_at=tail.tail_at) if tail else session)

    def remember(
        self,
        message: MessageKey,
        sender: SenderKey,
        session: Session,
        answer: StoredAnswer,
        counts: Mapping[CountKey, int],
    ) -> StoredAnswer:
        """The answer in force. If the message was answered meanwhile, that answer, and nothing is written.

        Of copies that are handled side by side, so, each brings the same. One round trip.
        """
        counted = [field for key, n in counts.items() for field in (key.as_text(), n)]
        # What is left of a half sentence is gone in two minutes, the rest of the session in a day.
        tail = b""
        if session.tail:
            tail = _written(_SESSION, Session(tail=session.tail, tail_at=session.tail_at))
            session = replace(session, tail=(), tail_at=None)
        values = [
            _written(_ANSWER, answer),
            _written(_SESSION, session),
            int(KEPT.total_seconds()),
            tail,
            int(SPLIT_TEXT_WINDOW.total_seconds()),
            *counted,
        ]
        keys = [_answer_key(message), _session_key(sender), _tail_key(sender), _COUNTS]
        given = self._run(_REMEMBER, keys, values)
        return _read(_ANSWER, given) or answer

    def amend(self, sender: SenderKey, change: Callable[[Session], Session]) -> None:
        """Changes what is remembered of somebody, while they may be texting: what they say in between is kept."""
        key = _session_key(sender)
        for _ in range(5):
            before = self._ask("GET", key)
            after = _written(_SESSION, change(_read(_SESSION, before) or Session()))
            if self._run(_REPLACE, [key], [before or b"", after, int(KEPT.total_seconds())]):
                return
        raise SessionsUnavailable("the session changed each time it was to be amended")

    def forget(self, sender: SenderKey) -> None:
        self._ask("DEL", _session_key(sender), _tail_key(sender))

    def take_counts(self) -> tuple[str, dict[CountKey, int]] | None:
        """The counts so far, with an id that stays the same until `counts_flushed`: add them once for each id."""
        flat = self._run(_TAKE, [_COUNTS, _FLUSHING], [_FLUSH_ID, uuid.uuid4().hex])
        fields = {name.decode(): value.decode() for name, value in _pairs(flat)}
        if not fields:
            return None
        flush_id = fields.pop(_FLUSH_ID)
        keys = {CountKey.from_text(name): int(value) for name, value in fields.items()}
        return flush_id, {key: n for key, n in keys.items() if key}

    def counts_flushed(self, flush_id: str) -> None:
        self._run(_TAKEN, [_FLUSHING], [_FLUSH_ID, flush_id])

    def _run(self, script: _Script, keys: Sequence[str], values: Sequence[str | bytes | int]) -> Any:
        return self._ask(script, len(keys), *keys, *values)

    def _ask(self, command: str | _Script, *values: str | bytes | int) -> Any:
        if not self._breaker.may_try():
            raise SessionsUnavailable("Redis failed a moment ago and is left alone")
        try:
            answer = self._wire.ask(command, *values)
        except (redis.RedisError, OSError) as error:
            self._breaker.failed()
            raise SessionsUnavailable(f"Redis cannot be used: {type(error).__name__}") from None
        self._breaker.succeeded()
        return answer


class _Wire:
    """Connections to one server, each asked one thing at a time. The client around them costs as much as they do."""

    def __init__(self, url: str) -> None:
        self._pool: redis.ConnectionPool = redis.ConnectionPool.from_url(
            url,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),  # it would keep somebody waiting
        )
        self._idle: deque[redis.Connection] = deque()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().disconnect()  # type: ignore[no-untyped-call]

    def ask(self, command: str | _Script, *values: str | bytes | int) -> Any:
        if isinstance(command, str):
            return self._answer(command, *values)
        try:
            return self._answer("EVALSHA", command.sha, *values)
        except redis.exceptions.NoScriptError:
            return self._answer("EVAL", command.source, *values)

    def _answer(self, *command: str | bytes | int) -> Any:
        """On a connection that the server has closed since it was used, again on another: what it was told is gone."""
        while True:
            try:
                known = self._idle.pop()
            except IndexError:
                return self._asked(self._pool.connection_class(**self._pool.connection_kwargs), command)
            with suppress(redis.ConnectionError):
                return self._asked(known, command)

    def _asked(self, connection: redis.Connection, command: tuple[str | bytes | int, ...]) -> Any:
        try:
            connection.send_command(*command)  # type: ignore[no-untyped-call]
            answer = connection.read_response()
        except redis.ResponseError:  # an answer all the same
            self._idle.append(connection)
            raise
        except BaseException:  # half an answer may be left in it
            connection.disconnect()  # type: ignore[no-untyped-call]
            raise
        self._idle.append(connection)
        return answer


def _answer_key(message: MessageKey) -> str:
    return f"nightlight:answer:{message}"


def _session_key(sender: SenderKey) -> str:
    return f"nightlight:session:{sender}"


def _tail_key(sender: SenderKey) -> str:
    return f"nightlight:tail:{sender}"


def _written(shape: TypeAdapter[Any], value: object) -> bytes:
    return _VERSION + shape.dump_json(value, exclude_defaults=True)


def _read(shape: TypeAdapter[Any], stored: object) -> Any:
    """None for what is not there, or cannot be read: that of an older version, or damaged."""
    if not isinstance(stored, bytes) or not stored.startswith(_VERSION):
        return None
    try:
        return shape.validate_json(stored[len(_VERSION) :])
    except ValueError:
        return None


def _pairs(flat: list[bytes] | dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """A script's answer is a flat list, or a map where the protocol has maps."""
    return list(flat.items()) if isinstance(flat, dict) else list(zip(flat[::2], flat[1::2], strict=True))
