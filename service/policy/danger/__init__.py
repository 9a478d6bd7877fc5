"""The crisis engine: a text in, its level, kind and evidence out."""

from __future__ import annotations

from service.policy.conversation import Assessment
from service.policy.danger.additions import Addition, AdditionError
from service.policy.danger.recogniser import Recogniser, too_broad

FLOOR = Recogniser()
"""What every service recognises, whatever its operators add."""


def assess(text: str, before: tuple[str, ...] = ()) -> Assessment:
    """What the floor alone makes of a text."""
    return FLOOR.assess(text, before)


__all__ = ["FLOOR", "Addition", "Recogniser", "AdditionError", "assess", "too_broad"]
