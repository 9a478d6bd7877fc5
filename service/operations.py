"""What engineers and their machines ask: is it alive, what is degraded, what are the figures. No secret, no person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from service import meters
from service.queueing import QueueUnavailable
from service.records import RecordsUnavailable
from service.sessions import SessionsUnavailable
from service.wiring import Parts

CLOCK_IS_GONE = timedelta(minutes=1)
LAG_IS_LONG = timedelta(minutes=5)
UNKNOWN_IS_LONG = timedelta(hours=1)


def blueprint(parts: Parts) -> Blueprint:
    operations = Blueprint("operations", __name__)

    @operations.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return Response("alive\n", content_type="text/plain")

    @operations.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """200 as long as texts are answered, whatever else is away: what is, stands in `degraded`."""
        return jsonify(ready=True, release=parts.shelf.current().release, degraded=degraded(parts), stop=_stop(parts))

    @operations.get("/metrics")
    def metrics() -> ResponseReturnValue:
        """For a scraper in the same network. What came through a proxy came from outside, and learns nothing."""
        if parts.settings.production and "X-Forwarded-For" in request.headers:
            abort(404)
        meters.SPOOLED.set(parts.spool.waiting())
        return Response(meters.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return operations


def degraded(parts: Parts) -> list[str]:
    """One sentence for each thing that is not as it should be, and what it costs."""
    return [*_playbook(parts), *_sessions(parts), *_records(parts), *_spool(parts), *_workers(parts)]


def _stop(parts: Parts) -> str:
    """Which promise holds for somebody who opted out and then texts in danger."""
    if parts.settings.opt_outs == "ours":
        return "STOP is ours: a text in danger is answered also after it."
    return "The carrier or Twilio acts on STOP: after it no answer arrives until START; the STOP text says so."


def _playbook(parts: Parts) -> list[str]:
    mistakes = [f"The playbook was not taken: {mistake}" for mistake in parts.shelf.mistakes]
    return [*mistakes, *(["An earlier playbook is in force."] if parts.shelf.from_last_good else [])]


def _sessions(parts: Parts) -> list[str]:
    try:
        parts.sessions.ping()
    except SessionsUnavailable:
        return ["Redis is away: menus and check-in answers are not understood, follow-ups wait."]
    return []


def _records(parts: Parts) -> list[str]:
    now = parts.clock()
    try:
        beat, lag = parts.records.beats().get("clock"), parts.records.lag(now)
        unknown = parts.records.oldest_unknown(now)
    except RecordsUnavailable:
        return ["SQL is away: what must last is spooled on this machine's disk, follow-ups wait."]
    found = []
    if beat is None or now - beat > CLOCK_IS_GONE:
        found.append("The clock is not running: no follow-up is handed over.")
    if lag > LAG_IS_LONG:
        found.append(f"Follow-ups are {lag.total_seconds() / 60:.0f} minutes late.")
    if unknown and unknown > UNKNOWN_IS_LONG:
        hours = unknown.total_seconds() / 3600
        found.append(f"What became of a follow-up is unknown for {hours:.0f} hours; it is not sent again.")
    return found


def _spool(parts: Parts) -> list[str]:
    waiting, corrupt = parts.spool.waiting(), parts.spool.corrupt()
    found = [f"{waiting} entries wait in the spool for SQL; no follow-up goes out before."] if waiting else []
    return [*found, f"{corrupt} spooled entries cannot be read: see docs/runbook.md."] if corrupt else found


def _workers(parts: Parts) -> list[str]:
    try:
        count = parts.queue.workers(datetime.now(UTC))
    except QueueUnavailable:
        return []  # said already: Redis is away
    return [] if count else ["No worker is running: follow-ups wait."]
