"""Examines a line from outside and inside, says what is wrong and how to mend it. Changes nothing but a count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from service.doctor import probes, provider, stores
from service.doctor.finding import Finding, State, as_json, as_table, tell
from service.gateway import Gateway
from service.queueing import FollowUpQueue
from service.records import Records
from service.sealing import Sealer
from service.sessions import Sessions
from service.settings import Settings

__all__ = ["Finding", "State", "as_json", "as_table", "examine", "tell"]


class Parts(Protocol):
    """What there is to examine."""

    @property
    def settings(self) -> Settings: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def records(self) -> Records: ...
    @property
    def queue(self) -> FollowUpQueue: ...
    @property
    def sealer(self) -> Sealer: ...
    @property
    def gateway(self) -> Gateway: ...


def examine(parts: Parts, *, inbound: Callable[[], provider.Inbound] | None = None) -> tuple[Finding, ...]:
    """Everything, one after another: some seconds. `inbound` asks Twilio where texts go; without it, a person looks."""
    settings = parts.settings
    return (
        *probes.answering(settings),
        probes.forgery(settings),
        *probes.readiness(settings),
        *provider.account(parts.gateway),
        provider.stop(settings),
        *(provider.inbound(settings, inbound) if inbound else provider.uninspected(settings)),
        stores.redis(parts.sessions),
        *stores.database(parts.records, parts.sealer),
        stores.workers(parts.queue),
        *_alerting(settings),
    )


def _alerting(settings: Settings) -> Iterator[Finding]:
    if settings.production and not settings.alert_url:
        mend = "Set NIGHTLIGHT_ALERT_URL to a webhook that wakes an engineer."
        yield Finding("alerts", State.WARN, "What cannot wait is only written to the log.", mend)
