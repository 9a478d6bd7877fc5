"""The stores, and the processes behind the web, as this machine sees them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from service.doctor.finding import Finding, State
from service.queueing import FollowUpQueue, QueueUnavailable
from service.records import Records, RecordsUnavailable
from service.sealing import Sealer
from service.sessions import Sessions, SessionsUnavailable

CLOCK_IS_GONE = timedelta(minutes=1)


def redis(sessions: Sessions) -> Finding:
    try:
        sessions.ping()
    except SessionsUnavailable:
        mend = "Start it, or look at REDIS_URL. Texts are answered meanwhile, menus and follow-ups wait."
        return Finding("redis", State.FAIL, "Redis does not answer.", mend)
    return Finding("redis", State.OK, "Redis answers.")


def database(records: Records, sealer: Sealer) -> Iterator[Finding]:
    try:
        is_the_pepper = records.pepper_fingerprint(sealer.pepper_fingerprint)
        beat = records.beats().get("clock")
    except RecordsUnavailable:
        mend = "Start it, or look at DATABASE_URL. Texts are answered meanwhile, and what must last is spooled."
        yield Finding("database", State.FAIL, "The database does not answer.", mend)
        return
    yield Finding("database", State.OK, "The database answers.")
    yield _pepper(is_the_pepper)
    yield _clock(beat, datetime.now(UTC))


def _pepper(is_the_one: bool) -> Finding:
    if is_the_one:
        return Finding("pepper", State.OK, "The opt-outs were written under this pepper.")
    mend = "Set NIGHTLIGHT_PEPPER to what it was. Without it nobody who opted out is known, so no follow-up goes out."
    return Finding("pepper", State.FAIL, "The opt-outs were written under another pepper.", mend)


def _clock(beat: datetime | None, now: datetime) -> Finding:
    if beat and now - beat < CLOCK_IS_GONE:
        return Finding("clock", State.OK, "The clock runs.")
    return Finding(
        "clock", State.FAIL, "The clock does not run: no follow-up is handed over.", "Start the clock process."
    )


def workers(queue: FollowUpQueue) -> Finding:
    try:
        count = queue.workers(datetime.now(UTC))
    except QueueUnavailable:
        return Finding("workers", State.FAIL, "Whether a worker runs is in Redis, which does not answer.", "See redis.")
    if count:
        return Finding("workers", State.OK, f"{count} running.")
    return Finding("workers", State.FAIL, "No worker runs: no follow-up is sent.", "Start the worker process.")
