"""The phone page and what it asks for, as a blueprint for development. What the line answers is decided by the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from service.phone import guard, texts, twilio_api
from service.phone.carrier import Answered, Carrier, NotAnswered
from service.phone.mailbox import Mailbox
from service.phone.people import COUNTRIES, PEOPLE, SAMPLES
from service.phone.streams import Streams, TooManyStreams
from service.settings import Settings

LARGEST_BODY = 16 * 1024


@dataclass(frozen=True, slots=True)
class Planned:
    """A follow-up that waits for its time. `what` names its plan; `zone` is the person's, an IANA name."""

    what: str
    due_at: datetime
    zone: str


Hurry = Callable[[str], int]
"""Makes all that is planned for a number due now, whatever the hour; how many that were."""

PlannedFor = Callable[[str], Sequence[Planned]]


def blueprint(settings: Settings, *, hurry: Hurry, planned: PlannedFor) -> Blueprint:
    """The page under `/phone` and Twilio's stand-in under `/phone/twilio`. Never to be registered in production."""
    mailbox = Mailbox()
    carrier, streams = Carrier(settings, mailbox), Streams(mailbox)
    phone = Blueprint("phone", __name__, url_prefix="/phone", static_folder="static", template_folder="templates")
    phone.register_blueprint(twilio_api.blueprint(settings, mailbox, carrier))
    _guard(phone)

    @phone.get("")
    def page() -> ResponseReturnValue:
        line = settings.sender or "the line"
        return render_template("phone.html", people=PEOPLE, countries=COUNTRIES, samples=SAMPLES, line=line)

    @phone.post("/texts")
    def text() -> ResponseReturnValue:
        # get_json refuses what does not say that it is JSON, which a form of another site cannot say unasked.
        return jsonify(_told(carrier.bring(texts.parse(request.get_json()))))

    @phone.get("/events")
    def events() -> ResponseReturnValue:
        bookmark = request.headers.get("Last-Event-ID") or request.args.get("after", "")
        stream = streams.open(texts.number(request.args.get("number")), bookmark)
        return Response(stream, mimetype="text/event-stream")

    @phone.get("/follow-ups")
    def follow_ups() -> ResponseReturnValue:
        waiting = sorted(planned(texts.number(request.args.get("number"))), key=lambda one: one.due_at)
        return jsonify([_due(one) for one in waiting])

    @phone.post("/hurry")
    def hurry_up() -> ResponseReturnValue:
        given = request.get_json()
        return jsonify(hurried=hurry(texts.number(given.get("from") if isinstance(given, dict) else None)))

    return phone


def _guard(phone: Blueprint) -> None:
    """Who is refused, and every refusal as one sentence for the page to show."""

    @phone.before_request
    def refuse_strangers() -> None:
        request.max_content_length = LARGEST_BODY
        guard.refuse_strangers(request)

    phone.after_request(guard.protect)

    @phone.errorhandler(texts.MisshapenText)
    def misshapen(error: texts.MisshapenText) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @phone.errorhandler(NotAnswered)
    def not_answered(error: NotAnswered) -> ResponseReturnValue:
        return jsonify(error=str(error)), 502

    @phone.errorhandler(TooManyStreams)
    def too_many(_: TooManyStreams) -> ResponseReturnValue:
        return jsonify(error="Too many phones are open on this machine. Close one."), 503, {"Retry-After": "2"}

    @phone.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        return jsonify(error=error.description), error.code or 500


def _due(planned: Planned) -> dict[str, str]:
    return {"what": planned.what.replace("_", " "), "due_at": planned.due_at.isoformat(), "zone": planned.zone}


def _told(answered: Answered) -> dict[str, object]:
    """As the page shows it; `at` of each answer is the moment at which the stand-in took it."""
    answers = [
        {"sid": m.sid, "text": m.text, "segments": m.segments, "at": m.created_at.isoformat(timespec="seconds")}
        for m in answered.messages
    ]
    return {"answers": answers, "why": {name: value for name, value in answered.why.items() if value}}
