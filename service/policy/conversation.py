"""The words of the policy: what comes in, what is remembered, what is decided. Values only, no rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

PhoneNumber = NewType("PhoneNumber", str)
"""As the provider gives it: mostly E.164, but a short code or a name may come too."""

MessageSid = NewType("MessageSid", str)
"""The provider's id of one message; a repeated delivery carries the same one."""

SenderKey = NewType("SenderKey", str)
"""A keyed hash of a phone number: tells senders apart, tells nobody who they are."""

Language = NewType("Language", str)
"""ISO 639-1, lower case, of a language that the playbook has: "en", "es"."""

FollowUpId = NewType("FollowUpId", str)
"""Opaque, and derived from what caused the follow-up, so that a replay plans it once."""


class Level(StrEnum):
    """What the person needs when this text is all that we know. Ordered from the most urgent."""

    IMMINENT = "imminent"
    CRISIS = "crisis"
    CONCERN = "concern"
    NONE = "none"

    @property
    def is_danger(self) -> bool:
        """Whether precedence 1 applies: everything but NONE."""
        return self is not Level.NONE

    @property
    def urgency(self) -> int:
        """The higher, the more urgent; 0 for NONE."""
        return _URGENCY[self]


_URGENCY = {level: place for place, level in enumerate(reversed(Level))}


class Kind(StrEnum):
    """What the danger is about; it picks the voice and the lines that are named."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    OVERDOSE = "overdose"  # poisoning too
    ABUSE = "abuse"
    ASSAULT = "assault"
    VIOLENCE = "violence"  # toward others
    MEDICAL = "medical"  # withdrawal too
    EMERGENCY = "emergency"  # fire, crash, break-in, "send police to …"
    THIRD_PARTY = "third_party"
    HOPELESSNESS = "hopelessness"
    BEREAVEMENT = "bereavement"
    UNSAFE = "unsafe"  # followed, trafficked, put out


DISCREET_KINDS = frozenset({Kind.ABUSE, Kind.ASSAULT, Kind.UNSAFE})
"""Somebody else may hold the phone: nothing is remembered, named or offered."""


class Hint(StrEnum):
    """What else a text tells about the person, beside level and kind."""

    UNDER_WAY = "under_way"  # an act has begun: taken, bleeding, on the edge
    WATCHED = "watched"  # somebody sees the phone
    CHILD = "child"  # the writer is a child, by age or by who is named
    VETERAN = "veteran"
    LGBTQ = "lgbtq"
    DEAF = "deaf"
    NEW_PARENT = "new_parent"
    OLDER = "older"  # old, or in pain for long
    LINE_REFUSED = "line_refused"  # "988 left me on hold", "no cops"


WEIGHED = "words: "
"""How the rule of evidence begins where no rule spoke, and the words weigh together what they weigh."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a level was given: the rule's name and where in the text, [start, end) in characters as typed."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the danger engine makes of one text. `kind` is None exactly when `level` is NONE."""

    level: Level = Level.NONE
    kind: Kind | None = None
    evidence: tuple[Evidence, ...] = ()
    hints: frozenset[Hint] = frozenset()
    tail: tuple[str, ...] = ()
    """Token classes, not words, of the text's end: what a continuation in the next text needs."""

    @property
    def is_weighed(self) -> bool:
        """Whether no rule found danger, and only the words together are of concern."""
        return any(evidence.rule.startswith(WEIGHED) for evidence in self.evidence)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One text as it came in. Empty strings where the provider did not say."""

    sid: MessageSid
    sender: PhoneNumber
    text: str
    received_at: datetime
    country: str = ""
    """ISO 3166-1 alpha-2, of the number's registration, not of the person's place."""
    state: str = ""
    zip: str = ""
    media_count: int = 0
    carrier_answered: str = ""
    """"STOP", "START" or "HELP" where the provider matched the word and has answered already."""
    yes_is_start: bool = False
    """Whether the provider, which keeps the opt-outs of this number, takes the text for START: a bare YES."""


class AwaitingKind(StrEnum):
    MENU = "menu"  # a number picks from `choices`
    MORE = "more"  # MORE brings `choices[0]`
    OFFER = "offer"  # YES accepts the plan named in `choices[0]`
    CHECK_IN = "check_in"  # an answer to a check-in that was sent
    DELETE = "delete"  # YES confirms


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What the next text may answer, and until when."""

    kind: AwaitingKind
    choices: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """YES or NO to the offer of a plan, and when."""

    plan: str
    at: datetime
    accepted: bool


