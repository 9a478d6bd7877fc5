"""What the clock does now and then, on real stores."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service import meters
from service.operations import degraded
from service.policy.counting import CountKey
from service.policy.ledger import Event
from service.settings import CHECKOUT, Settings
from service.wiring import Parts
from tests.builders import A_NUMBER
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


def test_a_send_whose_end_stays_unknown_wakes_somebody_and_shows(parts: Parts, texter: Texter) -> None:
    texter.text("i want to die")
    texter.text("YES")
    sender = parts.sealer.key_of(A_NUMBER)
    now = datetime.now(UTC)
    parts.records.hurry(sender, now - timedelta(hours=3))
    [row] = parts.records.hand_over(now - timedelta(hours=2), rate=100)
    [due] = parts.records.claim([row], now - timedelta(hours=2))
    parts.records.record(row, Event.LOSE, now - timedelta(hours=2), attempt=due.attempts)

    parts.upkeep._watch()

    assert (parts.settings.var / "alerts" / "unknown").exists()
    assert "What became of a follow-up is unknown for 2 hours; it is not sent again." in degraded(parts)
    assert 7200 <= meters.OLDEST_UNKNOWN._value.get() < 7300


@pytest.mark.parametrize(
    ("today", "alerts"),
    [("2029-11-01", []), ("2029-11-02", ["reverify"]), ("2030-01-01", ["reverify"]), ("2030-01-02", ["stale_us-988"])],
)
def test_a_help_line_past_its_date_wakes_somebody_who_was_told_sixty_days_before(
    settings_for: Callable[..., Settings], valkey: Valkey, tmp_path: Path, today: str, alerts: list[str]
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

    markers = [path.name for path in (parts.settings.var / "alerts").glob("*")]
    parts.close()
    assert [name for name in markers if name.startswith(("stale", "reverify"))] == alerts
