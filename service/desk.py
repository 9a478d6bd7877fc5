"""`python -m service followups`: the ledger as an engineer reads it, and the two things that may be done by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from service.policy.conversation import FollowUpId
from service.policy.ledger import FINAL, IN_FLIGHT, TRANSITIONS, UNTOUCHED, Event, Standing, State, Transition
from service.records import NotDone, Records

LONG_NUMBER = re.compile(r"\d[\d ().-]{5,}\d")


class Refused(Exception):
    """What was asked for was not done; the message says why."""


def do(what: str, records: Records, id_: str | None, why: str | None, now: datetime) -> str:
    """Explain, cancel or replay one. Raise Refused."""
    if not id_:
        raise Refused("Which one? Give its id: `followups` lists them.")
    if what == "explain":
        return explained(records, FollowUpId(id_))
    return (cancelled if what == "cancel" else replayed)(records, FollowUpId(id_), why, now)


def listed(records: Records, states: Sequence[str], plan: str | None, limit: int, *, as_json: bool) -> str:
    """The latest changed first. Raise Refused for a state that there is not."""
    if unknown := set(states) - set(State):
        raise Refused(f"There is no state {', '.join(sorted(unknown))}: there are {', '.join(State)}.")
    rows = records.listing([State(state) for state in states] or list(State), plan=plan, limit=limit)
    if as_json:
        return json.dumps([asdict(row) for row in rows], default=str, indent=1)
    return "\n".join([_counted(records), "", *_table(rows)])


def _counted(records: Records) -> str:
    counts = records.states()
    return "  ".join(f"{state} {counts[state]}" for state in State if counts[state]) or "no follow-up at all"


def _table(rows: list[Standing]) -> Iterator[str]:
    if not rows:
        yield "none in these states"
        return
    yield f"{'id':32}  {'plan, step':20}  {'state':11}  {'due, in their day':23}  {'tries':>5}  {'since (UTC)':16}"
    for row in rows:
        due = f"{row.due_at.astimezone(ZoneInfo(row.zone)):%a %Y-%m-%d %H:%M}"
        plan = f"{row.plan}, {row.step}"
        yield f"{row.id:32}  {plan:20}  {row.state:11}  {due:23}  {row.attempts:5}  {row.changed_at:%Y-%m-%d %H:%M}"


def explained(records: Records, id_: FollowUpId) -> str:
    """One row's whole story. Who it is for stands nowhere in it."""
    row = records.one(id_)
    if row is None:
        raise Refused("There is no such follow-up: `followups` lists them; they go 90 days after their end.")
    theirs = f"{row.due_at.astimezone(ZoneInfo(row.zone)):%a %H:%M} in {row.zone}"
    head = [
        f"{row.plan}, step {row.step}: {row.reply}",
        f"  is {row.state} since {_at(row.changed_at)}, after {row.attempts} tries",
        f"  due {_at(row.due_at)} ({theirs}), stale {_at(row.expires_at)}",
    ]
    if row.provider_sid:
        head.append(f"  at Twilio {row.provider_sid}, which leads to the person: keep it to yourself")
    return "\n".join([*head, "", *(_line(line) for line in records.story(id_))])


def _line(line: Transition) -> str:
    way = f"{line.before or '':9} -> {line.after:11}" if line.before != line.after else f"{line.after:24}"
    return f"  {_at(line.at)}  {way}  {line.event:10}  {line.reason}{f' ({line.code})' if line.code else ''}".rstrip()


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def cancelled(records: Records, id_: FollowUpId, why: str | None, now: datetime) -> str:
    try:
        state = records.cancel(id_, _reason(why), now)
    except NotDone as error:
        raise Refused(f"Not cancelled: {error}.") from None
    if state is State.CANCELLED:
        return "Cancelled."
    return f"It is {state}, so it may be out already. If it is not, it will not be sent again."


def replayed(records: Records, id_: FollowUpId, why: str | None, now: datetime) -> str:
    try:
        anew = records.replay(id_, _reason(why), now)
    except NotDone as error:
        raise Refused(f"Not planned anew: {error}.") from None
    return f"Planned anew as {anew}: it goes out when its person's hours allow."


def _reason(why: str | None) -> str:
    """It stays in the story for 90 days, so it must not lead to anybody."""
    if not why or not why.strip():
        raise Refused("Say why: --why, for who reads the story later.")
    if LONG_NUMBER.search(why):
        raise Refused("The reason must hold no number: it is kept with the row.")
    return " ".join(why.split())[:200]


def diagram() -> str:
    """The ledger's states and what leads from one to the next, as Mermaid: drawn from the table that decides it."""
    still_open = UNTOUCHED | IN_FLIGHT
    ways: dict[tuple[str, State], list[str]] = {}
    for event in Event:
        ends: dict[State, list[State]] = {}
        for before in State:
            if after := TRANSITIONS.get((before, event)):
                ends.setdefault(after, []).append(before)
        for after, befores in ends.items():
            # What may happen in every open state is drawn once, from the box around them.
            from_any = still_open <= set(befores)
            drawn = [one for one in befores if not (from_any and one in still_open)]
            for origin in (*(["open"] if from_any else []), *drawn):
                ways.setdefault((str(origin), after), []).append(event)
    lines = {way: f"{way[0]} --> {way[1]}: {', '.join(events)}" for way, events in ways.items()}
    inside = [f"        {line}" for (before, after), line in lines.items() if {before, after} <= still_open]
    outside = [f"    {line}" for (before, after), line in lines.items() if not {before, after} <= still_open]
    ends_here = [f"    {state} --> [*]" for state in State if state in FINAL]
    head = ["stateDiagram-v2", "    state open {", "        [*] --> planned: plan"]
    return "\n".join([*head, *inside, "    }", *outside, *ends_here])
