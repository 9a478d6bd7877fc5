"""keywords.yaml: from words as operators write them to entries and topics as routing looks them up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain, product

from service.playbook.marked import Marked
from service.playbook.marked import Path as KeyPath
from service.playbook.mistakes import Mistake
from service.playbook.shapes import ByLanguage, KeywordsShape, RouteShape
from service.policy.classes import ZIP_CODE, Member
from service.policy.conversation import Language
from service.policy.keywords import CARRIER_WORDS, Entry
from service.policy.programme import Topic
from service.policy.replies import Message
from service.policy.text import words

_ANSWERED_BY_ROUTING = frozenset({"topic", "menu", "more", "language", "delete", "referral"})
"""Routes whose reply routing picks itself; every other one answers with a message of its own name."""


_CLASS = re.compile(r"\b[A-Z][A-Z_]+\b")


def entries(shape: KeywordsShape, file: Marked, found: list[Mistake]) -> tuple[Entry, ...]:
    """One entry for each topic and route, in the file's order: where two fit equally well, the earlier one wins."""
    return tuple(
        Entry(
            route=route_of(path, row),
            keywords=tuple(keywords_of(row.keywords, (*path, "keywords"), file, found)),
            phrases=tuple(_plain(row.phrases, (*path, "phrases"), file, found)),
            words=tuple(group for written in _written(row.words) for group in groups(written)),
            reply=row.reply or "",
            spoken=_spoken(row.keywords),
        )
        for path, row in rows(shape)
    )


def _spoken(keywords: ByLanguage) -> dict[str, frozenset[Language]]:
    found: defaultdict[str, frozenset[Language]] = defaultdict(frozenset)
    for language, written in keywords.items():
        for keyword in written:
            found[" ".join(_words(keyword))] |= {Language(language)}
    return dict(found)


def rows(shape: KeywordsShape) -> Iterator[tuple[KeyPath, RouteShape]]:
    """Each row with where it stands in the file: topics, then routes."""
    routes = ((("routes", name), row) for name, row in shape.routes.items())
    topics = ((("topics", name), row) for name, row in shape.topics.items())
    return chain(topics, routes)


def route_of(path: KeyPath, row: RouteShape) -> str:
    kind, name = path
    return f"topic:{name}" if kind == "topics" else row.route or str(name)


def _plain(by_language: ByLanguage, path: KeyPath, file: Marked, found: list[Mistake]) -> Iterator[str]:
    """Each as the words that a text is cut into: small letters, no accents, no marks."""
    for language, written in by_language.items():
        for place, one in enumerate(written):
            plain = " ".join(_words(one))
            if plain:
                yield plain
            else:
                found.append(file.mistake((*path, language, place), "holds no word", "Write a word, or delete it"))


def _written(by_language: ByLanguage) -> Iterator[str]:
    return chain.from_iterable(by_language.values())


def groups(written: str) -> tuple[tuple[str, ...], ...]:
    """ "quit|stop coke" is two groups of topic words: quit and coke, stop and coke. A name in capitals is a class."""
    places = ([_part(choice) for choice in place.split("|") if _part(choice)] for place in written.split())
    return tuple(tuple(word for words in chosen for word in words) for chosen in product(*places) if chosen)


def _part(written: str) -> tuple[str, ...]:
    if _CLASS.fullmatch(written) or written == ZIP_CODE:
        return (written,)
    if written.endswith("*"):
        return tuple(f"{word}*" for word in _words(written[:-1]))
    return _words(written)


def classes(shape: KeywordsShape, file: Marked, found: list[Mistake]) -> dict[str, tuple[Member, ...]]:
    """Each class with its members of every language."""
    for path, written in _where_classes_stand(shape):
        found.extend(
            file.mistake(path, f"{name} is no class", "Name one that stands under classes")
            for name in _CLASS.findall(written)
            if name not in shape.classes
        )
    return {name: tuple(chain.from_iterable(map(groups, _written(rows)))) for name, rows in shape.classes.items()}


def _where_classes_stand(shape: KeywordsShape) -> Iterator[tuple[KeyPath, str]]:
    listed = ((("classes", name), rows) for name, rows in shape.classes.items())
    claimed = (((*path, "words"), row.words) for path, row in rows(shape))
    for path, by_language in chain(listed, claimed):
        for language, written in by_language.items():
            yield from (((*path, language, place), one) for place, one in enumerate(written))


def _words(written: str) -> tuple[str, ...]:
    return words(written)


def keywords_of(by_language: ByLanguage, path: KeyPath, file: Marked, found: list[Mistake]) -> Iterator[str]:
    """Whole texts that lead somewhere; a carriers' word and a number are mistakes."""
    for keyword in _plain(by_language, path, file, found):
        if keyword in CARRIER_WORDS:
            found.append(file.mistake(path, f"{keyword!r} belongs to the carriers", "Use another word"))
        elif keyword.isdecimal():
            found.append(file.mistake(path, f"{keyword!r} is a number of the menu, or a ZIP", "Use a word"))
        else:
            yield keyword


def topics(shape: KeywordsShape, parts: Mapping[str, int]) -> dict[str, Topic]:
    """Every topic, with as many parts as there are files for it."""
    return {
        name: Topic(name, parts.get(name, 0), row.related, {Language(code): said for code, said in row.title.items()})
        for name, row in shape.topics.items()
    }


def replies(shape: KeywordsShape) -> frozenset[str]:
    """The messages that routes answer with, but for those that routing picks itself."""
    named = ((name, route.route or name, route.reply) for name, route in shape.routes.items())
    kinds = ((route.partition(":")[0], reply) for _, route, reply in named)
    return frozenset(reply or kind for kind, reply in kinds if kind not in _ANSWERED_BY_ROUTING)


def loose_ends(
    shape: KeywordsShape, file: Marked, messages: Mapping[Language, Mapping[str, Message]]
) -> Iterator[Mistake]:
    """Names that lead nowhere: a menu's, a related topic's, a route's reply, a title in a language."""
    for place, name in enumerate(shape.menu):
        if name not in shape.topics or name in shape.menu[:place]:
            yield file.mistake(("menu", place), f"{name} is no topic, or stands twice", "Name each topic once")
    for name, row in shape.topics.items():
        for other in row.related:
            if other not in shape.topics or other == name:
                yield file.mistake(("topics", name, "related"), f"{other} is no other topic", "Name a topic")
        for language in messages.keys() - row.title.keys():
            yield file.mistake(("topics", name, "title"), f"has no title in {language}", "Add it")
    for name, route in shape.routes.items():
        reply = route.reply or (route.route or name).partition(":")[0]
        if (route.route or name).partition(":")[0] in _ANSWERED_BY_ROUTING:
            continue
        if not all(reply in of_language for of_language in messages.values()):
            yield file.mistake(("routes", name), f"there is no message {reply}.txt", "Write it, or correct reply")
