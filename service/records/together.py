"""Writes of many threads in one transaction: syncing to disk takes most of a small one. What is written is not here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Together(Generic[Item, Result]):
    """Whoever gets the turn writes for all who wait for it; each returns once its own is kept, or failed.

    `write` is given several at once and gives their results in order. Where it refuses a value, each is tried alone,
    so that one bad value costs nobody else's. Who does not get the turn within `patience` seconds is told so by
    `late`; what they brought may be written all the same. `breath` is how many seconds lie between two writes that
    would follow at once: more come to share the second one's sync, and other processes get their turn.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        patience: float,
        breath: float,
        refused: type[Exception],
        late: type[Exception],
    ) -> None:
        self._write = write
        self._patience, self._breath = patience, breath
        self._refused, self._late = refused, late
        self._wrote_at = 0.0
        self._waiting: list[tuple[Item, Future[Result]]] = []
        self._listed, self._turn = threading.Lock(), threading.Lock()

    def do(self, item: Item) -> Result:
        outcome: Future[Result] = Future()
        with self._listed:
            self._waiting.append((item, outcome))
        if not self._turn.acquire(timeout=self._patience):
            raise self._late("another thread writes, and does not finish")
        try:
            if not outcome.done():
                time.sleep(max(0.0, self._wrote_at + self._breath - time.monotonic()))
                self._write_all()
        finally:
            self._turn.release()
        return outcome.result()

    def _write_all(self) -> None:
        with self._listed:
            batch, self._waiting = self._waiting, []
        try:
            self._keep(batch)
        except self._refused:
            for one in batch:
                self._alone(one)
        except BaseException as error:
            for _, outcome in batch:
                outcome.set_exception(error)
        finally:
            self._wrote_at = time.monotonic()

    def _alone(self, one: tuple[Item, Future[Result]]) -> None:
        try:
            self._keep([one])
        except BaseException as error:
            one[1].set_exception(error)

    def _keep(self, batch: Sequence[tuple[Item, Future[Result]]]) -> None:
        results = self._write([item for item, _ in batch])
        for (_, outcome), result in zip(batch, results, strict=True):
            outcome.set_result(result)
