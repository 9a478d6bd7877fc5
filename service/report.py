"""A month's counts as CSV for funders and partners. A cell under five could point to a person: it is not printed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable

from service.policy.counting import DailyCount

SMALLEST_CELL = 5
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
        shown = [answers[cell], segments[cell]] if enough else [f"<{SMALLEST_CELL}", ""]
        writer.writerow([*cell, *shown])
    return out.getvalue()
