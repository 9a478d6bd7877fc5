"""Before a change is in force, it is known whose answer changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service import __main__ as command_line
from service.check.difference import CORPUS, compare, shown
from service.playbook.assemble import build
from service.settings import CHECKOUT
from tests.homes import edited, on_disk, rewritten, shipped

TEXTS = [("mine:1", "heroin"), ("mine:2", "i am going to see the river man"), ("mine:3", "lol")]
RIVER = "additions:\n  - {phrase: to see the river man, level: crisis, kind: suicide, language: en}\n"


def test_a_text_that_becomes_less_urgent_stands_first_and_fails() -> None:
    with_river = build(rewritten("config/danger.yaml", RIVER), production=False)
    moved = build(
        edited("config/keywords.yaml", "keywords:\n      en: [lol,", "keywords:\n      en: [heroine, lol,"),
        production=False,
    )
    difference = compare(with_river, moved, TEXTS)

    assert difference.danger_lost
    assert [(change.place, change.calmer) for change in difference.changes] == [("mine:2", True)]
    assert difference.changes[0].before == "crisis suicide danger:suicide danger-suicide-crisis"
    assert next(shown(difference)).startswith("LESS URGENT mine:2: ")


def test_a_text_that_becomes_more_urgent_is_told_and_does_not_fail() -> None:
    difference = compare(
        build(shipped(), production=False), build(rewritten("config/danger.yaml", RIVER), production=False), TEXTS
    )

    assert [change.place for change in difference.changes] == ["mine:2"]
    assert not difference.danger_lost


def test_a_reply_in_other_words_is_named_once_with_its_texts() -> None:
    other = build(edited("templates/messages/en/joke.txt", ".", "!"), production=False)
    difference = compare(build(shipped(), production=False), other, [*TEXTS, ("mine:4", "jk")])

    assert difference.changes == ()
    assert difference.reworded == {"en/joke": 2}
    assert list(shown(difference))[-1] == (
        "0 of 4 texts go another way, 0 of them to a less urgent answer; 1 replies read differently"
    )


def test_an_operator_compares_two_folders_over_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NIGHTLIGHT_HOME", str(on_disk(tmp_path, edited("templates/messages/en/joke.txt", ".", "!"))))

    (tmp_path / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for _, text in TEXTS))

    assert command_line.main(["check", "--diff", str(CHECKOUT), "--texts", str(tmp_path), "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["texts"], found["reworded"]) == (3, {"en/joke": 1})


def test_the_texts_that_are_compared_come_with_the_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(list(CORPUS.glob("*.jsonl"))) > 4
    assert command_line.main(["check", "--diff", str(CHECKOUT), "--texts", str(tmp_path)]) == 1
    assert "holds no .jsonl file" in capsys.readouterr().err


def test_an_old_folder_that_makes_no_playbook_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["check", "--diff", str(tmp_path)]) == 1
    assert "config/programme.yaml:1: is missing" in capsys.readouterr().err.replace(":  ", ": ")
