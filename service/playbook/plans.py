"""followups.yaml: from plans as operators write them to plans as the policy follows them; and names of nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from service.playbook.marked import Marked
from service.playbook.mistakes import Mistake
from service.playbook.shapes import FollowUpsShape, PlanShape
from service.playbook.vocabulary import keywords_of
from service.policy.conversation import Limits
from service.policy.keywords import Entry
from service.policy.programme import Offered, OnDanger, PlanSpec, Step


def plans(shape: FollowUpsShape, quiet_hours: tuple[int, int]) -> dict[str, PlanSpec]:
    """Every plan; a step without hours of its own has the programme's."""
    return {name: _plan(name, plan, shape.at_once, quiet_hours) for name, plan in shape.plans.items()}


def _plan(name: str, shape: PlanShape, at_once: int, quiet_hours: tuple[int, int]) -> PlanSpec:
    steps = (
        Step(step.after, step.reply, step.expires_after, step.hours or quiet_hours, step.offers or "")
        for step in shape.steps
    )
    offered = Offered(
        frozenset(shape.offered.after_danger),
        shape.offered.after_referral,
        frozenset(shape.offered.after_topics),
        tuple(word for of_language in shape.offered.by_keywords.values() for word in of_language),
        frozenset(shape.offered.countries),
    )
    beside = None if shape.on_danger is OnDanger.MOVE else at_once
    return PlanSpec(
        name,
        offered,
        tuple(steps),
        shape.on_danger,
        Limits(shape.at_most.times, shape.at_most.within, beside),
        frozenset(shape.ended_by),
        shape.brings_more,
    )


def entries(shape: FollowUpsShape, file: Marked, found: list[Mistake]) -> tuple[Entry, ...]:
    """The plans' own keywords, looked up after those of keywords.yaml: the linter says where one is hidden."""
    return tuple(
        Entry(
            f"offer:{name}",
            tuple(keywords_of(plan.offered.by_keywords, ("plans", name, "offered", "by_keywords"), file, found)),
        )
        for name, plan in shape.plans.items()
    )


def loose_ends(shape: FollowUpsShape, file: Marked, topics: Collection[str]) -> Iterator[Mistake]:
    """Names that lead nowhere: a topic that is none, the offer of a plan that is none."""
    for name, plan in shape.plans.items():
        for topic in plan.offered.after_topics:
            if topic not in topics:
                yield file.mistake(("plans", name, "offered", "after_topics"), f"{topic} is no topic", "Name a topic")
        for number, step in enumerate(plan.steps):
            if step.offers is not None and (step.offers not in shape.plans or step.offers == name):
                place = ("plans", name, "steps", number, "offers")
                yield file.mistake(place, f"{step.offers} is no other plan", "Name a plan of this file")
