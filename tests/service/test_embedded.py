"""The Valkey beside the line: nobody else on the machine may read or replace it."""

from __future__ import annotations

from pathlib import Path

import pytest

from service import embedded


def test_its_folder_is_ours_alone(tmp_path: Path) -> None:
    embedded.prepare(tmp_path / "new" / "valkey.sock")
    embedded.prepare(tmp_path / "new" / "valkey.sock")

    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)

    with pytest.raises(embedded.EmbeddedError, match="not ours alone"):
        embedded.prepare(tmp_path / "open" / "valkey.sock")


def test_a_link_that_somebody_laid_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "theirs")

    with pytest.raises(embedded.EmbeddedError, match="not ours alone"):
        embedded.prepare(tmp_path / "link" / "valkey.sock")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(embedded.EmbeddedError, match="cannot be made"):
        embedded.prepare(tmp_path / "file" / "in" / "valkey.sock")


def test_nobody_can_reach_it_over_the_network_and_it_writes_nothing_to_disk() -> None:
    command = embedded.command(Path("/tmp/x/valkey.sock"))
    options = dict(zip(command[1::2], command[2::2], strict=True))

    assert (options["--port"], options["--unixsocketperm"]) == ("0", "700")
    assert (options["--save"], options["--appendonly"]) == ("", "no")


def test_a_socket_where_nobody_lives_does_not_answer(tmp_path: Path) -> None:
    assert not embedded.answers(tmp_path / "valkey.sock")
    assert embedded.pid(tmp_path / "valkey.sock") is None
