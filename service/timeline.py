"""`python -m service plan`: what somebody who says YES now would get, and when in their own day. Sends nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from service.policy.conversation import InboundMessage, Language, MessageSid, PhoneNumber
from service.policy.follow_ups import PAUSED_FOR, Turn, turns_of
from service.policy.local_time import Window, likely_zones, window_for
from service.policy.programme import OnDanger, PlanSpec, Playbook, Step, offer_of
from service.policy.replies import render
from service.policy.segments import count

_AS_TYPED = "%a %d %b %Y %H:%M"
_WIDTH = 100
_ON_DANGER = {
    OnDanger.MOVE: "moves to twelve hours later at the soonest, and is never cancelled",
    OnDanger.PAUSE: f"pauses for {PAUSED_FOR.days} days, and keeps its distances",
    OnDanger.CANCEL: "ends it",
}


class NoSuchThing(Exception):
    """What was asked about is not there; the message says what is."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Where a person may be: by the zone itself, or by what a provider tells of their number."""

    zone: str = ""
    country: str = "US"
    state: str = ""
    zip: str = ""
    number: str = "+18005550142"
    """A toll-free one, which tells nothing."""

    def window(self, hours: tuple[int, int], at: datetime) -> Window | None:
        return Window(self.zone, *hours) if self.zone else window_for(self._message(at), hours, at)

    def zones(self, at: datetime) -> tuple[str, ...]:
        return (self.zone,) if self.zone else likely_zones(self._message(at))

    def _message(self, at: datetime) -> InboundMessage:
        sid = MessageSid("SM" + "0" * 32)
        return InboundMessage(sid, PhoneNumber(self.number), "", at, self.country, self.state, self.zip)


def shown(playbook: Playbook, name: str | None, person: Somebody, language: Language, now: datetime) -> str:
    """One plan, or all of them. Raise NoSuchThing."""
    if name and name not in playbook.plans:
        raise NoSuchThing(f"There is no plan {name}: there are {', '.join(playbook.plans)}.")
    if language not in playbook.messages:
        raise NoSuchThing(f"There are no messages in {language}: there are {', '.join(playbook.messages)}.")
    if person.zone and person.zone not in available_timezones():
        raise NoSuchThing(f"There is no time zone {person.zone}: write it like America/New_York.")
    specs = [playbook.plans[name]] if name else list(playbook.plans.values())
    return "\n\n".join("\n".join(_plan(spec, playbook, person, language, now)) for spec in specs)


def _plan(spec: PlanSpec, playbook: Playbook, person: Somebody, language: Language, now: datetime) -> Iterator[str]:
    yield f"{spec.name}: {_offered(spec, playbook)}"
    limits = f"At most {spec.limits.times} in {spec.limits.within.days} days."
    yield f"  {limits} A text in danger {_ON_DANGER[spec.on_danger]}."
    turns = turns_of(spec, now, lambda step: person.window(step.hours, now + step.delay))
    zones = person.zones(now)
    if not turns:
        yield "  Nobody knows this person's clock well enough: it is not offered."
        return
    zone = ZoneInfo(turns[0].window.zone)
    guess = f" (a guess among {', '.join(zones)}: the hours are what their days share)" if len(zones) > 1 else ""
    yield f"  Times in {zone.key}{guess}."
    yield ""
    yield f"  {now.astimezone(zone).strftime(_AS_TYPED)}  YES to:"
    yield from _text((offer_of(spec.name),), playbook, language, now)
    for turn in turns:
        yield from _turn(turn, playbook, language, now, zone)


def _offered(spec: PlanSpec, playbook: Playbook) -> str:
    offered, name = spec.offered, spec.name
    steps = (other for other in playbook.plans.values() for step in other.steps if step.offers == name)
    occasions = [
        *([f"after danger ({', '.join(sorted(offered.after_danger))})"] if offered.after_danger else []),
        *(["after a referral"] if offered.after_referral else []),
        *(f"after the topic {topic}" for topic in sorted(offered.after_topics)),
        *(["by " + ", ".join(word.upper() for word in offered.keywords)] if offered.keywords else []),
        *(f"at the end of {other.name}" for other in steps),
    ]
    return f"offered {', '.join(occasions) or 'never'}"


def _turn(turn: Turn, playbook: Playbook, language: Language, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    local = turn.due_at.astimezone(zone)
    expires_at = (turn.due_at + turn.step.expires_after).astimezone(zone)
    yield "          |"
    life = f"dropped after {expires_at:%a %d %b %H:%M}"
    yield f"  {local.strftime(_AS_TYPED)}  step {turn.number}, {_in_words(turn.step)}; {life}"
    yield f"          |  0 {_day(turn, local)} 24"
    yield from _text(turn.step.replies, playbook, language, now)


def _in_words(step: Step) -> str:
    days, hours = divmod(step.delay, timedelta(days=1))
    whole = [f"{days} day{'s' if days != 1 else ''}"] if days else []
    return f"{' '.join([*whole, *([f'{hours // timedelta(hours=1)} h'] if hours else [])])} later"


def _day(turn: Turn, local: datetime) -> str:
    """The person's day, an hour a sign: a dot is no time to text, = may be, # is when it comes."""
    hours = ("=" if turn.window.first <= hour < turn.window.last else "." for hour in range(24))
    return "".join("#" if hour == local.hour else sign for hour, sign in enumerate(hours))


def _text(names: tuple[str, ...], playbook: Playbook, language: Language, now: datetime) -> Iterator[str]:
    values = playbook.values(playbook.programme.country, language, now)
    text = render(names, playbook.messages[language], values)
    for row in text.split("\n"):
        yield from textwrap.wrap(row, _WIDTH, initial_indent="          |    ", subsequent_indent="          |    ")
    size = count(text)
    yield f"          |    [{size.segments} segment{'s' if size.segments > 1 else ''}, {size.encoding}]"
