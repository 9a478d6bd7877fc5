"""What words weigh together where no rule speaks. The tables are learnt by `make weights`; nothing learns here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import sqrt
from typing import Final

from service.policy.conversation import DISCREET_KINDS, WEIGHED, Assessment, Evidence, Kind, Level
from service.policy.danger.grammar import EDGE, Readings
from service.policy.danger.spelling import Reads
from service.policy.text import MARKS

SITUATIONS: Final = {"despair": Kind.HOPELESSNESS, "others": Kind.ABUSE, "body": Kind.EMERGENCY}
"""A table's columns, and what a text that leans to one is answered as."""
MOST_SHOWN: Final = 4
"""Of the heaviest words, as evidence: enough to see why."""
NUMBER: Final = "(number)"
START: Final = "(any text)"
"""The row that every text begins with: so far below nothing that everyday words hardly ever outweigh it."""
SHORT: Final = 24
"""Rows that a dozen words and their pairs make. Longer texts say more of everything, so theirs count for less each."""
LONGEST: Final = 160
"""Rows that are weighed. A longer letter holds some of every word; its danger stands somewhere in words of rules."""

_MARKS = MARKS | {EDGE}

Table = Mapping[str, tuple[float, ...]]
"""Words, or two in a row (`^` is the text's end) → what they add to each of SITUATIONS, against a harmless text."""


class Weights:
    """Immutable once built."""

    def __init__(self, tables: Iterable[Table]) -> None:
        """A table for each language; a text is weighed by each, since nobody is asked which one they write."""
        self._tables = tuple(tables)
        nothing = (0.0,) * len(SITUATIONS)
        words = dict.fromkeys(word for table in self._tables for word in table)
        self._side_by_side = {
            word: tuple(one for table in self._tables for one in table.get(word, nothing)) for word in words
        }

    def weighed(self, reads: Reads, found: Assessment, spoken_for: frozenset[int] = frozenset()) -> Assessment:
        """`concern`, with the heaviest words, where they outweigh a harmless text's for one situation; else `found`.

        The reads that are `spoken_for`, since a rule calls them harmless, weigh nothing.
        """
        said = weighable(reads.readings, spoken_for)
        if not self._tables or len(said) > LONGEST or (most := max(added := sums(self._side_by_side, said))) <= 0:
            return found
        table, leaning = divmod(added.index(most), len(SITUATIONS))
        return _of_concern(reads, found, said, self._tables[table], leaning)


def _of_concern(
    reads: Reads, found: Assessment, said: Mapping[str, tuple[int, int]], table: Table, leaning: int
) -> Assessment:
    situation, kind = list(SITUATIONS.items())[leaning]
    known = sorted(said.keys() & table.keys(), key=lambda one: (-table[one][leaning], said[one]))
    spans = (reads.span(*said[one]) for one in known[:MOST_SHOWN])
    evidence = tuple(dict.fromkeys(Evidence(f"{WEIGHED}{situation}", start, end) for start, end in spans))
    return Assessment(Level.CONCERN, kind, evidence, found.hints, () if kind in DISCREET_KINDS else found.tail)


def weighable(readings: Sequence[Readings], spoken_for: frozenset[int] = frozenset()) -> dict[str, tuple[int, int]]:
    """Each word and each two in a row → their first and last read; the text's ends count as words of a row.

    A number is any number; marks are read over.
    """
    found: dict[str, tuple[int, int]] = {}
    before, began = EDGE, 0
    for at, reading in enumerate(readings):
        word = reading[0]
        if word in _MARKS or at in spoken_for:
            continue
        if word.isdigit():
            word = NUMBER
        found[word] = at, at
        found[f"{before} {word}"] = began if before != EDGE else at, at
        before, began = word, at
    if found:
        found[f"{before} {EDGE}"] = began, began
    return found


def sums(table: Table, words: Collection[str]) -> list[float]:
    """What different words add up to, by situation."""
    rows = [table[one] for one in words if one in table]
    said = map(sum, zip(table[START], *rows, strict=True))
    if len(words) <= SHORT:
        return list(said)
    share = share_of_each(words)
    return [start + (both - start) * share for start, both in zip(table[START], said, strict=True)]


def share_of_each(words: Collection[str]) -> float:
    """How much of its number each row counts for: less, by the root, as a text is longer than a short one."""
    return sqrt(SHORT / max(SHORT, len(words)))


def read_table(text: str) -> dict[str, tuple[float, ...]]:
    """A file's rows: words, a tab, and a number for each of SITUATIONS."""
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {row[0]: tuple(map(float, row[1:])) for row in rows}


def written_table(table: Table) -> str:
    """The same as a file: heaviest first, so that a reader sees at once what speaks of danger."""
    head = "\t".join(("# words", *SITUATIONS))
    ordered = sorted(table.items(), key=lambda row: (row[0] != START, -max(row[1]), row[0]))
    return "\n".join([head, *("\t".join((words, *(f"{one:g}" for one in row))) for words, row in ordered), ""])
