"""The Flask application: which doors stand open. What they open to is wired in `wiring.py`."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask

from service import meters, operations, webhooks
from service.gateway import Signatures
from service.lastresort import BODY_LIMIT
from service.line import Clock, now_utc
from service.policy.conversation import PhoneNumber
from service.policy.ledger import UNTOUCHED
from service.settings import Settings
from service.wiring import Parts

DRAIN_EVERY = 3.0
"""Seconds between looks at the spool."""


def create_app(settings: Settings, clock: Clock = now_utc) -> Flask:
    """Raises PlaybookError or another error of the wiring where the line cannot stand; lastresort answers then."""
    parts = Parts.for_web(settings, clock)
    try:
        app = _opened(settings, parts)
        parts.line.warm_up()
    except BaseException:
        parts.close()  # it is tried again and again: nothing may be left of each try
        raise
    _keep_draining(parts)
    return app


def _opened(settings: Settings, parts: Parts) -> Flask:
    """All its doors, none of them called yet."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    signatures = Signatures(settings.public_url, settings.auth_tokens)
    app.register_blueprint(webhooks.blueprint(parts.line, settings, signatures, parts.alerts))
    app.register_blueprint(operations.blueprint(parts))
    if not settings.production:
        _install_the_phone(app, parts)
    app.extensions["on_last_resort"] = _shout(parts)
    return app


def _install_the_phone(app: Flask, parts: Parts) -> None:
    """Imported here, so that nothing of it is loaded where it must not be."""
    from service import phone

    def hurry(number: str) -> int:
        return parts.records.hurry(parts.sealer.key_of(PhoneNumber(number)), parts.clock())

    def planned(number: str) -> list[phone.Planned]:
        standings = parts.records.follow_ups_of(parts.sealer.key_of(PhoneNumber(number)))
        return [phone.Planned(one.plan, one.due_at, one.zone) for one in standings if one.state in UNTOUCHED]

    app.register_blueprint(phone.blueprint(parts.settings, hurry=hurry, planned=planned))


def _shout(parts: Parts) -> Callable[[str], None]:
    def on_last_resort(reason: str) -> None:
        meters.LAST_RESORTS.labels(reason).inc()
        parts.alerts.alert(
            "last_resort",
            f"A text got the constant crisis answer: {reason}.",
            "Look at the log of the web process for the error; the line answers others meanwhile.",
        )

    return on_last_resort


def _keep_draining(parts: Parts) -> None:
    """Whoever wrote to the spool drains it: it is this machine's disk."""

    def drain() -> None:
        never = threading.Event()
        while not never.wait(DRAIN_EVERY):
            if parts.spool.waiting():
                parts.spool.drain(parts.records.apply)

    threading.Thread(target=drain, name="spool", daemon=True).start()
