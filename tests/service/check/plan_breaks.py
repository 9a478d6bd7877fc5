"""Each rule about plans, broken once: what is changed, and what the linter must say."""

from __future__ import annotations

from service.check import plans
from tests.homes import edited, rewritten

EN, ES = "templates/messages/en/", "templates/messages/es/"
PLANS = "config/followups.yaml"
A_NOTE = "reply: follow_up-caring_1, expires_after: 2 days, hours: [10, 20]"

PLAN_BREAKS = [
    (plans.steps_are_at_decent_hours, edited(PLANS, A_NOTE, A_NOTE.replace("[10, 20]", "[7, 20]")),
     "plans.caring.steps.0.hours: [7, 20] is wider than the programme's [8, 21]"),
    (plans.steps_are_at_decent_hours, edited(PLANS, A_NOTE, A_NOTE.replace("[10, 20]", "[10, 13]")), "leaves no hour where"),
    (plans.steps_keep_their_distance, edited(PLANS, "{after: 2 days, reply: follow_up-pain", "{after: 1 day, reply: follow_up-pain"),
     "plans.pain_drip.steps.1.after: follows too soon"),
    (plans.steps_keep_their_distance, edited(PLANS, "expires_after: 12 hours", "expires_after: 2 hours"), "lapse in a short outage"),
    (plans.plans_can_be_reached, edited(PLANS, ", offers: caring_longer", ""), "plans.caring_longer: is never offered"),
    (plans.plans_can_be_reached, edited(PLANS, "    on_danger: move\n", "    on_danger: move\n", edited(
        PLANS, "      by_keywords: {en: [daily]", "      after_referral: true\n      by_keywords: {en: [daily]")),
     "plans.pain_drip.offered: is hidden: another plan is offered after a referral"),
    (plans.plan_keywords_lead_there, edited(PLANS, "{en: [caring]", "{en: [menu]"), "'menu' belongs to menu already"),
    (plans.plan_keywords_lead_there, edited(PLANS, "{en: [caring]", "{en: [i want to die]"), "'i want to die' is answered as danger"),
    (plans.offers_are_clear, edited(EN + "offer-caring.txt", "Reply YES", "Reply OK"), "offer-caring.txt:1: is no clear offer. Ask for YES"),
    (plans.offers_are_clear, edited(EN + "offer-check_in.txt", "one automatic check-in text", "automatic check-in texts"),
     "Say how many texts come"),
    (plans.follow_ups_are_discreet, edited(EN + "follow_up-check_in.txt", "check-in you", "check-in after the overdose you"),
     "says 'overdose' on a screen"),
    (plans.follow_ups_are_discreet, edited(ES + "follow_up-caring_1.txt", "la primera nota", "la nota sobre drogas"), "says 'droga'"),
    (plans.follow_ups_ask_for_nothing, edited(EN + "follow_up-check_in.txt", "STOP", "NO"), "does not say STOP"),
    (plans.follow_ups_ask_for_nothing, edited(EN + "follow_up-caring_2.txt", "Nothing to answer. ", ""),
     "follow_up-caring_2.txt:1: does not say that no answer is needed"),
    (plans.follow_ups_ask_for_nothing, edited(EN + "follow_up-caring_1.txt", "May today", "Studies say: may today"), "a claim of effect"),
    (plans.follow_ups_fit, rewritten(EN + "offer-pain_drip.txt", "Or by text, one a day: reply YES. " * 5),
     "topic-pain-1.txt:1: with offer-pain_drip and introduction-brief takes 3 segments"),
]  # fmt: skip
