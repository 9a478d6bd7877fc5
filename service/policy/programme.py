"""The playbook as values: what the operators decided, validated and immutable. Reading it from files is not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from service.policy.centers import Centers
from service.policy.conversation import Assessment, Kind, Language, Limits
from service.policy.directory import Directory, HelpLine
from service.policy.keywords import Vocabulary
from service.policy.notices import Notice
from service.policy.replies import Message


@dataclass(frozen=True, slots=True)
class Programme:
    """Who runs the line. The names and addresses go into the HELP and STOP texts that carriers demand."""

    name: str
    contact: str
    """A telephone number or an address that a person answers."""
    languages: tuple[Language, ...]
    """The first is what an unknown sender gets."""
    country: str
    """Assumed where the number does not tell: ISO 3166-1 alpha-2."""
    quiet_hours: tuple[int, int]
    """First and last hour, local, in which a follow-up may go out: (8, 21)."""
    follow_ups_per_second: float
    """What the sending number may do: carriers count segments."""
    answers_before_silence: int
    """Answers in a row, each less than 30 s after the last, before `quiet:loop`; danger is always answered."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A keyword's series of texts: `topic-<name>-1`, `-2` …"""

    name: str
    parts: int
    related: tuple[str, ...]
    titles: Mapping[Language, str]
    """What the menu calls it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One follow-up of a plan."""

    delay: timedelta
    """After the YES."""
    reply: str
    expires_after: timedelta
    """Later than this after its due time, it is dropped, not sent stale."""
    hours: tuple[int, int]
    """First and last hour, local, in which it may go out; the programme's or narrower."""
    offers: str = ""
    """The plan whose offer stands at the end of this text; empty for none."""

    @property
    def replies(self) -> tuple[str, ...]:
        """The messages that make up its text."""
        return (self.reply, offer_of(self.offers)) if self.offers else (self.reply,)


class OnDanger(StrEnum):
    """What a text in danger does to what is still to come of a plan. Nothing chatty follows a crisis."""

    MOVE = "move"  # a check-in: half a day later at the soonest, and never cancelled
    PAUSE = "pause"  # a series: all of it later
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Offered:
    """When a plan is offered."""

    after_danger: frozenset[Kind] = frozenset()
    """Never abuse, assault, unsafe or violence: the playbook refuses that."""
    after_referral: bool = False
    after_topics: frozenset[str] = frozenset()
    keywords: tuple[str, ...] = ()
    """Its own, as operators write them."""
    countries: frozenset[str] = frozenset()
    """Only to numbers of these; empty for all."""


@dataclass(frozen=True, slots=True)
class PlanSpec:
    """What YES to the offer `offer-<name>` plans."""

    name: str
    offered: Offered
    steps: tuple[Step, ...]
    on_danger: OnDanger
    limits: Limits
    ended_by: frozenset[str] = frozenset()
    """Routes: a text of the person that is answered by one of them ends it."""
    brings_more: bool = False
    """Whether MORE goes on, after its text, where the person left off. Only offered where something is left."""

    @property
    def is_check_in(self) -> bool:
        """Whether its text asks how somebody is: it goes before all others, and its answer is understood."""
        return self.on_danger is OnDanger.MOVE

    def step(self, number: int) -> Step | None:
        """From 1; None for one that the playbook does not have any more."""
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None


def offer_of(plan: str) -> str:
    return f"offer-{plan}"


class Recognises(Protocol):
    """What makes of a text its level and kind."""

    def assess(self, text: str, before: tuple[str, ...] = ()) -> Assessment: ...


@dataclass(frozen=True)
class Playbook:
    """Everything that operators decide, in force as one thing."""

    release: str
    """The content's hash, 12 hexadecimal digits: names this playbook in consents, counts and logs."""
    programme: Programme
    messages: Mapping[Language, Mapping[str, Message]]
    vocabulary: Vocabulary
    topics: Mapping[str, Topic]
    menu: tuple[str, ...]
    """Topic names, in the order of their numbers, from 1."""
    plans: Mapping[str, PlanSpec]
    directory: Directory
    centers: Centers
    notices: tuple[Notice, ...]
    recogniser: Recognises

    def values(self, country: str, language: Language, now: datetime | None) -> dict[str, str]:
        """What the placeholders stand for, for this person and moment; None: when every line answers.

        An empty country is the programme's own.
        """
        return {
            **self.directory.values(country or self.programme.country, language, now),
            "programme": self.programme.name,
            "contact": self.programme.contact,
            "menu": self.numbered_topics[language],
        }

    def lines_for(self, country: str, language: Language, now: datetime) -> Mapping[str, HelpLine]:
        """The help line behind each value that is one, by its placeholder."""
        return self.directory.lines_for(country or self.programme.country, language, now)

    @cached_property
    def numbered_topics(self) -> Mapping[Language, str]:
        """The menu as the person reads it: a topic a line, with the number that picks it."""
        titles = {code: [self.topics[name].titles[code] for name in self.menu] for code in self.programme.languages}
        return {
            code: "\n".join(f"{number} {title}" for number, title in enumerate(said, 1))
            for code, said in titles.items()
        }
