"""What people get in danger was read by somebody who stands by it, to the letter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from service import __main__ as command_line
from service import approving
from service.check.signatures import somebody_stands_by_it
from service.check.subject import Subject
from service.playbook import Shelf, files
from tests.homes import edited, on_disk, rewritten, shipped

TODAY = date(2026, 11, 22)
STOP = "templates/messages/en/stop.txt"
ADDED = "additions:\n  - {phrase: off the old bridge, level: crisis, kind: suicide, language: en}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return on_disk(tmp_path / "home", shipped())


@pytest.fixture
def signed_home(home: Path) -> Path:
    approving.sign(home, approving.unsigned(home), "Sam Rivers", TODAY)
    return home


def stopped_by(home: Path) -> list[str]:
    """What the linter's rule has against a deploy."""
    snapshot = {**files.read(home), **files.signatures(home)}
    subject = Subject.of(snapshot, datetime(2026, 11, 22, tzinfo=UTC), production=True)
    return [str(mistake) for mistake in somebody_stands_by_it(subject)]


def test_as_shipped_nobody_has_signed_anything(home: Path) -> None:
    waiting = approving.unsigned(home)

    assert {"en/help", "es/stop", "en/danger-suicide-crisis", "es/follow_up-check_in", "en/offer-check_in"} <= set(
        waiting
    )
    assert not {"en/joke", "en/topic-pain-1", "config/danger.yaml"} & set(waiting)
    assert len(stopped_by(home)) == len(waiting)


def test_a_deploy_goes_on_once_every_text_is_signed(signed_home: Path) -> None:
    assert approving.unsigned(signed_home) == {}
    assert stopped_by(signed_home) == []


def test_one_changed_letter_needs_its_own_signature_again(signed_home: Path) -> None:
    on_disk(signed_home, edited(STOP, "No more messages", "No more texts"))

    assert stopped_by(signed_home) == [
        f"{STOP}:1: was changed since it was signed. Read and sign it: python -m service approve"
    ]


def test_a_changed_number_needs_the_signatures_of_every_text_that_shows_it(home: Path) -> None:
    shows = {name for name, text in approving.unsigned(home).items() if "1-800-222-1222" in text}
    approving.sign(home, approving.unsigned(home), "Sam Rivers", TODAY)

    on_disk(home, edited("config/helplines.yaml", "1-800-222-1222", "1-800-222-1223"))

    assert "en/danger-overdose-imminent" in shows
    assert set(approving.unsigned(home)) == shows


def test_988_out_for_an_hour_takes_no_signature_away(signed_home: Path) -> None:
    out = "- id: us-988\n        state: down\n        why: Down\n        until: 2099-01-01T00:00Z\n"
    on_disk(signed_home, edited("config/helplines.yaml", "- id: us-988\n", out))

    assert approving.unsigned(signed_home) == {}


def test_a_phrase_that_operators_add_is_signed_like_a_text(signed_home: Path) -> None:
    on_disk(signed_home, rewritten("config/danger.yaml", ADDED))
    assert list(approving.unsigned(signed_home)) == ["config/danger.yaml"]

    approving.sign(signed_home, ["config/danger.yaml"], "Sam Rivers", TODAY)
    on_disk(signed_home, rewritten("config/danger.yaml", "# A comment is no phrase.\n" + ADDED))

    assert approving.unsigned(signed_home) == {}


def test_a_line_answers_all_the_same_and_a_signature_is_no_new_release(home: Path, tmp_path: Path) -> None:
    shelf = Shelf(home, tmp_path / "kept", production=True)
    before = shelf.playbook.release

    approving.sign(home, ["en/help"], "Sam Rivers", TODAY)

    assert not any([shelf.refresh(), shelf.refresh()])
    assert shelf.playbook.release == before


def test_whoever_is_asked_signs_text_by_text(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third, *_ = approving.unsigned(home)
    answers = iter(["y", "", "Y", "q"])

    assert approving.main(home, [], "Sam Rivers", TODAY, lambda _: next(answers)) == 1

    assert {first, third}.isdisjoint(approving.unsigned(home))
    assert second in approving.unsigned(home)
    assert f'  {first}: {{on: 2026-11-22, by: "Sam Rivers", sha256: ' in (home / files.SIGNATURES).read_text()


def test_a_text_is_shown_as_a_phone_shows_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on_disk(home, rewritten(STOP, "{Crisis}.\nA row that is longer than the screen of the phone that is drawn here."))

    approving.main(home, ["en/stop"], None, TODAY)

    assert capsys.readouterr().out.splitlines()[1:7] == [
        "en/stop   1 x GSM-7",
        "+----------------------------------------------+",
        "| Call or text 988.                            |",
        "| A row that is longer than the screen of the  |",
        "| phone that is drawn here.                    |",
        "+----------------------------------------------+",
    ]


def test_a_signature_for_a_text_that_is_gone_goes_with_the_next_one(signed_home: Path) -> None:
    path = signed_home / files.SIGNATURES
    path.write_text(path.read_text().replace("  en/help:", "  en/hlep:"))

    approving.sign(signed_home, ["en/help"], "Ana", TODAY)

    assert "en/hlep" not in path.read_text()
    assert approving.unsigned(signed_home) == {}


@pytest.mark.parametrize(
    ("spoil", "arguments", "reason"),
    [
        (None, ["en/hlep", "--by", "Sam"], "No text that needs a signature is called en/hlep"),
        ("approvals: [", ["en/help", "--by", "Sam"], "config/approvals.yaml:2: is not YAML"),
    ],
)  # fmt: skip
def test_nothing_is_signed_by_mistake(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    spoil: str | None,
    arguments: list[str],
    reason: str,
) -> None:
    monkeypatch.setenv("NIGHTLIGHT_HOME", str(home))
    if spoil:
        (home / files.SIGNATURES).write_text(spoil)
    before = (home / files.SIGNATURES).read_text() if (home / files.SIGNATURES).exists() else ""

    assert command_line.main(["approve", *arguments]) == 1

    assert reason in capsys.readouterr().err
    assert ((home / files.SIGNATURES).read_text() if before else "") == before
