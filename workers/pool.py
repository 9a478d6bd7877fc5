"""Several workers that share the memory of what they have imported: forked from one process, and kept."""

from __future__ import annotations

import gc
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress

from service.logs import log

PAUSE = 1.0
"""Seconds before one that ended is replaced, so that one that cannot start does not use up a core."""

_ENDING = {signal.SIGTERM, signal.SIGINT}
_WATCHED = {signal.SIGCHLD, *_ENDING}


def keep(count: int, work: Callable[[], None]) -> None:
    """Until SIGTERM or Ctrl-C, which the workers get too: each finishes its batch. No other thread may run yet."""
    gc.collect()
    gc.freeze()  # else the first collection in each worker would touch, and so copy, every page of it
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)  # they wait until they are asked for below
    children = {_fork(work) for _ in range(count)}
    ending = False
    while children:
        received = signal.sigwait(_WATCHED)
        gone = set(_reaped())
        children -= gone
        if received in _ENDING:
            ending = True
            _pass_on(children)
        elif gone and not ending:
            log.warning("worker_ended", count=len(gone))
            time.sleep(PAUSE)
            children |= {_fork(work) for _ in gone}


def _pass_on(children: set[int]) -> None:
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def _reaped() -> Iterator[int]:
    """Everyone who has ended: several ends may come as one signal."""
    with suppress(ChildProcessError):
        while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
            yield pid


def _fork(work: Callable[[], None]) -> int:
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
        traceback.print_exc()
    finally:
        os._exit(status)
