"""The shell around the policy: recall, decide, make last what must, remember, answer. It holds no rule."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from service import meters
from service.alerts import Alerts
from service.gateway import DeliveryStatus, StatusReport
from service.logs import log
from service.policy import routing
from service.policy.centers import AFTER_DANGER
from service.policy.conversation import (
    Decision,
    Defer,
    Effect,
    FollowUpId,
    InboundMessage,
    Level,
    MessageSid,
    PhoneNumber,
    Plan,
    SenderKey,
    Session,
)
from service.policy.counting import CountKey
from service.policy.ledger import Entry, Event, MessageKey, Outcome, classify
from service.policy.local_time import said_as
from service.policy.programme import Playbook
from service.policy.replies import render
from service.policy.segments import count
from service.records import Applied, OnRecord, Records, RecordsUnavailable
from service.sealing import Sealer
from service.sessions import Sessions, SessionsUnavailable, StoredAnswer
from service.spool import Spool, SpoolUnavailable

Clock = Callable[[], datetime]
Answer = StoredAnswer


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """Answers texts. Every part but the playbook may be away: the answer comes from the words alone then."""

    playbook: Callable[[], Playbook]
    sessions: Sessions
    records: Records
    spool: Spool
    sealer: Sealer
    alerts: Alerts
    clock: Clock = now_utc

    def receive(self, message: InboundMessage) -> Answer:
        """The answer to one text; the same one again for the same message. Never raises for a store that is away."""
        started = time.perf_counter()
        message_key, sender = self.sealer.hash_sid(message.sid), self.sealer.key_of(message.sender)
        given, session = self._recall(message_key, sender)
        if given:
            return _counted(given, "repeated", started)
        now = self.clock()
        playbook = self.playbook()
        decision = self._decide(message, sender, session, playbook, now)
        decision = self._make_last(message, message_key, sender, decision, playbook, now)
        answer = _rendered(decision, message, playbook, now)
        in_force = self._remember(message_key, sender, decision.session, answer, message, now)
        if in_force is not answer:
            return _counted(in_force, "repeated", started)
        _told(message.sid, answer)
        return _counted(answer, "answered" if answer.text else "silent", started)

    def warm_up(self) -> None:
        """Touch once what an answer touches, without effect: the first person must not wait for imports."""
        now = self.clock()
        nobody = InboundMessage(MessageSid("warm-up"), PhoneNumber("+12125550100"), "i want to die", now, "US", "NY")
        explain(nobody, Session(), self.playbook(), now)
        sender = self.sealer.key_of(nobody.sender)
        self.sealer.seal(nobody.sender)
        self._recall(self.sealer.hash_sid(nobody.sid), sender)
        self._on_record(sender)

    def _recall(self, message_key: MessageKey, sender: SenderKey) -> tuple[Answer | None, Session]:
        """What is remembered; a stranger's session when Redis is away."""
        try:
            recalled = self.sessions.recall(message_key, sender)
        except SessionsUnavailable:
            meters.WITHOUT.labels("sessions").inc()
            return None, Session(no_paid_until=self.clock() + AFTER_DANGER)  # who knows what was said before
        return recalled.answer, recalled.session

    def _decide(
        self, message: InboundMessage, sender: SenderKey, session: Session, playbook: Playbook, now: datetime
    ) -> Decision:
        """The policy's decision, and what of it depends on what only SQL knows: asked once, and only then."""
        decision = routing.decide(message, session, playbook, now)
        offers, defers = decision.offers and session.opted_out is None, _only_defers(decision)
        if not (offers or defers):
            return decision
        known = self._on_record(sender)
        if offers and known.opted_out is None:
            decision = routing.unoffered(decision)
        elif offers and known.opted_out:
            decision = routing.decide(message, replace(session, opted_out=True), playbook, now)
        elif offers:
            decision = replace(decision, session=replace(decision.session, opted_out=False))
        # Most danger texts: nothing is planned that could be moved, so nothing is written.
        return replace(decision, effects=()) if defers and not known.has_open else decision

    def _on_record(self, sender: SenderKey) -> OnRecord:
        """When nobody can say, no offer is made, which harms less than an unwanted one, and what is planned waits."""
        try:
            return self.records.of(sender)
        except RecordsUnavailable:
            meters.WITHOUT.labels("records").inc()
            return OnRecord(opted_out=None, has_open=True)

    def _make_last(
        self,
        message: InboundMessage,
        message_key: MessageKey,
        sender: SenderKey,
        decision: Decision,
        playbook: Playbook,
        now: datetime,
    ) -> Decision:
        """Write what must outlive the session, before the answer says that it is so."""
        if not decision.effects:
            return decision
        entry = Entry(
            message=message_key,
            sender=sender,
            sealed_number=self.sealer.seal(message.sender),
            effects=tuple(_worded(effect, decision, message, playbook, now) for effect in decision.effects),
            release=playbook.release,
            at=now,
        )
        match self._apply(entry):
            case Applied.REFUSED:
                return routing.refused(decision)
            case Applied.ENOUGH:
                return routing.enough(decision)
            case _:
                return decision

    def _apply(self, entry: Entry) -> Applied:
        try:
            return self.records.apply(entry)
        except RecordsUnavailable:
            meters.WITHOUT.labels("records").inc()
        try:
            self.spool.put(entry)
        except SpoolUnavailable:
            self.alerts.alert(
                "nothing_lasts",
                "Neither SQL nor the local spool takes what texts leave behind: opt-outs and check-ins are being lost.",
                "Mend the database, or free the disk under NIGHTLIGHT_VAR. Texts are answered meanwhile.",
            )
        else:
            self.alerts.alert(
                "spool",
                "SQL is away: opt-outs and check-ins wait on this machine's disk.",
                "Mend the database; the spool then drains by itself. Do not discard this machine's disk before.",
            )
        return Applied.DONE

    def _remember(
        self,
        message_key: MessageKey,
        sender: SenderKey,
        session: Session,
        answer: Answer,
        message: InboundMessage,
        now: datetime,
    ) -> Answer:
        """Keep the session and the answer; where a copy of this text was faster, its answer is the one in force."""
        key = CountKey(
            day=now.date().isoformat(),
            level=answer.level,
            kind=answer.kind,
            route=answer.route,
            line=answer.line,
            language=answer.language,
            state=message.state,
            segments=answer.segments,
            release=answer.release,
        )
        try:
            return self.sessions.remember(message_key, sender, session, answer, {key: 1})
        except SessionsUnavailable:
            meters.WITHOUT.labels("sessions").inc()
            return answer

    def record_status(self, row: FollowUpId, report: StatusReport) -> None:
        """What became of a follow-up. Forward only: the ledger's table says what may follow what."""
        meters.STATUSES.labels("follow_up", "", report.status, str(report.code or "")).inc()
        event = _EVENTS.get(report.status)
        if event is None:
            return
        outcome = classify(None, report.code) if event is Event.FAIL else None
        try:
            self.records.record(
                row, event, self.clock(), provider_sid=report.sid, code=report.code, reason=str(outcome or report.word)
            )
        except RecordsUnavailable:
            # Nothing is lost that matters: an unknown one is settled by asking Twilio.
            meters.WITHOUT.labels("records").inc()
            return
        if outcome is Outcome.OPTED_OUT:
            log.warning("follow_up_blocked", row=row, code=report.code)

    def record_answer_status(self, reply: str, level: Level, report: StatusReport) -> None:
        """What became of an answer. One that speaks of danger and never arrived cannot wait."""
        meters.STATUSES.labels("answer", level, report.status, str(report.code or "")).inc()
        if report.status is not DeliveryStatus.UNDELIVERED:
            return
        try:
            first = self.records.delivery(
                self.sealer.hash_sid(report.sid), reply, level, report.status, report.code, self.clock()
            )
        except RecordsUnavailable:
            first = True
        if first and level.is_danger:
            self.alerts.alert(
                f"undelivered:{report.code}",
                f"A danger answer did not arrive: {reply}, error {report.code}.",
                "21610 and 30004: the carrier blocks this person until START, see the runbook. 30007: the wording was "
                "filtered, change it and ask the carrier. 30006: their plan cannot receive short codes.",
            )


