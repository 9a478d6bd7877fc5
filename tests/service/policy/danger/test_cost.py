"""Nobody waits because somebody else is read: not for a hostile text, not for many phrases, not for the first one.

All is compared with what plain sentences cost on the same machine at the same moment, within bounds that a busy machine
does not break.
"""

from __future__ import annotations

import base64
import gc
import random
import sys
import time
from collections.abc import Callable

import pytest

from service.policy.conversation import Kind, Language, Level
from service.policy.danger import Addition, Recogniser, floor
from service.policy.danger.builtin import FLOOR
from tests.corpus.texts import OURS, read

_KNOWN = sorted({word for classes in floor.load().classes.values() for one in classes.values() for word in one.words})
_SHORT = [word for word in _KNOWN if len(word) <= 4 and word.isalpha()]
_LONG = [word for word in _KNOWN if len(word) >= 7 and word.isalpha()]
_PLAIN = [text.text for text in read(OURS) if not text.is_danger]
_GRAVE = [text.text for text in read(OURS) if text.is_danger]
_CYRILLIC = str.maketrans("aeopcx", "аеорсх")
_SHORTEST = sorted(set(_GRAVE), key=len)[:600]
_LEET = str.maketrans("eioas", "310@$")
_EMOJI = "😭💊🔪🔫💔🙏😂🥺🩸⚰️"

LONGEST = 1600


def a_slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        [word[:at] + word[at + 1 :], word[:at] + "xz" + word[at + 1 :], word[:at] + word[at + 1] + word[at:]]
    )


Piece = Callable[[random.Random], str]
_FAMILIES: dict[str, Piece] = {
    "short words of rules": lambda chance: chance.choice(_SHORT) + " ",
    "long words of rules": lambda chance: chance.choice(_LONG) + " ",
    "any words of rules": lambda chance: chance.choice(_KNOWN) + " ",
    "danger after danger": lambda chance: chance.choice(_GRAVE) + " ",
    "short cries": lambda chance: chance.choice(_SHORTEST) + " ",
    "the same danger": lambda _: "i want to die of laughter. i want to kill myself ",
    "halves of dangers": lambda chance: chance.choice(["i want to ", "kill ", "not ", "die ", "myself, ", "i\n"]),
    "a slip in every word": lambda chance: a_slip(chance.choice(_LONG), chance) + " ",
    "unknown words": lambda chance: "".join(chance.choices("bcdfgxyz", k=8)) + " ",
    "one unknown word": lambda _: "q",
    "letters": lambda chance: chance.choice("iakuyxd") + " ",
    "letters and marks": lambda chance: chance.choice("abi.,!?-…\n k*@"),
    "spelled out": lambda chance: " ".join(chance.choice(_LONG)) + "  ",
    "dotted": lambda chance: ".".join(chance.choice(_LONG)) + " ",
    "run together": lambda chance: "".join(chance.choices(_SHORT, k=15)) + " ",
    "starred": lambda chance: (lambda word: f"{word[0]}*{word[2:]} ")(chance.choice(_LONG)),
    "in leet": lambda chance: chance.choice(_KNOWN).translate(_LEET) + " ",
    "stretched": lambda chance: chance.choice(_LONG) + "eeee ",
    "look-alikes": lambda chance: chance.choice(_KNOWN).translate(_CYRILLIC) + " ",
    "emoji": lambda chance: chance.choice(_EMOJI),
    "one emoji": lambda _: "😭",
    "marks": lambda chance: chance.choice(".,!?-…\n"),
    "numbers": lambda chance: f"{chance.randrange(1000)} ",
    "any characters": lambda chance: chr(chance.choice([chance.randrange(32, 0xD7FF), chance.randrange(32, 127)])),
    "invisible characters": lambda _: "d\u200b",
    "packed": lambda _: base64.b64encode(b"i want to die ").decode()[:16],
}


def a_text_of(family: str, length: int) -> str:
    chance, text = random.Random(family), ""
    while len(text) < length:
        text += _FAMILIES[family](chance)
    return text[:length]


