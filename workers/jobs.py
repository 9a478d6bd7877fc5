"""What may be queued. A job takes opaque ids, may run twice, and holds no rule."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from service.follow_ups import FollowUps
from service.logs import log
from service.policy.conversation import FollowUpId
from service.records import RecordsUnavailable
from service.settings import Settings
from service.wiring import Parts


@cache
def follow_ups() -> FollowUps:
    """One for the life of this worker."""
    import os

    return Parts.for_worker(Settings.read(os.environ)).follow_ups


def send_follow_ups(ids: Sequence[str]) -> None:
    try:
        follow_ups().send([FollowUpId(id_) for id_ in ids])
    except RecordsUnavailable:
        # Nothing was claimed, or what was claimed has its outcome: the sweep hands the rest over again.
        log.warning("records_unavailable", count=len(ids))
