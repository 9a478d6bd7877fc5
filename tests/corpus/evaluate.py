"""`python -m tests.corpus.evaluate [FOLDER]`: measures the floor; on our own texts it also writes docs/recognition.md."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.corpus.chart import bars
from tests.corpus.measure import Measured, Share, by_family, by_kind, by_level, everything, measure
from tests.corpus.texts import OURS, read

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "recognition.md"
CHART = DOCS / "recognition.svg"
BEGIN = "<!-- figures: written by `make eval` -->"
END = "<!-- end of figures -->"


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]) if arguments else OURS
    measured = measure(read(folder))
    if not measured.outcomes:
        print(f"{folder}: no JSONL file there has objects with `text` and `level` or `label`", file=sys.stderr)
        return 1
    print("\n".join(_totals(measured)))
    if folder == OURS:
        print("\n".join(_details(measured)))
        _write(measured)
    return 0


def _totals(measured: Measured) -> list[str]:
    lines: list[str] = []
    for lang in measured.languages():
        for title, shares in (
            ("recall", {**measured.recall(everything, lang), **measured.recall(by_level, lang)}),
            ("false alarms", {**measured.false_alarms(everything, lang), **measured.false_alarms(by_kind, lang)}),
        ):
            lines += [f"{lang} {title:13} {name:14} {share}" for name, share in shares.items()]
    return lines


def _details(measured: Measured) -> list[str]:
    lines = [""]
    for lang in measured.languages():
        shares = measured.recall(by_family, lang).items()
        lines += [f"{lang} family {name}: {share}" for name, share in shares if share.hits < share.of]
    lines += ["", "missed: " + ", ".join(measured.wrong(danger=True))]
    lines += ["referred for nothing: " + ", ".join(measured.wrong(danger=False))]
    return lines


def _write(measured: Measured) -> None:
    page = PAGE.read_text("utf-8")
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    tables = "\n".join(_table(measured, lang) for lang in measured.languages())
    PAGE.write_text(f"{head}{BEGIN}\n\n{tables}\n{END}{tail}", "utf-8")
    kinds = {f"{lang} {kind}": share for lang in ("en", "es") for kind, share in measured.recall(by_kind, lang).items()}
    CHART.write_text(bars("Recall by kind of danger, with 95 % intervals", kinds), "utf-8")


def _table(measured: Measured, lang: str) -> str:
    title = {"en": "English", "es": "Spanish"}.get(lang, lang)
    recalls = {**measured.recall(by_level, lang), **measured.recall(by_kind, lang), **measured.recall(everything, lang)}
    alarms = {**measured.false_alarms(by_kind, lang), **measured.false_alarms(everything, lang)}
    return "\n".join(
        [
            f"**{title}**\n",
            *_rows("referred, of texts that are danger", recalls),
            "",
            *_rows("referred, of texts that are not", alarms),
            "",
        ]
    )


def _rows(title: str, shares: dict[str, Share]) -> list[str]:
    lines = [f"| {title} | texts | share | 95 % interval |", "|---|---|---|---|"]
    for name, share in shares.items():
        low, high = share.interval
        lines.append(f"| {name} | {share.hits} of {share.of} | {share.value:.1%} | {low:.1%} to {high:.1%} |")
    return lines


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
