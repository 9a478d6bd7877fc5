"""Rules about plans of follow-ups: that nobody is texted at a bad hour, about a secret, or without a clear yes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

from service.check.subject import SAMPLE_OF_WHEN, Subject
from service.check.wording import GSM7_LANGUAGES, MOST_SEGMENTS
from service.playbook.assemble import shaped
from service.playbook.marked import Marked
from service.playbook.messages import file_of
from service.playbook.mistakes import Mistake
from service.playbook.shapes import FollowUpsShape
from service.policy.programme import PlanSpec, Step, offer_of
from service.policy.replies import render
from service.policy.segments import count
from service.policy.text import words

FILE = "config/followups.yaml"

NARROWEST = 5
"""Hours. A number that may be anywhere between New York and Los Angeles takes three of them away."""
SHORTEST_LIFE = timedelta(hours=6)
"""So long a follow-up must stay welcome: an outage, and the hours between two days of the person, take their time."""
SOONEST = timedelta(hours=4)
"""After the YES, and after the step before it."""

# What a lock screen, a family plan or a number's next owner must not be told.
_TELLING = {
    "en": r"suicid|drug|abuse|addict|self-harm|overdose|assault|violence|rehab|sober|relapse",
    "es": r"suicid|droga|abuso|adicc|autoles|sobredosis|violencia|agresi|recaída",
}
_NO_ANSWER_NEEDED = {
    "en": r"nothing to answer|no need to answer|don't need to answer",
    "es": r"no hace falta responder|no hay que responder",
}
_HOW_OFTEN = {
    "en": r"\b(one|two|three|four|five|\d+)\b",
    "es": r"\b(un|una|dos|tres|cuatro|cinco|\d+)\b",
}
_YES = {"en": r"\bYES\b", "es": r"\bSÍ\b"}
_CLAIMS = {
    "en": r"\b(proven|studies|research|saves? lives|will help you|prevents?)\b",
    "es": r"\b(probado|estudios|salva vidas|te ayudará|previene)\b",
}


def steps_are_at_decent_hours(subject: Subject) -> Iterator[Mistake]:
    """Never wider than the programme's, and wide enough to be left with some where the zone is a guess."""
    opens, shuts = subject.everything.programme.quiet_hours
    for path, _, step in _steps(subject):
        first, last = step.hours
        if first < opens or last > shuts:
            what = f"{list(step.hours)} is wider than the programme's {[opens, shuts]}"
            yield _mistake(subject, (*path, "hours"), what, "Narrow it")
        elif last - first < NARROWEST:
            what = f"{list(step.hours)} leaves no hour where the person's zone is a guess"
            yield _mistake(subject, (*path, "hours"), what, f"Make it {NARROWEST} hours or more")


def steps_keep_their_distance(subject: Subject) -> Iterator[Mistake]:
    """Each some hours after the one before it, and welcome long enough to get through a bad day of ours."""
    for spec in subject.everything.plans.values():
        before = timedelta()
        for number, step in enumerate(spec.steps):
            path = ("plans", spec.name, "steps", number)
            if step.delay - before < SOONEST:
                yield _mistake(subject, (*path, "after"), "follows too soon", f"Leave {SOONEST} or more before it")
            if step.expires_after < SHORTEST_LIFE:
                what = "would lapse in a short outage, or overnight"
                yield _mistake(subject, (*path, "expires_after"), what, f"Make it {SHORTEST_LIFE} or more")
            before = step.delay


def plans_can_be_reached(subject: Subject) -> Iterator[Mistake]:
    """A plan that nothing offers, and one that another, earlier one of the same occasion hides."""
    plans = subject.everything.plans
    shape, _ = _read(subject)
    by_steps = {step.offers for spec in plans.values() for step in spec.steps}
    seen: Counter[object] = Counter()
    for name, spec in plans.items():
        offered = spec.offered
        referral = {"a referral"} if offered.after_referral else set()
        occasions: set[object] = {*offered.after_danger, *offered.after_topics, *referral}
        if not (occasions or shape.plans[name].offered.by_keywords or name in by_steps):
            yield _mistake(subject, ("plans", name), "is never offered", "Say in offered: when, or delete it")
        for occasion in sorted(map(str, occasions & set(seen))):
            what = f"is hidden: another plan is offered after {occasion}"
            yield _mistake(subject, ("plans", name, "offered"), what, "Offer one of them elsewhere")
        seen.update(occasions)


