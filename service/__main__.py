"""The command line: `python -m service COMMAND`. Each command says what it does; the doing is elsewhere."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from service import starting
from service.settings import Settings, SettingsError

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        return int(given.do(given))
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service", description="Nightlight, a text line that always answers."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_add_answering, _add_content, _add_examining, _add_follow_ups, _add_records):
        add(commands)
    return parser


def _add_answering(commands: Commands) -> None:
    _command(commands, "run", _run, "start everything on this machine, and keep it running")
    trying = _command(commands, "try", _try, "show what a text would be answered, and why")
    trying.add_argument("text", nargs="*", help="the text")
    trying.add_argument("--json", action="store_true", help="as JSON")
    trying.add_argument("--jsonl", metavar="FILE", help="a file of objects with id and text, or - for standard input")
    trying.add_argument("--country", default="US", help="where the sender's number is from (default: US)")


def _add_content(commands: Commands) -> None:
    checking = _command(commands, "check", _check, "lint config/ and templates/; exit 1 and every mistake as file:line")
    checking.add_argument("--json", action="store_true", help="as JSON")
    checking.add_argument("--diff", metavar="OLD", help="a folder with an earlier config/ and templates/: what changes")
    checking.add_argument(
        "--texts", metavar="FOLDER", type=Path, help="for --diff: texts of your own, as tests/corpus/ has"
    )
    checking.add_argument("--production", action="store_true", help="as strict as for a line that people text")
    _command(commands, "content", _content, "print every message as a phone would show it, as Markdown")
    approving = _command(
        commands, "approve", _approve, "show the texts that nobody has signed, as a phone would, and sign"
    )
    approving.add_argument("names", nargs="*", metavar="TEXT", help="sign these (en/help); none: asks for each")
    approving.add_argument("--by", metavar="NAME", help="who has read them and stands by them")
    lining = _command(commands, "line", _line, "take a help line out of every answer within seconds, or bring it back")
    lining.add_argument(
        "what", choices=("withdraw", "down", "up"), help="withdraw a wrong number; down for a while; up"
    )
    lining.add_argument("id", help="the line's id in config/helplines.yaml")
    lining.add_argument("--until", metavar="WHEN", help='"3 hours", or 2026-11-22T18:00-05:00; down needs it')
    lining.add_argument("--why", help="what happened, for who reads the file tomorrow")
    lining.add_argument("--by", metavar="NAME", help="who takes it out")


def _add_examining(commands: Commands) -> None:
    phoning = _command(commands, "phone", _phone, "text the running line from this terminal")
    phoning.add_argument("--from", dest="sender", default="+12125550142", metavar="NUMBER", help="who texts")
    phoning.add_argument("--country", default="", help="where the number is from (default: as it says)")
    phoning.add_argument("--url", help="the line's address (default: this machine)")
    doctoring = _command(
        commands, "doctor", _doctor, "examine the line, Twilio and the stores, and say how to mend them"
    )
    doctoring.add_argument("--json", action="store_true", help="as JSON")


def _add_follow_ups(commands: Commands) -> None:
    planning = _command(commands, "plan", _plan, "show what somebody who says YES now would get, and when in their day")
    planning.add_argument("name", nargs="?", help="the plan (default: all of them)")
    planning.add_argument("--now", metavar="TIME", help="of the YES, as 2026-11-22T18:00-05:00 (default: now)")
    planning.add_argument("--zone", default="", help="their time zone, as America/Chicago")
    planning.add_argument("--state", default="", help="of their number, as TX; their zone is guessed from it")
    planning.add_argument("--zip", default="", help="of their number")
    planning.add_argument("--country", default="US", help="of their number (default: US)")
    planning.add_argument("--language", default="en", help="en or es (default: en)")
    followups = _command(commands, "followups", _followups, "list follow-ups, explain one, cancel one, plan one anew")
    followups.add_argument(
        "what", nargs="?", choices=("list", "explain", "cancel", "replay", "diagram"), default="list"
    )
    followups.add_argument("id", nargs="?", help="which one to explain, cancel or plan anew")
    followups.add_argument("--state", action="append", default=[], help="only these; give it again for another one")
    followups.add_argument("--plan", help="only of this plan")
    followups.add_argument("--limit", type=int, default=50, help="at most so many (default: 50)")
    followups.add_argument("--json", action="store_true", help="as JSON")
    followups.add_argument("--why", help="for who reads the story later; cancel and replay need it")
    personal = _command(
        commands, "person", _person, "look up, opt out or delete one person; reads the number from standard input"
    )
    personal.add_argument("what", choices=("show", "opt-out", "delete"))


def _add_records(commands: Commands) -> None:
    _command(commands, "migrate", _migrate, "make or update the database's tables")
    reporting = _command(commands, "report", _report, "a month's counts as CSV; cells under five are suppressed")
    reporting.add_argument("--lines", action="store_true", help="how many answers gave each help line, by release")
    reporting.add_argument("--month", default=datetime.now(UTC).strftime("%Y-%m"), metavar="YYYY-MM")


def _command(
    commands: Commands,
    name: str,
    do: Callable[[argparse.Namespace], int],
    help_: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".")
    command.set_defaults(do=do)
    return command


def _run(_: argparse.Namespace) -> int:
    from service.supervisor import run

    return run(os.environ)


def _try(given: argparse.Namespace) -> int:
    from service import trying

    home, production = trying.home_of(os.environ)
    playbook = trying.playbook(home, production=production)
    if given.jsonl:
        return trying.batch(given.jsonl, given.country, playbook, sys.stdin, sys.stdout)
    text = " ".join(given.text) if given.text else sys.stdin.read()
    print(trying.shown(text, given.country, playbook, as_json=given.json))
    return 0


def _check(given: argparse.Namespace) -> int:
    from service import check, trying

    home, production = trying.home_of(os.environ)
    if given.diff:
        return check.diff(Path(given.diff), home, given.texts, as_json=given.json)
    return check.main(home, production=production or given.production, as_json=given.json)


def _approve(given: argparse.Namespace) -> int:
    from service import approving, playbook, trying

    home, _production = trying.home_of(os.environ)
    try:
        ask = input if sys.stdin.isatty() else None
        return approving.main(home, given.names, given.by, datetime.now().astimezone().date(), ask)
    except (approving.NotSigned, playbook.PlaybookError) as error:
        print(error, file=sys.stderr)
        return 1


def _line(given: argparse.Namespace) -> int:
    from service import helplines, playbook, trying

    home, production = trying.home_of(os.environ)
    now = datetime.now(UTC)
    try:
        before = playbook.load(home, production=production)
    except playbook.PlaybookError:
        before = None
    try:
        helplines.do(given.what, home, given.id, now, until=given.until, why=given.why, by=given.by)
    except helplines.Refused as error:
        print(error, file=sys.stderr)
        return 1
    sentences, taken = helplines.report(home, before, now, production=production)
    print("\n".join(sentences))
    return int(not taken)


def _content(_: argparse.Namespace) -> int:
    from service import content, playbook, trying

    home, _production = trying.home_of(os.environ)
    try:
        print(content.page(home), end="")
    except playbook.PlaybookError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _phone(given: argparse.Namespace) -> int:
    from service.phone import terminal

    url = given.url or f"http://127.0.0.1:{os.environ.get('PORT', '5000')}"
    return terminal.main(url, given.sender, given.country)


def _doctor(given: argparse.Namespace) -> int:
    from service import doctor
    from service.wiring import Parts

    parts = Parts.for_web(Settings.read(os.environ))
    findings = parts.examine()
    parts.close()
    print(doctor.as_json(findings) if given.json else doctor.as_table(findings))
    return int(any(finding.is_wrong for finding in findings))


def _plan(given: argparse.Namespace) -> int:
    from service import timeline, trying

    home, production = trying.home_of(os.environ)
    playbook = trying.playbook(home, production=production)
    try:
        now = datetime.fromisoformat(given.now) if given.now else datetime.now(UTC)
        person = timeline.Somebody(given.zone, given.country, given.state, given.zip)
        print(timeline.shown(playbook, given.name, person, given.language, now.astimezone(UTC)))
    except timeline.NoSuchThing as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _followups(given: argparse.Namespace) -> int:
    from service import desk
    from service.records import Records

    if given.what == "diagram":
        print(desk.diagram())
        return 0
    now = datetime.now(UTC)
    try:
        with Records(Settings.read(os.environ).database_url, busy_timeout=5) as records:
            print(
                desk.do(given.what, records, given.id, given.why, now)
                if given.what != "list"
                else desk.listed(records, given.state, given.plan, given.limit, as_json=given.json)
            )
    except desk.Refused as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _person(given: argparse.Namespace) -> int:
    from service import person, wiring
    from service.records import Records
    from service.sessions import Sessions

    settings = Settings.read(os.environ)
    try:
        number = person.ask(sys.stdin)
    except person.NoNumber as error:
        print(error, file=sys.stderr)
        return 1
    with Records(settings.database_url, busy_timeout=5) as records:
        known = person.Kept(records, Sessions(settings.redis_address), wiring.sealer(settings))
        print(known.do(given.what, number, datetime.now(UTC)))
    return 0


def _migrate(_: argparse.Namespace) -> int:
    with starting.all_of_it_stays():
        from service.records import Records

        Records(Settings.read(os.environ).database_url, busy_timeout=5).migrate()
    return 0


def _report(given: argparse.Namespace) -> int:
    from service import report
    from service.records import Records

    days = Records(Settings.read(os.environ).database_url).daily_counts(given.month)
    print(report.reach(days) if given.lines else report.as_csv(days), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
