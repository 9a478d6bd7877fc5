"""Whether every text has its one answer at the right level, and every plan that somebody said YES to its rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from benchmarks.load.history import Texted
from service.line import explain
from service.policy.conversation import InboundMessage, Level, MessageSid, PhoneNumber, Session
from service.policy.programme import Playbook

RowsOf = Callable[[str], int]
"""How many follow-ups of a sender are on record."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as Twilio reads it."""

    text: str
    """Empty for a silence."""
    reply: str
    level: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that must not be. Names the text by its sid alone."""

    sid: str
    what: str


class Unreadable(ValueError):
    """Not what Twilio takes for an answer."""


def said(body: bytes) -> Said:
    """Raises Unreadable. The constant answer of the last resort names no level: it is no answer to this text."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 (our own line's answer)
    except ElementTree.ParseError:
        raise Unreadable("no XML") from None
    if root.tag != "Response" or len(root) > 1:
        raise Unreadable(f"<{root.tag}> with {len(root)} elements")
    if len(root) == 0:
        return Said("", "", "")
    query = parse_qs(urlsplit(root[0].get("action", "")).query)
    if "level" not in query:
        raise Unreadable("the constant answer of the last resort")
    return Said(root[0].text or "", query.get("reply", [""])[0], query["level"][0])


def reconcile(texts: Iterable[Texted], playbook: Playbook, now: datetime, rows_of: RowsOf | None) -> list[Flaw]:
    """Every flaw. Without `rows_of`, a line elsewhere, rows are not looked at."""
    flaws: list[Flaw] = []
    accepted: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for texted in texts:
        try:
            answer = _the_answer(texted)
        except Unreadable as error:
            flaws.append(Flaw(texted.sid, str(error)))
            continue
        flaws += [Flaw(texted.sid, what) for what in _wrong(texted, answer, playbook, now)]
        if answer.reply.startswith("accepted-"):
            accepted[texted.sender].append((texted.sid, answer.reply.removeprefix("accepted-")))
    return flaws + (_without_rows(accepted, playbook, rows_of) if rows_of else [])


def _the_answer(texted: Texted) -> Said:
    bodies = {delivery.body for delivery in texted.deliveries if delivery.status == 200}
    if not texted.deliveries or any(delivery.status != 200 for delivery in texted.deliveries):
        statuses = sorted({delivery.status for delivery in texted.deliveries})
        raise Unreadable(f"not answered: {statuses or 'never delivered'}")
    if len(bodies) != 1:
        raise Unreadable(f"{len(bodies)} different answers to {len(texted.deliveries)} deliveries")
    return said(bodies.pop())


def _wrong(texted: Texted, answer: Said, playbook: Playbook, now: datetime) -> list[str]:
    """By the words alone. What was texted before may make an answer more urgent, never less."""
    message = InboundMessage(
        MessageSid(texted.sid), PhoneNumber(texted.sender), texted.text, now, "US", media_count=texted.media
    )
    _, alone = explain(message, Session(), playbook, now)
    if not answer.text:
        many_before = texted.earlier >= playbook.programme.answers_before_silence
        silent = not alone.text or (many_before and alone.level == Level.NONE)
        return [] if silent else [f"silence, where the words alone get {alone.reply}"]
    if answer.level == alone.level:
        return []
    more_urgent = Level(answer.level).urgency > Level(alone.level).urgency
    return [] if texted.earlier and more_urgent else [f"level {answer.level}, where the words alone say {alone.level}"]


def _without_rows(accepted: Mapping[str, list[tuple[str, str]]], playbook: Playbook, rows_of: RowsOf) -> list[Flaw]:
    """A plan that is running already is not planned twice, so several YES to one plan want its rows once."""
    flaws = []
    for sender, plans in accepted.items():
        wanted = sum(len(playbook.plans[plan].steps) for plan in {plan for _, plan in plans})
        found = rows_of(sender)
        if found < wanted:
            flaws.append(Flaw(plans[-1][0], f"YES planned {wanted} follow-ups, and {found} are on record"))
    return flaws


def summed(flaws: Iterable[Flaw]) -> Counter[str]:
    return Counter(flaw.what for flaw in flaws)
