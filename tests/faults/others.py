"""Twilio as others wrote it: WireMock for answers, faults and the journal, Prism to hold both sides to Twilio's OpenAPI."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from service.settings import CHECKOUT
from tests.faults.twilio import MAGIC, MESSAGES, SILENCE, TAKEN, Answer, Request, error, message, page, request_of

INSTALLED = CHECKOUT / ".venv" / "stand-in" / "node_modules"
"""Where `make` puts what package.json names."""
PATIENCE = 60.0
"""Seconds for a start; the machine may be busy with the other tests."""
LATE = 2 * SILENCE + 5
"""Seconds: a request is in the journal once it is answered, under the moment at which it came."""

_BREAKS = {"reset": "CONNECTION_RESET_BY_PEER", "empty": "EMPTY_RESPONSE", "garbage": "RANDOM_DATA_THEN_CLOSE"}
_SID = "SM{{randomValue length=32 type='HEXADECIMAL'}}"


def missing() -> str:
    """What this machine lacks for it, in words; empty where nothing."""
    lacking = [name for name in ("java", "node") if shutil.which(name) is None]
    if lacking:
        return f"there is no {' and no '.join(lacking)} here"
    return "" if _jar() else "its packages are not installed; `make test` installs them"


def _jar() -> Path | None:
    return next(iter(sorted(INSTALLED.glob("wiremock/build/wiremock-standalone-*.jar"))), None)


def free_port() -> int:
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


class _Process:
    """A server that is ours, waited for until it answers."""

    def __init__(self, command: list[str], folder: Path, up: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{Path(command[0]).name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        self._wait(up)

    def _wait(self, up: str) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self._process.poll() is None, self._log.read_text()[-2000:]
            try:
                requests.get(up, timeout=2)
            except requests.RequestException:
                time.sleep(0.1)
            else:
                return
        self.close()
        raise AssertionError(f"{up} did not come up")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


class WireMock:
    name = "WireMock"

    def __init__(self, account: str, folder: Path) -> None:
        self.account = account
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._admin = requests.Session()
        self._broken: list[str] = []
        self._listed: dict[str, str] = {}
        self._journal: dict[str, Request] = {}
        java = ["java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", str(_jar())]
        options = ["--bind-address", "127.0.0.1", "--port", str(port), "--root-dir", str(folder / "wiremock")]
        few = ["--disable-banner", "--disable-request-logging", "--container-threads", "80"]
        self._process = _Process([*java, *options, *few], folder, f"{self.url}/__admin/health")
        self._stub(TAKEN, None, priority=9)
        for number, answer in MAGIC.items():
            self._stub(answer, [number], priority=1)
        self._list("", [], priority=9)

    def answer(self, numbers: Collection[str], answer: Answer) -> None:
        self._broken.append(self._stub(answer, numbers, priority=5))

    def mend(self) -> None:
        while self._broken:
            self._ask("DELETE", f"mappings/{self._broken.pop()}")

    def requests(self) -> list[Request]:
        since = datetime.fromtimestamp(max((one.at for one in self._journal.values()), default=0.0) - LATE, UTC)
        found = self._ask("GET", f"requests?since={since:%Y-%m-%dT%H:%M:%SZ}")["requests"]
        new = [event for event in found if event["request"]["method"] == "POST" and event["id"] not in self._journal]
        self._journal = {**self._journal, **{event["id"]: _request(event) for event in new}}
        return sorted(self._journal.values(), key=lambda request: request.at)

    def show(self, number: str, messages: list[dict[str, object]]) -> None:
        before = self._listed.get(number)
        self._listed[number] = self._list(number, messages, priority=5)
        if before:
            self._ask("DELETE", f"mappings/{before}")

    def close(self) -> None:
        self._process.close()

    def _stub(self, answer: Answer, numbers: Collection[str] | None, *, priority: int) -> str:
        request: dict[str, object] = {"method": "POST", "urlPath": MESSAGES.format(account=self.account)}
        if numbers is not None:
            either = "|".join(re.escape(number) for number in numbers)
            request["formParameters"] = {"To": {"matches": either}}
        return self._add(
            {
                "name": answer.name,
                "priority": priority,
                "metadata": {"takes": answer.takes},
                "request": request,
                "response": _response(answer, self.account),
            }
        )

    def _list(self, number: str, messages: list[dict[str, object]], *, priority: int) -> str:
        request: dict[str, object] = {"method": "GET", "urlPath": MESSAGES.format(account=self.account)}
        if number:
            request["queryParameters"] = {"To": {"equalTo": number}}
        listed = {"status": 200, "headers": _JSON, "jsonBody": page(self.account, messages)}
        return self._add({"name": "listing", "priority": priority, "request": request, "response": listed})

    def _add(self, mapping: dict[str, object]) -> str:
        return str(self._ask("POST", "mappings", mapping)["id"])

    def _ask(self, method: str, what: str, document: object = None) -> dict[str, Any]:
        asked = self._admin.request(method, f"{self.url}/__admin/{what}", json=document, timeout=30)
        asked.raise_for_status()
        return dict(asked.json()) if asked.content else {}


_JSON = {"Content-Type": "application/json"}


def _response(answer: Answer, account: str) -> dict[str, object]:
    delayed: dict[str, object] = {"fixedDelayMilliseconds": int(answer.delay * 1000)} if answer.delay else {}
    if answer.breaks:
        return {**delayed, "fault": _BREAKS[answer.breaks]}
    if answer.status != 201:
        return {**delayed, "status": answer.status, "headers": {**_JSON, **answer.headers}, "jsonBody": error(answer)}
    # WireMock's own templates fill it in; the words of the text are not echoed, nobody reads them.
    echoed = {"To": "{{form.To}}", "From": "{{form.From}}"}
    shown = json.dumps(message(account, _SID, echoed, datetime.now(UTC)))
    body = "{{formData request.body 'form' urlDecode=true}}" + shown
    return {**delayed, "status": 201, "headers": _JSON, "transformers": ["response-template"], "body": body}


def _request(event: dict[str, Any]) -> Request:
    """An entry of WireMock's journal. What it took without answering has no id that anybody knows: one is made up."""
    asked, answered = event["request"], event["response"]
    told = answered["status"] == 201 and not event["responseDefinition"].get("fault")
    sid = json.loads(answered["body"])["sid"] if told else f"SM{event['id'].replace('-', '')}"
    took = bool(event["stubMapping"].get("metadata", {}).get("takes"))
    return request_of(event["id"], asked["loggedDate"] / 1000, asked["body"], took=took, sid=sid)


class Prism:
    """Stands before another stand-in, and lets through what Twilio's own OpenAPI allows: requests and answers."""

    def __init__(self, before: str, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        prism = str(INSTALLED / ".bin" / "prism")
        spec = str(INSTALLED / "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json")
        options = ["proxy", "--host", "127.0.0.1", "--port", str(port), "--errors", spec, before]
        self._process = _Process([prism, *options], folder, self.url)

    def close(self) -> None:
        self._process.close()
