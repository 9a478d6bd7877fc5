"""The playbook that is in force in this process: a valid change is taken within two seconds, a broken one refused."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog

from service.playbook import files
from service.playbook.assemble import Snapshot, build
from service.playbook.mistakes import Mistake, PlaybookError
from service.policy.programme import Playbook

LOOK_EVERY = 0.5
"""Seconds. A change is taken at the second look that finds the same files: an editor may be half-way through two."""

_log = structlog.get_logger("service.playbook")


class Shelf:
    """Holds the playbook in force. `playbook` is always whole and valid: it is replaced, never changed.

    Starts with what the files say, else with the last good ones, else raises PlaybookError.
    """

    def __init__(self, home: Path, kept: Path, *, production: bool, hears: bool = True) -> None:
        self._home, self._kept, self._production, self._hears = home, kept, production, hears
        self._seen = files.traces(home)
        self._settled = True
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None
        self.mistakes: tuple[Mistake, ...] = ()
        """Why the files as they stand now are not in force; empty where they are. For /readyz."""
        self.from_last_good = False
        """Whether the playbook in force is an earlier one that was kept, not what the files say."""
        self.playbook: Playbook = self._first()

    def current(self) -> Playbook:
        return self.playbook

    def refresh(self) -> bool:
        """Look at the files once; True where a new playbook came into force. Never raises for what operators wrote."""
        seen = files.traces(self._home)
        if seen != self._seen:
            self._seen, self._settled = seen, False
            return False
        if self._settled:
            return False
        snapshot = files.read(self._home)
        if files.traces(self._home) != seen:
            return False
        self._settled = True
        return self._take(snapshot)

    def watch(self) -> None:
        """Look again and again, on a thread of its own, until `close`."""
        self._watcher = threading.Thread(target=self._keep_looking, name="playbook", daemon=True)
        self._watcher.start()

    def close(self) -> None:
        self._ended.set()
        if self._watcher is not None:
            self._watcher.join()

    def _keep_looking(self) -> None:
        while not self._ended.wait(LOOK_EVERY):
            try:
                self.refresh()
            except OSError as error:  # a folder that cannot be read right now: what is in force stays
                _log.warning("playbook_unreadable", error=type(error).__name__)

    def _first(self) -> Playbook:
        try:
            return self._built(files.read(self._home))
        except PlaybookError as error:
            self._refuse(error)
            playbook = self._last_good()
            if playbook is None:
                raise
            self.from_last_good = True
            _log.error("playbook_from_last_good", release=playbook.release)
            return playbook

    def _last_good(self) -> Playbook | None:
        kept = files.last_good(self._kept)
        try:
            return self._build(kept) if kept else None
        except PlaybookError:  # kept by an older program, which asked for less
            return None

    def _take(self, snapshot: Snapshot) -> bool:
        try:
            playbook = self._built(snapshot)
        except PlaybookError as error:
            self._refuse(error)
            return False
        changed = playbook.release != self.playbook.release
        self.playbook, self.mistakes, self.from_last_good = playbook, (), False
        if changed:
            _log.info("playbook_taken", release=playbook.release)
        return changed

    def _built(self, snapshot: Snapshot) -> Playbook:
        playbook = self._build(snapshot)
        try:
            files.keep(snapshot, self._kept)
        except OSError as error:
            _log.warning("playbook_not_kept", error=type(error).__name__)
        return playbook

    def _build(self, snapshot: Snapshot) -> Playbook:
        playbook = build(snapshot, production=self._production, hears=self._hears)
        if self._hears:
            playbook.centers.prepare()  # here, where nobody waits for an answer
        return playbook

    def _refuse(self, error: PlaybookError) -> None:
        self.mistakes = error.mistakes
        for mistake in error.mistakes:
            _log.error("playbook_refused", where=f"{mistake.file}:{mistake.line}", what=mistake.what, mend=mistake.mend)
