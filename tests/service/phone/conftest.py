"""A line behind a real address, with the phone beside it. It answers what a test wants, and shows what reached it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from flask import Flask, Response, request
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.serving import make_server

from service import phone
from service.settings import Settings

MAYA = "+12125550142"
OWEN = "+447700900142"
TEATIME = datetime(2027, 1, 4, 17, 5, tzinfo=UTC)


class ALine:
    """What it answers is set by the test; what Twilio's stand-in sent it is kept, and its signature checked."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"
        self.answer = Response("<Response><Message>Hello.</Message></Response>", mimetype="text/xml")
        self.texts: list[dict[str, str]] = []
        self.statuses: queue.Queue[tuple[str, dict[str, str]]] = queue.Queue()
        self.hurried: list[str] = []
        self.when_hurried: Callable[[], object] = lambda: None
        self._way_is_clear = threading.Event()
        self._way_is_clear.set()
        self.planned = [phone.Planned("check_in", TEATIME, "America/New_York")]
        self.session = requests.Session()
        self.session.trust_env = False

    def says(self, twiml: str, status: int = 200, mimetype: str = "text/xml", **explained: str) -> None:
        headers = {f"X-Nightlight-{name}": value for name, value in explained.items()}
        self.answer = Response(twiml, status, headers, mimetype=mimetype)

    def hold(self) -> None:
        """Texts get no answer until `go_on`."""
        self._way_is_clear.clear()

    def go_on(self) -> None:
        self._way_is_clear.set()

    def text(self, words: str = "hi", **more: object) -> requests.Response:
        return self.session.post(f"{self.url}/phone/texts", json={"from": MAYA, "text": words, **more}, timeout=10)

    def get(self, path: str, **params: str) -> requests.Response:
        return self.session.get(self.url + path, params=params, timeout=10)

    def twilio(self, token: str | None = None) -> Client:
        client = Client(
            self.settings.account_sid,
            token or self.settings.auth_tokens[0],
            http_client=TwilioHttpClient(timeout=10, proxy={"http": None}),
        )
        client.api.base_url = f"{self.url}/phone/twilio"
        return client

    def follow_up(self, words: str = "How are you today?", to: str = MAYA) -> str:
        """The line sends on its own, with Twilio's own client; the message's sid."""
        sent = self.twilio().messages.create(to=to, from_=self.settings.sender, body=words)
        return str(sent.sid)

    def app(self) -> Flask:
        app = Flask(__name__)
        app.register_blueprint(phone.blueprint(self.settings, hurry=self._hurry, planned=self._planned))
        app.post("/sms")(self._sms)
        app.post("/sms/status")(self._status)
        return app

    def _sms(self) -> Response:
        if not self._is_signed():
            return Response("bad signature", 403)
        self.texts.append(request.form.to_dict())
        self._way_is_clear.wait(10)
        return self.answer

    def _status(self) -> Response:
        self.statuses.put((request.full_path.rstrip("?"), request.form.to_dict() | {"signed": str(self._is_signed())}))
        return Response("<Response/>", mimetype="text/xml")

    def _is_signed(self) -> bool:
        address = self.settings.public_url + request.full_path.rstrip("?")
        validator = RequestValidator(self.settings.auth_tokens[0])
        return bool(validator.validate(address, request.form, request.headers.get("X-Twilio-Signature", "")))

    def _hurry(self, number: str) -> int:
        self.hurried.append(number)
        self.when_hurried()
        return len(self.planned)

    def _planned(self, number: str) -> list[phone.Planned]:
        return self.planned if number == MAYA else []


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What the line is started with; a test may replace this fixture."""
    return {"NIGHTLIGHT_ENV": "development", "NIGHTLIGHT_VAR": str(tmp_path)}


@pytest.fixture
def line(environment: dict[str, str]) -> Iterator[ALine]:
    server = make_server("127.0.0.1", 0, Flask("a port"), threaded=True)
    line = ALine(Settings.read(environment | {"PORT": str(server.port)}))
    server.app = line.app()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield line
    server.shutdown()
    thread.join()
    server.server_close()
    line.session.close()
