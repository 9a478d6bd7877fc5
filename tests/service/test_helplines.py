"""A wrong number is out of every answer within seconds, and whoever reads the file tomorrow knows why."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import __main__ as command_line
from service.playbook import Shelf, editing
from service.trying import explained
from tests.homes import on_disk, rewritten, shipped

FILE = "config/helplines.yaml"
WHY = ["--why", 'rings at a "shop"', "--by", "Sam Rivers"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NIGHTLIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NIGHTLIGHT_ENV", raising=False)
    return on_disk(tmp_path / "home", shipped())


def answer_of(shelf: Shelf, text: str) -> str:
    shelf.refresh()
    shelf.refresh()
    return explained(text, "US", shelf.playbook)[1].text


def test_a_wrong_number_is_out_of_a_running_line_at_its_second_look(home: Path, tmp_path: Path) -> None:
    shelf = Shelf(home, tmp_path / "kept", production=False)
    assert "1-800-799-7233" in answer_of(shelf, "my husband hits me")

    assert command_line.main(["line", "withdraw", "us-abuse", *WHY]) == 0

    assert "1-800-799-7233" not in answer_of(shelf, "my husband hits me")


def test_only_the_lines_of_that_entry_change_in_the_file(home: Path) -> None:
    before = (home / FILE).read_text()

    command_line.main(["line", "down", "us-abuse", "--until", "3 hours", *WHY])

    after = (home / FILE).read_text()
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert [line.split(":")[0].strip() for line in added] == ["state", "why", "by", "since", "until"]
    assert added[1] == '        why: "rings at a \\"shop\\""'
    assert [line for line in after.splitlines() if line not in added] == before.splitlines()


def test_what_was_taken_out_and_brought_back_leaves_the_file_as_it_was(home: Path) -> None:
    before = (home / FILE).read_bytes()

    for what in (
        ["withdraw", "us-treatment", *WHY],
        ["down", "us-treatment", "--until", "1 day", *WHY],
        ["up", "us-treatment"],
    ):
        assert command_line.main(["line", *what]) == 0

    assert (home / FILE).read_bytes() == before


def test_988_takes_out_what_leads_through_it_and_another_line_stands_in(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line.main(["line", "down", "us-988", "--until", "3 hours", *WHY])

    said = capsys.readouterr().out
    assert "US, en, crisis: call or text 988 -> text HOME to 741741" in said
    assert "US, en, videophone: call 988 by videophone for ASL -> (nothing" in said
    assert "US, es, veterans: " in said


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["withdraw", "us-nobody", *WHY], "no line has the id us-nobody"),
        (["withdraw", "us-988-lgbtq", *WHY], "us-988-lgbtq is suspended already"),
        (["up", "us-disaster-66746"], "us-disaster-66746 is ended already"),
        (["withdraw", "us-abuse", "--why", "wrong"], "Say why, and by whom"),
        (["down", "us-abuse", *WHY], "Say until when"),
        (["down", "us-abuse", "--until", "soon", *WHY], "soon is no moment"),
        (["down", "us-abuse", "--until", "2020-01-01T00:00Z", *WHY], "2020-01-01T00:00Z is over"),
    ],
)  # fmt: skip
def test_what_would_harm_is_refused_and_the_file_stays(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    before = (home / FILE).read_bytes()

    assert command_line.main(["line", *arguments]) == 1

    assert reason in capsys.readouterr().err
    assert (home / FILE).read_bytes() == before


def test_a_number_goes_even_if_another_file_is_broken_and_that_is_said(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on_disk(home, rewritten("templates/messages/en/joke.txt", ""))

    assert command_line.main(["line", "withdraw", "us-abuse", *WHY]) == 1

    said = capsys.readouterr().out
    assert "Running lines do NOT take it" in said
    assert "joke.txt:1: the message is empty" in said
    assert 'state: "withdrawn"' in (home / FILE).read_text()


@pytest.mark.parametrize(
    "written",
    [
        "lines:\n  - id: a\n    # why\n    why: >\n      a long\n      story\n\n    call: 1\n  # next\n  - id: b\n    call: 2\n",
        "lines:\n  - id: a\n    call: 1\n    state: ended\n\n\n  - id: b\n    call: 2",
        "lines:\n- id: a\n  call: 1  # shop\n- id: b\n  call: 2\n",
    ],
)
def test_whatever_the_file_looks_like_the_keys_are_the_entrys_own(written: str) -> None:
    out = editing.with_keys(written, "a", {"state": "down", "why": "Mended", "by": "Sam"})
    entry = editing._entry(out, "a")

    assert {key.value: value.value for key, value in entry.value} == {
        "id": "a", "call": "1", "state": "down", "why": "Mended", "by": "Sam",
    }  # fmt: skip
    assert [line for line in written.splitlines() if "#" in line] == [line for line in out.splitlines() if "#" in line]
    assert out.count("id: b\n") == 1


def test_an_entry_in_one_row_is_left_to_a_person() -> None:
    with pytest.raises(editing.NoSuchLine, match="by hand"):
        editing.with_keys("lines: [{id: a, call: 1}]\n", "a", {"state": "down"})
