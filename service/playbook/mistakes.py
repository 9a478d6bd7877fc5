"""What is wrong with the operators' files: each mistake with its place, and all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to mend, in words for the operator who edits the file."""

    file: str
    """Relative to the playbook's home, with slashes."""
    line: int
    """From 1."""
    key: str
    what: str
    mend: str
    warning: bool = False
    """Worth knowing, but nobody has to mend it before it goes into force."""

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        return f"{self.file}:{self.line}:{key} {self.what}. {self.mend}"


class PlaybookError(Exception):
    """The files make no playbook; whatever was in force before still is."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))
