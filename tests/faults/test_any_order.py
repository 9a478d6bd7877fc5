"""Whatever happens, in whatever order: nobody gets a text twice, after a STOP or at night, and every row ends.

Hypothesis makes up the order; time is a number, so a day takes no time. FAULT_EXAMPLES=1000 looks deeper.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from service.alerts import Alerts
from service.follow_ups import FollowUps
from service.gateway import DeliveryStatus, ProviderUnavailable, SendFailed, StatusReport
from service.line import Line
from service.playbook.assemble import build
from service.policy.conversation import FollowUp, FollowUpId, MessageSid, PhoneNumber
from service.policy.ledger import SETTLED, DueFollowUp, Entry, Event, Outcome, State
from service.queueing import QueueUnavailable
from service.records import Records
from service.records.tables import follow_ups, metadata
from service.sealing import Sealer
from service.sessions import Sessions
from service.spool import Spool
from tests import entries
from tests.faults.judgement import holds_together
from tests.homes import shipped

EXAMPLES = int(os.environ.get("FAULT_EXAMPLES") or 25)
STEPS = 50

PEOPLE = tuple(PhoneNumber(f"+1212555010{n}") for n in range(3))
DAYS = (
    datetime(2026, 11, 18, 14, tzinfo=UTC),
    datetime(2026, 10, 31, 18, tzinfo=UTC),  # the night after it has 25 hours in New York
    datetime(2027, 3, 13, 18, tzinfo=UTC),  # and this one 23
)
ZONES = ("America/New_York", "America/Los_Angeles", "America/Phoenix")
WHILES = (1, 31, 41, 61, 125, 605, 605, 3600, 12 * 3600)
"""Seconds: around each patience that the ledger has."""


class Crash(BaseException):
    """The worker's process is gone, at this very point."""


@dataclass(frozen=True)
class Taken:
    row: FollowUpId
    to: PhoneNumber
    at: datetime
    """By Twilio's clock, which is right."""
    sid: MessageSid


class Twilio:
    """What the line asks of the gateway. Its journal is the oracle; `does` says what the next request meets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.does = "take"
        self.is_away = False
        self.asked: list[tuple[FollowUpId, datetime, timedelta]] = []
        self.taken: list[Taken] = []

    def send(self, to: PhoneNumber, text: str, *, status_url: str, validity: timedelta) -> MessageSid:
        row = FollowUpId(status_url.partition("?row=")[2])
        if self.does == "crash before":
            raise Crash
        self.asked.append((row, self._clock(), validity))
        sid = MessageSid(f"SM{row}{len(self.taken):032x}"[:34])
        if self.does in TAKEN:
            self.taken.append(Taken(row, to, self._clock.now, sid))
        if self.does in OUTCOMES:
            raise SendFailed(*OUTCOMES[self.does])
        if self.does == "crash after":
            raise Crash
        return sid

    def has_sent(self, number: PhoneNumber, since: datetime, but_not: Collection[str]) -> bool:
        if self.is_away:
            raise ProviderUnavailable
        return any(one.to == number and one.at >= since and one.sid not in but_not for one in self.taken)


TAKEN = {"take", "take, and the answer is lost", "crash after"}
OUTCOMES = {
    "take, and the answer is lost": (Outcome.UNKNOWN, None),
    "lose": (Outcome.UNKNOWN, 20500),
    "throttle": (Outcome.RETRY, 20429, timedelta(seconds=30)),
    "refuse the credentials": (Outcome.RETRY, 20003),
    "refuse": (Outcome.FINAL, 21211),
    "know of a STOP": (Outcome.OPTED_OUT, 21610),
}
DOINGS = ("take", "crash before", "crash after", *OUTCOMES)


class Tray:
    """A queue between clock and workers that keeps what it is given, or not."""

    def __init__(self) -> None:
        self.batches: list[list[FollowUpId]] = []
        self.is_away = False

    def put(self, _function: str, ids: Sequence[FollowUpId], **_how: object) -> None:
        if self.is_away:
            raise QueueUnavailable
        self.batches.append(list(ids))


@dataclass
class Clock:
    """The machine's, which may be set wrong for a while: `skew`."""

    now: datetime
    skew: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.now + self.skew


