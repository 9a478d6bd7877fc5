"""What words weigh together where no rule speaks: little words add up, and a reader sees which."""

from __future__ import annotations

import pytest

from service.policy.conversation import Assessment, Hint, Kind, Level
from service.policy.danger import floor
from service.policy.danger.builtin import FLOOR
from service.policy.danger.weights import (
    NUMBER,
    SITUATIONS,
    START,
    Table,
    Weights,
    read_table,
    sums,
    written_table,
)

NOTHING = Assessment()
_TABLE = {
    START: (-3.0, -5.0, -5.0),
    "empty": (1.5, 0.0, 0.0),
    "rooms": (1.5, 0.0, 0.0),
    "empty rooms": (0.5, 0.0, 0.0),
    "garden": (-4.0, 0.0, 0.0),
    NUMBER: (0.0, 0.0, 6.0),
}


def _weighed(text: str, *tables: Table, found: Assessment = NOTHING) -> Assessment:
    return Weights(tables).weighed(FLOOR.read(text), found)


def test_words_that_mean_little_alone_are_of_concern_together() -> None:
    found = _weighed("empty rooms", _TABLE)

    assert (found.level, found.kind) == (Level.CONCERN, Kind.HOPELESSNESS)
    assert _weighed("empty", _TABLE) is NOTHING


def test_words_of_an_everyday_text_weigh_against_it() -> None:
    assert _weighed("empty rooms and the garden", _TABLE) is NOTHING


def test_a_word_said_ten_times_weighs_once() -> None:
    assert _weighed("empty " * 10, _TABLE) is NOTHING


def test_a_longer_text_needs_more_of_such_words() -> None:
    table = {START: (-3.0, -5.0, -5.0), "empty": (2.0, 0.0, 0.0), "rooms": (2.0, 0.0, 0.0)}
    others = " ".join(f"{letter}{letter}ing" for letter in "bcdfghjklmnpqrstvwxz")

    assert _weighed("empty rooms", table).level is Level.CONCERN
    assert _weighed(f"empty rooms {others}", table) is NOTHING


def test_a_letter_of_many_words_is_left_to_the_rules() -> None:
    heavy = {START: (-3.0, -5.0, -5.0), "empty": (90.0, 0.0, 0.0)}
    others = " ".join(f"{first}{second}ing" for first in "bcdfghjkl" for second in "mnpqrstvwxz")

    assert _weighed("empty", heavy).level is Level.CONCERN
    assert _weighed(f"empty {others}", heavy) is NOTHING


def test_the_heaviest_words_are_shown_where_they_stand() -> None:
    text = "all of it: empty rooms"

    found = _weighed(text, _TABLE)

    assert [text[one.start : one.end] for one in found.evidence] == ["empty", "rooms", "empty rooms"]
    assert {one.rule for one in found.evidence} == {"words: despair"}


def test_what_is_known_of_the_person_is_kept() -> None:
    veteran = Assessment(hints=frozenset({Hint.VETERAN}), tail=("0", "1"))

    found = _weighed("empty rooms", _TABLE, found=veteran)

    assert (found.hints, found.tail) == (veteran.hints, veteran.tail)


def test_nothing_is_kept_for_the_next_text_where_somebody_may_read_along() -> None:
    abused = {START: (-9.0, -1.0, -9.0), "belt": (0.0, 2.0, 0.0)}

    found = _weighed("belt", abused, found=Assessment(tail=("0", "1")))

    assert (found.kind, found.tail) == (Kind.ABUSE, ())


def test_words_that_a_rule_calls_harmless_weigh_nothing() -> None:
    reads = FLOOR.read("empty rooms")

    assert Weights([_TABLE]).weighed(reads, NOTHING, frozenset({1})) is NOTHING


def test_any_number_is_a_number_and_leans_as_the_table_says() -> None:
    assert _weighed("8675309", _TABLE).kind is Kind.EMERGENCY


def test_a_text_is_weighed_in_the_language_that_it_weighs_most_in() -> None:
    other = {START: (-9.0, -9.0, -9.0), "garden": (9.5, 0.0, 0.0)}

    assert _weighed("garden", _TABLE, other).level is Level.CONCERN
    assert _weighed("garden", _TABLE) is NOTHING
    assert _weighed("garden") is NOTHING


def test_how_a_text_begins_and_ends_weighs_like_two_words_in_a_row() -> None:
    ends = {START: (-1.0, -9.0, -9.0), "rooms ^": (1.5, 0.0, 0.0), "^ rooms": (-3.0, 0.0, 0.0)}

    found = _weighed("all these rooms", ends)

    assert [(one.start, one.end) for one in found.evidence] == [(10, 15)]
    assert _weighed("rooms", ends) is NOTHING
    assert _weighed("", ends) is NOTHING


def test_each_situation_must_outweigh_a_harmless_text_by_itself() -> None:
    halves = {START: (-1.0, -1.0, -1.0), "rooms": (0.9, 0.9, 0.9)}

    assert _weighed("rooms", halves) is NOTHING
    assert sums(halves, ["rooms", "unheard"]) == pytest.approx([-0.1, -0.1, -0.1])


def test_a_table_is_read_as_it_was_written() -> None:
    assert read_table(written_table(_TABLE)) == _TABLE


@pytest.mark.parametrize("table", floor.weights(), ids=floor.LANGUAGES)
def test_a_shipped_table_says_nothing_of_a_text_without_words(table: dict[str, tuple[float, ...]]) -> None:
    assert max(table[START]) < 0
    assert {len(row) for row in table.values()} == {len(SITUATIONS)}


@pytest.mark.parametrize("table", floor.weights(), ids=floor.LANGUAGES)
def test_a_shipped_table_holds_words_and_no_number_of_anybody(table: dict[str, tuple[float, ...]]) -> None:
    assert [words for words in table if any(char.isdigit() for char in words) and len(words) > 12] == []
    assert max(len(words.split()) for words in table if words != START) == 2
