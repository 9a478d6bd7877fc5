"""What may become of a follow-up: its states, the one table of transitions, what a provider's error means. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from service.policy.conversation import Effect, FollowUpId, Kind, Language, SenderKey

MessageKey = NewType("MessageKey", str)
"""A keyed hash of a provider's message id: tells a repeated delivery, leads to no message."""


class State(StrEnum):
    PLANNED = "planned"  # waits for its due time
    QUEUED = "queued"  # its id is on the way to a worker
    CLAIMED = "claimed"  # a worker has it in hand: from here on the request may have left
    SENT = "sent"  # the provider took it
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"  # the provider will not have it; asking again is no use
    UNKNOWN = "unknown"  # the request may have left, nobody knows
    EXPIRED = "expired"  # too late to be welcome, never sent
    CANCELLED = "cancelled"  # not wanted any more, never sent


class Event(StrEnum):
    HAND_OVER = "hand_over"  # due, and its id was given to the queue
    STRAND = "strand"  # the queue lost it, or its worker never came
    CLAIM = "claim"
    SEND = "send"  # the provider says that it took it
    DELIVER = "deliver"
    FAIL = "fail"  # the carrier or the phone did not take it
    REFUSE = "refuse"
    RETRY = "retry"  # certainly not sent; later again
    POSTPONE = "postpone"  # not yet: quiet hours, or a danger text since
    LOSE = "lose"  # no answer to the request, or its worker is gone
    DISPROVE = "disprove"  # the evidence says that it was never sent
    EXPIRE = "expire"
    CANCEL = "cancel"  # revoked by the person
    DROP = "drop"  # its worker saw, before the request, that it is not wanted


_EVIDENCE = {Event.SEND: State.SENT, Event.DELIVER: State.DELIVERED, Event.FAIL: State.UNDELIVERED}
"""Proof that the text left. Callbacks come in any order, so it is believed in every state that is not final."""

_UNSENT = {
    Event.POSTPONE: State.PLANNED,
    Event.CANCEL: State.CANCELLED,
    Event.EXPIRE: State.EXPIRED,
}

_FROM: Mapping[State, Mapping[Event, State]] = {
    State.PLANNED: {Event.HAND_OVER: State.QUEUED, **_UNSENT, **_EVIDENCE},
    State.QUEUED: {Event.CLAIM: State.CLAIMED, Event.STRAND: State.PLANNED, **_UNSENT, **_EVIDENCE},
    State.CLAIMED: {
        Event.REFUSE: State.REFUSED,
        Event.RETRY: State.PLANNED,
        Event.LOSE: State.UNKNOWN,
        # Before the request, its worker may still put it back, drop it or let it expire; nobody else may.
        Event.POSTPONE: State.PLANNED,
        Event.DROP: State.CANCELLED,
        Event.EXPIRE: State.EXPIRED,
        **_EVIDENCE,
    },
    State.UNKNOWN: {
        # A worker that was given up may come back and tell.
        Event.REFUSE: State.REFUSED,
        Event.RETRY: State.PLANNED,
        Event.DISPROVE: State.PLANNED,
        **_EVIDENCE,
    },
    State.SENT: {Event.DELIVER: State.DELIVERED, Event.FAIL: State.UNDELIVERED},
}

TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (before, event): after for before, row in _FROM.items() for event, after in row.items()
}
"""Everything that may happen. What is not here does not: the row stays as it is."""

FINAL = frozenset(State) - frozenset(_FROM)
SETTLED = FINAL | {State.SENT}
"""Nothing is left for us to do; a callback may still tell more about a sent one."""
IN_FLIGHT = frozenset({State.CLAIMED, State.UNKNOWN})
"""The text may be out already: such a row cannot be cancelled, only not be sent again."""
UNTOUCHED = frozenset({State.PLANNED, State.QUEUED})
"""Certainly not sent: such a row can be cancelled or moved."""

EVIDENCE = frozenset(_EVIDENCE)
"""Believed of any claim. What else a worker says holds for its own claim only, and is not believed of a later one."""


def after(state: State, event: Event) -> State | None:
    """The next state; None where the event is not allowed, and then nothing happens."""
    return TRANSITIONS.get((state, event))


_LEFT = "it left, or may have: a second one could reach the person twice"
_NOT_AGAIN = {
    **dict.fromkeys((State.PLANNED, State.QUEUED, State.CLAIMED), "it is still on its way"),
    **dict.fromkeys((State.SENT, State.DELIVERED, State.UNDELIVERED, State.UNKNOWN), _LEFT),
}


def why_not_again(state: State, *, by_hand: bool) -> str | None:
    """Why a follow-up in this state must not be planned anew; None where that can neither double nor intrude.

    `by_hand`: whether an engineer ended it. What the person or the policy ended is not ours to bring back.
    """
    if state is State.CANCELLED and not by_hand:
        return "its person ended it, or danger did: it is not wanted any more"
    return _NOT_AGAIN.get(state)


class Outcome(StrEnum):
    """What a provider's answer to a send request, or a code in its callback, says about the text."""

    FINAL = "final"  # not sent, and never will be
    OPTED_OUT = "opted_out"  # not sent, and the person does not want any
    RETRY = "retry"  # certainly not sent, may go later
    UNKNOWN = "unknown"  # may have been sent


