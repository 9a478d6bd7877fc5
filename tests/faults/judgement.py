"""What became of people's follow-ups, by Twilio's journal and by the ledger: the promises, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.policy.ledger import TRANSITIONS, Standing, State, Transition
from tests.faults.line import Person
from tests.faults.twilio import Request

ON_THE_WIRE = 1.0
"""Seconds after the answer to a STOP in which a request may still come in that was on its way before."""

_SAID_TO_BE_OUT = {State.SENT, State.DELIVERED, State.UNDELIVERED}
_ENDED = {State.REFUSED, State.EXPIRED, State.CANCELLED, State.UNKNOWN}
"""Without a text, and visibly so, with a reason in the row's story."""


@dataclass(slots=True)
class Judgement:
    """Of the rows of one fault."""

    name: str
    rows: int = 0
    once: int = 0
    doubled: int = 0
    lost: int = 0
    after_stop: int = 0
    outside_hours: int = 0
    went_back: int = 0
    """Rows whose story has a step that the table of transitions does not allow, or a gap."""
    ended: Counter[str] = field(default_factory=Counter)
    """How many ended without a text, by state."""
    worst_lag: timedelta = timedelta()
    problems: list[str] = field(default_factory=list)
    """Row ids with what is wrong, for whoever looks into it."""

    @property
    def is_kept(self) -> bool:
        return not (self.doubled or self.lost or self.after_stop or self.outside_hours or self.went_back)

    def add(self, other: Judgement) -> None:
        for name in ("rows", "once", "doubled", "lost", "after_stop", "outside_hours", "went_back"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.ended += other.ended
        self.worst_lag = max(self.worst_lag, other.worst_lag)
        self.problems += other.problems


def judge(
    name: str,
    people: Iterable[Person],
    requests: Sequence[Request],
    standing: Callable[[Person], Standing | None],
    story: Callable[[str], Sequence[Transition]],
    line_time: Callable[[float], datetime],
) -> Judgement:
    judged = Judgement(name)
    for person in people:
        taken = [request for request in requests if request.took and request.row == person.row]
        _judge_one(judged, person, taken, standing(person), story(person.row), line_time)
    return judged


def _judge_one(
    judged: Judgement,
    person: Person,
    taken: Sequence[Request],
    now: Standing | None,
    story: Sequence[Transition],
    line_time: Callable[[float], datetime],
) -> None:
    judged.rows += 1
    judged.once += len(taken) == 1
    wrong = []
    if len(taken) > 1:
        judged.doubled += 1
        wrong.append(f"{len(taken)} texts")
    if _is_lost(taken, now):
        judged.lost += 1
        wrong.append(f"no text, and it is {now.state if now else 'gone'}")
    if now and not taken and now.state in _ENDED:
        judged.ended[now.state] += 1
    if any(person.stopped_at and request.at > person.stopped_at + ON_THE_WIRE for request in taken):
        judged.after_stop += 1
        wrong.append("a text after STOP")
    moments = [line_time(request.at) for request in taken]
    if any(not _is_within(person, at) for at in moments):
        judged.outside_hours += 1
        wrong.append(f"a text outside {person.window} {person.zone}")
    if not holds_together(story, now.state if now else None):
        judged.went_back += 1
        wrong.append("a story that does not hold together")
    if now and moments:
        due_at = now.due_at if person.moved else person.due_at
        judged.worst_lag = max(judged.worst_lag, moments[0] - due_at)
    if wrong:
        told = "; ".join(f"{line.event} {line.reason}".strip() for line in story)
        judged.problems.append(f"{person.row}: {', '.join(wrong)}. Its story: {told}")


def _is_lost(taken: Sequence[Request], now: Standing | None) -> bool:
    """Neither with the person, nor ended visibly: gone, still open after all was mended, or said to be out and not."""
    if taken:
        return now is None
    return now is None or now.state not in _ENDED


def _is_within(person: Person, at: datetime) -> bool:
    first, last = person.window
    return first <= at.astimezone(ZoneInfo(person.zone)).hour < last


def holds_together(story: Sequence[Transition], now: State | None) -> bool:
    """Each step begins where the one before ended, by the table; none is missing, and the last leads to `now`."""
    state: State | None = None
    for line in story:
        allowed = {None: State.PLANNED}.get(line.before) or TRANSITIONS.get((line.before, line.event))
        # What was revoked while it was in flight is cancelled where it would be planned again.
        cancelled_instead = allowed is State.PLANNED and line.after is State.CANCELLED
        if line.before != state or not (line.after is allowed or cancelled_instead):
            return False
        state = line.after
    return now is None or state is now