_EVENTS = {
    DeliveryStatus.SENT: Event.SEND,
    DeliveryStatus.DELIVERED: Event.DELIVER,
    DeliveryStatus.UNDELIVERED: Event.FAIL,
}


def _only_defers(decision: Decision) -> bool:
    return bool(decision.effects) and all(isinstance(effect, Defer) for effect in decision.effects)


def _worded(effect: Effect, decision: Decision, message: InboundMessage, playbook: Playbook, now: datetime) -> Effect:
    """A consent is kept with the very words that were agreed to."""
    if not isinstance(effect, Plan) or decision.reply is None:
        return effect
    language = decision.reply.language
    values = playbook.values(message.country, language, now)
    return replace(effect, wording=render((effect.wording,), playbook.messages[language], values))


def _rendered(decision: Decision, message: InboundMessage, playbook: Playbook, now: datetime) -> Answer:
    """The decision as the text that goes out, with what explains it."""
    text, line, language = "", "", ""
    if decision.reply:
        language = decision.reply.language
        messages = playbook.messages[decision.reply.language]
        values = {**playbook.values(message.country, decision.reply.language, now), **_when(decision, now)}
        values["centers"] = playbook.centers.said(decision.centers, language)
        text = render(decision.reply.names, messages, values)
        named = frozenset().union(*(messages[name].placeholders for name in decision.reply.names))
        lines = playbook.lines_for(message.country, language, now)
        line = " ".join(sorted({lines[one].id for one in named & lines.keys() if values[one][1:] in text}))
    return Answer(
        text=text,
        reply=decision.reply.names[0] if decision.reply else "",
        level=decision.assessment.level,
        kind=decision.assessment.kind or "",
        route=decision.route,
        reason=decision.reason,
        line=line,
        language=language,
        segments=count(text).segments if text else 0,
        release=playbook.release,
    )


def _when(decision: Decision, now: datetime) -> dict[str, str]:
    """When the first planned follow-up is due, in words, for the answer that confirms it."""
    planned = [step for effect in decision.effects if isinstance(effect, Plan) for step in effect.follow_ups]
    if not planned or decision.reply is None:
        return {}
    return {"when": said_as(planned[0].due_at, planned[0].zone, decision.reply.language, now)}


def explain(message: InboundMessage, session: Session, playbook: Playbook, now: datetime) -> tuple[Decision, Answer]:
    """What would be answered, and why: the same functions that answer texts, without any store."""
    decision = routing.decide(message, session, playbook, now)
    return decision, _rendered(decision, message, playbook, now)


def _counted(answer: Answer, outcome: str, started: float) -> Answer:
    meters.ANSWERS.labels(answer.level, answer.route, answer.language, outcome).inc()
    meters.ANSWER_SECONDS.labels(answer.level).observe(time.perf_counter() - started)
    return answer


def _told(sid: MessageSid, answer: Answer) -> None:
    """One line a text: its id and why it was answered so. Never the text, never the number."""
    log.info("answered", sid=sid, route=answer.route, reason=answer.reason, release=answer.release)
