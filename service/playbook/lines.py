"""helplines.yaml: from what operators write down about a help line to the directory that picks one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from service.playbook.line_shapes import CountryShape, HelplinesShape, HoursShape, LineShape
from service.playbook.marked import Marked
from service.playbook.mistakes import Mistake
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
    by_id = {line.id: line for _, country in _countries(shape) for line in country.lines}
    countries = [_country(code, country, by_id) for code, country in shape.countries.items()]
    return Directory(countries, _country("", shape.elsewhere, by_id), languages, production=production)


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
    for path, country in _countries(shape):
        for place, line in enumerate(country.lines):
            if line.through and (line.through not in seen or line.through == line.id):
                yield file.mistake(
                    (*path, "lines", place, "through"), f"{line.through} is no other line", "Name its id"
                )


def _countries(shape: HelplinesShape) -> Iterator[tuple[tuple[str | int, ...], CountryShape]]:
    for code, country in shape.countries.items():
        yield ("countries", code), country
    yield ("elsewhere",), shape.elsewhere


def _country(code: str, shape: CountryShape, by_id: Mapping[str, LineShape]) -> Country:
    lines = tuple(_line(line, by_id.get(line.through, line)) for line in shape.lines)
    return Country(code, _by_language(shape.emergency), lines)


def _by_language(written: Mapping[str, str]) -> dict[Language, str]:
    return {Language(code): word for code, word in written.items()}


def _line(shape: LineShape, through: LineShape) -> HelpLine:
    """`through` is the line that its doors lead through, or itself."""
    until = [line.until for line in (shape, through) if line.until]
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
        chat=shape.chat,
        say=_by_language(shape.say),
        core=shape.core,
        verified=shape.verified_on is not None,
        reverify_by=shape.reverify_by,
        state=shape.state,
        running=_runs(shape) and _runs(through),
        out_until=max(until, default=None),
    )


def _runs(shape: LineShape) -> bool:
    """Whether it is offered, now or from `until` on."""
    return shape.state == "running" or shape.until is not None


def _hours(shape: HoursShape) -> Hours:
    return Hours(ZoneInfo(shape.zone), shape.by_weekday(), frozenset(shape.shut))
