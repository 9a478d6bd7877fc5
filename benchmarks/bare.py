"""What the framework does when it does nothing: reads the same form, and answers a constant."""

from __future__ import annotations

from flask import Flask, Response, request

app = Flask(__name__)
CONSTANT = '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Call or text 988.</Message></Response>'


@app.post("/sms")
def sms() -> Response:
    request.form.get("Body")
    return Response(CONSTANT, content_type="text/xml; charset=utf-8")
