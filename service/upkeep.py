"""What the clock does now and then: flush counts, keep gauges, delete, purge, and shout when something is late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from service import meters
from service.alerts import Alerts
from service.follow_ups import FollowUps
from service.gateway import Gateway, ProviderUnavailable
from service.line import Clock, now_utc
from service.logs import log
from service.policy.directory import REVERIFY_AHEAD
from service.policy.ledger import State
from service.policy.programme import Playbook
from service.records import Deletion, Records
from service.sealing import SealBroken, Sealer
from service.sessions import Sessions, SessionsUnavailable

TOO_LATE = timedelta(minutes=5)
"""A follow-up that is due for longer wakes somebody."""

LATELY = timedelta(days=1)
"""What was settled before that is not counted by state: counting must not take longer as the history grows."""
UNKNOWN_TOO_LONG = timedelta(hours=1)
"""Ten minutes are enough to settle one, when Twilio can be asked."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """One round of it. Raises RecordsUnavailable; what is left undone is done in a later round."""

    playbook: Callable[[], Playbook]
    sessions: Sessions
    records: Records
    sealer: Sealer
    gateway: Gateway
    follow_ups: FollowUps
    alerts: Alerts
    clock: Clock = now_utc

    def round(self) -> None:
        self.records.beat("clock", self.clock())
        self.follow_ups.settle()
        self._flush_counts()
        self._watch()
        self._watch_lines()
        self._delete_copies()
        self.records.purge(self.clock())

    def _flush_counts(self) -> None:
        """From Redis to SQL, once for each flush, whatever breaks in between."""
        try:
            taken = self.sessions.take_counts()
            if taken:
                self.records.add_counts(*taken, self.clock())
                self.sessions.counts_flushed(taken[0])
        except SessionsUnavailable:
            return

    def _watch(self) -> None:
        now = self.clock()
        states = self.records.states(settled_since=now - LATELY)
        lag, unknown = self.records.lag(now), self.records.oldest_unknown(now)
        for state in State:
            meters.FOLLOW_UPS.labels(state).set(states.get(state, 0))
        meters.LAG.set(lag.total_seconds())
        meters.OLDEST_UNKNOWN.set(unknown.total_seconds() if unknown else 0)
        if unknown and unknown > UNKNOWN_TOO_LONG:
            self.alerts.alert(
                "unknown",
                f"What became of a follow-up is unknown for {unknown.total_seconds() / 3600:.0f} hours.",
                "`followups --state unknown` lists them. Twilio's list of messages settles them by itself once it can "
                "be read with our keys and credentials; none is sent again before that.",
            )
        if lag > TOO_LATE:
            self.alerts.alert(
                "lag",
                f"Follow-ups are late: the oldest is due for {lag.total_seconds() / 60:.0f} minutes.",
                "Look at /readyz: are workers running, is Redis there, does Twilio slow us down (429)? "
                "They go out by themselves once that is mended, within people's hours.",
            )

    def _watch_lines(self) -> None:
        """A help line that was to be tried again by now may have changed: people are being sent to it."""
        today = self.clock().date()
        soon = []
        for _, line in self.playbook().directory.lines():
            if not line.running or line.reverify_by is None:
                continue
            if line.reverify_by < today:
                self.alerts.alert(
                    f"stale:{line.id}",
                    f"The help line {line.id} was to be tried again by {line.reverify_by}.",
                    "Ring or text it, then renew verified_on and reverify_by in config/helplines.yaml. "
                    "A core line is printed for 30 days more, others are withheld already.",
                )
            elif line.reverify_by <= today + REVERIFY_AHEAD:
                soon.append(f"{line.id} by {line.reverify_by}")
        if soon:
            self.alerts.alert(
                "reverify",
                f"Help lines are to be tried again soon: {', '.join(soon)}.",
                "Ring or text them in good time, then renew verified_on and reverify_by in config/helplines.yaml.",
                once_in=timedelta(days=1),
            )

    def _delete_copies(self) -> None:
        for deletion in self.records.due_deletions(self.clock()):
            self._delete_copies_of(deletion)

    def _delete_copies_of(self, deletion: Deletion) -> None:
        try:
            count = self.gateway.delete_copies(self.sealer.open(deletion.sealed_number))
        except (ProviderUnavailable, SealBroken):
            return  # due again in a quarter of an hour
        self.records.deletion_done(deletion.id)
        log.info("copies_deleted", count=count)
