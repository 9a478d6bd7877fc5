"""A banner under an answer: last of all, once in a conversation, and not where it could do harm."""

from __future__ import annotations

from dataclasses import replace

from service.policy.conversation import DISCREET_KINDS, Decision, Reply
from service.policy.hearing import Heard
from service.policy.notices import in_force


def with_notice(heard: Heard, decision: Decision) -> Decision:
    """Carriers approved their texts to the letter; whoever was just asked something must see the question last."""
    if decision.reply is None or decision.offers or decision.route.startswith("carrier:"):
        return decision
    if decision.assessment.kind in DISCREET_KINDS:
        return decision
    country = heard.message.country or heard.playbook.programme.country
    danger = decision.assessment.level.is_danger
    notice = in_force(heard.playbook.notices, country, heard.now, danger=danger)
    if notice is None or notice.id in heard.session.notices_seen:
        return decision
    reply = Reply((*decision.reply.names, notice.reply), decision.reply.language)
    seen = (*heard.session.notices_seen, notice.id)
    return replace(decision, reply=reply, session=replace(decision.session, notices_seen=seen))
