"""What every service recognises, whatever its operators add. It is built by importing this; nothing else builds it."""

from __future__ import annotations

from service.policy.conversation import Assessment
from service.policy.danger.recogniser import Recogniser

FLOOR = Recogniser()


def assess(text: str, before: tuple[str, ...] = ()) -> Assessment:
    """What the floor alone makes of a text."""
    return FLOOR.assess(text, before)
