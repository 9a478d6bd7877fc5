"""Rules for help lines: numbers that can be dialled, dates that are real, and somebody who has tried them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import phonenumbers
from phonenumbers import shortnumberinfo

from service.check.subject import Subject
from service.playbook.assemble import shaped
from service.playbook.marked import Marked
from service.playbook.marked import Path as KeyPath
from service.playbook.mistakes import Mistake
from service.playbook.shapes import HelplinesShape, LineShape

FILE = "config/helplines.yaml"
ALERT_AHEAD = timedelta(days=60)
LONGEST_SHORT_CODE = 6


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


def emergency_numbers_are_real(subject: Subject) -> Iterator[Mistake]:
    shape, file = _read(subject)
    for code, country in shape.countries.items():
        for number in set(country.emergency.values()):
            if not shortnumberinfo.is_emergency_number(number, code):
                what = f"{number} is no emergency number of {code}"
                yield file.mistake(("countries", code, "emergency"), what, "Write the one that phones there know")


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
        if line.reverify_by and line.reverify_by <= today + ALERT_AHEAD and line.state == "running":
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
    if len(digits) <= LONGEST_SHORT_CODE and shortnumberinfo.is_possible_short_number_for_region(parsed, country):
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
    emergency_numbers_are_real,
    days_are_past,
    somebody_has_tried_it,
    nothing_is_stale,
    somebody_answers_the_contact,
)
