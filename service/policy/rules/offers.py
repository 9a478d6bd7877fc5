"""What an answer may offer for later, and when it must offer nothing."""

from __future__ import annotations

from dataclasses import replace

from service.policy.conversation import OPEN_QUESTION, Awaiting, AwaitingKind, Decision, Kind, Reply
from service.policy.follow_ups import may_be_offered
from service.policy.hearing import Heard


def with_offer(heard: Heard, decision: Decision, kind: Kind | None) -> Decision:
    """Add the offer of the first plan that suits what was just answered; none where it might do harm."""
    spec = may_be_offered(heard.message, heard.session, heard.assessment, kind, heard.playbook, heard.now)
    if spec is None or decision.reply is None or decision.session.opted_out:
        return decision
    offer = Awaiting(AwaitingKind.OFFER, (spec.name,), heard.now + OPEN_QUESTION)
    return replace(
        decision,
        reply=Reply((*decision.reply.names, f"offer-{spec.name}"), heard.language),
        session=replace(decision.session, awaiting=(offer,)),
        offers=True,
    )
