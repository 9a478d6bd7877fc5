"""From the figures to what people read: tables and a chart in docs/performance.md, between its marks."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.settings import CHECKOUT

DOCUMENT = CHECKOUT / "docs" / "performance.md"
_START, _END = "<!-- figures: written by make bench -->", "<!-- end of the figures -->"

Figures = Mapping[str, Any]


def write(figures: Figures) -> None:
    DOCUMENT.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n")
    DOCUMENT.with_suffix(".svg").write_text(chart(medians(figures)))
    before, _, rest = DOCUMENT.read_text().partition(_START)
    after = rest.partition(_END)[2]
    DOCUMENT.write_text(f"{before}{_START}\n\n{tables(figures)}\n{_END}{after}")


def medians(figures: Figures) -> dict[str, float]:
    """Answers a second, by who answered."""
    return {name: statistics.median(rates) for name, rates in figures["webhook"]["throughput"].items()}


def tables(figures: Figures) -> str:
    parts = (_machine, _targets, _throughput, _waits, _parts, _follow_ups, _processes)
    return "\n".join(part(figures) for part in parts)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _machine(figures: Figures) -> str:
    said = ", ".join(f"{name} {value}" for name, value in figures["machine"].items())
    busy = f"{figures['load_before']:.1f} before and {figures['load_after']:.1f} after"
    return f"Measured on {figures['day']}: {said}. Programs that wanted the cores: {busy}.\n"


def ratios(figures: Figures) -> dict[str, float]:
    rate = medians(figures)
    bare = rate["bare Flask"]
    tail = figures["webhook"]["tail"]["milliseconds"]
    return {
        "topic": rate["the line, topic"] / bare,
        "danger": rate["the line, danger"] / bare,
        "writes": rate["the line, writes SQL"] / bare,
        "naive": rate["the line, topic"] / rate["naive"],
        "p99": _paired(tail, "p99"),
        "p99.9": _paired(tail, "p99.9"),
    }


def _paired(tail: Mapping[str, Mapping[str, Sequence[float]]], share: str) -> float:
    """The median of the rounds' own ratios: what else the machine did hit both."""
    line, bare = tail["the line"][share], tail["bare Flask"][share]
    return statistics.median(ours / theirs for ours, theirs in zip(line, bare, strict=True))


def _targets(figures: Figures) -> str:
    found, follow_ups, start = ratios(figures), figures["follow_ups"], figures["start"]
    parts = {part["name"]: _microseconds(part, "median") for part in figures["parts"]}
    typical = max(took for name, took in parts.items() if "typical_text" in name)
    hostile = max(took for name, took in parts.items() if "hostile" in name)
    memory, tick = figures["webhook"]["memory"], [t for n, t in follow_ups.items() if n.startswith("tick_")][-1]["p50"]
    rows = [
        ("webhook of bare Flask, topic", "≥ 0.35", f"{found['topic']:.2f}", found["topic"] >= 0.35),
        ("webhook of bare Flask, danger without a plan", "≥ 0.35", f"{found['danger']:.2f}", found["danger"] >= 0.35),
        ("webhook of bare Flask, writes SQL", "≥ 0.20", f"{found['writes']:.2f}", found["writes"] >= 0.20),
        ("webhook of the naive app, topic", "≥ 3", f"{found['naive']:.1f}", found["naive"] >= 3),
        ("p99 of bare Flask's, at 70 %", "≤ 3", f"{found['p99']:.1f}", found["p99"] <= 3),
        ("p99.9 of bare Flask's, at 70 %", "≤ 5", f"{found['p99.9']:.1f}", found["p99.9"] <= 5),
        ("recognition of a typical text of 80 to 120 characters", "≤ 100 µs", f"{typical:.0f} µs", typical <= 100),
        ("recognition of a hostile text", "< 1 ms", f"{hostile / 1000:.2f} ms", hostile < 1000),
        ("sends a second", "≥ 300", f"{follow_ups['sends_per_second']:.0f}", follow_ups["sends_per_second"] >= 300),
        (
            "memory of worker and clock",
            "≤ 100 MiB",
            f"{follow_ups['worker_and_clock_mib']:.0f} MiB",
            follow_ups["worker_and_clock_mib"] <= 100,
        ),
        (
            "a tick over 1,000,000 planned rows",
            "< 50 ms",
            f"{tick:.0f} ms",
            tick < 50,
        ),
        ("ready after a start", "≤ 3 s", f"{start:.1f} s", start <= 3),
        ("memory of a web worker", "≤ 160 MiB", f"{max(memory['web']):.0f} MiB", max(memory["web"]) <= 160),
    ]
    return _table(("what", "target", "measured", "met"), ((*row[:3], "yes" if row[3] else "no") for row in rows))


