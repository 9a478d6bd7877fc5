"""What is done to a line while people's follow-ups are due: one function, one fault. What became of them, others judge."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from service.policy.ledger import State
from tests.faults import twilio
from tests.faults.line import ZONES, Line, Person
from tests.faults.twilio import Answer

FEW = 8
"""People in each fault."""


@dataclass(frozen=True, slots=True)
class Ordeal:
    name: str
    strike: Callable[[Line], list[Person]]


def nothing(line: Line) -> list[Person]:
    return line.people(FEW)


# People


def some_say_stop(line: Line) -> list[Person]:
    """Each at another moment: before, while and after it goes out. Twilio is slow, so that some are in a worker's hands."""
    people = line.people(FEW * 2)
    line.twilio.answer([person.number for person in people], twilio.SLOW)
    for person in people[::2]:
        line.sleep(0.0, 0.25)
        line.stop(person)
    return people


def some_are_in_danger(line: Line) -> list[Person]:
    """Theirs is moved to at least twelve hours later, and comes then."""
    people = line.people(FEW, due_in=8)
    for person in people[::2]:
        person.moved = True
        line.text(person, "i want to die")
    return people


def their_hours_end(line: Line) -> list[Person]:
    """The worker stands still until it is too late for today."""
    now = line.clock().astimezone(ZoneInfo(ZONES[0]))
    line.leap(seconds=(59 - now.minute) * 60 + 45 - now.second)  # 15 of the line's seconds before the hour
    people = line.people(FEW, due_in=2, spread=6, zone=ZONES[0], window=(8, now.hour + 1))
    with line.frozen("worker"):
        line.sleep(2.0)
    for person in people:
        person.moved = True
    line.sleep(0.5, 1.0)
    return people


# Processes


def a_worker_is_killed_before_the_request(line: Line) -> list[Person]:
    """It stands still, is handed the rows, and never comes to them."""
    people = line.people(FEW, spread=2)
    with line.frozen("worker"):
        line.sleep(0.8, 1.2)
        line.kill("worker")
    return people


def a_worker_is_killed_during_the_request(line: Line) -> list[Person]:
    people = line.people(FEW, spread=4)
    line.twilio.answer([person.number for person in people], twilio.SLOW)
    line.until(lambda: line.arrived(people) > 0, 4)  # the next one is under way
    line.kill("worker")
    return people


def a_worker_is_killed_after_the_request(line: Line) -> list[Person]:
    """It has Twilio's answer, and cannot write it down before it ends."""
    people = line.people(FEW, spread=4)
    line.twilio.answer([person.number for person in people], twilio.SLOW)
    line.until(lambda: any(line.state(person) is State.CLAIMED for person in people), 4)
    with line.locked_sql():
        line.sleep(twilio.SLOW.delay, twilio.SLOW.delay + 0.3)
        line.kill("worker")
    return people


def a_worker_is_killed_again_and_again(line: Line) -> list[Person]:
    people = line.people(FEW * 2, spread=25)
    for _ in range(2):
        line.sleep(0.2, 1.2)
        line.kill("worker")
    return people


def the_pool_is_killed(line: Line) -> list[Person]:
    """Its workers live on for a moment, with what they have in hand."""
    people = line.people(FEW, spread=10)
    line.twilio.answer([person.number for person in people], twilio.SLOW)
    line.until(lambda: any(line.state(person) is State.CLAIMED for person in people), 4)
    os.kill(line.pid("worker"), signal.SIGKILL)
    return people


def the_supervisor_is_killed(line: Line) -> list[Person]:
    """Its processes live on; a new run ends them and starts others."""
    people = line.people(FEW, spread=20)
    line.sleep(0.2, 0.8)
    line.run.process.kill()
    line.run.process.wait()
    line.until(lambda: line.arrived(people) > 0, 2)
    line.run = line.start()
    return people


def the_clock_is_killed(line: Line) -> list[Person]:
    people = line.people(FEW, spread=20)
    for _ in range(2):
        line.sleep(0.1, 1.0)
        line.kill("clock")
    return people


def several_clocks_and_workers(line: Line) -> list[Person]:
    for role in ("clock", "worker"):
        line.one_more(role)
    people = line.people(FEW * 3, due_in=25, spread=20)
    line.until(lambda: line.arrived(people) >= FEW * 2, 6)
    line.no_more()
    return people


# Valkey


