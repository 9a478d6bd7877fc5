"""What one answer counts as in the daily counts. Nothing here can lead to a person."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class CountKey:
    """The columns of the monthly report. Empty strings where there is nothing to say."""

    day: str
    """ISO 8601 date, UTC."""
    level: str
    kind: str
    route: str
    line: str
    """The ids of the help lines that the answer gave, with blanks between."""
    language: str
    state: str
    segments: int
    release: str
    """Which playbook gave it: a line's number may have been another one before."""

    def as_text(self) -> str:
        return json.dumps([getattr(self, name) for name in _COLUMNS], separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> CountKey | None:
        """None for what is no count of this version: a lost count harms nobody."""
        try:
            day, level, kind, route, line, language, state, segments, release = json.loads(text)
            return cls(day, level, kind, route, line, language, state, int(segments), release)
        except (TypeError, ValueError):
            return None


_COLUMNS = tuple(column.name for column in fields(CountKey))


@dataclass(frozen=True, slots=True)
class DailyCount:
    key: CountKey
    answers: int
