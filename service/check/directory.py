"""Rules for help lines: numbers that can be dialled, dates that are real, and somebody who has tried them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import phonenumbers
from phonenumbers import shortnumberinfo

from service.check.subject import Subject
from service.playbook.assemble import shaped
from service.playbook.line_shapes import HelplinesShape, LineShape
from service.playbook.marked import Marked
from service.playbook.marked import Path as KeyPath
from service.playbook.mistakes import Mistake
from service.policy.directory import REVERIFY_AHEAD, phrase

FILE = "config/helplines.yaml"
LONGEST_SHORT_CODE = 6
LONGEST_TRUST = timedelta(days=366)


def numbers_can_be_dialled(subject: Subject) -> Iterator[Mistake]:
    for file, path, country, line in _lines(subject):
        for door in ("call", "text"):
            number = getattr(line, door)
            if number and country and not _dialable(number, country):
                yield file.mistake(
                    (*path, door), f"{number} cannot be dialled in {country}", "Look it up at its source"
                )
        if line.say and not _say_names_a_door(line):
            yield file.mistake(
                (*path, "say"), "names none of the line's numbers", "Say the number as it stands in call or text"
            )


def a_crisis_line_can_be_called(subject: Subject) -> Iterator[Mistake]:
    """Else every message would be wrong in the same way: then this alone is said, and not of each message."""
    home = subject.home_country
    for language in subject.everything.programme.languages:
        given = subject.everything.directory.lines_for(home, language, subject.now)["crisis"]
        if given.call:
            continue
        for file, path, country, line in _lines(subject):
            if country == home and "crisis" in line.situations and line.call and line.state != "running":
                said = phrase(given, language)
                what = f"{line.id} is {line.state}: in {home} people are told to {said}, and no line to call"
                mend = f"When it answers again: line up {line.id}. Until then messages are not looked at"
                yield file.mistake((*path, "id"), what, mend)
                return


def emergency_numbers_are_real(subject: Subject) -> Iterator[Mistake]:
    shape, file = _read(subject)
    for code, country in shape.countries.items():
        for number in set(country.emergency.values()):
            if not shortnumberinfo.is_emergency_number(number, code):
                what = f"{number} is no emergency number of {code}"
                yield file.mistake(("countries", code, "emergency"), what, "Write the one that phones there know")


def days_off_are_to_come(subject: Subject) -> Iterator[Mistake]:
    """Last year's holidays say that nobody has asked about this year's."""
    today = subject.now.date()
    for file, path, _, line in _lines(subject):
        past = [day for day in line.hours.shut if day < today] if line.hours else []
        if past:
            what = f"{line.id} was shut on {', '.join(map(str, past))}, which is over"
            yield file.mistake((*path, "hours", "shut"), what, "Delete the day, and ask about the next one")


def out_is_not_forgotten(subject: Subject) -> Iterator[Mistake]:
    """What was taken out for a while is offered again; the keys that say so mislead whoever reads them."""
    for file, path, _, line in _lines(subject):
        if line.until and line.until <= subject.now:
            what = f"{line.id} was {line.state} until {line.until:%Y-%m-%d %H:%M}, and is offered again"
            found = file.mistake((*path, "until"), what, f"Ring it, then: line up {line.id}")
            yield Mistake(found.file, found.line, found.key, found.what, found.mend, warning=True)


def who_tried_it_says_when_again(subject: Subject) -> Iterator[Mistake]:
    """Numbers rot: nothing is good for ever because somebody rang it once."""
    for file, path, _, line in _lines(subject):
        if line.verified_on is None:
            continue
        if line.reverify_by is None or not timedelta() < line.reverify_by - line.verified_on <= LONGEST_TRUST:
            what = f"{line.id} does not say when within a year it is to be tried again"
            yield file.mistake((*path, "verified_on"), what, "Add reverify_by, half a year on or sooner")


def days_are_past(subject: Subject) -> Iterator[Mistake]:
    """Nobody has read or rung a line tomorrow."""
    today = subject.now.date()
    for file, path, _, line in _lines(subject):
        for key in ("source_seen_on", "verified_on"):
            day = getattr(line, key)
            if day and day > today:
                yield file.mistake((*path, key), f"{day} is still to come", "Write the day on which it was done")


def somebody_has_tried_it(subject: Subject) -> Iterator[Mistake]:
    """A warning in development; in production, where the line is not printed, something to mend."""
    for file, path, country, line in _lines(subject):
        known = subject.everything.directory.countries.get(country)
        if line.state == "running" and country and known and line.verified_on is None:
            what = f"{line.id} has not been tried by anybody: production does not print it"
            if any(each.id == line.id and known.never_withholds(each) for each in known.lines):
                what = f"{line.id} has not been tried by anybody, and is printed all the same"
            mend = "Ring or text it, then write verified_on and verified_by"
            found = file.mistake((*path, "id"), what, mend)
            yield Mistake(found.file, found.line, found.key, what, mend, warning=not subject.production)


def nothing_is_stale(subject: Subject) -> Iterator[Mistake]:
    """Sixty days ahead: ringing every line takes a while."""
    today = subject.now.date()
    for file, path, _, line in _lines(subject):
        if line.reverify_by and line.reverify_by <= today + REVERIFY_AHEAD and line.state == "running":
            overdue = line.reverify_by < today
            what = f"{line.id} {'was' if overdue else 'is'} to be tried again by {line.reverify_by}"
            found = file.mistake((*path, "reverify_by"), what, "Ring it, then move reverify_by on")
            late = overdue and subject.production
            yield Mistake(found.file, found.line, found.key, found.what, found.mend, warning=not late)


def somebody_answers_the_contact(subject: Subject) -> Iterator[Mistake]:
    """Carriers ring it; a sample address would be a broken promise in every HELP text."""
    contact = subject.everything.programme.contact
    if contact.endswith(".example") or "555-01" in contact:
        what = f"{contact} reaches nobody"
        mend = "Write an address or a number that a person answers"
        yield Mistake("config/programme.yaml", 1, "contact", what, mend, warning=not subject.production)


def _dialable(number: str, country: str) -> bool:
    digits = "".join(character for character in number if character.isdecimal())
    parsed = phonenumbers.parse(number, country)
    if len(digits) <= LONGEST_SHORT_CODE and shortnumberinfo.is_valid_short_number_for_region(parsed, country):
        return True
    return bool(phonenumbers.is_valid_number_for_region(parsed, country))


def _say_names_a_door(line: LineShape) -> bool:
    return all(any(door and door in said for door in (line.call, line.text, line.web)) for said in line.say.values())


def _lines(subject: Subject) -> Iterator[tuple[Marked, KeyPath, str, LineShape]]:
    shape, file = _read(subject)
    for code, country in shape.countries.items():
        for place, line in enumerate(country.lines):
            yield file, ("countries", code, "lines", place), code, line
    for place, line in enumerate(shape.elsewhere.lines):
        yield file, ("elsewhere", "lines", place), "", line


def _read(subject: Subject) -> tuple[HelplinesShape, Marked]:
    shape, file = shaped(subject.snapshot, FILE, HelplinesShape, [])
    if shape is None:
        raise AssertionError("the playbook was built from this file")
    return shape, file


RULES: tuple[Callable[[Subject], Iterator[Mistake]], ...] = (
    numbers_can_be_dialled,
    a_crisis_line_can_be_called,
    emergency_numbers_are_real,
    days_off_are_to_come,
    days_are_past,
    who_tried_it_says_when_again,
    out_is_not_forgotten,
    somebody_has_tried_it,
    nothing_is_stale,
    somebody_answers_the_contact,
)