def _throughput(figures: Figures) -> str:
    rates, bare = figures["webhook"]["throughput"], medians(figures)["bare Flask"]
    rows = (
        (name, f"{statistics.median(of):.0f}", f"{min(of):.0f} to {max(of):.0f}", f"{statistics.median(of) / bare:.2f}")
        for name, of in rates.items()
    )
    return "![Answers a second](performance.svg)\n\n" + _table(
        ("who answers", "answers a second, median", "rounds", "of bare Flask"), rows
    )


def _waits(figures: Figures) -> str:
    tail = figures["webhook"]["tail"]
    rows = (
        (name, *(f"{statistics.median(of[share]):.1f}" for share in ("p50", "p99", "p99.9")))
        for name, of in tail["milliseconds"].items()
    )
    said = f"Waits in milliseconds at {tail['rate']:.0f} texts a second, from when each was due:\n\n"
    return said + _table(("who answers", "p50", "p99", "p99.9"), rows)


def _parts(figures: Figures) -> str:
    rows = []
    for part in figures["parts"]:
        name = part["name"].removeprefix("test_").replace("_", " ")
        rows.append((name, f"{_microseconds(part, 'median'):.1f}", f"{_microseconds(part, 'min'):.1f}"))
    return _table(("part of an answer", "µs, median", "at best"), iter(rows))


def _microseconds(part: Figures, which: str) -> float:
    """Of one call: a round may be of several texts."""
    return float(part[which] * 1e6 / part["extra_info"].get("texts", 1))


def _follow_ups(figures: Figures) -> str:
    found = figures["follow_ups"]
    rows = [("rows planned a second, a transaction each", f"{found['planned_per_second']:.0f}")]
    for name, took in found.items():
        if name.startswith("tick_"):
            many = int(name.removeprefix("tick_"))
            rows.append((f"tick over {many:,} planned rows, ms", f"{took['p50']:.1f}, at worst {took['worst']:.1f}"))
    rows.append(("sends a second against 50 ms", f"{found['sends_per_second']:.0f}"))
    return _table(("follow-ups", "measured"), iter(rows))


def _processes(figures: Figures) -> str:
    rows = (
        (role, ", ".join(f"{one:.0f}" for one in sorted(shares, reverse=True)))
        for role, shares in figures["webhook"]["memory"].items()
    )
    return _table(("process", "memory, MiB, what is shared divided"), rows)


_LEFT, _WIDTH, _ROW = 180, 420, 24


def chart(rates: Mapping[str, float]) -> str:
    """A bar a server; reads on light and dark pages."""
    most, title = max(rates.values()), "Answers a second, median of the rounds"
    bars = "\n".join(
        f'<text x="{_LEFT - 8}" y="{46 + _ROW * n}" text-anchor="end">{name}</text>'
        f'<rect x="{_LEFT}" y="{34 + _ROW * n}" width="{_WIDTH * rate / most:.1f}" height="16" '
        f'fill="{"#d88a3b" if name.startswith("the line") else "#3b7dd8"}"/>'
        f'<text x="{_LEFT + _WIDTH * rate / most + 6:.1f}" y="{46 + _ROW * n}">{rate:,.0f}</text>'
        for n, (name, rate) in enumerate(rates.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 80} {44 + _ROW * len(rates)}" '
        f'role="img" aria-label="{title}" font-family="sans-serif" font-size="12" fill="#888">\n'
        f'<text x="8" y="20" font-size="14">{title}</text>\n{bars}\n</svg>\n'
    )
