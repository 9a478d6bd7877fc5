"""What each configuration file may hold, as pydantic models. Checks that need more than one value stand elsewhere.

Who people are sent to has shapes of its own, in `line_shapes.py`.
"""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from service.policy.conversation import Kind
from service.policy.follow_ups import NEVER_OFFERED_AFTER
from service.policy.programme import OnDanger

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
ClassName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]+$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Hour = Annotated[int, Field(ge=0, le=24)]

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


def moment(written: object) -> datetime:
    """Raise ValueError for a whole day too: whose midnight would it be?"""
    with contextlib.suppress(ValueError):
        read = datetime.fromisoformat(str(written))
        if read.tzinfo is not None:
            return read
    raise ValueError(f"{written} is no moment: write it like 2026-11-22T18:00-05:00")


Moment = Annotated[datetime, BeforeValidator(moment)]


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


class ApprovalShape(Shape):
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    by: Words
    on: date


class ApprovalsShape(Shape):
    approvals: dict[Words, ApprovalShape] = {}
