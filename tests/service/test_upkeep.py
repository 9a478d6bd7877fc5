"""What the clock does now and then, on real stores."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.policy.counting import CountKey
from service.settings import CHECKOUT, Settings
from service.wiring import Parts
from tests.conftest import Texter
from tests.stores import Valkey


def test_what_was_answered_is_counted_once(texter: Texter, parts: Parts) -> None:
    texter.text("i want to die")

    parts.upkeep.round()
    parts.upkeep.round()

    [counted] = parts.records.daily_counts(datetime.now(UTC).strftime("%Y-%m"))
    assert isinstance(counted.key, CountKey)
    assert (counted.key.kind, counted.answers) == ("suicide", 1)


def test_the_clock_shows_that_it_runs(parts: Parts) -> None:
    parts.upkeep.round()

    assert "clock" in parts.records.beats()


@pytest.mark.parametrize(("today", "alerted"), [("2030-01-02", True), ("2029-12-31", False)])
def test_a_help_line_past_its_date_wakes_somebody(
    settings_for: Callable[..., Settings], valkey: Valkey, tmp_path: Path, today: str, alerted: bool
) -> None:
    home = tmp_path / "home"
    for folder in ("config", "templates"):
        shutil.copytree(CHECKOUT / folder, home / folder)
    lines = home / "config/helplines.yaml"
    dated = "verified_on: 2029-06-01\n        verified_by: Ana\n        reverify_by: 2030-01-01\n"
    before, first, after = lines.read_text().partition("        source_seen_on:")
    lines.write_text(f"{before}        {dated}{first}{after}")
    parts = Parts.for_worker(settings_for(REDIS_URL=valkey.url, NIGHTLIGHT_HOME=str(home)))
    upkeep = replace(parts.upkeep, clock=lambda: datetime.fromisoformat(f"{today}T12:00:00+00:00"))

    upkeep.round()

    markers = list((parts.settings.var / "alerts").glob("stale_*"))
    parts.close()
    assert bool(markers) is alerted
