"""A playbook's files on disk: read in one go, looked at for changes, and the last good ones kept. Nothing is parsed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from service.playbook.assemble import Snapshot, release_of

_CONFIG = frozenset(
    f"{name}.yaml" for name in ("programme", "keywords", "helplines", "followups", "danger", "centers", "notices")
)
SIGNATURES = "config/approvals.yaml"
_KEPT = 3
"""Releases that stay on disk: processes of one machine may take a change a moment apart."""
_POINTER = "last-good"

Traces = tuple[tuple[str, int, int], ...]
"""Name, time and size of every file: differs where the content may."""


def read(home: Path) -> Snapshot:
    """What is there; a missing file is the builder's to complain of."""
    snapshot = {}
    for file, entry in _entries(home):
        with contextlib.suppress(FileNotFoundError):
            snapshot[file] = Path(entry.path).read_bytes()
    return snapshot


def signatures(home: Path) -> Snapshot:
    """Who signed which text. No part of a playbook: a line answers the same, whoever has signed."""
    with contextlib.suppress(FileNotFoundError):
        return {SIGNATURES: (home / SIGNATURES).read_bytes()}
    return {}


def put(path: Path, text: str) -> None:
    """Whole or not at all: running lines read it meanwhile. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
    Path(name).replace(path)


def traces(home: Path) -> Traces:
    """Cheap enough to ask for every second."""
    found = []
    for file, entry in _entries(home):
        with contextlib.suppress(FileNotFoundError):
            stat = entry.stat()
            found.append((file, stat.st_mtime_ns, stat.st_size))
    return tuple(sorted(found))


def _entries(home: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file of a playbook, with its path relative to the home. Editors' own files beside them are none."""
    for folder in ("config", *(f"templates/messages/{language}" for language in _languages(home))):
        with contextlib.suppress(FileNotFoundError), os.scandir(home / folder) as entries:
            for entry in entries:
                if entry.name in _CONFIG if folder == "config" else entry.name.endswith(".txt"):
                    yield f"{folder}/{entry.name}", entry


def _languages(home: Path) -> list[str]:
    with contextlib.suppress(FileNotFoundError), os.scandir(home / "templates" / "messages") as entries:
        return [entry.name for entry in entries if len(entry.name) == 2]
    return []


def keep(snapshot: Snapshot, folder: Path) -> None:
    """Make these the last good files. Whoever reads meanwhile finds the old ones or these, whole. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    release = release_of(snapshot)
    if not (folder / release).is_dir():
        _write_all(snapshot, folder, release)
    _point_to(release, folder)
    _drop_old(folder)


def last_good(folder: Path) -> Snapshot | None:
    """The files that were kept last, or None where there are none or they are not what was kept."""
    try:
        release = (folder / _POINTER).read_text(encoding="ascii").strip()
        snapshot = read(folder / release)
    except (OSError, UnicodeDecodeError):
        return None
    return snapshot if snapshot and release_of(snapshot) == release else None


def _write_all(snapshot: Snapshot, folder: Path, release: str) -> None:
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        for file, data in snapshot.items():
            path = unfinished / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        with contextlib.suppress(FileExistsError, OSError):  # another process was faster
            unfinished.rename(folder / release)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _point_to(release: str, folder: Path) -> None:
    handle, name = tempfile.mkstemp(prefix=".pointer-", dir=folder)
    with os.fdopen(handle, "w", encoding="ascii") as pointer:
        pointer.write(release)
        pointer.flush()
        os.fsync(pointer.fileno())
    Path(name).replace(folder / _POINTER)


def _drop_old(folder: Path) -> None:
    releases = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    releases.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in releases[_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
