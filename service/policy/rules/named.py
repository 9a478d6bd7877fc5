"""Precedence 4: keywords, then topics and questions recognised in a sentence."""

from __future__ import annotations

from dataclasses import replace

from service.policy import voices
from service.policy.conversation import OPEN_QUESTION, Awaiting, AwaitingKind, Decision, Language
from service.policy.follow_ups import Occasion
from service.policy.hearing import Heard, answer, silence
from service.policy.keywords import Match
from service.policy.rules.nearby import find
from service.policy.rules.offers import asked_for, with_offer


def keyword(heard: Heard) -> Decision | None:
    match = heard.playbook.vocabulary.named(heard.words)
    return _follow(heard, match) if match else None


def sentence(heard: Heard) -> Decision | None:
    match = heard.playbook.vocabulary.recognised(heard.words)
    return _follow(heard, match) if match else None


def _follow(heard: Heard, match: Match) -> Decision | None:
    """Do what a keyword's route says."""
    route, reply = match.entry.route, match.entry.reply
    name, _, detail = route.partition(":")
    match name:
        case "topic":
            return with_offer(heard, topic(heard, detail, str(match.how)), Occasion(topic=detail))
        case "offer":
            return asked_for(heard, detail, str(match.how))
        case "menu":
            return menu(heard, str(match.how))
        case "more":
            return _more(heard, str(match.how))
        case "language":
            return _switch_language(heard, Language(detail), str(match.how))
        case "delete":
            return _ask_to_delete(heard, str(match.how))
        case "referral":
            return _referral(heard, str(match.how))
        case "find":
            return find(heard, str(match.how))
        case "fallback":
            return _small_talk(heard, reply, str(match.how))
        case _:
            return answer(heard, route, str(match.how), reply or name)


def topic(heard: Heard, name: str, because: str, part: int = 1) -> Decision:
    """Part `part` of a topic's series; MORE brings the next one."""
    series = heard.playbook.topics[name]
    following = Awaiting(AwaitingKind.MORE, (f"{name}:{part + 1}",), heard.now + OPEN_QUESTION)
    awaiting = heard.asking(following) if part < series.parts else None
    return answer(heard, f"topic:{name}", because, f"topic-{name}-{part}", awaiting=awaiting)


def _more(heard: Heard, because: str) -> Decision:
    following = heard.open(AwaitingKind.MORE)
    if following is None:
        return answer(heard, "more", f"{because}; nothing is open", "more-nothing")
    name, _, part = following.choices[0].partition(":")
    series = heard.playbook.topics.get(name)
    if series is None or int(part) > series.parts:
        return answer(heard, "more", f"{because}; that series has ended", "more-nothing")
    return replace(topic(heard, name, because, int(part)), route="more")


def menu(heard: Heard, because: str, reply: str = "menu", route: str = "menu") -> Decision:
    """The numbered topics; a number then picks one."""
    numbers = Awaiting(AwaitingKind.MENU, heard.playbook.menu, heard.now + OPEN_QUESTION)
    return answer(heard, route, because, reply, awaiting=heard.asking(numbers))


def _switch_language(heard: Heard, language: Language, because: str) -> Decision:
    session = replace(heard.session, language=language)
    heard = replace(heard, language=language)
    return answer(heard, f"language:{language}", because, f"language-{language}", session=session)


def _ask_to_delete(heard: Heard, because: str) -> Decision:
    question = Awaiting(AwaitingKind.DELETE, (), heard.now + OPEN_QUESTION)
    return answer(heard, "delete", because, "delete-ask", awaiting=heard.asking(question))


def _referral(heard: Heard, because: str) -> Decision:
    reply = voices.other("referral", heard.session, heard.playbook.messages[heard.language])
    session = replace(heard.session, last_reply=reply, danger_at=heard.now)
    decision = answer(heard, "referral", because, reply, session=session)
    return with_offer(heard, decision, Occasion(referral=True))


def _small_talk(heard: Heard, reply: str, because: str) -> Decision | None:
    """Greetings, thanks and the like: an answer of their own, but for thanks after opting out."""
    if reply == "thanks" and heard.session.opted_out:
        return silence(heard, "thanks", "a bare thanks after opting out")
    if reply in ("", "fallback"):
        return None
    name = voices.shorter(reply, heard.session, heard.playbook.messages[heard.language])
    return answer(heard, "fallback", f"small talk: {reply}, {because}", name)