@dataclass
class Known:
    """What the model knows of a row: by when nobody may send it any more, and not before when."""

    follow_up: FollowUp
    person: PhoneNumber
    is_revoked: bool = False
    is_moved: bool = False
    """A danger text has given it another time, also while a worker had it."""
    not_before: datetime = field(default=datetime.min.replace(tzinfo=UTC))


people = st.sampled_from(PEOPLE)


class AnyOrder(RuleBasedStateMachine):
    home: Home

    @initialize(day=st.sampled_from(DAYS), hours=st.sampled_from([0, 1, 2, 5, 8, 22]))
    def begin(self, day: datetime, hours: int) -> None:
        """Three people have said YES, and it is about time."""
        self.home.empty()
        self.clock = Clock(day + timedelta(hours=hours))
        self.twilio, self.tray = Twilio(self.clock), Tray()
        self.known: dict[FollowUpId, Known] = {}
        self.hands: list[DueFollowUp] = []
        self.judged = 0
        self.follow_ups = self.home.follow_ups(self.twilio, self.tray, self.clock)
        for person, zone in zip(PEOPLE, ZONES, strict=True):
            self.say_yes(person, "check_in", 0, 12 * 3600, zone, (8, 21))

    # People

    @rule(
        person=people,
        plan=st.sampled_from(["check_in", "series"]),
        due_in=st.sampled_from([0, 0, 30, 3600, 20 * 3600]),
        lasts=st.sampled_from([900, 3600, 12 * 3600]),
        zone=st.sampled_from(ZONES),
        window=st.sampled_from([(8, 21), (11, 18)]),
    )
    def say_yes(
        self, person: PhoneNumber, plan: str, due_in: int, lasts: int, zone: str, window: tuple[int, int]
    ) -> None:
        """And START before it, where they had said STOP: that brings back nothing that the STOP has ended."""
        due_at = self.now + timedelta(seconds=due_in)
        id_ = f"row-{len(self.known):03}"  # the same in each run: Hypothesis wants one order for one choice
        made = entries.a_follow_up(
            id_, plan=plan, due_at=due_at, lasts=timedelta(seconds=lasts), urgent=plan == "check_in"
        )
        follow_up = replace(made, zone=zone, window=window, reply="follow_up-check_in")
        self.clock.now += timedelta(seconds=1)
        self.home.apply(entries.start(at=self.now), person)
        self.clock.now += timedelta(seconds=1)
        self.home.apply(entries.yes(follow_up, at=self.now), person)
        if self.home.state_of(follow_up.id):
            self.known[follow_up.id] = Known(follow_up, person)

    @rule(person=people, how=st.sampled_from([entries.stop, entries.dont_text_me, entries.delete]))
    def revoke(self, person: PhoneNumber, how: Callable[..., Entry]) -> None:
        person = self.whose_text_is_in_hands() or person
        self.home.apply(how(at=self.now), person)
        for row in self.rows_of(person):
            row.is_revoked = True

    @rule(person=people)
    def speak_of_danger(self, person: PhoneNumber) -> None:
        person = self.whose_text_is_in_hands() or person
        self.home.apply(entries.danger(at=self.now), person)
        for row in self.rows_of(person):
            row.is_revoked = row.is_revoked or not row.follow_up.urgent
            row.not_before, row.is_moved = self.now + timedelta(hours=12), True

    def whose_text_is_in_hands(self) -> PhoneNumber | None:
        """What they say now is what matters most, so it is they who say it."""
        return self.known[self.hands[0].id].person if self.hands else None

    # The line

    @rule(seconds=st.sampled_from(WHILES))
    def let_time_pass(self, seconds: int) -> None:
        """And have the clock do all that it does."""
        self.clock.now += timedelta(seconds=seconds)
        self.follow_ups.sweep()
        self.follow_ups.settle()
        self.follow_ups.hand_over()

    @rule(which=st.integers(0, 3), does=st.sampled_from(DOINGS), again=st.booleans())
    def work(self, which: int, does: str, again: bool) -> None:
        """A worker takes a job; perhaps the queue gives the same one to another worker later."""
        self.follow_ups.hand_over()
        if not self.tray.batches:
            return
        batch = self.tray.batches[which % len(self.tray.batches)]
        if not again:
            self.tray.batches.remove(batch)
        self.twilio.does = does
        try:
            self.follow_ups.send(batch)
        except Crash:
            self.restart()

    @rule()
    def claim_and_stand_still(self) -> None:
        self.follow_ups.hand_over()
        if self.tray.batches:
            self.hands += self.home.records.claim(self.tray.batches.pop(0), self.clock())

    @precondition(lambda self: self.hands)
    @rule(does=st.sampled_from(DOINGS), seconds=st.sampled_from([1, 1, 31, *WHILES]))
    def go_on(self, does: str, seconds: int) -> None:
        """After a while in which that worker stood still, and perhaps everything else too."""
        self.clock.now += timedelta(seconds=seconds)
        self.twilio.does = does
        with suppress(Crash):
            self.follow_ups._send_one(self.hands.pop(0))

    @precondition(lambda self: self.twilio.taken)
    @rule(
        which=st.integers(0, 9),
        status=st.sampled_from([DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED]),
        code=st.sampled_from([30003, 30004, 30007]),
    )
    def report(self, which: int, status: DeliveryStatus, code: int) -> None:
        """In any order, early, late, and more than once: Twilio promises none of it."""
        taken = sorted(self.twilio.taken, key=lambda one: one.row)
        one = taken[which % len(taken)]
        failed = code if status is DeliveryStatus.UNDELIVERED else None
        self.home.line(self.clock).record_status(one.row, StatusReport(one.sid, status, "", failed))

    @rule(what=st.sampled_from(["queue lost", "queue away", "Twilio away", "restart", "mended"]))
    def mishap(self, what: str) -> None:
        if what == "queue lost":
            self.tray.batches.clear()
        if what == "restart":
            self.hands.clear()
            self.restart()
        self.tray.is_away = what == "queue away"
        self.twilio.is_away = what == "Twilio away"

    @rule(minutes=st.sampled_from([-120, -10, -1, 0, 0, 1, 30]))
    def set_the_workers_clock_wrong(self, minutes: int) -> None:
        self.clock.skew = timedelta(minutes=minutes)

    def restart(self) -> None:
        """A new process, once nothing of the old one is still at work."""
        self.follow_ups._side_by_side.shutdown()
        self.follow_ups = self.home.follow_ups(self.twilio, self.tray, self.clock)

    # The promises

    @invariant()
    def nobody_gets_a_text_twice(self) -> None:
        twice = [row for row, texts in Counter(one.row for one in self.twilio.taken).items() if texts > 1]
        assert not twice, [self.told(row) for row in twice]

    @invariant()
    def nobody_gets_a_text_that_they_do_not_want_or_not_now(self) -> None:
        """Each request when it was made, in the light of what was known then."""
        for row, at, validity in self.twilio.asked[self.judged :]:
            known = self.known[row]
            assert not known.is_revoked, f"after it was revoked: {self.told(row)}"
            assert at >= known.not_before or self.clock.skew > timedelta(), f"too soon after danger: {self.told(row)}"
            first, last = known.follow_up.window
            local = at.astimezone(ZoneInfo(known.follow_up.zone))
            assert first <= local.hour < last, f"at {local:%H:%M}: {self.told(row)}"
            assert at < known.follow_up.expires_at or known.is_moved or self.was_put_off(row), (
                f"stale: {self.told(row)}"
            )
            still = (at + validity).astimezone(ZoneInfo(known.follow_up.zone))
            assert still.hour < last or (still.hour, still.minute) == (last, 0), f"may arrive at {still:%H:%M}"
        self.judged = len(self.twilio.asked)

    def teardown(self) -> None:
        """All is mended, and the clock goes on: then each row ends, and its story holds together."""
        if not hasattr(self, "clock"):
            return
        self.twilio.is_away, self.tray.is_away, self.clock.skew = False, False, timedelta()
        for _ in range(200):
            if not self.open_rows():
                break
            self.one_healthy_round()
        assert not self.open_rows(), [self.told(row) for row in self.open_rows()]
        self.nobody_gets_a_text_twice()
        self.nobody_gets_a_text_that_they_do_not_want_or_not_now()
        for row in self.known:
            assert holds_together(self.home.records.story(row), self.home.state_of(row)), self.told(row)

    def one_healthy_round(self) -> None:
        self.twilio.does = "take"
        self.follow_ups.sweep()
        self.follow_ups.hand_over()
        batches, self.tray.batches = self.tray.batches, []
        for batch in batches:
            self.follow_ups.send(batch)
        self.follow_ups.settle()
        waits = [due_at for state, due_at in self.home.rows().values() if state is State.PLANNED]
        only_waiting = waits and len(waits) == len(self.open_rows())
        self.clock.now = max(self.clock.now + timedelta(seconds=61), min(waits) if only_waiting else self.clock.now)

    @property
    def now(self) -> datetime:
        """The web's time: its clock is right, or nobody could say which text came first."""
        return self.clock.now

    def rows_of(self, person: PhoneNumber) -> list[Known]:
        return [row for row in self.known.values() if row.person == person]

    def open_rows(self) -> list[FollowUpId]:
        return [FollowUpId(row) for row, (state, _) in self.home.rows().items() if state not in SETTLED]

    def was_put_off(self, row: FollowUpId) -> bool:
        """What the line itself put off, for the night, is given as much more time."""
        return any(line.event == Event.POSTPONE for line in self.home.records.story(row))

    def told(self, row: FollowUpId) -> str:
        return "; ".join(f"{line.event} {line.reason}".strip() for line in self.home.records.story(row))


