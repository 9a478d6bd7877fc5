"""A whole line under test: its processes, its people, and what can be done to them. What is done when, ordeals know."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import redis
import requests

from service.gateway import Signatures
from service.policy.conversation import Language, PhoneNumber, Plan, Session
from service.policy.follow_ups import planned_by
from service.policy.ledger import Entry, Standing, State
from service.records import Records
from service.records.tables import follow_ups
from service.settings import CHECKOUT, Settings
from service.supervisor.roster import birth
from tests.builders import a_form, a_sid, a_text
from tests.faults import others, small
from tests.faults.carrier import Carrier
from tests.faults.hurried import HurriedClock, parts
from tests.faults.twilio import StandIn
from tests.homes import edited, on_disk
from tests.processes.runs import Run, Runs, eventually
from tests.stores import rows_of

AN_AUTUMN_AFTERNOON = datetime(2026, 10, 31, 18, 0, tzinfo=UTC)
"""14:00 in New York, on the day before the night in which its clocks go back."""
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles")
ROLES = ("web", "worker", "clock")


@dataclass(slots=True)
class Person:
    number: PhoneNumber
    row: str
    zone: str
    window: tuple[int, int]
    due_at: datetime
    moved: bool = False
    """The line itself gave it another time: after a danger text, or for the night."""
    stopped_at: float | None = None
    """When the line had answered their STOP, by the world's clock."""


