"""What SQL could not take, one file an entry, until it can. On an ephemeral disk it is lost with the machine."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from service.policy.conversation import Cancel, Defer, Forget, OptIn, OptOut, Plan
from service.policy.ledger import Entry
from service.records import RecordsRefused, RecordsUnavailable

VERSION = 1

_ENTRY = TypeAdapter(Entry)
_EFFECTS: dict[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind) for kind in (OptOut, OptIn, Plan, Defer, Cancel, Forget)
}


class SpoolUnavailable(Exception):
    """The disk did not take the entry. If SQL did not either, it is lost: this is the bound of what can be."""


class UnreadableEntry(ValueError):
    """Not an entry that this version can read."""


def encode(entry: Entry) -> bytes:
    document = _ENTRY.dump_python(replace(entry, effects=()), mode="json")
    document["version"] = VERSION
    # The name goes with each: two effects without a field would look the same.
    document["effects"] = [
        {"effect": type(effect).__name__, "with": _EFFECTS[type(effect).__name__].dump_python(effect, mode="json")}
        for effect in entry.effects
    ]
    return json.dumps(document).encode()


def decode(document: bytes) -> Entry:
    """Raises UnreadableEntry."""
    try:
        plain = json.loads(document)
        if plain["version"] != VERSION:
            raise UnreadableEntry("written by another version")
        effects = tuple(_EFFECTS[one["effect"]].validate_python(one["with"]) for one in plain["effects"])
        return replace(_ENTRY.validate_python(plain | {"effects": ()}), effects=effects)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableEntry("not an entry of this version") from None


class Spool:
    """A folder of its own. Any thread may put; one process at a time drains."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, entry: Entry) -> None:
        """On disk when it returns; the same entry twice is one file. Raises SpoolUnavailable."""
        self._write(self._folder / f"{_moment(entry):015d}-{entry.message}.json", encode(entry))

    def drain(self, apply: Callable[[Entry], object]) -> int:
        """Applies the entries, oldest first, until SQL fails again; how many it could. Each may be applied twice.

        A file that cannot be read, or an entry that SQL will never take, is set aside as `.corrupt`: see `corrupt`.
        """
        with self._alone() as alone:
            return self._drain(apply) if alone else 0

    def waiting(self) -> int:
        return len(self._files("*.json"))

    def corrupt(self) -> int:
        """How many were set aside for a person to look at."""
        return len(self._files("*.corrupt"))

    def _drain(self, apply: Callable[[Entry], object]) -> int:
        drained = 0
        for path in self._files("*.json"):
            try:
                apply(decode(path.read_bytes()))
            except (UnreadableEntry, RecordsRefused):
                path.rename(path.with_suffix(".corrupt"))
            except RecordsUnavailable:
                break
            else:
                path.unlink(missing_ok=True)
                drained += 1
        return drained

    def _files(self, pattern: str) -> list[Path]:
        """Their names begin with the time of the text."""
        return sorted(self._folder.glob(pattern))

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        if not self._folder.is_dir():
            yield False
            return
        with (self._folder / ".drain").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _write(self, path: Path, content: bytes) -> None:
        passing = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                _write_through(passing, content)
                passing.rename(path)
                _sync_folder(self._folder)
            finally:
                passing.unlink(missing_ok=True)
        except OSError as error:
            raise SpoolUnavailable(f"the spool cannot be written: {error.strerror}") from None


def _moment(entry: Entry) -> int:
    return int(entry.at.astimezone(UTC).timestamp() * 1000)


def _write_through(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A rename lasts only when its folder is on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
