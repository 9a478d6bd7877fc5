"""What happens at Twilio after it took a text: the listing shows it, and signed reports of its delivery come back."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

import requests

from service.gateway import Signatures
from service.settings import Settings
from tests.faults.twilio import Request, StandIn, message

LOOK_EVERY = 0.1


class Carrier:
    """A thread beside a stand-in. Numbers in `mute` never report, so that only the listing tells of their texts."""

    def __init__(self, stand_in: StandIn, settings: Settings, clock: Callable[[], datetime], seed: int) -> None:
        self.mute: set[str] = set()
        self._stand_in = stand_in
        self._settings = settings
        self._clock = clock
        self._chance = random.Random(seed)
        self._signatures = Signatures(settings.public_url, settings.auth_tokens)
        self._seen: set[str] = set()
        self._listed: dict[str, list[dict[str, object]]] = defaultdict(list)
        self._owed: list[tuple[Request, str]] = []
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="carrier", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ends.wait(LOOK_EVERY):
            for request in self._stand_in.requests():
                if request.took and request.id not in self._seen:
                    self._seen.add(request.id)
                    self._took(request)
            self._owed = [owed for owed in self._owed if not self._reported(*owed)]

    def _took(self, request: Request) -> None:
        self._listed[request.to].append(message(self._settings.account_sid, request.sid, request.form, self._clock()))
        self._stand_in.show(request.to, self._listed[request.to])
        if request.to not in self.mute:
            # Twilio promises no order, and not that each comes once.
            reports = self._chance.choice([["sent", "delivered"], ["delivered", "sent"], ["delivered"] * 2])
            self._owed += [(request, status) for status in reports]

    def _reported(self, request: Request, status: str) -> bool:
        """Whether the line has it; as long as its web is away, it is told again."""
        url = request.form["StatusCallback"]
        form = {"AccountSid": self._settings.account_sid, "MessageSid": request.sid, "MessageStatus": status}
        signature = self._signatures.sign(url.removeprefix(self._settings.public_url), form)
        try:
            return requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=5).ok
        except requests.RequestException:
            return False
