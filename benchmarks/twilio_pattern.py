"""Twilio's own pattern for Flask, as its documentation has it: a validating decorator and a MessagingResponse."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps

from flask import Flask, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

app = Flask(__name__)


def validate_twilio_request(view: Callable[[], str]) -> Callable[[], str]:
    @wraps(view)
    def decorated() -> str:
        validator = RequestValidator(os.environ.get("TWILIO_AUTH_TOKEN"))
        if not validator.validate(request.url, request.form, request.headers.get("X-TWILIO-SIGNATURE", "")):
            abort(403)
        return view()

    return decorated


@app.post("/sms")
@validate_twilio_request
def sms() -> str:
    body = request.values.get("Body", None)
    response = MessagingResponse()
    response.message("Hi!" if body == "hello" else "Call or text 988.")
    return str(response)