def plan_keywords_lead_there(subject: Subject) -> Iterator[Mistake]:
    """No word of keywords.yaml, and nothing that is answered as danger, stands before a plan's own keyword."""
    shape, _ = _read(subject)
    for name, plan in shape.plans.items():
        for language, written in plan.offered.by_keywords.items():
            for keyword in written:
                path = ("plans", name, "offered", "by_keywords", language)
                if subject.everything.recogniser.assess(keyword).level.is_danger:
                    yield _mistake(subject, path, f"{keyword!r} is answered as danger", "Use another word")
                match = subject.everything.vocabulary.named(words(keyword))
                if match is None or match.entry.route != f"offer:{name}":
                    belongs = match.entry.route if match else "nothing"
                    yield _mistake(subject, path, f"{keyword!r} belongs to {belongs} already", "Use another word")


def offers_are_clear(subject: Subject) -> Iterator[Mistake]:
    """What, how often, and the one word that agrees; the linter of wording sees to STOP and to what it costs."""
    offers = {offer_of(name) for name in subject.everything.plans}
    for answer in subject.at_home():
        if answer.name in offers:
            for pattern, mend in ((_YES, "Ask for YES"), (_HOW_OFTEN, "Say how many texts come")):
                if not re.search(pattern.get(answer.language, ""), answer.text, re.IGNORECASE):
                    yield answer.mistake("is no clear offer", mend)


def follow_ups_are_discreet(subject: Subject) -> Iterator[Mistake]:
    for file, language, text in _texts(subject):
        if found := re.search(_TELLING.get(language, "$^"), text, re.IGNORECASE):
            yield Mistake(
                file, 1, "", f"says {found[0]!r} on a screen that others may see", "Name nothing that was told"
            )


def follow_ups_ask_for_nothing(subject: Subject) -> Iterator[Mistake]:
    """How to end it, that no answer is needed, and no claim that they heal."""
    for file, language, text in _texts(subject):
        if "STOP" not in text:
            yield Mistake(file, 1, "", "does not say STOP", "Say how to end it")
        if not re.search(_NO_ANSWER_NEEDED.get(language, ""), text, re.IGNORECASE):
            yield Mistake(file, 1, "", "does not say that no answer is needed", 'Add: "Nothing to answer."')
        if found := re.search(_CLAIMS.get(language, "$^"), text, re.IGNORECASE):
            yield Mistake(file, 1, "", f"says {found[0]!r}, a claim of effect", "Nobody has shown it: leave it out")


def follow_ups_fit(subject: Subject) -> Iterator[Mistake]:
    """A step with the offer that it ends with, and a topic's first text with its plan's."""
    playbook = subject.everything
    for spec in playbook.plans.values():
        together = [step.replies for step in spec.steps if step.offers]
        # As a stranger gets it, who is also told what this line is.
        offered = (offer_of(spec.name), "introduction-brief")
        together += [(f"topic-{topic}-1", *offered) for topic in sorted(spec.offered.after_topics)]
        for names in together:
            for language, messages in playbook.messages.items():
                values = playbook.values(subject.home_country, language, subject.now)
                size = count(render(names, messages, values))
                if size.segments > MOST_SEGMENTS[language in GSM7_LANGUAGES]:
                    what = f"with {' and '.join(names[1:])} takes {size.segments} segments ({size.units} units)"
                    yield Mistake(file_of(names[0], language), 1, "", what, "Cut one of them")


def _texts(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Each follow-up as it goes out: the file of its step, the language, the whole text."""
    playbook = subject.everything
    for _, _, step in _steps(subject):
        for language, messages in playbook.messages.items():
            values = playbook.values(subject.home_country, language, subject.now)
            values["when"] = SAMPLE_OF_WHEN.get(language, SAMPLE_OF_WHEN["en"])
            yield file_of(step.reply, language), language, render(step.replies, messages, values)


def _steps(subject: Subject) -> Iterator[tuple[tuple[str | int, ...], PlanSpec, Step]]:
    for spec in subject.everything.plans.values():
        for number, step in enumerate(spec.steps):
            yield ("plans", spec.name, "steps", number), spec, step


def _mistake(subject: Subject, path: tuple[str | int, ...], what: str, mend: str) -> Mistake:
    _, file = _read(subject)
    return file.mistake(path, what, mend)


def _read(subject: Subject) -> tuple[FollowUpsShape, Marked]:
    shape, file = shaped(subject.snapshot, FILE, FollowUpsShape, [])
    if shape is None:
        raise AssertionError("the playbook was built from this file")
    return shape, file


RULES: tuple[Callable[[Subject], Iterator[Mistake]], ...] = (
    steps_are_at_decent_hours,
    steps_keep_their_distance,
    plans_can_be_reached,
    plan_keywords_lead_there,
    offers_are_clear,
    follow_ups_are_discreet,
    follow_ups_ask_for_nothing,
    follow_ups_fit,
)
