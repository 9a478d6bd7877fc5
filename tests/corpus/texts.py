"""Reads labelled texts from JSONL files. Knows which labels mean danger, and nothing of how it is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.policy.conversation import Level

OURS = Path(__file__).parent
HARMLESS_LABELS = frozenset(
    {"benign", "hard_negative", "none", "safe", "negative", "non-suicide", "not_danger", "0", "false"}
)
"""Any other `label` means that a reader called the text danger."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """`id` says where the text stands, never what it says."""

    id: str
    text: str
    level: Level | None
    """None: a reader called it danger, and not how urgent."""
    kind: str
    lang: str
    note: str

    @property
    def is_danger(self) -> bool:
        return self.level is not Level.NONE


def read(folder: Path) -> Iterator[Labelled]:
    """Every text of the folder's files that says whether it is danger; those that do not are passed over."""
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            row = json.loads(line)
            if "level" in row or "label" in row:
                yield _labelled(row, f"{file.name}:{number}")


def _labelled(row: dict[str, object], place: str) -> Labelled:
    said = str(row.get("level", row.get("label"))).lower()
    if said in set(Level):
        level: Level | None = Level(said)
    else:
        level = Level.NONE if said in HARMLESS_LABELS else None
    kind, lang, note = (str(row.get(key, default)) for key, default in (("kind", said), ("lang", "en"), ("note", "")))
    return Labelled(place, str(row["text"]), level, kind.split(":")[0], lang, note)
