"""The phone's requests from a program: what line.js is to the page. How answers are shown is not here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

TIMEOUT = 20.0
"""Seconds; the line itself is given fifteen."""


class Unanswered(Exception):
    """The line could not be asked, or refused. The message is a sentence to show."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Something came over the stream. `text` is None where it was only a sign of life."""

    bookmark: str
    text: str | None


class Client:
    """Asks the phone of the line at `url`, such as http://127.0.0.1:5000. Every method may raise Unanswered."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def text(self, sender: str, words: str, place: Mapping[str, str]) -> Any:
        """`answers`, each with its `text`, and `why`."""
        return self._ask("POST", "/phone/texts", json={"from": sender, "text": words, **place})

    def planned(self, sender: str) -> Any:
        """Each with `what`, `due_at` and `zone`; the next one first."""
        return self._ask("GET", "/phone/follow-ups", params={"number": sender})

    def hurry(self, sender: str) -> int:
        return int(self._ask("POST", "/phone/hurry", json={"from": sender})["hurried"])

    def follow_ups(self, sender: str, bookmark: str) -> Iterator[Beat]:
        """What comes after the bookmark, or from "now", until the stream ends: a few seconds. Ask again for more."""
        asked = {"number": sender, "after": bookmark}
        try:
            with _session() as session, session.get(self._events, params=asked, stream=True, timeout=TIMEOUT) as stream:
                stream.raise_for_status()
                for line in stream.iter_lines(decode_unicode=True):
                    name, _, value = line.partition(": ")
                    bookmark = value if name == "id" else bookmark
                    yield Beat(bookmark, json.loads(value)["text"] if name == "data" else None)
        except requests.RequestException:
            raise Unanswered(self._unreachable) from None

    @property
    def _events(self) -> str:
        return f"{self.url}/phone/events"

    @property
    def _unreachable(self) -> str:
        return f"The line cannot be reached at {self.url}. Start it with: make run"

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        try:
            with _session() as session:
                response = session.request(method, self.url + path, timeout=TIMEOUT, **request)
            told = response.json()
        except requests.JSONDecodeError:
            raise Unanswered(f"There is no phone at {self.url}: it answered {response.status_code}.") from None
        except requests.RequestException:
            raise Unanswered(self._unreachable) from None
        if not response.ok:
            raise Unanswered(told["error"])
        return told


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a proxy of the environment would carry the text off this machine
    return session