@dataclass(frozen=True, slots=True)
class Session:
    """What is remembered between two texts. All of it may be lost at any moment; a default is what a stranger has."""

    language: Language | None = None
    awaiting: tuple[Awaiting, ...] = ()
    last_reply: str = ""
    danger_level: Level = Level.NONE
    danger_kind: Kind | None = None
    danger_at: datetime | None = None
    hints: frozenset[Hint] = frozenset()
    introduced: bool = False
    """Whether this person has been told that the line is automatic."""
    opted_out: bool | None = None
    """None: not known here, SQL knows."""
    answered_at: datetime | None = None
    answers_in_a_row: int = 0
    """Answers less than 30 s apart, counted for the loop guard."""
    offers_answered: tuple[OfferAnswered, ...] = ()
    """What this person said YES or NO to of late: it is not offered again at once."""
    tail: tuple[str, ...] = ()
    """`Assessment.tail` of the last text; good for 120 s from `tail_at`."""
    tail_at: datetime | None = None
    no_paid_until: datetime | None = None
    """Until then no listing that somebody pays for may be named to this person."""
    notices_seen: tuple[str, ...] = ()
    """Banners that stood under an answer already, by id."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Which messages make up the answer: names of files under templates/messages/<language>/, in order."""

    names: tuple[str, ...]
    language: Language


class Revocation(StrEnum):
    """How somebody opted out; kept with the opt-out as its reason."""

    CARRIER_WORD = "carrier_word"
    REQUEST = "request"  # "please stop texting me"
    PROVIDER = "provider"  # 21610, or OptOutType


@dataclass(frozen=True, slots=True)
class OptOut:
    """No text of ours but answers, until START. Cancels what is planned."""

    how: Revocation


@dataclass(frozen=True, slots=True)
class OptIn:
    """START: ends the opt-out. Plans nothing."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One text to be sent later: a step of a plan."""

    id: FollowUpId
    plan: str
    step: int
    reply: str
    language: Language
    due_at: datetime
    expires_at: datetime
    zone: str
    """IANA name; the window is in this zone's wall clock."""
    window: tuple[int, int]
    """First and last hour of the day, local: (8, 21) means from 8:00 until before 21:00."""
    urgent: bool = False
    """Goes before the rest: check-ins after a referral."""
    after_danger: Kind | None = None
    """What the check-in answers for, so that its answer is understood in that light."""
    brings: str = ""
    """What MORE goes on with once this is out: "pain:2", part 2 of that topic. Empty for what is no reminder."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of it one person may have."""

    times: int
    """YES to this plan, in any span of `within`."""
    within: timedelta
    at_once: int | None
    """Plans open beside each other, this one included; None for a check-in, for which there is always room."""


@dataclass(frozen=True, slots=True)
class Plan:
    """YES to an offer: the consent, and what it plans. Refused where the sender is opted out, or has enough."""

    plan: str
    wording: str
    """The offer's rendered text: what the person said yes to."""
    follow_ups: tuple[FollowUp, ...]
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Defer:
    """A danger text: planned check-ins wait until `not_before`; what is not to be paused either is cancelled."""

    not_before: datetime
    paused: tuple[str, ...] = ()
    """Plans of which nothing comes before `resumes_at`, and all of it later by the same span."""
    resumes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """What is planned is cancelled without an opt-out ("don't text me back")."""

    reason: str
    plans: tuple[str, ...] = ()
    """Only these; empty for everything."""


@dataclass(frozen=True, slots=True)
class Forget:
    """DELETE, confirmed: everything about the sender but the opt-out and the proof of consent."""


Effect = OptOut | OptIn | Plan | Defer | Cancel | Forget
"""What must last. Applied in one transaction, keyed by the message's sid: a replay changes nothing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one text. Pure data: the same value answers, explains, is logged and is tested."""

    assessment: Assessment
    route: str
    reason: str
    """Says why, in rule names and route words: never a word of the text."""
    reply: Reply | None
    """None is silence, for the reason that the route names."""
    session: Session
    effects: tuple[Effect, ...] = field(default=())
    offers: bool = False
    """Whether the answer offers a follow-up: not to be made to somebody who may have opted out."""
    centers: tuple[str, ...] = ()
    """The treatment centres that the answer names, by id."""


SPLIT_TEXT_WINDOW = timedelta(seconds=120)
LOOP_WINDOW = timedelta(seconds=30)
OPEN_QUESTION = timedelta(hours=12)
