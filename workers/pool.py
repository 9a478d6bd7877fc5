"""Several processes that share the memory of what they have imported and built: forked from one, and kept."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from service.logs import log

PAUSE = 1.0
"""Seconds before one that ended is replaced, so that one that cannot start does not use up a core."""

_ENDING = {signal.SIGTERM, signal.SIGINT}
_WATCHED = {signal.SIGCHLD, *_ENDING}

Work = Callable[[], None]


def keep(works: Sequence[Work]) -> None:
    """A process for each, until SIGTERM or Ctrl-C, which they get too: each finishes what it is at.

    No other thread may run yet.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)  # they wait until they are asked for below
    kept = {_fork(work): work for work in works}
    ending = False
    while kept:
        received = signal.sigwait(_WATCHED)
        gone = [kept.pop(pid) for pid in _reaped()]
        if received in _ENDING:
            ending = True
            _pass_on(kept)
        elif gone and not ending:
            log.warning("process_ended", count=len(gone))
            time.sleep(PAUSE)
            kept |= {_fork(work): work for work in gone}


def _pass_on(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def _reaped() -> Iterator[int]:
    """Everyone who has ended: several ends may come as one signal."""
    with suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            yield pid


def _fork(work: Work) -> int:
    """The child's id. In the child it does not return."""
    pid = os.fork()
    if pid:
        return pid
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # the top of a process
        log.exception("process_ends")
    finally:
        os._exit(status)
