"""What each configuration file may hold, as pydantic models. Checks that need more than one value stand elsewhere."""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from service.policy.conversation import Kind
from service.policy.follow_ups import NEVER_OFFERED_AFTER
from service.policy.programme import OnDanger

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
ClassName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]+$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Situation = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
Hour = Annotated[int, Field(ge=0, le=24)]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"minute": "minutes", "hour": "hours", "day": "days", "week": "weeks"}


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def span(written: object) -> timedelta:
    """ "1 day", "90 minutes": what a person writes. Raises ValueError for anything else."""
    match = re.fullmatch(r"(\d{1,4}) (minute|hour|day|week)s?", written) if isinstance(written, str) else None
    if match is None:
        raise ValueError('is no span of time: write it like "1 day" or "90 minutes"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Span = Annotated[timedelta, BeforeValidator(span)]


class ProgrammeShape(Shape):
    name: Words
    contact: Words
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1)]
    country: CountryCode
    quiet_hours: tuple[Hour, Hour]
    follow_ups_per_second: Annotated[float, Field(gt=0, le=1000)]
    answers_before_silence: Annotated[int, Field(ge=3, le=14)]  # Twilio blocks the fifteenth (14107)

    @model_validator(mode="after")
    def _opens_before_it_shuts(self) -> ProgrammeShape:
        if self.quiet_hours[0] >= self.quiet_hours[1]:
            raise ValueError("quiet_hours opens after it shuts: write the first hour first, like [8, 21]")
        return self


ByLanguage = dict[LanguageCode, tuple[Words, ...]]


class RouteShape(Shape):
    """Words that lead somewhere. `route` and `reply` default to what the row's name says."""

    route: Words | None = None
    reply: Words | None = None
    keywords: ByLanguage = {}
    phrases: ByLanguage = {}
    words: ByLanguage = {}
    examples: tuple[Words, ...] = ()
    not_: Annotated[tuple[Words, ...], Field(alias="not")] = ()


class TopicShape(RouteShape):
    title: dict[LanguageCode, Words]
    related: tuple[Name, ...] = ()
    examples: Annotated[tuple[Words, ...], Field(min_length=5)]


class KeywordsShape(Shape):
    menu: Annotated[tuple[Name, ...], Field(min_length=1, max_length=9)]
    classes: dict[ClassName, ByLanguage] = {}
    topics: dict[Name, TopicShape]
    routes: dict[Words, RouteShape]


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


def moment(written: object) -> datetime:
    """Raise ValueError for a whole day too: whose midnight would it be?"""
    with contextlib.suppress(ValueError):
        read = datetime.fromisoformat(str(written))
        if read.tzinfo is not None:
            return read
    raise ValueError(f"{written} is no moment: write it like 2026-11-22T18:00-05:00")


Moment = Annotated[datetime, BeforeValidator(moment)]
OUT_FOR_A_WHILE = frozenset({"down", "withdrawn"})


class LineShape(Shape):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    name: Words
    situations: Annotated[tuple[Situation, ...], Field(alias="for", min_length=1)]
    call: Number = ""
    press: Annotated[str, StringConstraints(pattern=r"^[0-9]?$")] = ""
    text: Number = ""
    keyword: PerLanguage = {}
    web: Address = ""
    chat: Address = ""
    say: PerLanguage = {}
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


class StepShape(Shape):
    after: Span
    reply: Words
    expires_after: Span
    hours: tuple[Hour, Hour] | None = None
    offers: Name | None = None


def _never_after_these(kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    if refused := NEVER_OFFERED_AFTER.intersection(kinds):
        raise ValueError(f"never after {', '.join(sorted(refused))}: somebody else may hold the phone")
    return kinds


class OfferedShape(Shape):
    after_danger: Annotated[tuple[Kind, ...], AfterValidator(_never_after_these)] = ()
    after_referral: bool = False
    after_topics: tuple[Name, ...] = ()
    by_keywords: ByLanguage = {}
    countries: tuple[CountryCode, ...] = ()


class MostShape(Shape):
    times: Annotated[int, Field(ge=1, le=100)]
    within: Span


class PlanShape(Shape):
    offered: OfferedShape = OfferedShape()
    on_danger: OnDanger
    at_most: MostShape
    ended_by: tuple[Words, ...] = ()
    brings_more: bool = False
    steps: Annotated[tuple[StepShape, ...], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _nothing_chatty_after_danger(self) -> PlanShape:
        if self.offered.after_danger and self.on_danger is not OnDanger.MOVE:
            raise ValueError("is offered after danger and is no check-in: write on_danger: move, or offer it elsewhere")
        return self


class FollowUpsShape(Shape):
    at_once: Annotated[int, Field(ge=1, le=10)]
    plans: dict[Name, PlanShape]


class AdditionShape(Shape):
    phrase: Words
    level: str
    kind: Kind
    language: LanguageCode


class DangerShape(Shape):
    additions: tuple[AdditionShape, ...] = ()


class NoticeShape(Shape):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    from_: Annotated[Moment, Field(alias="from")]
    until: Moment
    text: dict[LanguageCode, Words]
    in_danger: bool = False
    countries: tuple[CountryCode, ...] = ()

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> NoticeShape:
        if self.from_ >= self.until:
            raise ValueError("ends before it begins: swap from and until")
        return self


class NoticesShape(Shape):
    notices: tuple[NoticeShape, ...] = ()


MAY_BE_MISSING = (DangerShape, CentersShape, NoticesShape)
"""Who has nothing of their own to add needs no file."""


class ApprovalShape(Shape):
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    by: Words
    on: date


class ApprovalsShape(Shape):
    approvals: dict[Words, ApprovalShape] = {}
