"""The documents say what the code does: settings, commands, paths, times, alerts and the recipes in them are tried."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from service import __main__ as command_line
from service import desk, lastresort, meters, sessions
from service.playbook import load
from service.playbook.assemble import build
from service.playbook.shapes import MostShape, OfferedShape, PlanShape, StepShape
from service.policy import conversation
from service.policy.conversation import Level
from service.policy.ledger import Event, State
from service.records import retention, tables
from service.trying import explained
from tests.homes import on_disk, rewritten, shipped

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NOT_SHIPPED = ("var/", ".venv/", "config/danger.yaml")
"""Made at a run; the last one is made by operators who add to what is recognised."""

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fences(text: str) -> list[tuple[str, str]]:
    """Each fenced block with its language."""
    return re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def code(text: str) -> Iterator[str]:
    """What stands as code: a span, or a line of a block."""
    for _, block in fences(text):
        yield from block.splitlines()
    yield from re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


def section(text: str, heading: str) -> str:
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def in_words(span: timedelta) -> str:
    """As docs/data.md says it: in years, else in days from two days on, else in hours, minutes or seconds."""
    for unit, size in (("years", timedelta(days=365)), ("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
        if span >= 2 * size:
            return f"{span // size} {unit}"
    return f"{int(span.total_seconds())} seconds"


class TestWhatIsNamed:
    def test_every_setting_stands_in_the_readme(self) -> None:
        code_of_settings = strings(ast.parse(read("service/settings.py")))
        names = {name for name in code_of_settings if re.fullmatch(r"PORT|[A-Z]+(_[A-Z]+)+", name)}
        rows = set(re.findall(r"^\| `([A-Z_]+)` \|", section(read("README.md"), "Settings"), re.MULTILINE))

        assert len(names) > 10
        assert rows == names

    @each_document
    def test_every_make_target_is_there(self, document: Path) -> None:
        targets = set(re.findall(r"^([a-z.-]+):.*## ", read("Makefile"), re.MULTILINE))
        named = {m[1] for part in code(document.read_text()) if (m := re.match(r"make ([a-z.-]+)", part))}

        assert named <= targets

    @each_document
    def test_every_command_and_its_options_are_there(self, document: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for part in code(document.read_text()):
            match = re.search(r"(?:python -m |^|; )service ([a-z]+)([^#;]*)", part)
            if match is None:
                continue
            with pytest.raises(SystemExit) as ended:
                command_line.main([match[1], "--help"])
            options = {word for word in shlex.split(match[2]) if word.startswith("--")}

            assert ended.value.code == 0, f"there is no command {match[1]}"
            assert options <= set(re.findall(r"--[a-z]+", capsys.readouterr().out))

    @each_document
    def test_every_path_leads_somewhere(self, document: Path) -> None:
        for part in code(document.read_text()):
            path = re.match(r"\.?[A-Za-z][\w.-]*/[\w./-]*", part)
            if path and not path[0].startswith(NOT_SHIPPED):
                assert (ROOT / path[0]).exists(), f"{path[0]} is not there"

    @each_document
    def test_every_link_leads_somewhere(self, document: Path) -> None:
        for target in re.findall(r"\]\(([^)]+)\)", document.read_text()):
            file, _, anchor = target.partition("#")
            aim = (document.parent / file) if file else document

            assert aim.exists(), f"{target} is not there"
            assert not anchor or anchor in anchors(aim), f"{target} has no such heading"

    @each_document
    def test_every_metric_is_counted(self, document: Path) -> None:
        counted = meters.exposition().decode()

        for name in re.findall(r"nightlight_[a-z_]+", document.read_text()):
            assert re.search(rf"^# TYPE {name} ", counted, re.MULTILINE), f"{name} is not counted"

    @pytest.mark.parametrize(
        "document", [path for path in DOCUMENTS if path.name != "content.md"], ids=lambda path: path.name
    )
    def test_a_document_names_no_machine_and_no_person(self, document: Path) -> None:
        for line in document.read_text().splitlines():
            assert not re.search(r"(?<![\w.])/(work|home|root|tmp|Users|mnt)/|\.\./|[A-Z]:\\", line), line
            assert not re.search(r"pypi|pythonhosted|docker\.io|ghcr\.|quay\.io|registry\.", line), line
            assert not re.search(r"\+?\d[\d ().-]{8,}\d", re.sub(r"\d{4}-\d{2}-\d{2}", "", line)), line


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


KEPT = {
    "session": sessions.KEPT,
    "… of it an open menu": conversation.OPEN_QUESTION,
    "… of it what a text that was split": conversation.SPLIT_TEXT_WINDOW,
    "the answer we gave": sessions.KEPT,
    "mark that somebody's plans": retention.ENDED,
    "consent to a plan": retention.CONSENT,
    "follow-up and its story": retention.FOLLOW_UP,
    "… of it the sealed number": retention.SEALED_NUMBER,
    "mark that a text was dealt with": retention.APPLIED,
    "answer that never arrived": retention.UNDELIVERED,
}
"""Rows of docs/data.md by how they begin."""


class TestWhatIsPromised:
    @pytest.mark.parametrize("row", KEPT)
    def test_nothing_is_kept_longer_than_people_are_told(self, row: str) -> None:
        told = re.findall(rf"^\| {re.escape(row)}.*\| ([^|]+) \|$", read("docs/data.md"), re.MULTILINE)

        assert len(told) == 1
        assert re.search(rf"\b{in_words(KEPT[row])}\b", told[0])

    def test_every_span_of_retention_stands_in_the_table(self) -> None:
        spans = {value for value in vars(retention).values() if isinstance(value, timedelta)}

        assert {span for span in spans if span >= timedelta(days=1)} <= set(KEPT.values())

    def test_every_table_stands_in_the_list_of_what_is_kept_about_people(self) -> None:
        of_the_machine = {"pace", "flushes", "heartbeats", "peppers"}
        named = set(re.findall(r"`([a-z_]+)`", section(read("docs/data.md"), "What we keep")))

        assert set(tables.metadata.tables) - of_the_machine <= named

    def test_twilios_fallback_says_what_the_last_resort_says(self) -> None:
        bins = [ElementTree.fromstring(block) for kind, block in fences(read("README.md")) if kind == "xml"]

        assert [one.findtext("Message") for one in bins] == [lastresort.CRISIS_TEXT]

    def test_the_first_example_is_what_the_line_answers(self) -> None:
        example = next(block for kind, block in fences(read("README.md")) if kind == "console")
        text = re.search(r'try "(.+)"', example)
        assert text is not None
        _, answer = explained(text[1], "US", build(shipped(), production=False))

        for field in ("level", "kind", "route", "reason"):
            assert re.search(rf"^{field} +{re.escape(getattr(answer, field) or '-')}$", example, re.MULTILINE)


class TestTheLedger:
    def test_the_diagram_is_drawn_from_the_table_of_transitions(self) -> None:
        assert [block for kind, block in fences(read("docs/followups.md")) if kind == "mermaid"] == [
            f"{desk.diagram()}\n"
        ]

    def test_every_state_and_every_event_of_the_table_is_drawn(self) -> None:
        drawn = set(re.findall(r"[a-z_]+", desk.diagram()))

        assert {*State, *Event} <= drawn

    def test_every_shipped_plan_is_explained(self) -> None:
        rows = set(
            re.findall(r"^\| `([a-z_]+)` \| (?:after|by|at)", section(read("docs/followups.md"), "Plans"), re.MULTILINE)
        )

        assert rows == set(build(shipped(), production=False).plans)

    def test_every_key_of_a_plan_is_explained(self) -> None:
        keys = {*PlanShape.model_fields, *StepShape.model_fields, *OfferedShape.model_fields, *MostShape.model_fields}

        assert keys <= set(re.findall(r"`([a-z_]+)`", section(read("docs/followups.md"), "Plans")))


class TestTheNight:
    def test_every_alert_leads_to_a_page_of_the_runbook(self) -> None:
        named = set(
            re.findall(r"`([\w-]+)`", "".join(re.findall(r"^\|.*\| \[", read("docs/runbook.md"), re.MULTILINE)))
        )

        assert named == alerts_of_the_code()

    def test_when_988_is_down_people_are_sent_to_the_line_that_the_runbook_names(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (recipe,) = (block for kind, block in fences(section(read("docs/runbook.md"), "988 is down")) if kind == "sh")
        take_it_out, try_it = (shlex.split(line, comments=True)[1:] for line in recipe.splitlines())
        home = on_disk(tmp_path, shipped())
        monkeypatch.setenv("NIGHTLIGHT_HOME", str(home))

        assert command_line.main(take_it_out) == 0

        playbook = load(home, production=True)
        _, answer = explained(try_it[1], "US", playbook)
        phrases = playbook.values("US", playbook.programme.languages[0], datetime.now(UTC)).values()
        assert "741741" in answer.text
        assert not [phrase for phrase in phrases if "988" in phrase]


def alerts_of_the_code() -> set[str]:
    """The key of each alert, up to what differs from case to case."""
    keys = set()
    for path in ROOT.glob("service/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "alert":
                keys.add(next(strings(node.args[0])).rstrip(":-"))
    return keys


class TestTheRecipes:
    def test_a_phrase_added_as_described_is_recognised(self) -> None:
        (addition,) = (block for kind, block in fences(read("CONTRIBUTING.md")) if kind == "yaml")
        playbook = build(rewritten("config/danger.yaml", addition), production=False)

        assert playbook.recogniser.assess("i keep thinking off the old bridge").level is Level.CRISIS