def valkey_is_killed(line: Line) -> list[Person]:
    people = line.people(FEW, spread=20)
    line.sleep(0.1, 1.0)
    line.kill("valkey")
    return people


def valkey_is_flushed(line: Line) -> list[Person]:
    """While jobs wait in it."""
    people = line.people(FEW, spread=10)
    with line.frozen("worker"):
        line.sleep(0.6, 0.9)
        line.valkey.flushall()
    return people


def valkey_is_frozen(line: Line) -> list[Person]:
    people = line.people(FEW, spread=20)
    with line.frozen("valkey"):
        line.sleep(1.5, 2.5)
    return people


def valkey_is_out_of_memory(line: Line) -> list[Person]:
    people = line.people(FEW, spread=15)
    line.valkey.config_set("maxmemory", "1")
    line.sleep(1.5, 2.0)
    line.valkey.config_set("maxmemory", "512mb")
    return people


# SQL


def sql_is_locked(line: Line) -> list[Person]:
    """For longer than a worker waits. A STOP of that time goes to the spool, and wins."""
    people = line.people(FEW, spread=15)
    with line.locked_sql():
        line.sleep(1.0)
        line.stop(people[-1])
        line.sleep(4.5, 5.0)
    return people


def the_disk_is_full(line: Line) -> list[Person]:
    people = line.people(FEW, spread=15)
    with line.full_disk("worker", "clock"):
        line.sleep(2.0, 2.5)
    return people


# Twilio


def twilio_answers(answer: Answer, mute: bool = False) -> Callable[[Line], list[Person]]:
    """Once, or for a second or two; then it takes everything again."""

    def strike(line: Line) -> list[Person]:
        people = line.people(FEW, due_in=12, spread=8)
        numbers = [person.number for person in people]
        line.carrier.mute.update(numbers if mute else [])
        line.twilio.answer(numbers, answer)
        return people

    return strike


def magic_numbers(line: Line) -> list[Person]:
    return [line.people(1, number=number)[0] for number in twilio.MAGIC]


# Time


def the_clock_leaps(line: Line) -> list[Person]:
    """Set forward by minutes and back again, as a wrong time server does."""
    people = line.people(FEW, spread=20)
    line.sleep(0.2, 0.6)
    line.leap(minutes=30)
    line.sleep(0.3, 0.6)
    line.leap(minutes=-20)
    line.sleep(0.5)
    return people


AT_TWILIO = [
    Ordeal(f"Twilio: {answer.name}", twilio_answers(answer))
    for answer in (
        twilio.THROTTLED,
        twilio.BROKEN,
        twilio.OVERLOADED,
        twilio.RESET,
        twilio.SILENT,
        twilio.REVOKED,
        twilio.BROKEN_BUT_TAKEN,
        twilio.RESET_BUT_TAKEN,
    )
] + [
    Ordeal(f"Twilio: {answer.name}, no report", twilio_answers(answer, mute=True))
    for answer in (twilio.EMPTY_BUT_TAKEN, twilio.GARBAGE_BUT_TAKEN, twilio.SILENT_BUT_TAKEN)
]
"""They strike different people, so they strike at once."""

ONE_BY_ONE = [
    Ordeal("nothing", nothing),
    Ordeal("some are in danger", some_are_in_danger),
    Ordeal("some say STOP", some_say_stop),
    Ordeal("Twilio refuses the number", magic_numbers),
    Ordeal("worker killed before the request", a_worker_is_killed_before_the_request),
    Ordeal("Valkey flushed", valkey_is_flushed),
    Ordeal("worker killed during the request", a_worker_is_killed_during_the_request),
    Ordeal("clock killed", the_clock_is_killed),
    Ordeal("Valkey frozen", valkey_is_frozen),
    Ordeal("worker killed after the request", a_worker_is_killed_after_the_request),
    Ordeal("Valkey out of memory", valkey_is_out_of_memory),
    Ordeal("SQL locked", sql_is_locked),
    Ordeal("disk full", the_disk_is_full),
    Ordeal("worker killed again and again", a_worker_is_killed_again_and_again),
    Ordeal("pool killed, workers alive", the_pool_is_killed),
    Ordeal("supervisor killed, workers alive", the_supervisor_is_killed),
    Ordeal("Valkey killed", valkey_is_killed),
    Ordeal("two clocks, two pools of workers", several_clocks_and_workers),
    Ordeal("the clock leaps", the_clock_leaps),
    Ordeal("their hours end", their_hours_end),
]
