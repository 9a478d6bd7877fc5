"""What must last, in SQL. Each method is one transaction; the modules beside hold what is done in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa

from service.policy.conversation import FollowUpId, SenderKey
from service.policy.counting import CountKey, DailyCount
from service.policy.ledger import (
    DueFollowUp,
    Entry,
    Event,
    MessageKey,
    Standing,
    State,
    Transition,
    UnsettledFollowUp,
)
from service.records import by_hand, counts, effects, ledger, retention, sweeps
from service.records.by_hand import NotDone
from service.records.database import Database, RecordsRefused, RecordsUnavailable
from service.records.effects import Applied, OnRecord
from service.records.retention import Deletion
from service.records.sweeps import Swept
from service.records.together import Together

__all__ = ["Applied", "Deletion", "NotDone", "OnRecord", "Records", "RecordsRefused", "RecordsUnavailable", "Swept"]

_BREATH = 0.001
"""Seconds for which SQLite is left to other processes between two writes; PostgreSQL takes several at once."""


class Records:
    """SQLite or PostgreSQL by its URL. Thread-safe; connects when first used.

    Every method may raise RecordsUnavailable, and nothing else. Every write may be asked for again: what has landed
    already lands once. `busy_timeout`, in seconds, bounds the wait for another writer; after a failure the database is
    left alone for `rest`, in which every call fails at once (workers give zero: they had rather wait).
    """

    def __init__(self, url: str, *, busy_timeout: float = 0.25, rest: timedelta = timedelta(seconds=1.5)) -> None:
        self._database = Database(url, busy_timeout=busy_timeout, rest=rest)
        together = partial(
            Together,
            patience=2 * busy_timeout,  # one's own wait, and that of whoever writes just before
            breath=_BREATH if self._database.has_one_writer else 0.0,
            refused=RecordsRefused,
            late=RecordsUnavailable,
        )
        self._applying: Together[Entry, Applied] = together(self._apply_all)
        self._recording: Together[ledger.Happened, State | None] = together(self._record_all)

    def migrate(self) -> None:
        """Makes the tables, or brings them up to date; several processes may call it at once."""
        from service.records import migration  # what it needs is of no use once it is done

        migration.migrate(self._database)

    def ping(self) -> None:
        """Raises RecordsUnavailable where the database cannot be reached, or was never migrated."""
        with self._database.reading() as tx:
            tx.execute(sa.text("SELECT version_num FROM alembic_version")).all()

    def close(self) -> None:
        self._database.engine.dispose()

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    # People and what they agreed to

    def apply(self, entry: Entry) -> Applied:
        """Applies what one text leaves behind: once, however often it is given, and as if in the order of the texts."""
        if self._database.has_one_writer:
            return self._applying.do(entry)
        # Several senders in one transaction could wait in a circle; and PostgreSQL shares its syncs by itself.
        return self._apply_all([entry])[0]

    def _apply_all(self, entries: Sequence[Entry]) -> list[Applied]:
        with self._database.writing() as tx:
            return [effects.apply(tx, entry) for entry in entries]

    def of(self, sender: SenderKey) -> OnRecord:
        with self._database.reading() as tx:
            return effects.on_record(tx, sender)

    def opted_out(self, sender: SenderKey) -> bool:
        return bool(self.of(sender).opted_out)

    # The way of a follow-up

    def hand_over(self, now: datetime, *, rate: float, limit: int = 500) -> list[FollowUpId]:
        """Due follow-ups, for the queue: planned → queued. The urgent first, then by due time.

        At most `rate` a second over all clocks that call, and two seconds' worth at once.
        """
        with self._database.writing() as tx:
            return ledger.hand_over(tx, now, rate=rate, limit=limit)

    def pause(self, until: datetime) -> None:
        """Nothing is handed over or claimed before that: the provider asked for it, or a spool may hold a STOP."""
        with self._database.writing() as tx:
            ledger.pause(tx, until)

    def claim(self, ids: Collection[FollowUpId], now: datetime) -> list[DueFollowUp]:
        """queued → claimed, those of `ids` that nobody else has claimed. From here on, record what becomes of each."""
        with self._database.writing() as tx:
            return ledger.claim(tx, ids, now)

    def claimed(self, id_: FollowUpId, attempt: int) -> DueFollowUp | None:
        """A claimed one as it stands now: moved or revoked since, perhaps. None where that claim was given up."""
        with self._database.reading() as tx:
            return ledger.claimed(tx, id_, attempt)

    def record(
        self,
        id_: FollowUpId,
        event: Event,
        now: datetime,
        *,
        attempt: int | None = None,
        provider_sid: str | None = None,
        code: int | None = None,
        reason: str = "",
        not_before: datetime | None = None,
    ) -> State | None:
        """One transition, by the table, and its line in the row's story. None: it was not allowed, nothing happened.

        What several threads record at the same time is one transaction; each waits until its own is kept.
        A worker names its claim by `attempt` (`DueFollowUp.attempts`): what it says of a claim that was given up
        since is not believed. A row that is not wanted any more is cancelled where it would be planned again.
        """
        happened = ledger.Happened(id_, event, now, attempt, provider_sid, code, reason, not_before)
        return self._recording.do(happened)

    def _record_all(self, happened: Sequence[ledger.Happened]) -> list[State | None]:
        with self._database.writing() as tx:
            return ledger.record_all(tx, happened)

    def sweep(self, now: datetime) -> Swept:
        """Puts right what got stuck: not claimed within 30 s, no outcome within 60 s, too late to be welcome."""
        with self._database.writing() as tx:
            return sweeps.sweep(tx, now)

    def unsettled(self, now: datetime, limit: int = 50) -> list[UnsettledFollowUp]:
        """Unknown ones for which the provider's list should be read now. Report with `record` or `found_nothing`."""
        with self._database.reading() as tx:
            return sweeps.unsettled(tx, now, limit)

    def found_nothing(self, id_: FollowUpId, now: datetime) -> State | None:
        """The provider's list, read now, does not show it. The second time proves that it was not sent."""
        with self._database.writing() as tx:
            return sweeps.found_nothing(tx, id_, now)

    # How the ledger stands

    def lag(self, now: datetime) -> timedelta:
        """How late the oldest one is that is due and still wanted; zero where none is."""
        with self._database.reading() as tx:
            return sweeps.lag(tx, now)

    def states(self, *, settled_since: datetime | None = None) -> dict[State, int]:
        """How many rows are in each. With `settled_since` it does not take longer as the history grows."""
        with self._database.reading() as tx:
            return sweeps.states(tx, settled_since)

    def oldest_unknown(self, now: datetime) -> timedelta | None:
        with self._database.reading() as tx:
            return sweeps.oldest_unknown(tx, now)

    def follow_ups_of(self, sender: SenderKey) -> list[Standing]:
        with self._database.reading() as tx:
            return sweeps.follow_ups_of(tx, sender)

    def story(self, id_: FollowUpId) -> list[Transition]:
        with self._database.reading() as tx:
            return sweeps.story(tx, id_)

    def hurry(self, sender: SenderKey, now: datetime) -> int:
        """Makes what is planned due now, at any hour; how many. For development: the caller sees to that."""
        with self._database.writing() as tx:
            return sweeps.hurry(tx, sender, now)

    # By hand

    def listing(self, states: Collection[State], *, plan: str | None = None, limit: int = 50) -> list[Standing]:
        """Rows in these states, the latest changed first."""
        with self._database.reading() as tx:
            return by_hand.listing(tx, states, plan, limit)

    def one(self, id_: FollowUpId) -> Standing | None:
        with self._database.reading() as tx:
            return by_hand.one(tx, id_)

    def cancel(self, id_: FollowUpId, why: str, now: datetime) -> State:
        """Its state then. Raises NotDone where it is over already."""
        with self._database.writing() as tx:
            return by_hand.cancel(tx, id_, why, now)

    def replay(self, id_: FollowUpId, why: str, now: datetime) -> FollowUpId:
        """Plans a new row like this one, once, where that cannot reach the person twice; its id. Raises NotDone."""
        with self._database.writing() as tx:
            return by_hand.replay(tx, id_, why, now)

    # Numbers and marks

    def delivery(
        self, message: MessageKey, reply: str, level: str, status: str, code: int | None, at: datetime
    ) -> bool:
        """A status of an answer. Whether it says, for the first time, that the answer never arrived."""
        with self._database.writing() as tx:
            return counts.delivery(tx, message, reply, level, status, code, at)

    def add_counts(self, flush_id: str, added: Mapping[CountKey, int], at: datetime) -> bool:
        """Adds a flush once, however often it is given. Whether it was new."""
        with self._database.writing() as tx:
            return counts.add_counts(tx, flush_id, added, at)

    def daily_counts(self, month: str) -> list[DailyCount]:
        """Of a month, as "2026-11"."""
        with self._database.reading() as tx:
            return counts.daily_counts(tx, month)

    def beat(self, name: str, at: datetime) -> None:
        with self._database.writing() as tx:
            counts.beat(tx, name, at)

    def beats(self) -> dict[str, datetime]:
        with self._database.reading() as tx:
            return counts.beats(tx)

    def pepper_fingerprint(self, fingerprint: str) -> bool:
        """Whether it is the first one ever given. If not, every opt-out is unreadable: send no follow-up."""
        with self._database.writing() as tx:
            return counts.pepper_fingerprint(tx, fingerprint)

    # Forgetting

    def due_deletions(self, now: datetime, limit: int = 10) -> list[Deletion]:
        """Deletions to ask of the provider now; one that is not reported done comes back in a quarter of an hour."""
        with self._database.writing() as tx:
            return retention.due_deletions(tx, now, limit)

    def deletion_done(self, id_: str) -> None:
        with self._database.writing() as tx:
            retention.deletion_done(tx, id_)

    def purge(self, now: datetime) -> int:
        """Drops a small batch of what has been kept long enough; how many rows. Call until it says zero."""
        with self._database.writing() as tx:
            return retention.purge(tx, now)
