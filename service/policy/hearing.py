"""One text as the policy hears it, and the plain ways to answer it. What rules share; no rule lives here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.policy.conversation import (
    LOOP_WINDOW,
    SPLIT_TEXT_WINDOW,
    Assessment,
    Awaiting,
    AwaitingKind,
    Decision,
    Effect,
    InboundMessage,
    Language,
    Level,
    Reply,
    Session,
)
from service.policy.keywords import carrier_word
from service.policy.programme import Playbook
from service.policy.text import language_of, words

SHADOW = timedelta(minutes=30)
"""So long after danger, a text that nothing else explains is still about that danger."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One text as the policy hears it, with what is remembered. `session` is this text's, still without its answer."""

    message: InboundMessage
    session: Session
    playbook: Playbook
    now: datetime
    words: tuple[str, ...]
    assessment: Assessment
    language: Language

    def open(self, kind: AwaitingKind) -> Awaiting | None:
        """The open question of that kind, if it has not lapsed."""
        return next((a for a in self.session.awaiting if a.kind is kind and a.expires_at > self.now), None)

    def asking(self, question: Awaiting) -> tuple[Awaiting, ...]:
        """What is open with this question. An offer stays open beside it; a number or MORE can mean one thing."""
        return (*self._still_open(question.kind), question)

    def _still_open(self, beside: AwaitingKind) -> Iterator[Awaiting]:
        kept = {AwaitingKind.OFFER, *({AwaitingKind.CHECK_IN} if beside is not AwaitingKind.MENU else ())}
        return (question for question in self.session.awaiting if question.kind in kept)

    @property
    def in_the_shadow(self) -> bool:
        """Whether danger was spoken of a moment ago."""
        return self.session.danger_at is not None and self.now - self.session.danger_at < SHADOW

    @property
    def still_urgent(self) -> bool:
        return self.in_the_shadow and self.session.danger_level is Level.IMMINENT


def listen(message: InboundMessage, session: Session, playbook: Playbook, now: datetime) -> Heard:
    """Read the text: its words, its danger (with the half sentence before it), its language."""
    spoken = words(message.text)
    fresh = session.tail_at is not None and now - session.tail_at <= SPLIT_TEXT_WINDOW
    # END after "i want it to" is the carriers' word all the same: who sends it alone means us.
    goes_on = fresh and carrier_word(spoken) is None
    assessment = playbook.recogniser.assess(message.text, session.tail if goes_on else ())
    language = _language(spoken, assessment, session, playbook)
    remembered = replace(
        session,
        language=language,
        tail=assessment.tail,
        tail_at=now if assessment.tail else None,
        hints=session.hints | assessment.hints,
    )
    return Heard(message, remembered, playbook, now, spoken, assessment, language)


def _language(said: tuple[str, ...], assessment: Assessment, session: Session, playbook: Playbook) -> Language:
    """That of its small words, else of the keyword that it is, else of the rules that heard danger in it."""
    offered = playbook.programme.languages
    heard_by = {evidence.rule.partition(":")[0] for evidence in assessment.evidence}
    spoken = language_of(said) or playbook.vocabulary.language_of(said)
    if spoken is None and len(heard_by) == 1:
        spoken = next(iter(heard_by))
    if spoken in offered:
        return Language(str(spoken))
    return session.language if session.language in offered and session.language else offered[0]


def answers_in_a_row(heard: Heard) -> int:
    last = heard.session.answered_at
    return heard.session.answers_in_a_row if last is not None and heard.now - last < LOOP_WINDOW else 0


def answer(
    heard: Heard,
    route: str,
    reason: str,
    reply: str,
    *,
    session: Session | None = None,
    awaiting: tuple[Awaiting, ...] | None = None,
    effects: tuple[Effect, ...] = (),
) -> Decision:
    before = session or heard.session
    after = replace(before, last_reply=reply, awaiting=before.awaiting if awaiting is None else awaiting)
    return Decision(heard.assessment, route, reason, Reply((reply,), heard.language), after, effects)


def silence(heard: Heard, why: str, reason: str) -> Decision:
    return Decision(heard.assessment, f"quiet:{why}", reason, None, heard.session)
