"""RQ, and nobody else knows it: what may be queued, how it is sealed, and the worker that takes it. Ids only."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker, Worker
from rq.job import Job

QUEUE = "follow-ups"
JOB_TIMEOUT = 120
"""Seconds for one batch: a hung one must not hold its worker for RQ's three minutes."""
FAILURES_KEPT = 3600
"""Seconds that a failed job stays to be looked at. RQ's own default is a year."""
HEARTBEAT_LIFE = timedelta(minutes=2)


class QueueUnavailable(Exception):
    """Redis did not take the job. The rows stay as they are; the sweep hands them over again."""


class ForbiddenJob(Exception):
    """Whoever could write to Redis asked for something that is not ours to do. Nothing was run."""


class _Sealed:
    """RQ's serializer over JSON, sealed: what was not written with our keys is not read at all.

    Pickle runs what it reads, and plain JSON names any function on the path: both let whoever can write to Redis run
    code here.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self.__qualname__ = "sealed"  # RQ notes what its serializer is called
        self._seal = MultiFernet([Fernet(key) for key in keys])

    def dumps(self, value: Any) -> bytes:
        return self._seal.encrypt(json.dumps(value).encode())

    def loads(self, sealed: bytes) -> Any:
        try:
            return json.loads(self._seal.decrypt(sealed))
        except InvalidToken:
            raise ForbiddenJob("not sealed with our keys") from None


class _OurJob(Job):
    """A job that runs only what is on its list, and calls nothing back."""

    allowed: frozenset[str] = frozenset()

    @property
    def func(self) -> Callable[..., object]:
        if self.func_name not in self.allowed or self.instance is not None:
            raise ForbiddenJob("a function that is not on the list")
        function: Callable[..., object] = super().func
        return function

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None

    def restore(self, raw_data: Any) -> None:
        super().restore(raw_data)
        self.webhooks = []


def _only(functions: Sequence[str]) -> type[Job]:
    return type("OurJob", (_OurJob,), {"allowed": frozenset(functions)})


class FollowUpQueue:
    """The way from the clock to the workers. It may lose everything: what is due is known from SQL."""

    def __init__(self, redis_url: str, keys: Sequence[str], *, allowed: Sequence[str], read_timeout: float = 2) -> None:
        self._connection = redis.Redis.from_url(
            redis_url, socket_connect_timeout=1, socket_timeout=read_timeout, retry=Retry(NoBackoff(), 0)
        )
        self._serializer = _Sealed(keys)
        self._job_class = _only(allowed)
        self._queue = Queue(
            QUEUE, connection=self._connection, serializer=self._serializer, job_class=self._job_class, is_async=True
        )

    def put(self, function: str, ids: Sequence[str], *, first: bool = False) -> None:
        """Hand a batch of ids to a worker. Raise QueueUnavailable; the batch may then be queued all the same."""
        try:
            self._queue.enqueue_call(
                function,
                args=(list(ids),),
                job_id=uuid.uuid4().hex,
                unique=True,
                timeout=JOB_TIMEOUT,
                result_ttl=0,
                failure_ttl=FAILURES_KEPT,
                description=function,
                at_front=first,
            )
        except (redis.RedisError, OSError) as error:
            raise QueueUnavailable(type(error).__name__) from None

    def workers(self, now: datetime) -> int:
        """How many workers have shown a sign of life lately. Raise QueueUnavailable."""
        try:
            beats = [worker.last_heartbeat for worker in Worker.all(connection=self._connection)]
        except (redis.RedisError, OSError) as error:
            raise QueueUnavailable(type(error).__name__) from None
        return sum(beat is not None and now - beat.replace(tzinfo=UTC) < HEARTBEAT_LIFE for beat in beats)

    def worker(self) -> SimpleWorker:
        """A worker in this process: no fork for each job, since a job is a handful of HTTP requests.

        RQ changes the time-outs of the connection that it is given, so this queue must not be used for anything else.
        """
        return SimpleWorker(
            [self._queue],
            connection=self._connection,
            serializer=self._serializer,
            job_class=self._job_class,
            log_job_description=False,
            default_result_ttl=0,
            # Short, so that a frozen Redis is noticed in seconds and what a dead worker held is tidied in a minute.
            worker_ttl=30,
            job_monitoring_interval=5,
            maintenance_interval=60,
        )
