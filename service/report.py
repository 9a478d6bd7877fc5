"""A month's counts as CSV, for funders and partners. A cell under five could point to a person: it is not printed."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable

from service.policy.counting import DailyCount

SMALLEST_CELL = 5
_REACH = ("line", "release", "first_day", "last_day", "answers")
_COLUMNS = ("level", "kind", "route", "line", "language", "state")


def as_csv(days: Iterable[DailyCount]) -> str:
    """The month's answers and segments by everything but the day; what is under five stands as "<5"."""
    answers: Counter[tuple[str, ...]] = Counter()
    segments: Counter[tuple[str, ...]] = Counter()
    for day in days:
        cell = tuple(str(getattr(day.key, column)) for column in _COLUMNS)
        answers[cell] += day.answers
        segments[cell] += day.answers * day.key.segments
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_COLUMNS, "answers", "segments"])
    for cell in sorted(answers):
        enough = answers[cell] >= SMALLEST_CELL
        writer.writerow([*cell, _suppressed(answers[cell]), segments[cell] if enough else ""])
    return out.getvalue()


def reach(days: Iterable[DailyCount]) -> str:
    """How many answers gave each help line, by the release that gave it: how far a wrong number went."""
    answers: Counter[tuple[str, str]] = Counter()
    seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for day in days:
        for line in day.key.line.split():
            answers[line, day.key.release] += day.answers
            seen[line, day.key.release].add(day.key.day)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_REACH)
    for given in sorted(answers, key=lambda given: (given[0], min(seen[given]), given[1])):
        writer.writerow([*given, min(seen[given]), max(seen[given]), _suppressed(answers[given])])
    return out.getvalue()


def _suppressed(answers: int) -> int | str:
    return answers if answers >= SMALLEST_CELL else f"<{SMALLEST_CELL}"
