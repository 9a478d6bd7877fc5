"""The playbook in force: a valid edit reaches people within two seconds, a broken one never."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.playbook import PlaybookError, Shelf, files
from service.policy.conversation import Language
from tests.homes import on_disk, shipped

EN = Language("en")
HELLO = "templates/messages/en/greeting.txt"
OLD, NEW = "Hello.", "Good that you write."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return on_disk(tmp_path / "home", shipped())


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "var" / "playbook"


@pytest.fixture
def shelf(home: Path, kept: Path) -> Iterator[Shelf]:
    shelf = Shelf(home, kept, production=False)
    yield shelf
    shelf.close()


def rewrite(home: Path, file: str, text: str) -> None:
    """As an editor saves: a new file under the old name, with a time of its own."""
    new = home / (file + ".new")
    new.write_text(text, encoding="utf-8")
    new.replace(home / file)


def greeting(shelf: Shelf) -> str:
    return shelf.current().messages[EN]["greeting"].filled({"programme": "us", "crisis": "call"})


def edit(home: Path) -> None:
    rewrite(home, HELLO, (home / HELLO).read_text().replace(OLD, NEW))


def test_an_edit_is_taken_once_the_files_have_come_to_rest(home: Path, shelf: Shelf) -> None:
    before = shelf.current().release
    edit(home)

    assert not shelf.refresh()
    assert shelf.refresh()

    assert greeting(shelf).startswith(NEW)
    assert before != shelf.current().release
    assert not shelf.refresh()


def test_an_edit_reaches_people_without_a_restart(home: Path, shelf: Shelf) -> None:
    shelf.watch()
    edit(home)
    deadline = time.monotonic() + 10  # 1.3 s on an idle machine; a busy one must not fail this

    while not greeting(shelf).startswith(NEW) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert greeting(shelf).startswith(NEW)


def test_people_keep_getting_the_last_good_answers_while_an_edit_is_broken(home: Path, shelf: Shelf) -> None:
    rewrite(home, HELLO, "{Crisys}")

    assert not shelf.refresh()
    assert not shelf.refresh()

    assert greeting(shelf).startswith(OLD)
    assert [f"{HELLO}:1"] == [f"{mistake.file}:{mistake.line}" for mistake in shelf.mistakes]


def test_a_mended_edit_is_taken_and_its_mistakes_are_forgotten(home: Path, shelf: Shelf) -> None:
    rewrite(home, HELLO, "{Crisys}")
    shelf.refresh()
    shelf.refresh()
    rewrite(home, HELLO, "{Crisis}, and hello")
    shelf.refresh()

    assert shelf.refresh()

    assert shelf.mistakes == ()
    assert greeting(shelf).lower() == "call, and hello"


def test_two_files_seen_half_way_are_never_served_as_a_mix(home: Path, shelf: Shelf) -> None:
    # A new topic needs its words and its texts: either without the other would leave somebody without an answer.
    keywords = home / "config" / "keywords.yaml"
    text = (
        keywords.read_text(encoding="utf-8")
        .replace("menu: [", "menu: [sleep, ")
        .replace("pain, treatment, groups]", "pain]")
    )
    sleep = (
        "topics:\n  sleep:\n    title: {en: Sleep, es: Dormir}\n    keywords: {en: [sleeping], es: [dormir]}\n"
        "    examples: [a, b, c, d, e]\n"
    )
    rewrite(home, "config/keywords.yaml", text.replace("topics:\n", sleep, 1))
    shelf.refresh()
    shelf.refresh()
    assert "sleep" not in shelf.current().topics

    rewrite(home, "templates/messages/en/topic-sleep-1.txt", "Rest. {Crisis}.")
    shelf.refresh()
    shelf.refresh()
    assert "sleep" not in shelf.current().topics

    rewrite(home, "templates/messages/es/topic-sleep-1.txt", "Descansa. {Crisis}.")
    shelf.refresh()
    shelf.refresh()
    assert "sleep" in shelf.current().topics


def test_files_that_are_still_being_written_are_left_alone(home: Path, shelf: Shelf) -> None:
    edit(home)
    shelf.refresh()
    rewrite(home, HELLO, "Another hello. {Crisis}.")

    assert not shelf.refresh()
    assert greeting(shelf).startswith(OLD)
    assert shelf.refresh()


def test_a_restart_in_the_middle_of_a_broken_edit_uses_the_last_good_playbook(home: Path, kept: Path) -> None:
    first = Shelf(home, kept, production=False)
    rewrite(home, HELLO, "{Crisys}")

    again = Shelf(home, kept, production=False)

    assert first.current().release == again.current().release
    assert again.from_last_good
    assert again.mistakes
    rewrite(home, HELLO, "Back. {Crisis}.")
    again.refresh()
    assert again.refresh()
    assert not again.from_last_good


def test_a_restart_uses_nothing_that_was_tampered_with(home: Path, kept: Path) -> None:
    first = Shelf(home, kept, production=False)
    (kept / first.current().release / HELLO).write_text("Call somebody else. {Crisis}.")
    rewrite(home, HELLO, "{Crisys}")

    with pytest.raises(PlaybookError):
        Shelf(home, kept, production=False)


def test_without_any_good_playbook_the_mistakes_are_raised(home: Path, kept: Path) -> None:
    rewrite(home, HELLO, "{Crisys}")

    with pytest.raises(PlaybookError, match="Crisys"):
        Shelf(home, kept, production=False)


def test_people_are_answered_even_where_nothing_can_be_kept(home: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")

    assert greeting(Shelf(home, in_the_way / "playbook", production=False)).startswith(OLD)


def test_only_a_few_releases_stay_on_disk(home: Path, kept: Path, shelf: Shelf) -> None:
    for number in range(6):
        rewrite(home, HELLO, f"Hello {number}. {{Crisis}}.")
        shelf.refresh()
        shelf.refresh()

    assert sum(path.is_dir() for path in kept.iterdir()) == 3
    assert shelf.current().release == files.release_of(files.last_good(kept) or {})
