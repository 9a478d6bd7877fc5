"""What an answer may offer for later, and when it must offer nothing."""

from __future__ import annotations

from dataclasses import replace

from service.policy.conversation import OPEN_QUESTION, Awaiting, AwaitingKind, Decision, Reply, Session
from service.policy.follow_ups import Occasion, left_to_read, may_be_offered
from service.policy.hearing import Heard, answer
from service.policy.programme import PlanSpec, offer_of


def with_offer(heard: Heard, decision: Decision, occasion: Occasion) -> Decision:
    """Add the offer of the first plan that suits what was just answered; none where it might do harm."""
    spec = _offered(heard, occasion)
    if spec is None or decision.reply is None or decision.session.opted_out:
        return decision
    return replace(
        decision,
        reply=Reply((*decision.reply.names, offer_of(spec.name)), heard.language),
        session=_asking(heard, decision.session, spec),
        offers=True,
    )


def asked_for(heard: Heard, plan: str, because: str) -> Decision:
    """A plan's own keyword: its offer, which only a YES accepts; or that it cannot be had just now."""
    route = "session:offer"
    spec = _offered(heard, Occasion(plan=plan))
    if heard.session.opted_out:
        return answer(heard, route, f"{because}: {plan}, but the sender has opted out", "refused-opted_out")
    if spec is None:
        nothing_left = heard.playbook.plans[plan].brings_more and left_to_read(heard.session, heard.now) is None
        reply = "more-nothing" if nothing_left else "refused-now"
        return answer(heard, route, f"{because}: {plan} may not be offered now", reply)
    decision = answer(heard, route, f"{because}: offers {plan}", offer_of(plan))
    return replace(decision, session=_asking(heard, decision.session, spec), offers=True)


def _offered(heard: Heard, occasion: Occasion) -> PlanSpec | None:
    return may_be_offered(heard.message, heard.session, heard.assessment, occasion, heard.playbook, heard.now)


def _asking(heard: Heard, session: Session, spec: PlanSpec) -> Session:
    """The offer stands beside what else is open: a number or MORE means something else than YES."""
    offer = Awaiting(AwaitingKind.OFFER, (spec.name,), heard.now + OPEN_QUESTION)
    others = tuple(question for question in session.awaiting if question.kind is not AwaitingKind.OFFER)
    return replace(session, awaiting=(*others, offer))
