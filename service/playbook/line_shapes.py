"""What helplines.yaml and centers.yaml may hold, as pydantic models: who people are sent to, and when they answer."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from service.playbook.shapes import CountryCode, LanguageCode, Moment, Shape, Words

Situation = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _clock(written: str) -> time:
    return time.max if written == "24:00" else time.fromisoformat(written)


def _opening(written: object) -> tuple[time, time]:
    match = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", written) if isinstance(written, str) else None
    if match is None:
        raise ValueError('is no opening time: write it like "10:00-22:00"')
    opens, shuts = _clock(match[1]), _clock(match[2])
    if opens >= shuts:
        raise ValueError("shuts before it opens: past midnight, give the second day its own entry")
    return opens, shuts


Opening = Annotated[tuple[time, time], BeforeValidator(_opening)]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{name} is no time zone: write it like America/New_York") from None
    return name


def _days(written: str) -> str:
    first, _, last = written.partition("-")
    if first not in _DAYS or (last and (last not in _DAYS or _DAYS.index(last) < _DAYS.index(first))):
        raise ValueError(f"{written} are no days: write mon, or mon-fri")
    return written


class HoursShape(Shape):
    zone: Annotated[str, AfterValidator(_zone)]
    open: dict[Annotated[str, AfterValidator(_days)], Opening]
    shut: tuple[date, ...] = ()
    known: bool = True

    def by_weekday(self) -> dict[int, tuple[tuple[time, time], ...]]:
        spans: dict[int, tuple[tuple[time, time], ...]] = {}
        for days, opening in self.open.items():
            first, _, last = days.partition("-")
            for weekday in range(_DAYS.index(first), _DAYS.index(last or first) + 1):
                spans[weekday] = (*spans.get(weekday, ()), opening)
        return spans


def _same_in_each_language(written: object) -> object:
    return {"en": written} if isinstance(written, str) else written


PerLanguage = Annotated[dict[LanguageCode, Words], BeforeValidator(_same_in_each_language)]


def _dialled(written: str) -> str:
    if written and not re.fullmatch(r"[0-9][0-9 -]*[0-9]", written):
        raise ValueError(f"{written} is no number as one dials it: write digits, spaces and hyphens, no +")
    return written


Number = Annotated[str, AfterValidator(_dialled)]
"""As a person dials it: +1 before a short code would reach nobody. Empty where there is no such door."""

_UNKNOWN_HOURS = {"zone": "UTC", "open": {}, "known": False}


Address = Annotated[str, StringConstraints(pattern=r"^[a-z0-9./-]*$")]
"""Of a page, without https://: segments are dear, and phones make a link of it."""


def _hours(written: object) -> object:
    if isinstance(written, str) and written not in ("24/7", "unknown"):
        raise ValueError(f"{written} are no hours: write 24/7, unknown, or a zone and its opening times")
    return None if written == "24/7" else _UNKNOWN_HOURS if written == "unknown" else written


OUT_FOR_A_WHILE = frozenset({"down", "withdrawn"})


class LineShape(Shape):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    name: Words
    situations: Annotated[tuple[Situation, ...], Field(alias="for", min_length=1)]
    call: Number = ""
    press: Annotated[str, StringConstraints(pattern=r"^[0-9]?$")] = ""
    text: Number = ""
    keyword: Annotated[PerLanguage, Field(default_factory=dict)]
    web: Address = ""
    chat: Address = ""
    say: Annotated[PerLanguage, Field(default_factory=dict)]
    hours: Annotated[HoursShape | None, BeforeValidator(_hours)]
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1)]
    audience: str = ""
    cost: str = ""
    source: Words
    source_seen_on: date
    verified_on: date | None = None
    verified_by: Words | None = None
    reverify_by: date | None = None
    core: bool = False
    through: str = ""
    """The id of the line that its doors lead through: out with it, and back with it."""
    state: Literal["running", "suspended", "ended", "unproven", "down", "withdrawn"] = "running"
    why: str = ""
    by: str = ""
    since: Moment | None = None
    until: Moment | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> LineShape:
        if not (self.call or self.text or self.web or self.chat):
            raise ValueError("nobody can reach it: give it call, text, web or chat")
        if (self.verified_on is None) != (self.verified_by is None):
            raise ValueError("verified_on and verified_by belong together: who rang it, and when")
        if self.say and "en" not in self.say:
            raise ValueError("say has no English: every language falls back to it")
        if self.until is not None and self.state not in OUT_FOR_A_WHILE:
            raise ValueError("until is for what is down or withdrawn: delete it")
        if self.state == "down" and self.until is None:
            raise ValueError("a line that is down needs until: write when it is to be offered again")
        if self.state != "running" and not self.why:
            raise ValueError("say in why: what happened to it, so that nobody adds it again by memory")
        return self


class CountryShape(Shape):
    emergency: PerLanguage
    lines: tuple[LineShape, ...] = ()


class HelplinesShape(Shape):
    countries: dict[CountryCode, CountryShape]
    elsewhere: CountryShape


StateCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class CenterShape(Shape):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    phone: Annotated[str, StringConstraints(min_length=10), AfterValidator(_dialled)]
    zip: Annotated[str, StringConstraints(pattern=r"^([0-9]{5})?$")] = ""
    states: tuple[StateCode, ...] = ()
    zips: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{2,5}$")], ...] = ()
    services: Annotated[tuple[Words, ...], Field(min_length=1)]
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1)]
    payment: Annotated[tuple[Words, ...], Field(min_length=1)]
    answered_by: str = ""
    listing: Literal["paid", "unpaid"]
    source: Words
    source_seen_on: date
    verified_on: date | None = None
    verified_by: Words | None = None
    reverify_by: date | None = None

    @model_validator(mode="after")
    def _serves_somebody(self) -> CenterShape:
        if not (self.states or self.zips):
            raise ValueError("serves nobody: name states, or how ZIP codes begin under zips")
        if (self.verified_on is None) != (self.verified_by is None):
            raise ValueError("verified_on and verified_by belong together: who rang it, and when")
        return self


class CentersShape(Shape):
    centers: tuple[CenterShape, ...] = ()
