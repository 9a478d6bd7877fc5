"""Which replies a playbook must have, and which it may: the names that routing can ask for. Not what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from service.policy.conversation import Hint, Kind, Level
from service.policy.programme import PlanSpec, Topic, offer_of

LEVELS_OF_DANGER = tuple(level for level in Level if level.is_danger)
KINDS_WITH_TWO_VOICES = frozenset({Kind.SUICIDE, Kind.HOPELESSNESS})
"""What is written about most, by people who write more than once: nobody is told the same words twice in a row."""

_FIXED = """
introduction introduction-brief concern-lead check_in-low check_in-middling check_in-good check_in-best declined
refused-opted_out refused-enough refused-now
stop stop-quit stop-request start help menu fallback more-nothing find-zip find-centers referral referral-2
delete-ask delete-done empty go_on yes_nothing_open calm-2 calm-3 joke-2 both_languages
""".split()
"""What routing names itself. A reply that only keywords.yaml names is asked for there."""

_DANGER = re.compile(
    rf"danger-(?P<kind>{'|'.join(Kind)})-(?P<level>{'|'.join(LEVELS_OF_DANGER)})(?:-(?P<hint>{'|'.join(Hint)}))?(?P<second>-2)?"
)


def danger_replies() -> Iterator[str]:
    """One voice for every kind at every level, so that no danger can be without an answer."""
    for kind in Kind:
        for level in LEVELS_OF_DANGER:
            yield f"danger-{kind}-{level}"
            if kind in KINDS_WITH_TWO_VOICES:
                yield f"danger-{kind}-{level}-2"


def replies(topics: Mapping[str, Topic], plans: Iterable[PlanSpec], language: str) -> frozenset[str]:
    """Every name that routing may ask for in a language: without one of them, a text would have no answer."""
    needed = {*_FIXED, *danger_replies(), f"language-{language}"}
    for topic in topics.values():
        needed.update(f"topic-{topic.name}-{part}" for part in range(1, max(topic.parts, 1) + 1))
    for plan in plans:
        needed.update((offer_of(plan.name), f"accepted-{plan.name}", *(step.reply for step in plan.steps)))
    return frozenset(needed)


def is_voice_of_danger(name: str) -> bool:
    """Whether it speaks in danger, for somebody in particular (`-veteran`) or as a second voice (`-2`) too."""
    return _DANGER.fullmatch(name) is not None


def danger_of(name: str) -> tuple[Kind, Level, Hint | None] | None:
    """What a voice of danger speaks about; None for every other reply."""
    match = _DANGER.fullmatch(name)
    if match is None:
        return None
    return Kind(match["kind"]), Level(match["level"]), Hint(match["hint"]) if match["hint"] else None
