"""Keywords in a list, a session in Redis step by step, a check-in by RQ's scheduler, the official validator."""

from __future__ import annotations

import os
from datetime import timedelta

import redis
from flask import Flask, Response, abort, render_template_string, request
from rq import Queue
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from benchmarks.naive.keywords import CRISIS, REPLIES

app = Flask(__name__)
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
store = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
queue = Queue(connection=redis.Redis.from_url(os.environ["REDIS_URL"]))

DAY = 24 * 60 * 60


def check_in(number: str) -> None:
    """What the worker would send; none runs while answers are measured."""


@app.post("/sms")
def sms() -> Response:
    url = os.environ["PUBLIC_URL"] + request.full_path.removesuffix("?")
    if not validator.validate(url, request.form, request.headers.get("X-Twilio-Signature", "")):
        abort(403)
    sender, body, sid = request.form["From"], request.form["Body"], request.form["MessageSid"]
    answered = store.get(f"naive:answer:{sid}")
    if answered is None:
        answered = answer_to(sender, body)
        store.set(f"naive:answer:{sid}", answered, ex=DAY)
    response = MessagingResponse()
    response.message(answered)
    return Response(str(response), content_type="text/xml; charset=utf-8")


def answer_to(sender: str, body: str) -> str:
    text = body.strip().lower()
    if text == "stop":
        store.sadd("naive:stopped", sender)
        return "You are unsubscribed. In danger? Call or text 988."
    session = store.hgetall(f"naive:session:{sender}")
    reply = next((reply for word, reply in REPLIES if word in text), REPLIES[0][1])
    if any(phrase in text for phrase in CRISIS):
        reply = "In danger now? Call 911. {{ name }}: call or text 988 to talk with someone."
        if not store.sismember("naive:stopped", sender):
            queue.enqueue_in(timedelta(days=1), check_in, sender)
    store.hset(f"naive:session:{sender}", mapping={"last": text[:20], "texts": int(session.get("texts", 0)) + 1})
    store.expire(f"naive:session:{sender}", DAY)
    store.incr("naive:texts")
    return render_template_string(reply, name="Nightlight")
