"""The line as Twilio and the world see it: texts posted to its public address, rightly signed and forged."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta

import requests

from service.doctor.finding import Finding, State
from service.gateway import Signatures
from service.settings import Settings

PROBE = "+15005550006"
"""A magic number of Twilio's that belongs to nobody: whoever reads the counts may know it as ours."""
PROBE_TEXT = "MENU"
STRANGERS_ACCOUNT = "AC" + "f" * 32
"""A forged text names another account: three under ours would look like a rotated token."""

PATIENCE = timedelta(seconds=10)
SLOW = timedelta(seconds=2)


def answering(settings: Settings) -> Iterator[Finding]:
    """A signed text to the public address, as Twilio would post it."""
    name = "answers"
    form = _form(settings, settings.account_sid)
    began = time.monotonic()
    try:
        answer = _post(settings, form, Signatures(settings.public_url, settings.auth_tokens).sign("/sms", form))
    except requests.RequestException as error:
        mend = "Start the line, and see that PUBLIC_URL leads to it, by name, certificate and proxy."
        yield Finding(name, State.FAIL, f"Nobody answers at {settings.public_url}/sms ({type(error).__name__}).", mend)
        return
    took = timedelta(seconds=time.monotonic() - began)
    if answer.status_code == 403:
        mend = "The running line has another PUBLIC_URL or TWILIO_AUTH_TOKEN than this one: compare, and start it anew."
        yield Finding(name, State.FAIL, "A text that is rightly signed is refused.", mend)
    elif not _is_an_answer(answer):
        mend = "See that PUBLIC_URL leads to the line and to nothing else, and look at the web's log."
        yield Finding(name, State.FAIL, f"A text gets status {answer.status_code} and no answer.", mend)
    elif took > SLOW:
        mend = "Look at the proxy and the load; Twilio gives up after the seconds that its webhook address allows."
        yield Finding(name, State.WARN, f"A text is answered after {took.total_seconds():.1f} s.", mend)
    else:
        yield Finding(name, State.OK, f"A text is answered after {took.total_seconds() * 1000:.0f} ms.")


def forgery(settings: Settings) -> Finding:
    try:
        status = _post(settings, _form(settings, STRANGERS_ACCOUNT), "forged").status_code
    except requests.RequestException:
        return Finding("forgery", State.WARN, "Whether a forged text is refused could not be tried.", "Mend the above.")
    if status == 403:
        return Finding("forgery", State.OK, "A forged text is refused.")
    mend = "See that PUBLIC_URL leads to the line's own /sms, and that nothing signs requests on the way."
    return Finding("forgery", State.FAIL, f"A forged text gets status {status} instead of 403.", mend)


def readiness(settings: Settings) -> Iterator[Finding]:
    """What the running line says of itself, where it may be asked from here."""
    try:
        with _session(settings) as session:
            state = session.get(f"{settings.public_url}/readyz", timeout=PATIENCE.total_seconds()).json()
    except (requests.RequestException, ValueError):
        yield Finding("line", State.WARN, "The running line could not be asked.", "Ask /readyz on its own machine.")
        return
    problems = [*state.get("problems", []), *state.get("degraded", [])] if isinstance(state, dict) else []
    for problem in problems:
        yield Finding("line", State.FAIL, f"The running line says: {problem}", "See docs/runbook.md.")
    if not problems:
        yield Finding("line", State.OK, "The running line misses nothing.")


def _form(settings: Settings, account_sid: str) -> dict[str, str]:
    return {
        "MessageSid": f"SM{secrets.token_hex(16)}",
        "AccountSid": account_sid,
        "From": PROBE,
        "To": settings.sender or settings.messaging_service_sid,
        "Body": PROBE_TEXT,
        "NumMedia": "0",
    }


def _post(settings: Settings, form: Mapping[str, str], signature: str) -> requests.Response:
    """Not followed elsewhere: Twilio may, but a redirected POST loses its form."""
    with _session(settings) as session:
        return session.post(
            f"{settings.public_url}/sms",
            data=form,
            headers={"X-Twilio-Signature": signature},
            timeout=PATIENCE.total_seconds(),
            allow_redirects=False,
        )


def _session(settings: Settings) -> requests.Session:
    """In development the line is on this machine, which a proxy of the environment does not know."""
    session = requests.Session()
    session.trust_env = settings.production
    return session


def _is_an_answer(response: requests.Response) -> bool:
    is_xml = response.headers.get("Content-Type", "").startswith("text/xml")
    return response.status_code == 200 and is_xml and b"<Message" in response.content
