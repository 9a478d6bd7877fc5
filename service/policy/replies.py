"""From a reply's messages to the text that is sent. Placeholders are fixed words; nothing is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

LONGEST = 1600
"""Twilio refuses a longer body (21617)."""

ALWAYS = frozenset({"programme", "contact", "emergency", "crisis", "crisis_brief", "other_line", "menu"})
"""Placeholders that have a value at any hour in any country; every other one may have none."""

_PLACEHOLDER = re.compile(r"\{([A-Za-z][a-z_]*)\}")
# What XML 1.0 cannot carry: control characters, lone surrogates, the two non-characters.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class UnsendableError(ValueError):
    """A message that could not always be sent. `line` counts from 1."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.line, self.what, self.mend = line, what, mend


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A word that the playbook, the directory or the moment fills in. `{Crisis}` is `crisis` with a capital letter."""

    name: str
    capital: bool

    def filled(self, values: Mapping[str, str]) -> str:
        value = values.get(self.name, "")
        return value[:1].upper() + value[1:] if self.capital else value


Line = tuple[str | Placeholder, ...]


@dataclass(frozen=True)
class Message:
    """One parsed template: a line of the file is a line of the text. `Message.parse` is the only way to a safe one."""

    lines: tuple[Line, ...]

    @classmethod
    def parse(cls, text: str, allowed: Iterable[str]) -> Message:
        """Raise UnsendableError where the message might come out empty, over-long, or not at all."""
        rows = text.rstrip().split("\n")
        _refuse_what_cannot_be_sent(rows)
        message = cls(tuple(tuple(_pieces(row.rstrip(), frozenset(allowed) | ALWAYS)) for row in rows))
        if not any(_always_stays(line) for line in message.lines):
            raise UnsendableError(1, "every line may be dropped", "give it a line that needs no help line of its own")
        return message

    def filled(self, values: Mapping[str, str]) -> str:
        """A line whose placeholder has no value now is dropped whole: a line that is shut is not offered."""
        return "\n".join(text for line in self.lines if (text := _line(line, values)) is not None)

    @cached_property
    def placeholders(self) -> frozenset[str]:
        return frozenset(piece.name for line in self.lines for piece in line if isinstance(piece, Placeholder))


def render(names: Iterable[str], messages: Mapping[str, Message], values: Mapping[str, str]) -> str:
    """The answer: never empty, never over LONGEST, always legal in XML. What does not fit is left out from the end.

    `values` needs every name of ALWAYS, and `messages` every one of `names`: the loader sees to both.
    """
    first, *rest = (messages[name].filled(values) for name in names)
    answer = first[:LONGEST]
    for text in rest:
        if text and len(answer) + 1 + len(text) > LONGEST:
            break
        answer = f"{answer}\n{text}" if text else answer
    return _NOT_XML.sub("", answer)


def unknown_placeholders(text: str, allowed: Iterable[str]) -> tuple[str, ...]:
    """What looks like a placeholder and is none: it would be sent as it stands."""
    known = frozenset(allowed) | ALWAYS
    return tuple(name for name in _PLACEHOLDER.findall(text) if _plain(name) not in known)


def _plain(name: str) -> str:
    return name[0].lower() + name[1:]


def _pieces(row: str, allowed: frozenset[str]) -> Iterator[str | Placeholder]:
    end = 0
    for match in _PLACEHOLDER.finditer(row):
        name = match[1]
        if _plain(name) in allowed:
            if row[end : match.start()]:
                yield row[end : match.start()]
            yield Placeholder(_plain(name), capital=name[0].isupper())
            end = match.end()
    if row[end:]:
        yield row[end:]


def _line(line: Line, values: Mapping[str, str]) -> str | None:
    texts = [piece if isinstance(piece, str) else piece.filled(values) for piece in line]
    return "".join(texts) if all(texts) else None


def _always_stays(line: Line) -> bool:
    return bool(line) and all(isinstance(piece, str) or piece.name in ALWAYS for piece in line)


def _refuse_what_cannot_be_sent(rows: list[str]) -> None:
    if not any(row.strip() for row in rows):
        raise UnsendableError(1, "the message is empty", "write what the person should read")
    for number, row in enumerate(rows, start=1):
        if bad := _NOT_XML.search(row):
            raise UnsendableError(number, f"U+{ord(bad[0]):04X} cannot be sent", "delete the invisible character")
    if len("\n".join(rows)) > LONGEST:
        raise UnsendableError(len(rows), f"longer than {LONGEST} characters", "cut it: two segments are 306 characters")