class Home:
    """The real parts, once for all examples; each begins with an empty database."""

    def __init__(self, folder: Path) -> None:
        self.playbook = build(shipped(), production=False)
        self.url = f"sqlite:///{folder / 'records.db'}"
        self.records = Records(self.url, busy_timeout=5.0, rest=timedelta())
        self.records.migrate()
        self.sealer = Sealer(("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",), "p" * 40)
        self.sessions = Sessions(f"unix://{folder}/nobody.sock")
        self.spool = Spool(folder / "spool")
        self.alerts = Alerts(None, folder)
        self._sealed = {person: self.sealer.seal(person) for person in PEOPLE}
        self._engine = sa.create_engine(self.url)

    def follow_ups(self, twilio: Twilio, tray: Tray, clock: Clock) -> FollowUps:
        return FollowUps(
            playbook=lambda: self.playbook,
            sessions=self.sessions,
            records=self.records,
            spool=self.spool,
            sealer=self.sealer,
            gateway=twilio,  # type: ignore[arg-type]
            queue=tray,  # type: ignore[arg-type]
            alerts=self.alerts,
            status_url="http://127.0.0.1/sms/status",
            clock=clock,
        )

    def line(self, clock: Clock) -> Line:
        return Line(lambda: self.playbook, self.sessions, self.records, self.spool, self.sealer, self.alerts, clock)

    def apply(self, entry: Entry, person: PhoneNumber) -> None:
        theirs = replace(entry, sender=self.sealer.key_of(person), sealed_number=self._sealed[person])
        self.records.apply(theirs)

    def rows(self) -> dict[str, tuple[State, datetime]]:
        columns = sa.select(follow_ups.c.id, follow_ups.c.state, follow_ups.c.due_at)
        with self._engine.connect() as connection:
            return {row.id: (State(row.state), row.due_at) for row in connection.execute(columns)}

    def state_of(self, row: FollowUpId) -> State | None:
        return self.rows().get(row, (None,))[0]

    def empty(self) -> None:
        with self._engine.begin() as connection:
            for table in metadata.tables.values():
                connection.execute(table.delete())

    def close(self) -> None:
        self._engine.dispose()
        self.records.close()
        self.sessions.close()


@pytest.fixture
def home() -> Iterator[Home]:
    """In memory where there is such a folder: thousands of small transactions, and nothing of it is worth keeping."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    home = Home(folder)
    yield home
    home.close()
    shutil.rmtree(folder)


def test_nobody_gets_a_text_twice_or_unwanted_or_at_night_and_every_row_ends(home: Home) -> None:
    machine = type("AnyOrder", (AnyOrder,), {"home": home})
    # Shrinking would take minutes, and the story in the message says enough.
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            database=None,
            print_blob=True,
        ),
    )