class Line:
    """Started by the real supervisor, with the stand-in for Twilio beside it. Close it."""

    def __init__(self, folder: Path, *, seed: int, pace: float = 20.0) -> None:
        self.chance = random.Random(seed)
        self.clock = HurriedClock.starting(folder / "clock", AN_AUTUMN_AFTERNOON, pace)
        home = on_disk(
            folder / "home", edited("config/programme.yaml", "follow_ups_per_second: 1 ", "follow_ups_per_second: 6 ")
        )
        self.runs = Runs(folder, FAULTS_CLOCK=str(folder / "clock"), NIGHTLIGHT_HOME=str(home))
        self.twilio = _stand_in(Settings.read(self.runs.environ).account_sid, folder)
        self.runs.environ["TWILIO_API_URL"] = self.twilio.url
        self.settings = Settings.read(self.runs.environ)
        with Records(self.settings.database_url, busy_timeout=5) as records:
            records.migrate()
        self.parts = parts(self.settings, self.clock)
        self.carrier = Carrier(self.twilio, self.settings, self.clock, seed)
        self._signatures = Signatures(self.settings.public_url, self.settings.auth_tokens)
        self._extra: list[subprocess.Popen[bytes]] = []
        self._people = 0
        self.run = self.start()
        try:
            self.run.is_up()
        except BaseException:
            self.close()
            raise

    def start(self) -> Run:
        return self.runs.start_python({role: f"-m tests.faults.hurried {role}" for role in ROLES})

    def close(self) -> None:
        self.carrier.close()
        self.no_more()
        self.runs.end()
        self.parts.close()
        self.twilio.close()

    # People

    def people(
        self,
        count: int,
        *,
        due_in: float = 4.0,
        spread: float = 10.0,
        zone: str = "",
        window: tuple[int, int] | None = None,
        number: str = "",
    ) -> list[Person]:
        """Each has said YES, and is due between so many of the line's seconds from now."""
        return [self._person(due_in + spread * n / count, zone, window, number) for n in range(count)]

    def _person(self, due_in: float, zone: str, window: tuple[int, int] | None, number: str) -> Person:
        self._people += 1
        to = PhoneNumber(number or f"+1212555{self._people:04d}")
        now, playbook = self.clock(), self.parts.shelf.current()
        agreed = a_text("YES", sender=to, received_at=now)
        first = planned_by(playbook.plans["check_in"], agreed, Session(), Language("en"), now)[0]
        due_at = now + timedelta(seconds=due_in)
        step = replace(
            first,
            due_at=due_at,
            expires_at=due_at + timedelta(days=2),
            zone=zone or ZONES[self._people % len(ZONES)],
            window=window or first.window,
        )
        sealer = self.parts.sealer
        entry = Entry(
            message=sealer.hash_sid(a_sid()),
            sender=sealer.key_of(to),
            sealed_number=sealer.seal(to),
            effects=(Plan("check_in", "offer", (step,)),),
            release=playbook.release,
            at=now,
        )
        self.parts.records.apply(entry)
        return Person(to, step.id, step.zone, step.window, due_at)

    def text(self, person: Person, words: str) -> None:
        """As Twilio would: again, until the line has answered."""
        form = a_form(words, From=person.number)
        headers = {"X-Twilio-Signature": self._signatures.sign("/sms", form)}
        eventually(lambda: self._posted(form, headers))

    def stop(self, person: Person) -> None:
        self.text(person, "STOP")
        person.stopped_at = time.time()

    def _posted(self, form: dict[str, str], headers: dict[str, str]) -> bool:
        try:
            return requests.post(f"{self.settings.public_url}/sms", data=form, headers=headers, timeout=10).ok
        except requests.RequestException:
            return False

    def standing(self, person: Person) -> Standing | None:
        found = self.parts.records.follow_ups_of(self.parts.sealer.key_of(person.number))
        return next((one for one in found if one.id == person.row), None)

    def rows(self) -> dict[str, tuple[State, datetime]]:
        """Where every row stands, and when it is due."""
        found = rows_of(self.settings.database_url, follow_ups)
        return {row["id"]: (State(row["state"]), row["due_at"]) for row in found}

    def state(self, person: Person) -> State:
        return self.rows()[person.row][0]

    # What can be done to its processes

    def pid(self, name: str) -> int:
        """Of a living one; its supervisor may be starting it again."""
        eventually(lambda: birth(self.runs.pids().get(name, 0)))
        return self.runs.pids()[name]

    def signal(self, name: str, number: signal.Signals) -> int:
        pid = self.pid(name)
        os.killpg(pid, number)
        return pid

    def kill(self, name: str) -> None:
        self.signal(name, signal.SIGKILL)

    @contextmanager
    def frozen(self, name: str) -> Iterator[int]:
        pid = self.signal(name, signal.SIGSTOP)
        try:
            yield pid
        finally:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGCONT)

    def one_more(self, role: str) -> None:
        """Beside what the supervisor looks after: more workers, more clocks."""
        command = [sys.executable, "-m", "tests.faults.hurried", role]
        log = (self.runs.folder / f"more-{role}-{len(self._extra)}").open("wb")
        with log:
            process = subprocess.Popen(
                command, cwd=CHECKOUT, env=self.runs.environ, stdout=log, stderr=log, start_new_session=True
            )
        self._extra.append(process)

    def no_more(self) -> None:
        while self._extra:
            process = self._extra.pop()
            os.killpg(process.pid, signal.SIGKILL)  # its workers would outlive it
            process.wait()

    @property
    def valkey(self) -> redis.Redis:
        return redis.Redis.from_url(self.settings.redis_address, socket_timeout=2)

    @contextmanager
    def full_disk(self, *names: str) -> Iterator[None]:
        """No file of these processes can grow any more, as on a disk without room."""
        pids = [self.pid(name) for name in names]
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    @contextmanager
    def locked_sql(self) -> Iterator[None]:
        other = sqlite3.connect(self.settings.database_url.removeprefix("sqlite:///"), timeout=5, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.rollback()
            other.close()

    # Time

    def sleep(self, at_least: float, at_most: float | None = None) -> None:
        """Seconds of the world; a random time between the two."""
        time.sleep(self.chance.uniform(at_least, at_most or at_least))

    def until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Whether it came about in so many seconds of the world."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def leap(self, **by: float) -> None:
        self.clock.leap(timedelta(**by))

    def asked_for(self, people: Iterable[Person]) -> int:
        """For how many of them Twilio has had a request, whatever became of it."""
        rows = {person.row for person in people}
        return len({request.row for request in self.twilio.requests() if request.row in rows})

    def arrived(self, people: Iterable[Person]) -> int:
        rows = {person.row for person in people}
        return len({request.row for request in self.twilio.requests() if request.took and request.row in rows})


def _stand_in(account: str, folder: Path) -> StandIn:
    return small.SmallTwilio(account) if others.missing() else others.WireMock(account, folder)
