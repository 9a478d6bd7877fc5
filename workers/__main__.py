"""One RQ worker: `python -m workers`. Run one for each core."""

from __future__ import annotations

import os
import sys

from service import logs
from service.settings import Settings, SettingsError


def main() -> int:
    logs.configure("worker")
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 1
    # After the settings: what is wrong with them is said at once, before anything slow is imported.
    from service.wiring import Parts
    from workers import jobs

    parts = Parts.for_worker(settings)
    jobs.serve(parts.follow_ups)
    parts.queue.worker().work()
    return 0


if __name__ == "__main__":
    sys.exit(main())
