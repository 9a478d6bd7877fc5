"""What follow-ups cost: planning them, the clock's tick over many, sending them with the whole ledger."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks import forms, machine
from benchmarks.servers import Server, settings_of, the_line
from benchmarks.stand_in import DELAY, stand_in
from service.policy.conversation import FollowUp, FollowUpId, Language, PhoneNumber, Plan, SenderKey
from service.policy.ledger import Entry, MessageKey, State
from service.records import Records
from service.records.tables import follow_ups
from service.settings import CHECKOUT, Settings
from service.wiring import sealer

_DAY = timedelta(days=1)
_TICKS = 40


def home_with_pace(folder: Path, per_second: int) -> Path:
    """The shipped playbook, but for what the sending number may do."""
    for part in ("config", "templates"):
        shutil.copytree(CHECKOUT / part, folder / part, dirs_exist_ok=True)
    programme = folder / "config" / "programme.yaml"
    lines = programme.read_text().splitlines(keepends=True)
    paced = [f"follow_ups_per_second: {per_second}\n" if line.startswith("follow_ups_per") else line for line in lines]
    programme.write_text("".join(paced))
    return folder


def _step(id_: str, due_at: datetime) -> FollowUp:
    return FollowUp(
        id=FollowUpId(id_),
        plan="check_in",
        step=1,
        reply="follow_up-check_in",
        language=Language("en"),
        due_at=due_at,
        expires_at=due_at + _DAY,
        zone="America/New_York",
        window=(0, 24),
    )


def plan_due(settings: Settings, many: int) -> None:
    """So many are due now, each to a number that is nobody's."""
    now, seal = datetime.now(UTC), sealer(settings)
    rows = [
        {
            **_row(forms.sid(), now - timedelta(seconds=1)),
            "sealed_number": seal.seal(PhoneNumber(forms.number(place))),
            "sender": seal.key_of(PhoneNumber(forms.number(place))),
        }
        for place in range(many)
    ]
    engine = sa.create_engine(settings.database_url)
    with engine.begin() as tx:
        tx.execute(follow_ups.insert(), rows)
    engine.dispose()


def _row(id_: str, due_at: datetime) -> dict[str, object]:
    step = _step(id_, due_at)
    return {
        "id": step.id,
        "sender": f"nobody-{id_}",
        "sealed_number": "",
        "plan": step.plan,
        "step": 1,
        "reply": step.reply,
        "language": step.language,
        "due_at": step.due_at,
        "expires_at": step.expires_at,
        "zone": step.zone,
        "from_hour": 0,
        "until_hour": 24,
        "urgent": False,
        "state": State.PLANNED,
        "planned_at": due_at - _DAY,
        "changed_at": due_at - _DAY,
    }


def planned_per_second(folder: Path, many: int) -> float:
    """Consents with their row, a transaction each, one after another: what YES costs."""
    now = datetime.now(UTC)
    with Records(f"sqlite:///{folder}/planning.db") as records:
        records.migrate()
        started = time.perf_counter()
        for place in range(many):
            plan = Plan("check_in", "May we check in?", (_step(f"{place:024x}", now + _DAY),))
            records.apply(Entry(MessageKey(f"m{place}"), SenderKey(f"s{place}"), "sealed", (plan,), "release", now))
        return many / (time.perf_counter() - started)


def tick(folder: Path, rows: int) -> dict[str, float]:
    """Milliseconds of a tick that hands over ten due ones among so many that are not."""
    now = datetime.now(UTC)
    database = folder / f"{rows}.db"
    with Records(f"sqlite:///{database}") as records:
        records.migrate()
        engine = sa.create_engine(f"sqlite:///{database}")
        with engine.begin() as tx:
            for start in range(0, rows, 50_000):
                later = (now + _DAY + timedelta(seconds=place) for place in range(start, min(start + 50_000, rows)))
                tx.execute(follow_ups.insert(), [_row(f"{start}-{n}", at) for n, at in enumerate(later)])
            tx.execute(follow_ups.insert(), [_row(f"due-{n}", now - timedelta(seconds=1)) for n in range(_TICKS * 20)])
        engine.dispose()
        took = []
        for turn in range(_TICKS):
            started = time.perf_counter()
            handed = records.hand_over(now + timedelta(seconds=turn), rate=10)
            took.append((time.perf_counter() - started) * 1000)
            if not handed:
                raise RuntimeError("a tick handed nothing over")
    database.unlink()
    return {"p50": statistics.median(took), "worst": max(took)}


@contextmanager
def a_sending_line(folder: Path, per_second: int) -> Iterator[Server]:
    """The whole line, with a Twilio that answers slowly, and a number that may send so many a second."""
    home = home_with_pace(folder / "home", per_second)
    with (
        stand_in() as api,
        the_line(folder, NIGHTLIGHT_HOME=str(home), TWILIO_API_URL=f"http://127.0.0.1:{api.port}") as line,
    ):
        yield line


def sends_per_second(folder: Path, many: int) -> dict[str, float]:
    """Through clock, queue, worker and ledger, from the first that is sent to the last, against a slow Twilio."""
    with a_sending_line(folder, 1000) as line:
        settings = settings_of(line)
        plan_due(settings, many)
        with Records(settings.database_url) as records:
            first = _when_sent(records, 1)
            last = _when_sent(records, many)
        memory = machine.memory_by_process(line.processes())
    theirs = sum(memory["clock and workers"])
    return {"sends_per_second": (many - 1) / (last - first), "delay": DELAY, "worker_and_clock_mib": theirs}


def _when_sent(records: Records, many: int) -> float:
    patience = time.perf_counter() + 120
    while (records.states()[State.SENT]) < many:
        if time.perf_counter() > patience:
            raise RuntimeError(f"after two minutes only {records.states()[State.SENT]} of {many} are sent")
        time.sleep(0.05)
    return time.perf_counter()
