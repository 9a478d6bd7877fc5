"""Every rule of the floor hears what it is for, and leaves alone what stands next to it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from service.policy.conversation import Level
from service.policy.danger import floor
from service.policy.danger.builtin import assess

_SIDES: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parent / "near_misses.yaml").read_text("utf-8")
)
_HEARD = [(rule, number) for rule, sides in _SIDES.items() for number in range(len(sides["says"]))]
_LEFT = [(rule, number) for rule, sides in _SIDES.items() for number in range(len(sides["not"]))]


@pytest.mark.parametrize(("rule", "number"), _HEARD)
def test_somebody_who_says_it_is_heard(rule: str, number: int) -> None:
    assessed = assess(_SIDES[rule]["says"][number])

    assert rule in {evidence.rule for evidence in assessed.evidence}


@pytest.mark.parametrize(("rule", "number"), _LEFT)
def test_somebody_who_says_nearly_that_and_means_no_harm_is_left_alone(rule: str, number: int) -> None:
    assert assess(_SIDES[rule]["not"][number]).level is Level.NONE


def test_no_rule_of_the_floor_is_without_its_near_misses() -> None:
    rules = {pattern.rule for pattern in floor.load().patterns if pattern.rule.level.is_danger}

    assert {rule.name for rule in rules} == set(_SIDES)
