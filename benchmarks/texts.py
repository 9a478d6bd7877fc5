"""What people text in a load, drawn from the shipped corpus in the mix that a line gets. Nobody's real words."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from service.playbook.assemble import build
from service.playbook.files import read as read_playbook
from service.policy.conversation import Level
from service.policy.programme import Playbook
from service.settings import CHECKOUT
from tests.corpus.texts import OURS, Labelled, read


class Sort(StrEnum):
    DANGER = "danger"  # imminent and crisis
    CONCERN = "concern"
    EVERYDAY = "everyday"  # what only sounds like danger, thanks, hello
    TOPIC = "topic"
    MENU = "menu"  # MENU, a number, MORE
    YES = "yes"
    STOP = "stop"
    START = "start"
    HELP = "help"


WEIGHTS: Mapping[Sort, int] = {
    Sort.DANGER: 14,
    Sort.CONCERN: 6,
    Sort.EVERYDAY: 22,
    Sort.TOPIC: 32,
    Sort.MENU: 14,
    Sort.YES: 5,
    Sort.STOP: 3,
    Sort.START: 2,
    Sort.HELP: 2,
}
"""Per cent."""

_FIXED: Mapping[Sort, Sequence[str]] = {
    Sort.MENU: ("MENU", "1", "2", "5", "MORE", "more"),
    Sort.YES: ("YES", "yes", "si"),
    Sort.STOP: ("STOP", "stop", "ALTO", "please stop texting me"),
    Sort.START: ("START",),
    Sort.HELP: ("HELP", "INFO", "AYUDA"),
}


@cache
def corpus() -> tuple[Labelled, ...]:
    return tuple(read(OURS))


@cache
def shipped_playbook(home: Path = CHECKOUT) -> Playbook:
    return build(read_playbook(home), production=True)


@cache
def texts_of(sort: Sort) -> tuple[str, ...]:
    if sort in _FIXED:
        return tuple(_FIXED[sort])
    if sort is Sort.TOPIC:
        return tuple(name.upper() for name in shipped_playbook().topics)
    wanted = {
        Sort.DANGER: {Level.IMMINENT, Level.CRISIS},
        Sort.CONCERN: {Level.CONCERN},
        Sort.EVERYDAY: {Level.NONE},
    }[sort]
    return tuple(one.text for one in corpus() if one.level in wanted)


def read_all() -> None:
    """Before a clock runs: who is about to text would wait for it, and then all would text in step."""
    for sort in Sort:
        texts_of(sort)


def draw(chance: random.Random) -> tuple[Sort, str]:
    (sort,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
    return sort, chance.choice(texts_of(sort))


def stream(sort: Sort, seed: int) -> Iterator[str]:
    """Texts of one sort without end."""
    chance = random.Random(seed)
    while True:
        yield chance.choice(texts_of(sort))
