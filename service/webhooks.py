"""What Twilio calls: a text that came in, and what became of a text of ours. No rule of the line is here."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from flask import Blueprint, Request, Response, request
from werkzeug.datastructures import MultiDict

from service import lastresort, meters
from service.alerts import Alerts
from service.gateway import Misshapen, Signatures, parse_inbound, parse_status, twiml
from service.line import Answer, Line
from service.policy.conversation import FollowUpId, Level
from service.policy.directory import Directory
from service.settings import Settings

XML = "text/xml; charset=utf-8"
ANSWER_STATUS_PATH = "/sms/status"


def blueprint(line: Line, settings: Settings, signatures: Signatures, alerts: Alerts) -> Blueprint:
    """Both addresses refuse with 403 what is not signed, and answer 200 to whatever is."""
    webhooks = _Webhooks(line, settings, signatures, _Suspicion(alerts))
    sms = Blueprint("sms", __name__)
    sms.post("/sms")(webhooks.inbound)
    sms.post(ANSWER_STATUS_PATH)(webhooks.status)
    return sms


@dataclass(frozen=True, slots=True)
class _Webhooks:
    """What is done for each of the two."""

    line: Line
    settings: Settings
    signatures: Signatures
    suspicion: _Suspicion

    def inbound(self) -> Response:
        form = self._signed()
        if form is None:
            return _refused()
        try:
            message = parse_inbound(
                form,
                self.settings.account_sid,
                self.line.clock(),
                twilio_keeps_opt_outs=self.settings.opt_outs == "twilio",
            )
        except Misshapen:
            # Whoever it is, somebody texted: the constant answer, and no effect.
            meters.REFUSED.labels("misshapen").inc()
            return Response(lastresort.CRISIS_TWIML, content_type=XML)
        answer = self.line.receive(message)
        response = _answered(answer, self.settings)
        if not self.settings.production:
            _explain(response, answer, self.line.playbook().directory)
        return response

    def status(self) -> Response:
        form = self._signed()
        if form is None:
            return _refused()
        try:
            report = parse_status(form, self.settings.account_sid)
        except Misshapen:
            meters.REFUSED.labels("misshapen").inc()
            return Response(lastresort.NOTHING_TWIML, content_type=XML)
        if row := request.args.get("row"):
            self.line.record_status(FollowUpId(row), report)
        else:
            level = request.args.get("level", "")
            known = Level(level) if level in set(Level) else Level.NONE
            self.line.record_answer_status(request.args.get("reply", ""), known, report)
        # Twilio goes on with the TwiML that an action returns: there is nothing more to say.
        return Response(lastresort.NOTHING_TWIML, content_type=XML)

    def _signed(self) -> dict[str, list[str]] | None:
        """The form, if Twilio signed it."""
        form = _fields(request.form)
        if self.signatures.are_right(_called(request), form, request.headers.get("X-Twilio-Signature", "")):
            return form
        meters.REFUSED.labels("signature").inc()
        if form.get("AccountSid") == [self.settings.account_sid]:
            self.suspicion.grows()
        return None


def _fields(form: MultiDict[str, str]) -> dict[str, list[str]]:
    return {field: form.getlist(field) for field in form}


def _called(called: Request) -> str:
    """The path and query that Twilio called, as it signed them."""
    query = called.query_string.decode("latin-1")
    return f"{called.path}?{query}" if query else called.path


def _refused() -> Response:
    return Response(
        "This address answers signed requests only.\n", status=403, content_type="text/plain; charset=utf-8"
    )


def _answered(answer: Answer, settings: Settings) -> Response:
    address = settings.public_url + _status_path(answer.reply, answer.level)
    return Response(twiml(answer.text or None, address), content_type=XML)


@lru_cache(maxsize=1024)
def _status_path(reply: str, level: str) -> str:
    """Where the carrier's report on an answer is to be sent: there are a few hundred."""
    return f"{ANSWER_STATUS_PATH}?{urlencode({'reply': reply, 'level': level})}"


def _explain(response: Response, answer: Answer, directory: Directory) -> None:
    """For the phone page, which shows beside each answer why it was given, and which of its lines nobody has tried."""
    for name in ("level", "kind", "route", "reason", "segments", "release"):
        response.headers[f"X-Nightlight-{name.capitalize()}"] = str(getattr(answer, name))
    lines = (directory.line(id_) for id_ in answer.line.split())
    untried = dict.fromkeys(line.name for line in lines if line and not line.verified)
    response.headers["X-Nightlight-Unverified"] = ", ".join(untried).encode("ascii", "replace").decode()


class _Suspicion:
    """Several wrong signatures under our own account in a short time: likelier a rotated token than an attack."""

    def __init__(self, alerts: Alerts, clock: Callable[[], float] = time.monotonic) -> None:
        self._alerts = alerts
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=3)

    def grows(self) -> None:
        self._failures.append(self._clock())
        if len(self._failures) == 3 and self._failures[-1] - self._failures[0] < 300:
            self._alerts.alert(
                "signatures",
                "Texts that name our Twilio account are refused: their signatures are wrong.",
                "Compare TWILIO_AUTH_TOKEN and PUBLIC_URL with Twilio's console; give both tokens while you rotate. "
                "Until then people get Twilio's fallback text.",
            )
