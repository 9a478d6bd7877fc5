"""`make bench`: everything that docs/performance.md tells, measured in one sitting on this machine."""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import follow_ups, machine, report
from benchmarks.servers import end_what_was_started, the_line
from benchmarks.webhook import Effort, Webhook
from service.settings import CHECKOUT

RAPIDSMS = CHECKOUT / ".venv" / "rapidsms" / "bin" / "python"
RESULTS = CHECKOUT / "var" / "benchmarks"


def main() -> int:
    end_what_was_started()
    asked = _asked()
    if not shutil.which("wrk"):
        print("wrk is needed, and is not here. On Debian and Ubuntu, install it by: apt install wrk", file=sys.stderr)
        return 1
    short = asked.short
    effort = Effort(1, 1, 1) if short else Effort(asked.rounds, 4, 10)
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nightlight-bench-") as name:
        folder = Path(name)
        figures = _figures(folder, effort, short=short)
    print(report.tables(figures))
    if not short:
        report.write(figures)
    return 0


def _figures(folder: Path, effort: Effort, *, short: bool) -> dict[str, Any]:
    """Kept after each stage: the whole takes a quarter of an hour."""
    figures: dict[str, Any] = {
        "day": datetime.now(UTC).date().isoformat(),
        "machine": machine.described(),
        "load_before": machine.load(),
    }
    stages: dict[str, Callable[[], object]] = {
        "start": lambda: _start(folder, 1 if short else 2),
        "webhook": lambda: _webhook(folder, effort, short=short),
        "parts": lambda: _parts(folder, short=short),
        "follow_ups": lambda: _follow_ups(folder, short=short),
        "load_after": machine.load,
    }
    for name, stage in stages.items():
        figures[name] = stage()
        (RESULTS / "bench.json").write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="try everything once, and write no document")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured, in turn")
    return parser.parse_args()


def _say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {what}", file=sys.stderr, flush=True)


def _start(folder: Path, times: int) -> float:
    """Seconds until a line that ran before answers again."""
    _say("Starting the line.")
    home = folder / "start"
    home.mkdir()
    took = []
    for _ in range(times + 1):
        with the_line(home) as line:
            took.append(line.took)
    return statistics.median(took[1:])


def _webhook(folder: Path, effort: Effort, *, short: bool) -> dict[str, object]:
    _say("The answer path, against others.")
    home = folder / "webhook"
    (home / "line").mkdir(parents=True)
    rapidsms = None if short or not RAPIDSMS.exists() else RAPIDSMS
    return Webhook(home, effort, rapidsms).measure()


def _parts(folder: Path, *, short: bool) -> list[dict[str, object]]:
    _say("The parts of an answer.")
    told = folder / "parts.json"
    pace = ["--benchmark-min-rounds=1", "--benchmark-max-time=0.01"] if short else ["--benchmark-max-time=0.5"]
    options = ["--quiet", "--benchmark-quiet", f"--benchmark-json={told}", "--benchmark-warmup=on", *pace]
    command = [sys.executable, "-m", "pytest", "-p", "tests.stores", str(CHECKOUT / "benchmarks" / "parts"), *options]
    subprocess.run(command, check=True, cwd=CHECKOUT, stdout=sys.stderr)
    return [
        {"name": part["name"], "extra_info": part["extra_info"], **{k: part["stats"][k] for k in ("median", "min")}}
        for part in json.loads(told.read_text())["benchmarks"]
    ]


def _follow_ups(folder: Path, *, short: bool) -> dict[str, object]:
    _say("Follow-ups: planning, ticks, sends.")
    many = (1_000, 2_000) if short else (100_000, 1_000_000)
    (folder / "sending").mkdir()
    return {
        "planned_per_second": follow_ups.planned_per_second(folder, 20 if short else 500),
        **{f"tick_{rows}": follow_ups.tick(folder, rows) for rows in many},
        **follow_ups.sends_per_second(folder / "sending", 20 if short else 2000),
    }


if __name__ == "__main__":
    sys.exit(main())
