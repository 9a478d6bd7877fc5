"""When enough was found in a text of many cries: only where nothing that is left could change the answer."""

from __future__ import annotations

from service.policy.conversation import Hint, Kind, Level
from service.policy.danger.assessment import order, settled
from service.policy.danger.grammar import Combination, Rule
from service.policy.danger.matcher import Match

IMMINENT = Rule("imminent", Level.IMMINENT, Kind.OVERDOSE)
CRISIS = Rule("crisis", Level.CRISIS, Kind.SUICIDE)
LIGHTER_KIND = Rule("abuse", Level.CRISIS, Kind.ABUSE)
CONCERN = Rule("concern", Level.CONCERN, Kind.HOPELESSNESS)
SIGN = Rule("sign", Level.NONE, None, tags=frozenset({"alone"}))
JOKE = Rule("joke", Level.NONE, None, covers=True)
CHILD = Rule("child", Level.NONE, None, hints=frozenset({Hint.CHILD}))
SIGNS = Combination(Rule("several signs", Level.CONCERN, Kind.SUICIDE), frozenset({"alone", "low"}), 2)


def a_match(rule: Rule, start: int = 4, end: int = 6) -> Match:
    return Match(rule, end, lambda _: start)


def test_a_cry_outweighs_what_is_no_graver() -> None:
    assert settled([a_match(CRISIS)], CRISIS, [SIGNS])
    assert settled([a_match(CRISIS)], LIGHTER_KIND, [SIGNS])
    assert settled([a_match(CRISIS)], CONCERN, [SIGNS])
    assert settled([a_match(CRISIS)], SIGN, [SIGNS])


def test_a_graver_one_is_still_looked_for() -> None:
    assert not settled([a_match(CRISIS)], IMMINENT, [SIGNS])
    assert not settled([a_match(LIGHTER_KIND)], CRISIS, [SIGNS])


def test_without_a_cry_everything_is_looked_for() -> None:
    assert not settled([], SIGN, [SIGNS])
    assert not settled([a_match(SIGN)], SIGN, [])


def test_a_cry_that_was_a_joke_settles_nothing() -> None:
    assert not settled([a_match(CRISIS), a_match(JOKE, 3, 8)], CONCERN, [])
    assert settled([a_match(CRISIS), a_match(JOKE, 10, 12)], CONCERN, [])


def test_small_signs_are_looked_for_while_they_could_be_graver_together() -> None:
    assert not settled([a_match(CONCERN)], CONCERN, [SIGNS])
    assert settled([a_match(CONCERN)], CONCERN, [])


def test_what_tells_more_than_a_level_is_always_looked_for_and_first() -> None:
    for rule in (JOKE, CHILD):
        assert not settled([a_match(IMMINENT)], rule, [SIGNS])
        assert order(rule) < order(IMMINENT)

    assert sorted([SIGN, CONCERN, LIGHTER_KIND, CRISIS, IMMINENT], key=order) == [
        IMMINENT,
        CRISIS,
        LIGHTER_KIND,
        CONCERN,
        SIGN,
    ]
