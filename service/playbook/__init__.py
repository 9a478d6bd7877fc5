"""The operators' files: read into one Playbook, or refused. Only this opens config/ and templates/."""

from __future__ import annotations

from pathlib import Path

from service.playbook import files
from service.playbook.assemble import build
from service.playbook.mistakes import Mistake, PlaybookError
from service.playbook.shelf import Shelf
from service.policy.programme import Playbook

__all__ = ["Mistake", "PlaybookError", "Shelf", "load"]


def load(home: Path, *, production: bool) -> Playbook:
    """The playbook under `home`, or PlaybookError with all its mistakes."""
    return build(files.read(home), production=production)
