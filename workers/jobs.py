"""What may be queued. A job takes opaque ids, may run twice, and holds no rule."""

from __future__ import annotations

from collections.abc import Sequence

from service.follow_ups import FollowUps
from service.logs import log
from service.policy.conversation import FollowUpId
from service.records import RecordsUnavailable

_served: FollowUps


def serve(follow_ups: FollowUps) -> None:
    """Whose jobs this process does, said once at its start: RQ hands a job nothing but its arguments."""
    global _served
    _served = follow_ups


def send_follow_ups(ids: Sequence[str]) -> None:
    try:
        _served.send([FollowUpId(id_) for id_ in ids])
    except RecordsUnavailable:
        # Nothing was claimed, or what was claimed has its outcome: the sweep hands the rest over again.
        log.warning("records_unavailable", count=len(ids))
