"""helplines.yaml: from what operators write down about a help line to the directory that picks one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from service.playbook.marked import Marked
from service.playbook.mistakes import Mistake
from service.playbook.shapes import CountryShape, HelplinesShape, HoursShape, LineShape
from service.policy.conversation import Language
from service.policy.directory import Country, Directory, HelpLine, Hours


def situations(shape: HelplinesShape) -> frozenset[str]:
    """Every situation that some country has a line for: the placeholders that messages may use."""
    countries = (*shape.countries.values(), shape.elsewhere)
    return frozenset(situation for country in countries for line in country.lines for situation in line.situations)


def directory(
    shape: HelplinesShape, file: Marked, languages: tuple[Language, ...], found: list[Mistake], *, production: bool
) -> Directory | None:
    """None where somebody would have nobody to turn to: no emergency number, or no crisis line elsewhere."""
    mistakes = [*_mistakes(shape, file)]
    found.extend(mistakes)
    if mistakes:
        return None
    countries = [_country(code, country) for code, country in shape.countries.items()]
    return Directory(countries, _country("", shape.elsewhere), languages, production=production)


def _mistakes(shape: HelplinesShape, file: Marked) -> Iterator[Mistake]:
    if not any("crisis" in line.situations for line in shape.elsewhere.lines):
        yield file.mistake(("elsewhere",), "has no line for crisis", "Add one: it stands in for every missing line")
    seen: set[str] = set()
    for path, country in _countries(shape):
        if "en" not in country.emergency:
            yield file.mistake((*path, "emergency"), "has no English", "Write the number, or one wording a language")
        for place, line in enumerate(country.lines):
            if line.id in seen:
                yield file.mistake((*path, "lines", place, "id"), f"{line.id} stands twice", "Give it another id")
            seen.add(line.id)


def _countries(shape: HelplinesShape) -> Iterator[tuple[tuple[str | int, ...], CountryShape]]:
    for code, country in shape.countries.items():
        yield ("countries", code), country
    yield ("elsewhere",), shape.elsewhere


def _country(code: str, shape: CountryShape) -> Country:
    return Country(code, _by_language(shape.emergency), tuple(_line(line) for line in shape.lines))


def _by_language(written: Mapping[str, str]) -> dict[Language, str]:
    return {Language(code): word for code, word in written.items()}


def _line(shape: LineShape) -> HelpLine:
    return HelpLine(
        id=shape.id,
        name=shape.name,
        situations=frozenset(shape.situations),
        languages=frozenset(Language(code) for code in shape.languages),
        hours=_hours(shape.hours) if shape.hours else None,
        hours_known=shape.hours is None or shape.hours.known,
        call=shape.call,
        press=shape.press,
        text=shape.text,
        keyword=_by_language(shape.keyword),
        web=shape.web,
        say=_by_language(shape.say),
        core=shape.core,
        verified=shape.verified_on is not None,
        reverify_by=shape.reverify_by,
        running=shape.state == "running",
    )


def _hours(shape: HoursShape) -> Hours:
    return Hours(ZoneInfo(shape.zone), shape.by_weekday())
