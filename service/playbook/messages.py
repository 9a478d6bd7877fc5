"""The message files: which there are, whether each can be sent, and which are missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from service.playbook import required
from service.playbook.mistakes import Mistake
from service.policy.conversation import Language
from service.policy.programme import PlanSpec, Topic
from service.policy.replies import Message, UnsendableError, unknown_placeholders

FOLDER = "templates/messages"
MOMENTARY = frozenset({"when", "centers"})
"""Placeholders that only some answers have a value for."""

_FILE = re.compile(rf"{FOLDER}/(?P<language>[a-z]{{2}})/(?P<name>[^/]+)\.txt")
_PART = re.compile(r"topic-(?P<topic>[a-z0-9_]+)-(?P<part>[1-9])")

Messages = dict[Language, dict[str, Message]]


def file_of(name: str, language: str) -> str:
    if name.startswith("notice-"):  # the words of a banner stand with its hours
        return "config/notices.yaml"
    return f"{FOLDER}/{language}/{name}.txt"


def parts(snapshot: Mapping[str, bytes]) -> Mapping[str, int]:
    """How many parts each topic's series has: the highest number that any language goes to."""
    highest: defaultdict[str, int] = defaultdict(int)
    for file in snapshot:
        match = _FILE.fullmatch(file)
        part = _PART.fullmatch(match["name"]) if match else None
        if part:
            highest[part["topic"]] = max(highest[part["topic"]], int(part["part"]))
    return highest


def messages(
    snapshot: Mapping[str, bytes], languages: tuple[Language, ...], situations: frozenset[str], found: list[Mistake]
) -> Messages:
    """Every message of every language that the programme speaks."""
    parsed: Messages = {language: {} for language in languages}
    for file, data in sorted(snapshot.items()):
        match = _FILE.fullmatch(file)
        language = Language(match["language"]) if match else None
        if match is None or language not in parsed:
            continue
        message = _message(file, data, situations | MOMENTARY, found)
        if message is not None:
            parsed[language][match["name"]] = message
    return parsed


def _message(file: str, data: bytes, allowed: frozenset[str], found: list[Mistake]) -> Message | None:
    try:
        text = data.decode("utf-8")
        message = Message.parse(text, allowed)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found.append(Mistake(file, line, "", "is not UTF-8", "Save it as UTF-8"))
        return None
    except UnsendableError as bad:
        found.append(Mistake(file, bad.line, "", bad.what, bad.mend))
        return None
    found.extend(_unknown_placeholders(file, text, allowed))
    return message


def _unknown_placeholders(file: str, text: str, allowed: frozenset[str]) -> Iterator[Mistake]:
    for number, row in enumerate(text.splitlines(), start=1):
        for name in unknown_placeholders(row, allowed):
            yield Mistake(file, number, "", f"{{{name}}} is no placeholder", _nearest(name, allowed))


def _nearest(name: str, allowed: frozenset[str]) -> str:
    near = get_close_matches(name.lower(), sorted(allowed), n=1)
    return f"Write {{{near[0]}}}" if near else "Give it a line in config/helplines.yaml, or delete it"


def missing_or_unasked_for(
    parsed: Messages, topics: Mapping[str, Topic], plans: Mapping[str, PlanSpec], named: frozenset[str]
) -> Iterator[Mistake]:
    """A reply that routing or a keyword may ask for is there in each language, and no file that nothing asks for."""
    voices = {name for of_language in parsed.values() for name in of_language if required.is_voice_of_danger(name)}
    for language, of_language in parsed.items():
        needed = required.replies(topics, plans.values(), language)
        for name in sorted((needed | voices) - set(of_language)):
            yield Mistake(file_of(name, language), 1, "", "is missing", "Write it: somebody would get no answer")
        for name in sorted(set(of_language) - needed - named):
            if not required.is_voice_of_danger(name):
                near = get_close_matches(name, sorted(needed - set(of_language)), n=1)
                mend = f"Rename it to {near[0]}.txt" if near else "Delete it, or name it in config/"
                yield Mistake(file_of(name, language), 1, "", "no reply has this name", mend)