CODES: Mapping[int, Outcome] = {
    **dict.fromkeys((21610, 30004, 30640), Outcome.OPTED_OUT),
    # The person's phone or number.
    **dict.fromkeys((21211, 21217, 21265, 21266, 21614, 21635, 30005, 30006), Outcome.FINAL),
    # Our number, service or words, for this person.
    **dict.fromkeys((21408, 21602, 21603, 21606, 21608, 21612, 21617, 21619, 21654, 21656), Outcome.FINAL),
    **dict.fromkeys((21703, 21704, 21705, 30007, 30024, 30032, 30034, 30610), Outcome.FINAL),
    **dict.fromkeys((14103, 35114, 35115, 35117, 35118), Outcome.FINAL),
    # Refused before it was looked at: our account, which an operator mends while the text waits.
    **dict.fromkeys((20003, 20005, 30002), Outcome.RETRY),
    **dict.fromkeys((14107, 20429, 21611, 30001, 30003, 30008, 30017, 30022, 30023, 30027, 30047), Outcome.RETRY),
    # The provider itself does not know.
    **dict.fromkeys((20500, 20503, 30410), Outcome.UNKNOWN),
}
"""Twilio's codes, from its error catalogue. A code that is missing here is classed by its HTTP status."""

OURS_TO_MEND = frozenset({20003, 20005, 21408, 21603, 21606, 21608, 21703, 21704, 21705, 30002, 30024, 30032, 30034})
"""The account, the number or its registration is wrong: every send will fail until an operator acts."""

_NOT_PROCESSED = frozenset({401, 429})
"""Refused at the door: the request did nothing."""


def classify(http_status: int | None, code: int | None) -> Outcome:
    """Total: whatever the pair, there is one class.

    A server error may have come after the text was taken, whichever code it carries. Without a status, `code` comes
    from a callback about a text that has failed for certain.
    """
    if http_status is not None and (http_status >= 500 or http_status < 400):
        return Outcome.UNKNOWN
    if code is not None and code in CODES:
        return CODES[code]
    if http_status in _NOT_PROCESSED:
        return Outcome.RETRY
    if http_status == 408 or (http_status is None and code is None):
        return Outcome.UNKNOWN
    return Outcome.FINAL


FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)


def backoff(attempt: int, random: Callable[[], float]) -> timedelta:
    """The wait after the attempt-th failure, from 1: doubles up to a quarter of an hour, spread over its upper half.

    `random` gives [0, 1). Where the provider said how long to wait, take the longer of the two.
    """
    doublings = max(0, min(attempt - 1, 16))
    whole = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return whole / 2 + whole / 2 * random()


LISTINGS = (timedelta(minutes=2), timedelta(minutes=10))
"""How long after the claim each listing of the provider's messages must be, for all to prove that none was sent."""


CLOCKS_DIFFER = timedelta(hours=1)
"""So much may a machine's clock be wrong against the provider's: a listing is read from that long before the claim."""


def listing_due(claimed_at: datetime, listings: int, now: datetime) -> bool:
    """Whether another look at the provider's list would count, after `listings` that found nothing."""
    return listings < len(LISTINGS) and now >= claimed_at + LISTINGS[listings]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one text leaves behind, as it is kept: no number that can be read, no word of the text."""

    message: MessageKey
    sender: SenderKey
    sealed_number: str
    effects: tuple[Effect, ...]
    release: str
    """The playbook's, that was in force."""
    at: datetime
    """When the text came in: orders a sender's texts, also where they are applied late."""


@dataclass(frozen=True, slots=True)
class DueFollowUp:
    """A follow-up that a worker has claimed, with all that it needs to decide and to send."""

    id: FollowUpId
    sender: SenderKey
    sealed_number: str
    plan: str
    step: int
    reply: str
    language: Language
    due_at: datetime
    expires_at: datetime
    zone: str
    window: tuple[int, int]
    after_danger: Kind | None
    attempts: int
    """Claims so far, this one included: names this claim when its outcome is recorded."""
    claimed_at: datetime
    opted_out: bool
    """The person wants none, or has ended this one."""
    brings: str = ""
    """What MORE goes on with once it is out; empty for what is no reminder."""


@dataclass(frozen=True, slots=True)
class UnsettledFollowUp:
    """An unknown one for which the provider's list of messages should be read now."""

    id: FollowUpId
    sealed_number: str
    reply: str
    language: Language
    claimed_at: datetime
    listings: int
    """How many have found nothing so far."""
    others: frozenset[str]
    """The provider's ids of texts to this person that are known to be other follow-ups: no evidence for this one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one follow-up stands, for the person's phone page and for operators."""

    id: FollowUpId
    plan: str
    step: int
    reply: str
    state: State
    due_at: datetime
    expires_at: datetime
    zone: str
    attempts: int
    changed_at: datetime
    provider_sid: str | None = None
    """The provider's message id. With access to our account there, it leads to the person."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of a row's story."""

    at: datetime
    before: State | None
    """None for the first: the planning."""
    event: str
    after: State
    reason: str
    code: int | None
