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
    from service.wiring import follow_up_queue
    from workers.jobs import follow_ups

    follow_ups()  # read the playbook now: the first person must not wait for it
    follow_up_queue(settings).worker().work(with_scheduler=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
