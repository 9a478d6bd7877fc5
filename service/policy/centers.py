"""Treatment centres that an operator lists: which are near a ZIP code, and how to say who pays. It sends nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from service.policy.conversation import Language

AFTER_DANGER = timedelta(days=1)
"""No paid listing so long after an answer above `none`."""

NAMED = 2
"""Centres in one answer: more would need a third segment."""

_EARTH = 3959.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ZIP code is."""

    state: str
    latitude: float
    longitude: float


Locate = Callable[[str], Place | None]


@dataclass(frozen=True, slots=True)
class Center:
    """One listing, as an operator wrote it down."""

    id: str
    name: str
    phone: str
    zip_code: str
    """Where it stands; empty for one that is reached by telephone alone."""
    states: frozenset[str]
    prefixes: tuple[str, ...]
    languages: frozenset[Language]
    paid: bool
    answered_by: str = ""
    """Who picks up, where the number is a helpline that refers; empty where it is the centre itself."""
    verified: bool = False
    fictional: bool = False
    reverify_by: date | None = None
    """From the day after it is no longer named."""

    def is_stale(self, today: date) -> bool:
        return self.reverify_by is not None and today > self.reverify_by

    def serves(self, zip_code: str, place: Place) -> bool:
        return place.state in self.states or zip_code.startswith(self.prefixes or ("-",))


class Centers:
    """Every centre that may be printed. In production that needs somebody who has tried it, and a real number."""

    def __init__(self, centers: Iterable[Center], locate: Locate, *, production: bool) -> None:
        printable = (one for one in centers if not production or (one.verified and not one.fictional))
        self._by_id: Mapping[str, Center] = {one.id: one for one in printable}
        self._locate = locate

    def prepare(self) -> None:
        """Look a place up, if there is anything to be near: the first look of a process takes long."""
        if self._by_id:
            self._locate("10001")

    def near(self, zip_code: str, today: date, *, with_paid: bool) -> tuple[str, ...]:
        """The ids of the nearest that serve this ZIP code. Who pays comes neither sooner nor later for it."""
        listed = [one for one in self._by_id.values() if (with_paid or not one.paid) and not one.is_stale(today)]
        place = self._locate(zip_code) if listed else None
        if place is None:
            return ()
        serving = (one for one in listed if one.serves(zip_code, place))
        return tuple(one.id for one in sorted(serving, key=lambda one: self._miles(one, place))[:NAMED])

    def said(self, ids: Iterable[str], language: Language) -> str:
        """One row for each; those that are gone since are left out."""
        named = [self._by_id[id_] for id_ in ids if id_ in self._by_id]
        return "\n".join(row(one, language) for one in named)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._by_id)

    def _miles(self, center: Center, place: Place) -> float:
        stands = self._locate(center.zip_code) if center.zip_code else None
        return math.inf if stands is None else _miles(stands, place)


def row(center: Center, language: Language) -> str:
    """Name and number, who answers it, and whether they pay to stand here."""
    words = _WORDS.get(language, _WORDS[Language("en")])
    notes = [words.who_answers(center)] if center.paid or center.answered_by else []
    notes += [] if language in center.languages else [words.other_language]
    said = f"{center.name}: {words.call} {center.phone}"
    return f"{said} ({'; '.join(notes)})" if notes else said


@dataclass(frozen=True, slots=True)
class _Words:
    """What people have a right to know before they call a number that somebody may have paid for."""

    call: str
    paid_center: str
    helpline: str
    paid_helpline: str
    other_language: str

    def who_answers(self, center: Center) -> str:
        if not center.answered_by:
            return self.paid_center
        return (self.paid_helpline if center.paid else self.helpline).format(center.answered_by)


_WORDS = {
    Language("en"): _Words(
        call="call",
        paid_center="paid listing; the center itself answers",
        helpline="answered by {}",
        paid_helpline="answered by {}, who pay for this; no fee depends on your choice",
        other_language="not in English",
    ),
    Language("es"): _Words(
        call="llama al",
        paid_center="paga por estar aquí; contesta el centro",
        helpline="contesta {}",
        paid_helpline="contesta y paga {}; nada depende de a quién llames",
        other_language="en inglés",
    ),
}


def _miles(one: Place, other: Place) -> float:
    """Along the earth's surface (haversine)."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(one.longitude - other.longitude) / 2
    chord = math.sin((north - south) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(chord))
