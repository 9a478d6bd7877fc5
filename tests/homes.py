"""Copies of the operators' files for a test to change: in memory, or on disk."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from service.playbook import files
from service.playbook.assemble import Snapshot
from service.settings import CHECKOUT


def shipped() -> dict[str, bytes]:
    """Every file of the shipped playbook."""
    return dict(_shipped())


@lru_cache
def _shipped() -> Snapshot:
    return files.read(CHECKOUT)


def edited(file: str, old: str, new: str, snapshot: Snapshot | None = None) -> dict[str, bytes]:
    """The shipped files with one passage changed. Fails where the passage is not there."""
    changed = dict(snapshot or shipped())
    text = changed[file].decode("utf-8")
    assert old in text, f"{file} has no such passage any more"
    changed[file] = text.replace(old, new, 1).encode("utf-8")
    return changed


def rewritten(file: str, text: str) -> dict[str, bytes]:
    return {**shipped(), file: text.encode("utf-8")}


def on_disk(home: Path, snapshot: Snapshot) -> Path:
    for file, data in snapshot.items():
        path = home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return home