def cost(text: str, recogniser: Recogniser = FLOOR) -> float:
    """Seconds of this thread, the least of several: whatever else the machine does is not counted."""
    taken = []
    for _ in range(7):
        begun = time.thread_time()
        recogniser.assess(text)
        taken.append(time.thread_time() - begun)
    return min(taken)


def long_letters() -> list[str]:
    """Of honest sentences, as long as a text can be."""
    return [" ".join(_PLAIN[start::45])[:LONGEST] for start in range(3)]


def cost_of_a_long_letter() -> float:
    return min(map(cost, long_letters()))


@pytest.mark.parametrize("family", _FAMILIES)
def test_nobody_can_make_a_text_slow(family: str) -> None:
    quarter, whole = cost(a_text_of(family, LONGEST // 4)), cost(a_text_of(family, LONGEST))

    # In proportion it would be four times: in the square, sixteen.
    assert whole < 9 * quarter + 0.0005
    assert whole < 3 * cost_of_a_long_letter()


def steps(text: str) -> int:
    """Calls that reading a text takes, Python's own ones too: the same on every machine, however busy."""
    FLOOR.assess(text)
    made = 0

    def count(_frame: object, event: str, _called: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        FLOOR.assess(text)
    finally:
        sys.setprofile(before)
    return made


@pytest.mark.parametrize("family", _FAMILIES)
def test_a_text_made_to_be_slow_takes_no_more_steps_than_a_long_letter(family: str) -> None:
    taken = steps(a_text_of(family, LONGEST))

    assert taken < 1.2 * max(map(steps, long_letters()))
    assert taken < 10 * LONGEST


@pytest.mark.parametrize("text", long_letters(), ids=["one", "another", "a third"])
def test_a_long_letter_takes_at_most_ten_steps_a_character(text: str) -> None:
    assert len(text) == LONGEST
    assert steps(text) < 10 * LONGEST


def test_a_thousand_of_one_emoji_are_read_as_three() -> None:
    assert steps(a_text_of("one emoji", LONGEST)) < 300


def test_a_word_of_ours_alone_takes_next_to_none() -> None:
    assert steps("ANXIETY") < 10
    assert steps("hello there") < 150


def an_addition(phrase: str) -> Addition:
    return Addition(phrase, Level.CRISIS, Kind.SUICIDE, Language("en"))


@pytest.mark.parametrize(
    ("phrase", "number"), [("phrase number {} of many", 20_000), ("<want> <to>? ..2 phrase{} number", 5_000)]
)
def test_thousands_of_phrases_cost_a_text_hardly_more_than_two_hundred(phrase: str, number: int) -> None:
    few = Recogniser(an_addition(phrase.format(one)) for one in range(200))
    begun = time.thread_time()
    many = Recogniser(an_addition(phrase.format(one)) for one in range(number))
    built = time.thread_time() - begun
    text = "ok so im on my way home and phrase number 7 of the day is that i want to forget the milk"

    assert cost(text, many) < 3 * cost(text, few) + 0.0002
    assert built < 10


def test_the_first_text_after_a_start_is_answered_as_soon_as_the_others() -> None:
    begun = time.thread_time()
    fresh = Recogniser()
    built = time.thread_time()
    fresh.assess("i want to die")
    first = time.thread_time() - built

    # 0.7 to 1.2 s were seen; more where two tests share a slow machine.
    assert built - begun < 2.0
    assert first < 0.02


def test_no_word_that_somebody_typed_stays_in_memory() -> None:
    for typed in ("zebrafinchette", "zebrafinchettes and i want to die", "zebr4finchette", "5551234567"):
        FLOOR.assess(typed)

    assert not [one for one in _held_by(FLOOR) if isinstance(one, str) and ("finchette" in one or "55512" in one)]


def _held_by(holder: object) -> list[object]:
    """All that an object leads to, but for modules and classes."""
    seen: dict[int, object] = {}
    waiting = [holder]
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and (isinstance(one, str | dict | list | tuple | set | frozenset) or _is_ours(one)):
            seen[id(one)] = one
            waiting.extend(gc.get_referents(one))
            waiting.extend(one if isinstance(one, dict) else ())  # its words are no referents
    return list(seen.values())


def _is_ours(one: object) -> bool:
    return type(one).__module__.startswith("service.policy")
