"""The shell around follow-ups: hand over what is due, send what was claimed, settle what is unknown. No rule here."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from service import meters
from service.alerts import Alerts
from service.gateway import Gateway, ProviderUnavailable, SendFailed
from service.line import Clock, now_utc
from service.logs import log
from service.policy.conversation import (
    FollowUpId,
    MessageSid,
    OptOut,
    PhoneNumber,
    Revocation,
)
from service.policy.follow_ups import Drop, Send, Wait, asks_something, awaiting_an_answer, decide_follow_up, replies_of
from service.policy.ledger import (
    CLOCKS_DIFFER,
    OURS_TO_MEND,
    DueFollowUp,
    Entry,
    Event,
    Outcome,
    UnsettledFollowUp,
    backoff,
)
from service.policy.local_time import country_of
from service.policy.programme import Playbook
from service.policy.replies import render
from service.queueing import FollowUpQueue, QueueUnavailable
from service.records import Records, RecordsUnavailable
from service.sealing import SealBroken, Sealer
from service.sessions import Sessions, SessionsUnavailable
from service.spool import Spool

SEND_JOB = "workers.jobs.send_follow_ups"
SIDE_BY_SIDE = 30
BATCH = 3 * SIDE_BY_SIDE
"""Rows a job, sent in rounds: the last one begins within CLAIM_GOOD_FOR even where no request gets an answer."""
CLAIM_GOOD_FOR = timedelta(seconds=40)
"""Less than the minute after which the sweep gives a claim up, by more than one request may take."""
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)
"""After a 429, for all rows: each that was refused waits longer by itself."""
QUIET_AFTER_AN_OUTAGE = timedelta(minutes=1)
"""So long after SQL was away nothing is sent: a STOP may still be on its way from a spool."""


class FollowUps:
    """What clock and workers do about planned follow-ups. Thread-safe. The row in SQL is the truth, always."""

    def __init__(
        self,
        *,
        playbook: Callable[[], Playbook],
        sessions: Sessions,
        records: Records,
        spool: Spool,
        sealer: Sealer,
        gateway: Gateway,
        queue: FollowUpQueue,
        alerts: Alerts,
        status_url: str,
        clock: Clock = now_utc,
    ) -> None:
        self._playbook = playbook
        self._sessions = sessions
        self._records = records
        self._spool = spool
        self._sealer = sealer
        self._gateway = gateway
        self._queue = queue
        self._alerts = alerts
        self._status_url = status_url
        self._clock = clock
        self._records_were_away = False
        self._pepper_is_right = False
        self._side_by_side = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="send")

    def hand_over(self) -> int:
        """Give what is due to the workers; how many. Nothing while a spool may hold a STOP."""
        try:
            if not self._may_send():
                return 0
            ids = self._records.hand_over(self._clock(), rate=self._playbook().programme.follow_ups_per_second)
        except RecordsUnavailable:
            self._records_were_away = True
            return 0
        for start in range(0, len(ids), BATCH):
            try:
                self._queue.put(SEND_JOB, ids[start : start + BATCH])
            except QueueUnavailable:
                # The rows stay queued; the sweep puts them back and a later hand-over tries again.
                log.warning("queue_unavailable", waiting=len(ids) - start)
                break
        return len(ids)

    def _may_send(self) -> bool:
        if self._records_were_away:
            self._records.pause(self._clock() + QUIET_AFTER_AN_OUTAGE)
            self._records_were_away = False
        if not self._pepper_is_right:
            self._pepper_is_right = self._records.pepper_fingerprint(self._sealer.pepper_fingerprint)
        if not self._pepper_is_right:
            self._alerts.alert(
                "pepper",
                "NIGHTLIGHT_PEPPER is not the one that the opt-outs were written under: no follow-up goes out.",
                "Set the former pepper again. It never rotates.",
            )
        return self._pepper_is_right and self._spool.waiting() == 0

    def sweep(self) -> None:
        """Put back what the queue lost, and let go of what came too late."""
        self._records.sweep(self._clock())

    def send(self, ids: Sequence[FollowUpId]) -> None:
        """Claim and send a batch. May run twice and late: a row is claimed once, and then asked again if it may go."""
        due = self._records.claim(ids, self._clock())
        for row, outcome in zip(due, self._side_by_side.map(self._send_one, due), strict=True):
            meters.SENDS.labels(outcome, row.plan).inc()

    def _send_one(self, claimed: DueFollowUp) -> str:
        """Asks the row once more right before the request: a batch takes seconds, in which somebody may say STOP."""
        try:
            due = self._records.claimed(claimed.id, claimed.attempts)
        except RecordsUnavailable:
            log.warning("not_asked_again", row=claimed.id)
            return "not_asked_again"  # and so not sent: the sweep and two listings bring it back
        if due is None:
            # This worker stood still meanwhile; the sweep has given the claim up, and somebody else may be sending.
            log.warning("claim_lapsed", row=claimed.id)
            return "lapsed"
        if self._spool.waiting():
            return self._record(due, Event.RETRY, reason="the spool may hold a STOP", not_before=self._later(due))
        verdict = decide_follow_up(due, self._clock())
        match verdict:
            case Drop(reason, stale):
                return self._record(due, Event.EXPIRE if stale else Event.DROP, reason=reason)
            case Wait(until, reason):
                return self._record(due, Event.POSTPONE, reason=reason, not_before=until)
            case Send(validity):
                return self._sent(due, validity)

    def _sent(self, due: DueFollowUp, validity: timedelta) -> str:
        """The one request that may reach a person. The claim is durable already."""
        if self._clock() - due.claimed_at > CLAIM_GOOD_FOR:
            log.warning("claim_lapsed", row=due.id)  # the sweep is about to give it up
            return "lapsed"
        try:
            number = self._sealer.open(due.sealed_number)
            sid = self._gateway.send(
                number, self._text(due, number), status_url=f"{self._status_url}?row={due.id}", validity=validity
            )
        except SealBroken:
            self._alerts.alert(
                "keys",
                "A follow-up's number cannot be opened with NIGHTLIGHT_KEYS.",
                "Add the former key behind the newest one: keys rotate, but an old one is needed for seven days.",
            )
            return self._record(due, Event.RETRY, reason="its number cannot be opened", not_before=self._later(due))
        except SendFailed as failed:
            return self._failed(due, failed)
        meters.SEND_LAG.labels(due.plan).observe(max(timedelta(), self._clock() - due.due_at).total_seconds())
        recorded = self._record(due, Event.SEND, provider_sid=sid)
        self._expect_an_answer(due)
        return recorded

    def _failed(self, due: DueFollowUp, failed: SendFailed) -> str:
        if failed.code in OURS_TO_MEND:
            self._alerts.alert(
                f"refused:{failed.code}",
                f"Twilio refuses our follow-ups with error {failed.code}.",
                "Look the code up in Twilio's error list: the account, the number or its registration needs mending.",
            )
        self._record_failure(due, failed)
        return str(failed.outcome)

    def _record_failure(self, due: DueFollowUp, failed: SendFailed) -> None:
        match failed.outcome:
            case Outcome.RETRY:
                until = self._later(due, failed.retry_after)
                self._record(due, Event.RETRY, code=failed.code, reason="not sent", not_before=until)
                if failed.too_fast:
                    self._slow_down(failed.retry_after)
            case Outcome.UNKNOWN:
                self._record(due, Event.LOSE, code=failed.code, reason="may have left")
            case Outcome.OPTED_OUT:
                self._opt_out(due)
                self._record(due, Event.REFUSE, code=failed.code, reason=str(failed.outcome))
            case Outcome.FINAL:
                self._record(due, Event.REFUSE, code=failed.code, reason=str(failed.outcome))

    def _slow_down(self, asked: timedelta | None) -> None:
        """Twilio has had too many at once: nothing at all goes out for as long as it asks, and not for ever."""
        log.warning("slowed_down")
        try:
            self._records.pause(self._clock() + min(max(asked or timedelta(), SHORTEST_PAUSE), LONGEST_PAUSE))
        except RecordsUnavailable:
            return

    def _opt_out(self, due: DueFollowUp) -> None:
        """The provider knows of a STOP that we did not hear (21610): it counts here too."""
        self._records.apply(
            Entry(
                message=self._sealer.hash_sid(MessageSid(f"refused/{due.id}/{due.attempts}")),
                sender=due.sender,
                sealed_number=due.sealed_number,
                effects=(OptOut(Revocation.PROVIDER),),
                release=self._playbook().release,
                at=self._clock(),
            )
        )

    def _later(self, due: DueFollowUp, asked: timedelta | None = None) -> datetime:
        return self._clock() + max(backoff(due.attempts, random.random), asked or timedelta())

    def _record(self, due: DueFollowUp, event: Event, **what: Any) -> str:
        """Write down what became of a claim. If SQL is away just now, the sweep makes it unknown: never sent twice."""
        try:
            state = self._records.record(due.id, event, self._clock(), attempt=due.attempts, **what)
        except RecordsUnavailable:
            log.warning("outcome_not_recorded", row=due.id)
            return "not_recorded"
        # No state: a delivery status was faster, and the row is further than this.
        log.info("follow_up", row=due.id, status=event, state=state, plan=due.plan, attempts=due.attempts)
        return str(event)

    def _text(self, due: DueFollowUp, number: PhoneNumber) -> str:
        playbook = self._playbook()
        language = due.language if due.language in playbook.messages else playbook.programme.languages[0]
        values = playbook.values(country_of(number), language, self._clock())
        return render(replies_of(due, playbook), playbook.messages[language], values)

    def _expect_an_answer(self, due: DueFollowUp) -> None:
        """The next text of this person may answer it. If Redis is away, that is read as any other text."""
        playbook, now = self._playbook(), self._clock()
        if not asks_something(due, playbook, now):
            return
        try:
            self._sessions.amend(due.sender, lambda session: awaiting_an_answer(session, due, playbook, now))
        except SessionsUnavailable:
            meters.WITHOUT.labels("sessions").inc()

    def settle(self) -> None:
        """Ask Twilio about sends whose answer was lost. Two listings that show nothing prove that none left."""
        for row in self._records.unsettled(self._clock()):
            try:
                self._settle_one(row)
            except ProviderUnavailable:
                return

    def _settle_one(self, row: UnsettledFollowUp) -> None:
        try:
            number = self._sealer.open(row.sealed_number)
        except SealBroken:
            return
        if self._gateway.has_sent(number, row.claimed_at - CLOCKS_DIFFER, row.others):
            self._records.record(row.id, Event.SEND, self._clock(), reason="found at Twilio")
        else:
            self._records.found_nothing(row.id, self._clock())
