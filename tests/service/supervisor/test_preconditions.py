"""Where a run puts what its processes share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.supervisor.preconditions import MEMORY, empty_folder, metrics_folder

pytestmark = pytest.mark.skipif(not os.access(MEMORY, os.W_OK), reason="this system has no folder in memory")


def test_a_full_disk_cannot_end_a_process_that_counts(tmp_path: Path) -> None:
    folder = metrics_folder(tmp_path)

    empty_folder(folder)

    assert folder.stat().st_dev == MEMORY.stat().st_dev
    assert folder.stat().st_mode & 0o077 == 0
    folder.rmdir()


def test_two_lines_on_a_machine_do_not_count_for_each_other(tmp_path: Path) -> None:
    assert metrics_folder(tmp_path / "one") != metrics_folder(tmp_path / "other")


def test_nothing_is_shared_through_a_name_that_somebody_else_took(tmp_path: Path) -> None:
    folder = metrics_folder(tmp_path)
    folder.symlink_to(tmp_path)

    taken = metrics_folder(tmp_path)

    folder.unlink()
    assert taken == tmp_path / "metrics"
