"""When it is decent to text somebody, by what their number tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest
import zipcodes
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_number

from service.policy.conversation import PhoneNumber
from service.policy.local_time import Window, country_of, likely_zones, said_as, window_for
from service.policy.zip_areas import zones_of_zip
from tests.builders import AN_AFTERNOON, a_text

QUIET = (8, 21)


def window(number: str, country: str = "US", state: str = "", zip_code: str = "") -> Window | None:
    message = a_text("hi", sender=PhoneNumber(number), country=country, state=state, zip=zip_code)
    return window_for(message, QUIET, AN_AFTERNOON)


@given(st.integers(200, 999), st.integers(0, 9_999_999))
def test_neighbours_by_number_share_their_clocks(area: int, line: int) -> None:
    number = phonenumbers.parse(f"+1{area}{line:07d}")
    neighbour = phonenumbers.parse(f"+1{area}{line // 10_000:03d}0100")

    assert time_zones_for_number(number) == time_zones_for_number(neighbour)


def test_a_new_yorker_is_texted_by_new_yorks_clock() -> None:
    assert window("+12125550142", state="NY") == Window("America/New_York", 8, 21)


def test_a_toll_free_number_may_be_anywhere_so_its_hours_are_narrower() -> None:
    assert window("+18005550142") == Window("America/New_York", 11, 21)


def test_a_divided_state_leaves_the_hours_that_both_halves_share() -> None:
    assert window("+18505550142", state="FL") == Window("America/New_York", 9, 21)


def test_a_zip_settles_which_half_of_a_state_it_is() -> None:
    assert window("+18505550142", state="FL", zip_code="32501") == Window("America/Chicago", 8, 21)


@pytest.mark.parametrize(
    ("state", "zip_code", "zones"),
    [
        ("FL", "32501", ("America/Chicago",)),  # Pensacola
        ("TX", "79936", ("America/Denver",)),  # El Paso
        ("ID", "83814", ("America/Los_Angeles",)),
        ("AZ", "85001", ("America/Phoenix",)),
        ("AZ", "86503", ("America/Phoenix",)),  # a number of the Navajo Nation: the state's list knows one zone
        ("TN", "37402", ("America/New_York", "America/Chicago")),  # Chattanooga's area reaches over the line
        ("", "32501", ("America/Chicago",)),
        ("FL", "", ("America/New_York", "America/Chicago")),
        ("FL", "abcde", ("America/New_York", "America/Chicago")),
    ],
)
def test_zip_and_state_are_heard_together(state: str, zip_code: str, zones: tuple[str, ...]) -> None:
    message = a_text("hi", sender=PhoneNumber("+18005550142"), country="US", state=state, zip=zip_code)

    assert likely_zones(message) == zones


def test_a_number_from_elsewhere_narrows_the_hours_to_what_is_decent_in_both_places() -> None:
    assert window("+12135550142", state="NY", zip_code="10001") == Window("America/New_York", 11, 21)


def test_a_zip_that_contradicts_its_state_narrows_the_hours_too() -> None:
    assert window("+18005550142", state="CA", zip_code="10001") == Window("America/New_York", 11, 21)


def test_the_table_of_zip_areas_says_what_the_list_of_all_zip_codes_says() -> None:
    offsets: defaultdict[str, Counter[tuple[object, ...]]] = defaultdict(Counter)
    zones = {zone: clock(zone) for zone in available_timezones() if zone.startswith(("America/", "Pacific/"))}
    for row in zipcodes.list_all():
        if row["timezone"] in zones:
            offsets[row["zip_code"][:3]][zones[row["timezone"]]] += 1

    for area, counted in offsets.items():
        likely = {hours for hours, codes in counted.items() if codes >= 0.05 * counted.total()}
        assert {clock(zone) for zone in zones_of_zip(f"{area}01")} == likely, area


def clock(zone: str) -> tuple[object, ...]:
    """What tells a zone's clock from others: its hours in winter and in summer."""
    return tuple(datetime(2026, month, 15, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7))


def test_nobody_is_texted_whose_clock_nobody_knows() -> None:
    assert window("banana", country="") is None


def test_a_londoner_is_in_london() -> None:
    assert likely_zones(a_text("hi", sender=PhoneNumber("+447700900123"), country="GB", state="", zip="")) == (
        "Europe/London",
    )


def test_a_number_tells_its_country() -> None:
    assert (country_of(PhoneNumber("+447400123456")), country_of(PhoneNumber("988"))) == ("GB", "")


@given(
    at=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(
        ["America/New_York", "America/Phoenix", "Europe/London", "Pacific/Auckland", "America/St_Johns"]
    ),
    first=st.integers(0, 20),
    length=st.integers(1, 4),
)
def test_the_next_moment_is_within_the_window_and_within_a_day_and_an_hour(
    at: datetime, zone: str, first: int, length: int
) -> None:
    hours = Window(zone, first, min(first + length, 24))

    following = hours.next(at)

    # The one hour that a clock change skips may be the window's whole: then it is the hour after.
    skipped = following.astimezone(ZoneInfo(zone)).hour == hours.last
    assert hours.holds(following) or skipped
    assert timedelta() <= following - at <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("language", "due", "words"),
    [
        ("en", timedelta(days=1), "tomorrow around 3 PM"),
        ("en", timedelta(), "today around 3 PM"),
        ("en", timedelta(days=3), "Saturday around 3 PM"),
        ("es", timedelta(days=1), "mañana a eso de las 15:00"),
    ],
)
def test_a_moment_is_said_as_people_say_it(language: str, due: timedelta, words: str) -> None:
    assert said_as(AN_AFTERNOON + due, "America/New_York", language, AN_AFTERNOON) == words
