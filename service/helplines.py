"""`python -m service line`: takes a help line out of every answer within seconds, or brings it back. Edits one file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from service.playbook import PlaybookError, files
from service.playbook.assemble import build
from service.playbook.editing import NoSuchLine, with_keys
from service.playbook.line_shapes import OUT_FOR_A_WHILE
from service.playbook.shapes import moment, span
from service.policy.programme import Playbook

FILE = "config/helplines.yaml"
_KEYS = ("state", "why", "by", "since", "until")


class Refused(Exception):
    """The file is as it was. The message says why, and what would do."""


def do(what: str, home: Path, id_: str, now: datetime, *, until: str | None, why: str | None, by: str | None) -> None:
    """`withdraw` a wrong number, `down` for a while, `up` again. Raises Refused; the file is whole at any moment."""
    if what == "up":
        return _change(home, id_, dict.fromkeys(_KEYS))
    if not (why and by):
        raise Refused("Say why, and by whom: --why, --by. Who reads the file tomorrow must know")
    if what == "down" and until is None:
        raise Refused('Say until when: --until "3 hours", or a moment. Then it is offered again by itself')
    ends = _written(_until(until, now)) if until else None
    state = "down" if what == "down" else "withdrawn"
    return _change(home, id_, {"state": state, "why": why, "by": by, "since": _written(now), "until": ends})


def _until(written: str, now: datetime) -> datetime:
    """ "3 hours" from now, or a moment with its offset."""
    try:
        ends = now + span(written)
    except ValueError:
        try:
            ends = moment(written)
        except ValueError as error:
            raise Refused(f'--until: {error}, or like "3 hours"') from None
    if ends <= now:
        raise Refused(f"--until: {written} is over")
    return ends


def differences(before: Playbook, after: Playbook, now: datetime) -> Iterator[str]:
    """What people are told now, where it is another thing than before."""
    for country in (*before.directory.countries, ""):
        for language in before.programme.languages:
            old = before.directory.values(country, language, now)
            new = after.directory.values(country, language, now)
            for situation in sorted(old.keys() | new.keys()):
                if old.get(situation) != new.get(situation):
                    where = country or "elsewhere"
                    said = new.get(situation, "(nothing: its line of a message is left out)")
                    yield f"{where}, {language}, {situation}: {old.get(situation, '(nothing)')} -> {said}"


def report(home: Path, before: Playbook | None, now: datetime, *, production: bool) -> tuple[list[str], bool]:
    """Sentences for who changed it, and whether running lines take the change."""
    try:
        after = build(files.read(home), production=production)
    except PlaybookError as error:
        held = "Running lines do NOT take it before these are mended:"
        return ["Written.", held, *map(str, error.mistakes)], False
    changes = list(differences(before, after, now)) if before else []
    where = "Running lines of this machine take it within two seconds. Do the same on every other machine."
    return [*(changes or ["Nobody is told anything else than before."]), where], True


def _change(home: Path, id_: str, values: dict[str, str | None]) -> None:
    path = home / FILE
    try:
        old = path.read_text(encoding="utf-8")
        new = with_keys(old, id_, values)
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{FILE} cannot be read: {type(error).__name__}") from None
    except NoSuchLine as error:
        raise Refused(f"{FILE}: {error}") from None
    _refuse_a_worse_file(home, id_, new)
    files.put(path, new)


def _refuse_a_worse_file(home: Path, id_: str, new: str) -> None:
    snapshot = files.read(home)
    try:
        before = build(snapshot, production=False)
    except PlaybookError:
        return  # broken already: a number that must go goes all the same
    line = before.directory.line(id_)
    if line is not None and line.state not in {"running", *OUT_FOR_A_WHILE}:
        raise Refused(f"{id_} is {line.state} already, and offered to nobody. Change its entry in {FILE} by hand")
    try:
        build({**snapshot, FILE: new.encode()}, production=False)
    except PlaybookError as error:
        raise Refused(str(error)) from None


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="minutes")
