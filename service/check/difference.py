"""`check --diff OLD`: which of the shipped texts would be answered differently than by an earlier playbook."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from service.line import Answer, explain
from service.playbook import load
from service.policy.conversation import InboundMessage, Level, MessageSid, PhoneNumber, Session
from service.policy.programme import Playbook
from service.settings import CHECKOUT

CORPUS = CHECKOUT / "tests" / "corpus"
"""The texts come with the checkout, as `config/` does: the line is run from one. All are our own writing."""

A_NOON = datetime(2026, 1, 14, 17, tzinfo=UTC)
"""Both are asked at one moment, a Wednesday noon in New York, so that only the files differ."""


class NoTexts(Exception):
    """There is nothing to compare with. The message says where it was looked for."""


@dataclass(frozen=True, slots=True)
class Change:
    """One text that goes another way."""

    place: str
    """File and line."""
    text: str
    before: str
    after: str
    calmer: bool
    """Whether it would be taken for less urgent than before."""


@dataclass(frozen=True, slots=True)
class Difference:
    changes: tuple[Change, ...]
    reworded: dict[str, int]
    """Replies that read differently, with how many of the texts bring them back."""
    texts: int

    @property
    def danger_lost(self) -> bool:
        return any(change.calmer for change in self.changes)


def between(old_home: Path, new_home: Path, texts: Path = CORPUS) -> Difference:
    """Raises PlaybookError where one of them makes no playbook, NoTexts where there is nothing to compare with."""
    return compare(load(old_home, production=False), load(new_home, production=False), _read(texts))


def compare(old: Playbook, new: Playbook, texts: Iterable[tuple[str, str]]) -> Difference:
    changes: list[Change] = []
    reworded: Counter[str] = Counter()
    asked = 0
    for place, text in texts:
        asked += 1
        before, after = _answered(text, old), _answered(text, new)
        if _way(before) != _way(after):
            calmer = Level(after.level).urgency < Level(before.level).urgency
            changes.append(Change(place, text, _way(before), _way(after), calmer))
        elif before.text != after.text:
            reworded[f"{after.language}/{after.reply}"] += 1
    changes.sort(key=lambda change: not change.calmer)
    return Difference(tuple(changes), dict(sorted(reworded.items())), asked)


def shown(difference: Difference) -> Iterator[str]:
    """For a person to read; what became less urgent first."""
    for change in difference.changes:
        mark = "LESS URGENT " if change.calmer else ""
        yield f"{mark}{change.place}: {change.text!r}\n    {change.before}\n    {change.after}"
    for reply, times in difference.reworded.items():
        yield f"{reply} reads differently; {times} of the texts bring it"
    calmer = sum(change.calmer for change in difference.changes)
    told = f"{len(difference.changes)} of {difference.texts} texts go another way"
    yield f"{told}, {calmer} of them to a less urgent answer; {len(difference.reworded)} replies read differently"


def _answered(text: str, playbook: Playbook) -> Answer:
    """As from a stranger at home."""
    message = InboundMessage(MessageSid("SM-diff"), PhoneNumber(""), text, A_NOON, country=playbook.programme.country)
    return explain(message, Session(), playbook, A_NOON)[1]


def _way(answer: Answer) -> str:
    return " ".join(filter(None, (answer.level, answer.kind, answer.route, answer.reply)))


def _read(folder: Path) -> Iterator[tuple[str, str]]:
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise NoTexts(f"{folder} holds no .jsonl file: run this in a whole checkout, or name a folder with --texts")
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            row = json.loads(line)
            yield f"{file.name}:{number}", str(row["text"])
