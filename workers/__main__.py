"""The clock and the RQ workers of a machine, which share their memory: `python -m workers`.

WORKER_CONCURRENCY says how many workers: one for each core.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from service import logs, starting
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.wiring import Parts


def main() -> int:
    logs.configure("workers")
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1
    # After the settings: what is wrong with them is said at once, before anything slow is imported.
    with starting.all_of_it_stays():
        from service.wiring import Parts
        from workers import clock, jobs, pool  # noqa: F401 (jobs, so that the workers share it)

        parts = Parts.for_worker(settings, watched=False)
        parts.gateway.prepare()
    starting.wait_for_migration(settings.var)
    workers = [partial(_be, "worker", work, parts)] * settings.worker_processes
    pool.keep([partial(_be, "clock", clock.tick, parts), *workers])
    return 0


def _be(name: str, do: Callable[[Parts], None], parts: Parts) -> None:
    """In the log by this name, and in `ps` and `top` where the system can be told."""
    logs.configure(name)
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name)
    parts.shelf.watch()
    do(parts)


def work(parts: Parts) -> None:
    """Until SIGTERM or Ctrl-C."""
    from workers import jobs

    jobs.serve(parts.follow_ups)
    parts.queue.worker().work()


if __name__ == "__main__":
    sys.exit(main())
