"""Rules for keywords: each leads to one place, none hides another, and every example lands where it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from service.check.subject import Subject
from service.playbook import shapes
from service.playbook.assemble import shaped
from service.playbook.marked import Marked
from service.playbook.mistakes import Mistake
from service.playbook.shapes import KeywordsShape, RouteShape
from service.playbook.vocabulary import groups, route_of, rows
from service.policy import routing
from service.policy.conversation import InboundMessage, MessageSid, PhoneNumber, Session
from service.policy.keywords import CARRIER_WORDS
from service.policy.text import edit_distance_at_most_one, words

FILE = "config/keywords.yaml"


def one_word_one_place(subject: Subject) -> Iterator[Mistake]:
    """Keywords, phrases and word groups that two rows claim: the upper one would win, silently."""
    shape, file = _read(subject)
    for column in ("keywords", "phrases", "words"):
        owners: dict[frozenset[str] | tuple[str, ...], tuple[str, str]] = {}
        for path, row in rows(shape):
            place = (route_of(path, row), row.reply or "")
            for claimed in _claimed(row, column):
                owner = owners.setdefault(frozenset(claimed) if column == "words" else claimed, place)
                if owner != place:
                    what = f"{' '.join(claimed)!r} belongs to {' '.join(filter(None, owner))} already"
                    yield file.mistake((*path, column), what, "Keep it in one")


def every_keyword_leads_home(subject: Subject) -> Iterator[Mistake]:
    """Typed alone it lands at its own row: no danger, no carrier, no other keyword stands before it."""
    shape, file = _read(subject)
    for path, row in rows(shape):
        place = (route_of(path, row), row.reply or "")
        for written in _written(row, "keywords"):
            landed = _landed(written, subject)
            if not _is(landed, place):
                what = f"{written!r} lands at {' '.join(filter(None, landed))}"
                yield file.mistake((*path, "keywords"), what, "Delete it here: it can never lead here")


def no_keyword_is_nearly_a_carriers(subject: Subject) -> Iterator[Mistake]:
    """Who opts out with a slip of the thumb must not get a topic instead."""
    shape, file = _read(subject)
    for path, row in rows(shape):
        for written in _written(row, "keywords"):
            for word in CARRIER_WORDS:
                if len(written) > 3 < len(word) and edit_distance_at_most_one(written, word):
                    what = f"{written!r} is one letter from {word!r}, which belongs to the carriers"
                    yield file.mistake((*path, "keywords"), what, "Use another word")


def every_topic_is_reached(subject: Subject) -> Iterator[Mistake]:
    """By a keyword in each language that the line speaks."""
    shape, file = _read(subject)
    for name, row in shape.topics.items():
        for language in subject.everything.programme.languages:
            if not row.keywords.get(language):
                yield file.mistake(
                    ("topics", name), f"no keyword in {language} leads here", f"Add one under keywords: {language}:"
                )


def examples_land(subject: Subject) -> Iterator[Mistake]:
    """Every example goes through the function that answers texts."""
    shape, file = _read(subject)
    for path, row in rows(shape):
        place = (route_of(path, row), row.reply or "")
        for number, text in enumerate(row.examples):
            landed = _landed(text, subject)
            if not _is(landed, place):
                what = f"{text!r} lands at {' '.join(filter(None, landed))}"
                yield file.mistake((*path, "examples", number), what, f"It should land at {place[0]}: add its words")
        for number, text in enumerate(row.not_):
            if _is(_landed(text, subject), place):
                yield file.mistake((*path, "not", number), f"{text!r} lands here", "Narrow the words that catch it")


def _landed(text: str, subject: Subject) -> tuple[str, str]:
    message = InboundMessage(MessageSid("SM-check"), PhoneNumber(""), text, subject.now, country=subject.home_country)
    decision = routing.decide(message, Session(), subject.everything, subject.now)
    return decision.route, decision.reply.names[0] if decision.reply else ""


def _is(landed: tuple[str, str], place: tuple[str, str]) -> bool:
    route, reply = place
    return landed[0] == route and (not reply or landed[1] == reply)


def _written(row: RouteShape, column: str) -> Iterable[str]:
    by_language: shapes.ByLanguage = getattr(row, column)
    return dict.fromkeys(word for of_language in by_language.values() for word in of_language)


def _claimed(row: RouteShape, column: str) -> Iterator[tuple[str, ...]]:
    for written in _written(row, column):
        if column == "words":
            yield from groups(written)
        else:
            yield words(written)


def _read(subject: Subject) -> tuple[KeywordsShape, Marked]:
    shape, file = shaped(subject.snapshot, FILE, KeywordsShape, [])
    if shape is None:
        raise AssertionError("the playbook was built from this file")
    return shape, file


RULES: tuple[Callable[[Subject], Iterator[Mistake]], ...] = (
    one_word_one_place,
    every_keyword_leads_home,
    no_keyword_is_nearly_a_carriers,
    every_topic_is_reached,
    examples_land,
)
