"""Where a ZIP code is, without asking anybody; and what is named when nobody knows what was said before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.settings import Settings
from service.zips import locate
from tests.conftest import Texter


def test_a_zip_code_is_found_on_this_machine() -> None:
    place = locate("10027")

    assert place is not None
    assert (place.state, round(place.latitude), round(place.longitude)) == ("NY", 41, -74)


@pytest.mark.parametrize("written", ["", "1002", "100277", "00000", "1002a", "１００２７"])
def test_what_is_no_zip_code_is_nowhere(written: str) -> None:
    assert locate(written) is None


def test_with_redis_away_nobody_who_pays_is_named(
    settings_for: Callable[..., Settings], texter_of: Callable[[Settings], Texter]
) -> None:
    answer = texter_of(settings_for(REDIS_URL="redis://127.0.0.1:1")).text("10451")

    assert answer is not None
    assert "Riverbend" in answer
    assert "Hopewell" not in answer
