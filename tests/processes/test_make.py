"""A newcomer types `make run` on a machine that lacks something, and reads one sentence about it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import CHECKOUT

NO_VENV = f"""#!/bin/sh
case "$*" in *venv*) echo "ensurepip is not available"; exit 1;; esac
exec {sys.executable} "$@"
"""
NO_NETWORK = f"""#!/bin/sh
case "$*" in
  *venv*) mkdir -p .venv/bin; cp "$0" .venv/bin/python;;
  *pip*) echo "no route to host"; exit 1;;
  *) exec {sys.executable} "$@";;
esac
"""
STUB = "#!/bin/sh\nexit 127\n"
TOO_OLD = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "requirements.txt", "requirements.in"):
        shutil.copy(CHECKOUT / name, tmp_path)
    return tmp_path


def make(checkout: Path, target: str, **pythons: str) -> subprocess.CompletedProcess[str]:
    for name, script in pythons.items():
        (checkout / name).write_text(script)
        (checkout / name).chmod(0o755)
    chosen = " ".join(str(checkout / name) for name in pythons)
    command = ("make", "--no-print-directory", target, *((f"PYTHONS={chosen}",) if pythons else ()))
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def test_somebody_who_asks_for_help_reads_what_there_is_to_do(checkout: Path) -> None:
    lines = make(checkout, "help").stdout.splitlines()
    phony = re.search(r"^\.PHONY: (.*)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)

    assert phony
    assert sorted(line.split()[1] for line in lines) == sorted(phony[1].split())
    assert all(len(line.split()) > 4 for line in lines), "each says what it does"


def test_a_python_that_is_too_old_is_one_sentence(checkout: Path) -> None:
    made = make(checkout, ".venv", stub=STUB, old=TOO_OLD)

    assert made.returncode
    assert made.stdout == "Python 3.11 or newer is needed and none was found. Install python3.11.\n"


def test_a_python_that_cannot_make_environments_is_one_sentence_and_leaves_nothing(checkout: Path) -> None:
    made = make(checkout, ".venv", python=NO_VENV)

    assert made.returncode
    assert made.stdout.splitlines()[-1].startswith("This Python cannot make environments.")
    assert not (checkout / ".venv").exists()


def test_packages_that_cannot_be_had_are_one_sentence_and_are_tried_again(checkout: Path) -> None:
    for _ in range(2):
        made = make(checkout, ".venv", python=NO_NETWORK)

        assert made.returncode
        assert made.stdout.splitlines()[-1].startswith("The packages could not be installed")


def test_a_newer_python_is_found_behind_a_stub_that_does_not_run(checkout: Path) -> None:
    made = make(checkout, ".venv", stub=STUB, python=NO_NETWORK)

    assert f"Making the environment with Python 3.{sys.version_info.minor}" in made.stdout
