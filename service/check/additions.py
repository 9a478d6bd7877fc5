"""Rules about the operators' crisis phrases: one that fires on everybody's day trains people to ignore the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache

from service.check.subject import Subject
from service.playbook.assemble import shaped
from service.playbook.mistakes import Mistake
from service.playbook.shapes import DangerShape
from service.policy.conversation import Language, Level
from service.policy.danger import Addition, too_broad
from service.settings import CHECKOUT

FILE = "config/danger.yaml"
EVERYDAY = ("benign_en.jsonl", "benign_es.jsonl")
SHOWN = 3


def no_phrase_fires_on_everybody(subject: Subject) -> Iterator[Mistake]:
    """More than one in five hundred of the shipped everyday texts (`danger.additions.TOO_BROAD`)."""
    shape, file = shaped(subject.snapshot, FILE, DangerShape, [])
    for number, row in enumerate(shape.additions if shape else ()):
        addition = Addition(row.phrase, Level(row.level), row.kind, Language(row.language))
        if fired := too_broad(addition, _everyday_texts()):
            on = "; ".join(f'"{text}"' for text in fired[:SHOWN])
            yield file.mistake(
                ("additions", number),
                f"fires on {len(fired)} everyday texts, among them {on}",
                "Make it longer or more particular, or delete it",
            )


@cache
def _everyday_texts() -> tuple[str, ...]:
    """Our own texts, written for this: none is a real person's."""
    folder = CHECKOUT / "tests" / "corpus"
    lines = (line for name in EVERYDAY for line in (folder / name).read_text(encoding="utf-8").splitlines())
    return tuple(json.loads(line)["text"] for line in lines)


RULES: tuple[Callable[[Subject], Iterator[Mistake]], ...] = (no_phrase_fires_on_everybody,)
