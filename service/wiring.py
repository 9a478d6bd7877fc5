"""Builds the line from its settings. The only place where the parts meet; workers get no Flask from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from service import doctor
from service.alerts import Alerts
from service.follow_ups import SEND_JOB, FollowUps
from service.gateway import Gateway
from service.line import Clock, Line, now_utc
from service.playbook import Shelf
from service.queueing import FollowUpQueue
from service.records import Records
from service.sealing import Sealer
from service.sessions import Sessions
from service.settings import Settings
from service.spool import Spool
from service.upkeep import Upkeep

WORKERS_PATIENCE = 5.0
"""Seconds that a worker waits for another writer; a person waits in no worker."""


def shelf(settings: Settings, *, hears: bool, watched: bool) -> Shelf:
    """The playbook in force; to send by alone where nothing `hears`."""
    shelf = Shelf(settings.home, settings.var / "playbook", production=settings.production, hears=hears)
    if watched:
        shelf.watch()
    return shelf


def sealer(settings: Settings) -> Sealer:
    return Sealer(settings.keys, settings.pepper)


def gateway(settings: Settings) -> Gateway:
    return Gateway(
        settings.account_sid,
        settings.auth_tokens[0],
        sender=settings.sender,
        messaging_service_sid=settings.messaging_service_sid,
        api_url=settings.twilio_api_url,
    )


def follow_up_queue(settings: Settings) -> FollowUpQueue:
    return FollowUpQueue(settings.redis_address, settings.keys, allowed=[SEND_JOB])


@dataclass(frozen=True)
class Parts:
    """Everything that a process may need, built once."""

    settings: Settings
    shelf: Shelf
    sessions: Sessions
    records: Records
    spool: Spool
    sealer: Sealer
    gateway: Gateway
    queue: FollowUpQueue
    alerts: Alerts
    clock: Clock

    @classmethod
    def for_web(cls, settings: Settings, clock: Clock = now_utc) -> Parts:
        """Nothing here waits long: a person is waiting."""
        return cls._built(settings, Records(settings.database_url), clock, hears=True, watched=True)

    @classmethod
    def for_worker(cls, settings: Settings, clock: Clock = now_utc, *, watched: bool = True) -> Parts:
        """Asks again rather than going on without: nothing here is in a hurry.

        Not `watched` it starts no thread and opens no connection yet, so it may be shared by a fork.
        """
        records = Records(settings.database_url, busy_timeout=WORKERS_PATIENCE, rest=timedelta())
        return cls._built(settings, records, clock, hears=False, watched=watched)

    @classmethod
    def _built(cls, settings: Settings, records: Records, clock: Clock, *, hears: bool, watched: bool) -> Parts:
        return cls(
            settings=settings,
            shelf=shelf(settings, hears=hears, watched=watched),
            sessions=Sessions(settings.redis_address),
            records=records,
            spool=Spool(settings.var / "spool"),
            sealer=sealer(settings),
            gateway=gateway(settings),
            queue=follow_up_queue(settings),
            alerts=Alerts(settings.alert_url, settings.var),
            clock=clock,
        )

    def close(self) -> None:
        self.shelf.close()
        self.sessions.close()
        self.records.close()

    @cached_property
    def line(self) -> Line:
        return Line(self.shelf.current, self.sessions, self.records, self.spool, self.sealer, self.alerts, self.clock)

    @cached_property
    def follow_ups(self) -> FollowUps:
        return FollowUps(
            playbook=self.shelf.current,
            sessions=self.sessions,
            records=self.records,
            spool=self.spool,
            sealer=self.sealer,
            gateway=self.gateway,
            queue=self.queue,
            alerts=self.alerts,
            status_url=f"{self.settings.public_url}/sms/status",
            clock=self.clock,
        )

    def examine(self) -> tuple[doctor.Finding, ...]:
        """The doctor's findings. Where texts go is asked of Twilio alone: the phone page stands in for no number."""
        at_twilio = self.settings.twilio_api_url is None
        return doctor.examine(self, inbound=self.gateway.inbound if at_twilio else None)

    @cached_property
    def upkeep(self) -> Upkeep:
        return Upkeep(
            playbook=self.shelf.current,
            sessions=self.sessions,
            records=self.records,
            sealer=self.sealer,
            gateway=self.gateway,
            follow_ups=self.follow_ups,
            alerts=self.alerts,
            clock=self.clock,
        )
