"""The person's wall clock: which zone a number is likely in, and when in its day a follow-up may go out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as number_zones

from service.policy.conversation import InboundMessage, PhoneNumber
from service.policy.zip_areas import zones_of_zip

# Every zone in which people of a state live by law: 49 CFR 71. The first is where most of them do.
_E, _C, _M, _P = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
_STATES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys("CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV".split(), (_E,)),
    **dict.fromkeys("AL AR IA IL LA MN MO MS OK WI".split(), (_C,)),
    **dict.fromkeys("CO MT NM UT WY".split(), (_M,)),
    **dict.fromkeys("CA NV WA".split(), (_P,)),
    **dict.fromkeys("FL MI IN KY".split(), (_E, _C)),
    "TN": (_C, _E),
    **dict.fromkeys("KS NE ND SD".split(), (_C, _M)),
    "TX": (_C, _M),
    "ID": (_M, _P),
    "OR": (_P, _M),
    "AZ": ("America/Phoenix",),
    "AK": ("America/Anchorage",),
    "HI": ("Pacific/Honolulu",),
    "PR": ("America/Puerto_Rico",),
}

# Zones of their own in history, whose clocks are another one's today.
_AS_LAW = {
    **dict.fromkeys(("America/Detroit", "America/Indiana/Indianapolis", "America/Kentucky/Louisville"), _E),
    "America/Boise": _M,
    "America/Juneau": "America/Anchorage",
}

_TELLING = 4
"""A number that names more zones than this tells nothing."""

_COUNTRIES = {
    "US": (_E, _C, _M, _P),
    "CA": ("America/Halifax", "America/Toronto", "America/Winnipeg", "America/Edmonton", "America/Vancouver"),
    "GB": ("Europe/London",),
    "IE": ("Europe/Dublin",),
    "AU": ("Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth"),
    "NZ": ("Pacific/Auckland",),
    "MX": ("America/Mexico_City", "America/Tijuana", "America/Cancun"),
}


@dataclass(frozen=True, slots=True)
class Window:
    """When a follow-up may go out: from `first` until before `last`, whole hours of `zone`'s day."""

    zone: str
    first: int
    last: int

    def next(self, at: datetime) -> datetime:
        """The earliest moment from `at` on that lies within the window; `at` itself if it does. Aware in, aware out."""
        local = at.astimezone(ZoneInfo(self.zone))
        opens = local.replace(hour=self.first, minute=0, second=0, microsecond=0)
        if local.hour < self.first:
            return opens.astimezone(at.tzinfo)
        if local.hour >= self.last:
            # Wall-clock arithmetic: tomorrow at the same hour, whatever daylight saving does tonight.
            return (opens + timedelta(days=1)).astimezone(at.tzinfo)
        return at

    def closes(self, at: datetime) -> datetime:
        """When the window that holds `at` ends."""
        local = at.astimezone(ZoneInfo(self.zone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        ends = midnight + timedelta(days=1) if self.last == 24 else midnight.replace(hour=self.last)
        return ends.astimezone(at.tzinfo)

    def holds(self, at: datetime) -> bool:
        return self.first <= at.astimezone(ZoneInfo(self.zone)).hour < self.last


def window_for(message: InboundMessage, quiet_hours: tuple[int, int], at: datetime) -> Window | None:
    """The hours that are decent wherever this person may be; None where nobody can say, so nothing may be sent.

    A number tells where it was sold, not where its owner sleeps; where it leaves several zones open, the window is
    what their days have in common, so it is narrower for a guess and never wider.
    """
    zones = likely_zones(message)
    if not zones:
        return None
    home, *others = zones
    ahead = [0, *(_hours_between(home, other, at) for other in others)]
    first, last = quiet_hours[0] - min(ahead), quiet_hours[1] - max(ahead)
    return Window(home, first, last) if first < last else None


def likely_zones(message: InboundMessage) -> tuple[str, ...]:
    """Zones the person may be in, the likeliest first; empty where neither number, state nor ZIP tells.

    Provider and carrier give ZIP and state of the number's registration. What contradicts the rest is not thrown away:
    somebody who kept a number from elsewhere may be here or there, and the hours are those that are decent in both.
    """
    in_the_states = message.country in ("US", "PR", "")
    by_zip = zones_of_zip(message.zip) if in_the_states else ()
    by_state = _STATES.get(message.state.upper(), ()) if in_the_states else ()
    of_number = _zones_of(message.sender, message.country)
    # A toll-free or unassigned number names every zone of its country.
    by_number = of_number if len(of_number) <= _TELLING else ()
    home = _agreed(by_zip, by_state)
    if not home:
        return by_number or _COUNTRIES.get(message.country, of_number)
    if by_number and not set(by_number) & {*home, *by_state}:
        return tuple(dict.fromkeys((*home, *by_number)))
    # Area codes of a divided state do not follow its time zones, so all of what ZIP and state leave stays possible.
    return tuple(dict.fromkeys((*(zone for zone in home if zone in by_number), *home)))


def _agreed(by_zip: tuple[str, ...], by_state: tuple[str, ...]) -> tuple[str, ...]:
    """What both leave open; all of it where they contradict each other."""
    both = tuple(zone for zone in by_zip if zone in by_state)
    return both or tuple(dict.fromkeys((*by_zip, *by_state)))


_NORTH_AMERICAN = re.compile(r"\+1[0-9]{10}")


def _zones_of(number: PhoneNumber, country: str) -> tuple[str, ...]:
    if _NORTH_AMERICAN.fullmatch(number):
        return _zones_of_exchange(number[:8], country)
    return _zones_of_number(number, country)


@lru_cache(maxsize=4096)
def _zones_of_exchange(digits: str, country: str) -> tuple[str, ...]:
    """All numbers that begin with the same six digits share their zones; so much of a number is nobody's."""
    return _zones_of_number(f"{digits}0100", country)


def _zones_of_number(number: str, country: str) -> tuple[str, ...]:
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return ()
    zones: tuple[str, ...] = number_zones.time_zones_for_number(parsed)
    return tuple(dict.fromkeys(_AS_LAW.get(zone, zone) for zone in zones if zone != number_zones.UNKNOWN_TIMEZONE))


def country_of(number: PhoneNumber) -> str:
    """ISO 3166-1 alpha-2 of the number's country; empty where it has none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""


def _hours_between(home: str, other: str, at: datetime) -> int:
    """How many hours the other zone's clock is ahead, rounded away from zero so that half hours narrow the window."""
    difference = (at.astimezone(ZoneInfo(other)).utcoffset() or timedelta()) - (
        at.astimezone(ZoneInfo(home)).utcoffset() or timedelta()
    )
    hours = difference / timedelta(hours=1)
    return int(hours) if hours == int(hours) else int(hours) + (1 if hours > 0 else -1)


_DAY = {"en": ("today", "tomorrow"), "es": ("hoy", "mañana")}
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}


def said_as(at: datetime, zone: str, language: str, now: datetime) -> str:
    """A moment as a person would say it, in the zone's wall clock: "tomorrow around 10 AM"."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = (local.date() - today).days
    day = _DAY[language][days] if days in (0, 1) else _WEEKDAYS[language][local.weekday()]
    hour = (local + timedelta(minutes=30)).hour
    if language == "es":
        return f"{day} a eso de las {hour}:00" if hour != 1 else f"{day} a eso de la 1:00"
    return f"{day} around {hour % 12 or 12} {'AM' if hour < 12 else 'PM'}"
