"""What a load showed, as JSON and as a page with charts. Holds no text and no number."""

from __future__ import annotations

import html
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.load.history import Delivery, History
from benchmarks.load.reconcile import Flaw, summed
from benchmarks.load.shapes import Course

_SHARES = (0.5, 0.95, 0.99, 0.999)


def judged(history: History, course: Course, flaws: Sequence[Flaw], *, rows_checked: bool) -> dict[str, Any]:
    deliveries = history.deliveries()
    by_second: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        by_second[int(delivery.due)].append(delivery)
    by_sort: dict[str, list[Delivery]] = defaultdict(list)
    for texted in history.texts.values():
        by_sort[texted.sort] += texted.deliveries
    return {
        "texts": len(history.texts),
        "deliveries": len(deliveries),
        "flaws": dict(summed(flaws)),
        "flawed": [asdict(flaw) for flaw in flaws[:100]],
        "rows_checked": rows_checked,
        "course": [asdict(stretch) for stretch in course],
        "milliseconds": waits(deliveries),
        "by_sort": {sort: {"deliveries": len(of), **waits(of)} for sort, of in sorted(by_sort.items())},
        "seconds": [{"second": second, "rate": len(of), **waits(of)} for second, of in sorted(by_second.items())],
    }


def waits(deliveries: Sequence[Delivery]) -> dict[str, float]:
    """From when each was due, in milliseconds."""
    took = sorted(delivery.waited * 1000 for delivery in deliveries) or [0.0]
    return {f"p{share * 100:g}": round(took[min(len(took) - 1, int(share * len(took)))], 2) for share in _SHARES}


def write(figures: dict[str, Any], folder: Path) -> Path:
    """The page; the JSON lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "load.json").write_text(json.dumps(figures, indent=1) + "\n")
    page = folder / "load.html"
    page.write_text(_page(figures))
    return page


def sentence(figures: dict[str, Any]) -> str:
    waited = ", ".join(f"{name} {took:.0f} ms" for name, took in figures["milliseconds"].items())
    rows = "rows of follow-ups checked" if figures["rows_checked"] else "rows not checked: the line is elsewhere"
    wrong = sum(figures["flaws"].values())
    return f"{figures['texts']} texts, {figures['deliveries']} deliveries, {wrong} flaws; {waited}; {rows}."


def _page(figures: dict[str, Any]) -> str:
    seconds = figures["seconds"]
    charts = _chart("Texts a second", [(one["second"], one["rate"]) for one in seconds]) + _chart(
        "p99 of the wait, ms", [(one["second"], one["p99"]) for one in seconds]
    )
    heads = ("sort", "deliveries", *figures["milliseconds"])
    rows = "".join(_row((sort, *of.values())) for sort, of in figures["by_sort"].items())
    flaws = "".join(_row((count, what)) for what, count in figures["flaws"].items()) or _row(("none",))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Load</title>'
        "<style>body{font-family:sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "td,th{text-align:right;padding:.2rem .8rem}td:first-child,th:first-child{text-align:left}"
        "@media (prefers-color-scheme:dark){body{background:#111;color:#ddd}}</style>"
        f"<h1>{'No flaw' if not figures['flaws'] else 'Flawed'}</h1><p>{html.escape(sentence(figures))}</p>{charts}"
        f"<h2>Waits by sort, ms</h2><table>{_row(heads, 'th')}{rows}</table><h2>Flaws</h2><table>{flaws}</table>\n"
    )


def _row(cells: Sequence[object], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"


def _chart(title: str, points: Sequence[tuple[float, float]]) -> str:
    width, height = 720, 160
    last = max((x for x, _ in points), default=0) or 1
    top = max((y for _, y in points), default=0) or 1
    line = " ".join(f"{x / last * width:.1f},{height - y / top * height:.1f}" for x, y in points)
    return (
        f'<h2>{title}</h2><svg viewBox="0 -4 {width} {height + 8}" role="img" aria-label="{title}, at most {top:.0f}">'
        f'<polyline points="{line}" fill="none" stroke="#3b7dd8" stroke-width="2"/>'
        f'<text x="4" y="12" font-size="12" fill="#888">{top:.0f}</text></svg>'
    )
