"""Which help line this person can turn to now, and how to say it. Numbers are words here, never E.164."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from service.policy.conversation import Language

NEVER_WITHHELD: Mapping[str, frozenset[str]] = {"US": frozenset({"988", "741741"})}
"""Printed in production even where nobody of ours has rung them, as emergency numbers are: silence would be worse."""

GRACE_FOR_CORE = timedelta(days=30)
"""How long a core line is still printed after its `reverify_by`; others stop at once."""

REVERIFY_AHEAD = timedelta(days=60)
"""How long before its `reverify_by` a line is spoken of: ringing every line takes a while."""

_ENGLISH = Language("en")
_SPANISH = Language("es")


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody answers, in the line's own zone. `until` may be midnight, written as time.max."""

    zone: ZoneInfo
    by_weekday: Mapping[int, tuple[tuple[time, time], ...]]
    """Monday is 0."""
    shut_on: frozenset[date] = frozenset()
    """Days in its own zone on which nobody answers, whatever the weekday."""

    def open_at(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        if local.date() in self.shut_on:
            return False
        spans = self.by_weekday.get(local.weekday(), ())
        return any(opens <= local.time() < shuts for opens, shuts in spans)


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One service and the doors to it, as somebody would dial them."""

    id: str
    name: str
    situations: frozenset[str]
    languages: frozenset[Language]
    hours: Hours | None = None
    """None: day and night."""
    hours_known: bool = True
    call: str = ""
    press: str = ""
    """The key to press after the call is answered."""
    text: str = ""
    keyword: Mapping[Language, str] = field(default_factory=dict)
    """What to text, where it matters; may differ by language."""
    web: str = ""
    chat: str = ""
    say: Mapping[Language, str] = field(default_factory=dict)
    """The whole phrase, where the doors alone do not make one."""
    core: bool = False
    verified: bool = False
    """A named person has rung or texted it (`verified_on` and `verified_by`)."""
    reverify_by: date | None = None
    state: str = "running"
    """What operators call it; says nothing about now."""
    running: bool = True
    """False for a service that has ended or is suspended: listed so that nobody adds it by memory."""
    out_until: datetime | None = None
    """Until then it is not offered, and from then on it is again: taken out by hand for a while."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country's emergency number, said per language, and its lines in order of preference."""

    code: str
    emergency: Mapping[Language, str]
    lines: tuple[HelpLine, ...]

    def never_withholds(self, line: HelpLine) -> bool:
        numbers = {line.call, line.text} - {""}
        return bool(numbers) and numbers <= NEVER_WITHHELD.get(self.code, frozenset()) | set(self.emergency.values())


@dataclass(frozen=True, slots=True)
class _Offer:
    situation: str
    phrase: str
    line: HelpLine
    stale_after: date | None


class _Offered(NamedTuple):
    """What may be said at a moment, and which line stands behind it, by situation."""

    phrases: Mapping[str, str]
    lines: Mapping[str, HelpLine]


class Directory:
    """Everybody that a person may be sent to. Immutable.

    `elsewhere` serves the countries that are not listed, and those whose crisis line cannot be offered now; it needs a
    crisis line of its own.
    """

    def __init__(
        self, countries: Iterable[Country], elsewhere: Country, languages: Iterable[Language], *, production: bool
    ) -> None:
        self._production = production
        self._languages = tuple(languages)
        known = {country.code: country for country in countries}
        self.countries: Mapping[str, Country] = known
        self.elsewhere = elsewhere
        self.situations = frozenset(
            situation
            for country in (*known.values(), elsewhere)
            for line in country.lines
            for situation in line.situations
        )
        # Thousands of texts of one second are told the same.
        self._offered_at = lru_cache(maxsize=64)(self._work_out)
        self._lines = {line.id: line for _, line in self.lines()}
        self._offers = {
            (code, language): self._prepare(country, language)
            for code, country in (*known.items(), ("", elsewhere))
            for language in self._languages
        }
        self._last_resort = {
            language: next(
                _Offer("crisis", phrase(line, language), line, None)
                for line in elsewhere.lines
                if "crisis" in line.situations
            )
            for language in self._languages
        }

    def as_in_production(self) -> Directory:
        """Without what nobody has tried."""
        return Directory(self.countries.values(), self.elsewhere, self._languages, production=True)

    def values(self, country: str, language: Language, now: datetime | None) -> Mapping[str, str]:
        """Situation → what to do, as a phrase ("call or text 988"), for whoever answers now; None: at their best hour.

        `emergency`, `crisis`, `crisis_brief` and `other_line` (for who refuses the first) are always there; a situation
        without an open line is not.
        """
        return self._offered(country, language, now).phrases

    def lines_for(self, country: str, language: Language, now: datetime) -> Mapping[str, HelpLine]:
        """Situation → the line that `values` says for it."""
        return self._offered(country, language, now).lines

    def line(self, id_: str) -> HelpLine | None:
        return self._lines.get(id_)

    def _offered(self, country: str, language: Language, now: datetime | None) -> _Offered:
        code = country if country in self.countries else ""
        return self._offered_at(code, language, now.replace(microsecond=0) if now else None)

    def _work_out(self, code: str, language: Language, now: datetime | None) -> _Offered:
        phrases: dict[str, str] = {}
        lines: dict[str, HelpLine] = {}
        for offer in self._open(code, language, now):
            phrases[offer.situation], lines[offer.situation] = offer.phrase, offer.line
        phrases["crisis_brief"], lines["crisis_brief"] = brief(lines["crisis"], language), lines["crisis"]
        other = "text_line" if "text_line" in lines else "crisis"
        phrases["other_line"], lines["other_line"] = phrases[other], lines[other]
        phrases["emergency"] = self._emergency(code, language)
        return _Offered(phrases, lines)

    def _open(self, code: str, language: Language, now: datetime | None) -> Iterable[_Offer]:
        """One offer for each situation: the first whose line answers."""
        today = now.astimezone(UTC).date() if now else None
        first: dict[str, _Offer] = {}
        for offer in self._offers[code, language]:
            if offer.situation not in first and (now is None or today is None or _answers(offer, now, today)):
                first[offer.situation] = offer
        first.setdefault("crisis", self._last_resort[language])
        return first.values()

    def lines(self) -> Iterator[tuple[Country, HelpLine]]:
        for country in (*self.countries.values(), self.elsewhere):
            for line in country.lines:
                yield country, line

    def _emergency(self, code: str, language: Language) -> str:
        country = self.countries.get(code, self.elsewhere)
        return country.emergency.get(language) or country.emergency[_ENGLISH]

    def _prepare(self, country: Country, language: Language) -> tuple[_Offer, ...]:
        printable = [line for line in country.lines if self._may_print(country, line)]
        printable.sort(key=lambda line: language not in line.languages)  # stable: who speaks the language goes first
        return tuple(
            _Offer(situation, phrase(line, language), line, _stale_after(country, line))
            for line in printable
            for situation in sorted(line.situations)
        )

    def _may_print(self, country: Country, line: HelpLine) -> bool:
        trusted = line.verified or not self._production or country is self.elsewhere or country.never_withholds(line)
        return trusted and line.running and line.hours_known


def _stale_after(country: Country, line: HelpLine) -> date | None:
    if line.reverify_by is None or country.never_withholds(line):
        return None
    return line.reverify_by + (GRACE_FOR_CORE if line.core else timedelta())


def _answers(offer: _Offer, now: datetime, today: date) -> bool:
    if offer.stale_after is not None and today > offer.stale_after:
        return False
    if offer.line.out_until is not None and now < offer.line.out_until:
        return False
    return offer.line.hours is None or offer.line.hours.open_at(now)


def phrase(line: HelpLine, language: Language) -> str:
    """How to reach the line, lower case, to stand inside a sentence; says so where it speaks another language."""
    if line.say:
        return line.say.get(language) or line.say[_ENGLISH]
    if language == _SPANISH:
        said = _in_spanish(line)
        return said if _SPANISH in line.languages else f"{said} (en inglés)"
    return _in_english(line)


def brief(line: HelpLine, language: Language) -> str:
    """As short as it can be said, for the foot of an answer that is about something else."""
    keyword = line.keyword.get(language, "")
    if language == _SPANISH and line.call and line.call == line.text and not line.say and not line.press:
        return f"{line.call} (texto: {keyword})" if keyword else f"{line.call} (llama o texto)"
    return phrase(line, language)


def _in_english(line: HelpLine) -> str:
    keyword = line.keyword.get(_ENGLISH, "")
    if line.call and line.call == line.text and not keyword and not line.press:
        return f"call or text {line.call}"
    doors = []
    if line.call:
        doors.append(f"call {line.call} and press {line.press}" if line.press else f"call {line.call}")
    if line.text:
        doors.append(f"text {keyword} to {line.text}" if keyword else f"text {line.text}")
    return " or ".join(doors) or (f"chat at {line.chat}" if line.chat else f"see {line.web}")


def _in_spanish(line: HelpLine) -> str:
    keyword = line.keyword.get(_SPANISH, "") or line.keyword.get(_ENGLISH, "")
    what = f"envía {keyword} por texto" if keyword else "envía un texto"
    if line.call and line.call == line.text and not line.press:
        return f"llama o {what} al {line.call}"
    doors = []
    if line.call:
        doors.append(f"llama al {line.call} y marca {line.press}" if line.press else f"llama al {line.call}")
    if line.text:
        doors.append(f"{what} al {line.text}")
    return " o ".join(doors) or (f"chatea en {line.chat}" if line.chat else f"visita {line.web}")
