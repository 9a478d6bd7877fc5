"""The page that a counsellor reads and signs says what the line says."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import __main__ as command_line
from service import content
from service.playbook.assemble import build
from service.settings import CHECKOUT
from tests.homes import on_disk, rewritten, shipped

PAGE = CHECKOUT / "docs" / "content.md"


def test_the_page_shows_what_people_are_told_today() -> None:
    assert content.page(CHECKOUT) == PAGE.read_text(encoding="utf-8"), "run `make content`"


def test_every_message_of_every_language_is_on_the_page() -> None:
    playbook, page = build(shipped(), production=False), PAGE.read_text(encoding="utf-8")

    for language, messages in playbook.messages.items():
        for name in messages:
            part = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
            assert f"\n**{language}**: " in part, f"{language}/{name}"


def test_a_message_is_shown_as_the_phone_gets_it_with_its_length_and_level(tmp_path: Path) -> None:
    home = on_disk(tmp_path, rewritten("templates/messages/en/joke.txt", "Ha *ha*.\n{Crisis}."))

    page = content.page(home)

    assert "## joke\n\n**en**: 1 segment, 26 units of GSM-7, Flesch-Kincaid grade -2.6\n\n" in page
    assert "> Ha \\*ha\\*.  \n> Call or text 988.\n" in page


def test_files_that_make_no_playbook_are_named_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NIGHTLIGHT_HOME", str(on_disk(tmp_path, rewritten("templates/messages/en/joke.txt", ""))))

    assert command_line.main(["content"]) == 1
    assert "templates/messages/en/joke.txt:1:" in capsys.readouterr().err
