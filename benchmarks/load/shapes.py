"""How a load rises and falls: a course of rates, in texts a second. `courses` names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many texts a second, for so many seconds."""

    rate: float
    seconds: float


Course = tuple[Stretch, ...]


def steady(rate: float, seconds: float) -> Course:
    return (Stretch(rate, seconds),)


def staircase(rate: float, seconds: float) -> Course:
    """Twelve steps from `rate` on, each higher by half; a run ends early at the knee."""
    return tuple(Stretch(rate * 1.5**step, seconds / 12) for step in range(12))


def spike(rate: float, seconds: float) -> Course:
    """Ten times as much for a fifth of the time, as on the night of a celebrity's death."""
    return Stretch(rate, seconds * 0.4), Stretch(rate * 10, seconds * 0.2), Stretch(rate, seconds * 0.4)


def soak(rate: float, seconds: float) -> Course:
    """Little for long, to see what grows: an hour at least."""
    return (Stretch(rate, max(seconds, 3600)),)


COURSES: dict[str, Callable[[float, float], Course]] = {
    "steady": steady,
    "staircase": staircase,
    "spike": spike,
    "soak": soak,
}

KNEE = 1.0
"""Seconds. A staircase ends where one text in a hundred waits longer."""
