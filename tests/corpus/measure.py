"""Counts what the floor finds among labelled texts: recall, false alarms, and how sure either is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from service.policy.danger.builtin import assess
from tests.corpus.texts import Labelled


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, at 95 %: it keeps its meaning near 0 and 1, where these shares are."""
        if not self.of:
            return 0.0, 1.0
        z, n = 1.96, self.of
        middle = (self.value + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(self.value * (1 - self.value) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.hits}/{self.of} = {self.value:.1%} ({low:.1%} to {high:.1%})"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the floor made of each text: referred is whatever got a level but none."""

    outcomes: tuple[tuple[Labelled, bool], ...]

    def recall(self, by: Callable[[Labelled], str], lang: str) -> dict[str, Share]:
        """Of the texts that are danger, the share that was referred."""
        return self._shares(by, lang, danger=True)

    def false_alarms(self, by: Callable[[Labelled], str], lang: str) -> dict[str, Share]:
        """Of the texts that are none, the share that was referred all the same."""
        return self._shares(by, lang, danger=False)

    def wrong(self, *, danger: bool) -> list[str]:
        """The places of the texts that were missed, or referred for nothing."""
        return [text.id for text, referred in self.outcomes if text.is_danger is danger and referred is not danger]

    def languages(self) -> list[str]:
        return sorted({text.lang for text, _ in self.outcomes})

    def _shares(self, by: Callable[[Labelled], str], lang: str, *, danger: bool) -> dict[str, Share]:
        hits: Counter[str] = Counter()
        all_of: Counter[str] = Counter()
        for text, referred in self.outcomes:
            if text.lang == lang and text.is_danger is danger:
                all_of[by(text)] += 1
                hits[by(text)] += referred
        return {key: Share(hits[key], all_of[key]) for key in sorted(all_of)}


def measure(texts: Iterable[Labelled]) -> Measured:
    """Assesses every text by the floor alone, without an operator's additions."""
    return Measured(tuple((text, assess(text.text).level.is_danger) for text in texts))


def everything(_: Labelled) -> str:
    return "all"


def by_level(text: Labelled) -> str:
    return str(text.level or "danger")


def by_kind(text: Labelled) -> str:
    return text.kind


def by_family(text: Labelled) -> str:
    return text.note
