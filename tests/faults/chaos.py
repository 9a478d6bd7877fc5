"""`make chaos-followups`: breaks a running line in every way that is known, and counts what became of people's texts.

One line goes through all of it, so what one fault leaves behind is there in the next. The first round takes a minute;
FAULT_MINUTES=10 goes on with others, in random order, for so long. FAULT_SEED repeats a run's random choices.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from types import FrameType

from service.policy.ledger import SETTLED, State
from tests.faults import others
from tests.faults.judgement import Judgement, judge
from tests.faults.line import Line, Person
from tests.faults.ordeals import AT_TWILIO, ONE_BY_ONE, Ordeal

_SETTLED = {
    State.SENT,
    *(state for state in State if state in {"delivered", "undelivered", "refused", "expired", "cancelled"}),
}


def main() -> int:
    minutes = float(os.environ.get("FAULT_MINUTES") or 0)
    seed = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
    began = time.monotonic()
    if lacking := others.missing():
        _say(f"The stand-in for Twilio that others wrote is not used: {lacking}.")
    with tempfile.TemporaryDirectory(prefix="nl-faults-") as folder, a_line(Path(folder), seed) as line:
        _say(f"FAULT_SEED={seed}. Twilio is {line.twilio.name}; a second is {line.clock.pace:.0f} of the line's.")
        rounds = _rounds(line, began + minutes * 60)
    _say(f"\n{table(rounds)}\n\n{time.monotonic() - began:.0f} s, FAULT_SEED={seed}.")
    for problem in (problem for judged in rounds for problem in judged.problems):
        _say(f"  {problem}")
    return 0 if all(judged.is_kept for judged in rounds) else 1


@contextmanager
def a_line(folder: Path, seed: int) -> Iterator[Line]:
    """Closed also by SIGTERM and Ctrl-C. Who asks while it is being opened is heard once there is all of it to close."""
    asked: list[int] = []
    _on_ending_signals(lambda number, _: asked.append(number))
    line = Line(folder, seed=seed)
    try:
        _on_ending_signals(lambda number, _: _leave(number))
        for number in asked:
            _leave(number)
        yield line
    finally:
        _on_ending_signals(signal.SIG_IGN)
        line.close()


def _on_ending_signals(do: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, do)


def _leave(number: int) -> None:
    raise SystemExit(128 + number)


def _rounds(line: Line, until: float) -> list[Judgement]:
    judged = _round(line, ONE_BY_ONE)
    while time.monotonic() < until:
        for known, more in zip(judged, _round(line, line.chance.sample(ONE_BY_ONE, len(ONE_BY_ONE))), strict=True):
            known.add(more)
    return judged


def _round(line: Line, ordeals: Sequence[Ordeal]) -> list[Judgement]:
    """All faults, then the time that it takes to settle what they left unknown, then the next morning."""
    suffered: dict[str, list[Person]] = {}
    for ordeal in ordeals:
        began = time.monotonic()
        suffered[ordeal.name] = ordeal.strike(line)
        line.twilio.mend()
        # The next fault is to meet texts on their way, not a line that has not come back from this one.
        line.until(lambda: not _on_the_way(line, suffered), 12)
        _say(f"  {ordeal.name}: {len(suffered[ordeal.name])} people, {time.monotonic() - began:.1f} s")
    for ordeal in AT_TWILIO:
        suffered[ordeal.name] = ordeal.strike(line)
    _say(f"  Twilio answers {len(AT_TWILIO)} groups of people in as many ways, for a while.")
    struck = [person for ordeal in AT_TWILIO for person in suffered[ordeal.name]]
    line.until(lambda: line.asked_for(struck) == len(struck), 15)
    line.twilio.mend()
    _settle(line, suffered)
    names = [ordeal.name for ordeal in (*ONE_BY_ONE, *AT_TWILIO)]
    journal = line.twilio.requests()
    return [
        judge(name, suffered[name], journal, line.standing, line.parts.records.story, line.clock.at) for name in names
    ]


def _settle(line: Line, suffered: Mapping[str, Sequence[Person]]) -> None:
    """What is on its way arrives; then the two listings; then the morning: by then everything has to be through."""
    line.until(lambda: not _on_the_way(line, suffered), 12)
    for minutes in (2, 9):
        line.leap(minutes=minutes)
        line.until(lambda: not any(state is State.UNKNOWN for state, _ in _stand(line, suffered)), 3)
    line.until(lambda: not _on_the_way(line, suffered), 6)
    line.clock.leap(_next(MORNING, line.clock()) - line.clock())
    line.until(lambda: all(state in SETTLED for state, _ in _stand(line, suffered)), 15)


def _on_the_way(line: Line, suffered: Mapping[str, Sequence[Person]]) -> bool:
    soon, going = line.clock() + timedelta(minutes=1), {State.QUEUED, State.CLAIMED}
    return any(state in going or (state is State.PLANNED and due < soon) for state, due in _stand(line, suffered))


def _stand(line: Line, suffered: Mapping[str, Sequence[Person]]) -> list[tuple[State, datetime]]:
    rows = line.rows()
    return [rows[person.row] for people in suffered.values() for person in people if person.row in rows]


def _next(at: clock_time, now: datetime) -> datetime:
    today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


MORNING = clock_time(16, 30)
"""UTC: in all zones of these people the day has begun, and in none is it evening."""

_COLUMNS = ("rows", "sent once", "doubled", "lost", "after STOP", "outside hours", "ended unsent", "worst lag")


def table(judged: Sequence[Judgement]) -> str:
    width = max(len(one.name) for one in judged)
    lines = [" " * width + "  " + "  ".join(_COLUMNS)]
    for one in judged:
        ended = ", ".join(f"{count} {state}" for state, count in sorted(one.ended.items())) or "0"
        cells = (
            one.rows,
            one.once,
            one.doubled,
            one.lost,
            one.after_stop,
            one.outside_hours,
            ended,
            _said(one.worst_lag),
        )
        row = "  ".join(str(cell).rjust(len(column)) for cell, column in zip(cells, _COLUMNS, strict=True))
        lines.append(f"{one.name.ljust(width)}  {row}{'' if one.is_kept else '  BROKEN'}")
    return "\n".join(lines)


def _said(lag: timedelta) -> str:
    seconds = int(lag.total_seconds())
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
