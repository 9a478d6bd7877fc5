"""Where treatment is: the answer to FIND and to a ZIP code, and when no paid listing may stand in it."""

from __future__ import annotations

from dataclasses import replace

from service.policy.centers import AFTER_DANGER
from service.policy.conversation import Decision
from service.policy.hearing import Heard, answer


def find(heard: Heard, because: str) -> Decision:
    """Near the ZIP code of the text, if it has one. The number's own is not used: it may be from anywhere."""
    zip_code = next((word for word in heard.words if _is_zip(word)), None)
    if zip_code is None:
        return answer(heard, "find", because, "find")
    shut = heard.session.no_paid_until
    near = heard.playbook.centers.near(zip_code, heard.now.date(), with_paid=shut is None or shut <= heard.now)
    decision = answer(heard, "find", because, "find-centers" if near else "find-zip")
    return replace(decision, centers=near)


def zip_code(heard: Heard) -> Decision | None:
    return find(heard, "a ZIP code") if len(heard.words) == 1 and _is_zip(heard.words[0]) else None


def without_paid_listings(heard: Heard, decision: Decision) -> Decision:
    """After danger for a day: whatever else is forgotten in between, by STOP or by DELETE, this moment is kept."""
    moments = [heard.session.no_paid_until, decision.session.no_paid_until]
    if decision.assessment.level.is_danger or decision.route == "referral" or decision.route.startswith("danger:"):
        moments.append(heard.now + AFTER_DANGER)
    until = max((moment for moment in moments if moment), default=None)
    if until == decision.session.no_paid_until:
        return decision
    return replace(decision, session=replace(decision.session, no_paid_until=until))


def _is_zip(word: str) -> bool:
    return len(word) == 5 and word.isascii() and word.isdecimal()
