"""The RQ workers of a machine: `python -m workers`. WORKER_CONCURRENCY says how many: one for each core."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from service import logs
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.wiring import Parts


def main() -> int:
    logs.configure("worker")
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1
    # After the settings: what is wrong with them is said at once, before anything slow is imported.
    from service.wiring import Parts

    if settings.worker_processes == 1:
        work(Parts.for_worker(settings))
        return 0
    from workers import jobs, pool  # noqa: F401 (jobs, so that the workers share it)

    parts = Parts.for_worker(settings, watched=False)
    pool.keep(settings.worker_processes, lambda: _work_beside_others(parts))
    return 0


def _work_beside_others(parts: Parts) -> None:
    parts.shelf.watch()
    work(parts)


def work(parts: Parts) -> None:
    """Until SIGTERM or Ctrl-C."""
    from workers import jobs

    jobs.serve(parts.follow_ups)
    parts.queue.worker().work()


if __name__ == "__main__":
    sys.exit(main())
