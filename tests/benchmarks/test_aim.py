"""A load must not reach a line that serves people, unless its owner says so, and never Twilio."""

from __future__ import annotations

import pytest

from benchmarks.load.aim import Forbidden, aim_at

A_PUBLIC_ADDRESS = "8.8.8.8"
OWNERS_WORD = {"CONFIRM": A_PUBLIC_ADDRESS, "TWILIO_AUTH_TOKEN": "1" * 32}


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000", "http://localhost:5000", "http://10.1.2.3"])
def test_a_line_on_this_machine_or_network_needs_no_word(url: str) -> None:
    assert aim_at(url, {}).url == url


@pytest.mark.parametrize("missing", [{}, {"CONFIRM": "another.example.org"}, {"CONFIRM": A_PUBLIC_ADDRESS}])
def test_people_elsewhere_are_left_alone_without_their_owners_word(missing: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        aim_at(f"https://{A_PUBLIC_ADDRESS}", missing)


def test_a_name_that_nobody_knows_counts_as_public() -> None:
    with pytest.raises(Forbidden):
        aim_at("https://line.invalid", {})


def test_the_owner_may_put_a_public_line_under_load() -> None:
    aim = aim_at(f"https://{A_PUBLIC_ADDRESS}/", OWNERS_WORD)

    assert aim.url == f"https://{A_PUBLIC_ADDRESS}"
    assert aim.auth_token not in repr(aim)


@pytest.mark.parametrize("host", ["api.twilio.com", "twilio.com"])
def test_twilio_is_never_put_under_load(host: str) -> None:
    with pytest.raises(Forbidden, match="Twilio"):
        aim_at(f"https://{host}", {"CONFIRM": host, "TWILIO_AUTH_TOKEN": "1" * 32})
