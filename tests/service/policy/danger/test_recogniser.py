"""What an assessment promises, whatever is typed: it always comes, says why, and keeps no word."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.policy.conversation import Hint, Kind, Level
from service.policy.danger import Recogniser, floor
from service.policy.danger.builtin import FLOOR, assess
from service.policy.danger.notation import lines
from service.policy.danger.recogniser import LONGEST_TEXT
from service.policy.text import words
from tests.corpus.texts import OURS, read

_WORDS = sorted({*floor.mended_words(), *(word for text in read(OURS) for word in words(text.text))})
_TORN = st.builds(
    lambda word, at, mark: f"{word[:at]}{mark}{word[at:]}",
    st.sampled_from(_WORDS),
    st.integers(0, 9),
    st.text(" .-/,*@€$!'…\u200b😭\n", max_size=5),
)


@given(st.text() | st.lists(_TORN, max_size=12).map(" ".join))
@example("i want to die bec€€€€ause")
@example("he over-doses every week")
def test_every_text_gets_an_assessment(text: str) -> None:
    assessed = assess(text)

    assert (assessed.kind is None) == (assessed.level is Level.NONE)
    assert bool(assessed.evidence) == assessed.level.is_danger
    for evidence in assessed.evidence:
        assert 0 <= evidence.start <= evidence.end <= len(text)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_no_tail_however_broken_is_in_the_way(text: str, tail: list[str]) -> None:
    assess(text, tuple(tail))


@pytest.mark.parametrize("text", ["", " ", "\ud800", "\x00\x07", "​", "?" * 1600, "\n" * 1600, "i want to die " * 200])
def test_strange_texts_are_read_too(text: str) -> None:
    assess(text)


def test_a_long_text_that_a_carrier_packed_is_unpacked_before_its_middle_is_left_out() -> None:
    text = "we went to the shop and bought bread and milk. " * 27 + "i want to kill myself tonight"
    packed = base64.b64encode(text.encode()).decode()

    assert len(packed) > LONGEST_TEXT > len(text)
    assert assess(packed).level is assess(text).level is Level.IMMINENT


def test_the_evidence_names_the_rule_and_where_it_holds() -> None:
    text = "ok so. I really want to die now"
    (first, *_) = assess(text).evidence

    assert first.rule == "en: wish to die"
    assert "want to die" in text[first.start : first.end]


def test_the_most_urgent_of_several_dangers_is_answered() -> None:
    assessed = assess("i feel hopeless and i took all my pills an hour ago")

    assert (assessed.level, assessed.kind) == (Level.IMMINENT, Kind.OVERDOSE)


def test_a_joke_does_not_silence_what_stands_beside_it() -> None:
    assert assess("my phone died lol. anyway i want to kill myself").level is Level.CRISIS
    assert assess("im not suicidal i just wouldnt mind being dead").level is Level.CRISIS


@pytest.mark.parametrize("times", [1, 7, 8, 9, 30])
def test_any_number_of_jokes_does_not_hide_what_is_meant(times: int) -> None:
    assert assess("i want to die of laughter. " * times).level is (Level.NONE if times <= 8 else Level.CRISIS)
    assert assess("i want to die of laughter. " * times + "i want to die").level is Level.CRISIS


_MANY_CRIES = ". ".join(sorted({one.text for one in read(OURS) if one.level is Level.CRISIS}, key=len)[:100])


@pytest.mark.parametrize(
    "said", ["i took all my pills an hour ago, im 13", "me acabo de tomar todas las pastillas, tengo 13 anos"]
)
def test_the_gravest_is_heard_behind_dozens_of_other_cries(said: str) -> None:
    alone, found = assess(said), assess(f"{_MANY_CRIES}. {said}")

    assert assess(_MANY_CRIES).level is Level.CRISIS
    assert alone.level is Level.IMMINENT
    assert (found.level, found.kind, found.hints) == (alone.level, alone.kind, alone.hints)


def test_of_a_hundred_cries_enough_are_shown() -> None:
    assert 3 <= len(assess(_MANY_CRIES).evidence) < len(_MANY_CRIES.split(". "))


@pytest.mark.parametrize(
    "text",
    [
        "i want to d*e",
        "s*icide",
        "su!c!dal",
        "hoarding pi11s to die",
        "tired of li ving",
        "sui-cide",
        "k m s",
        "w a n t   t o   d i e",
        "killmyself",
    ],
)
def test_a_word_that_was_torn_or_starred_is_read(text: str) -> None:
    assert assess(text).level is Level.CRISIS


@pytest.mark.parametrize("word", ["knowledge", "understanding", "reasonable", "colour", "abogado", "discutir"])
def test_a_common_word_is_read_as_nothing_but_itself(word: str) -> None:
    assert FLOOR.read(word).readings == [(word,)]


@pytest.mark.parametrize("file", ["en/common.words", "es/comunes.words"])
def test_every_common_word_is_known(file: str) -> None:
    source = (Path(floor.__file__).parent / file).read_text("utf-8")
    common = [word for _, line in lines(source) for word in line.split()]

    assert len(common) > 5000
    assert [word for word in common if FLOOR.read(word).readings != [(word,)]] == []


@pytest.mark.parametrize("text", ["theyfilmedit", "idecideditstoday", "ithinkitsmytime"])
def test_of_what_a_joined_word_may_be_made_of_words_of_rules_come_first(text: str) -> None:
    assert assess(text).level.is_danger


@pytest.mark.parametrize("text", ["i want to comit suorcide", "i want to d** tonight", "he over-doses every week"])
def test_a_spelling_a_star_and_a_dash_are_read_in_what_is_spelled_wrong_too(text: str) -> None:
    assert assess(text).level.is_danger


def test_a_common_word_that_is_easily_typed_for_a_grave_one_is_read_as_both() -> None:
    assert assess("he keeps bearing me").kind is Kind.ABUSE
    assert assess("im breeding everywhere").kind is Kind.SELF_HARM
    assert assess("i drank leach").kind is Kind.OVERDOSE
    assert assess("noting matters anymore").level.is_danger
    assert assess("he taks my phone and my pay every week").kind is Kind.ABUSE
    assert assess("i was rapid").kind is Kind.ASSAULT
    assert not assess("my heart rate is rapid when i run").level.is_danger


@pytest.mark.parametrize("mark", ["'", "’", ""])
def test_who_is_meant_is_read_with_an_s_behind_it(mark: str) -> None:
    for text in ("my wife{}s hurting me", "my uncle{}s touching me", "my husband{}s going to kill me"):
        assert FLOOR.assess(text.format(mark)).level.is_danger, text
    assert not FLOOR.assess(f"my coach{mark}s hitting the gym with me").level.is_danger


def test_who_tells_of_abuse_beside_something_graver_may_not_hold_the_phone_alone() -> None:
    alone = FLOOR.assess("i want to die")
    beside = FLOOR.assess("my husband beats me every night and i want to die")

    assert (alone.kind, alone.hints, bool(alone.tail)) == (Kind.SUICIDE, frozenset(), True)
    assert (beside.kind, beside.hints, beside.tail) == (Kind.SUICIDE, frozenset({Hint.WATCHED}), ())


def test_several_small_signs_are_one_large_one() -> None:
    signs = ["my boyfriend left me", "ive been crying since", "the pain in my chest", "my therapist moved"]

    assert {assess(sign).level for sign in signs} == {Level.NONE}
    assert assess(". ".join(signs)).level is Level.CONCERN


def test_somebody_elses_words_are_about_somebody_else() -> None:
    assert assess("my son says he wants to kill himself").kind is Kind.THIRD_PARTY
    assert assess("my dad died and i want to die").kind is Kind.SUICIDE


class TestSplitTexts:
    """A phrase that came in two texts within two minutes."""

    def test_the_second_half_completes_the_first(self) -> None:
        first = assess("i really think im going to")
        second = assess("kill myself", first.tail)

        assert first.level is Level.NONE
        assert second.level is Level.CRISIS

    def test_one_word_a_text_is_heard_at_the_last(self) -> None:
        tail: tuple[str, ...] = ()
        levels = []
        for word in ("i", "dont", "want", "to", "be", "alive"):
            assessed = assess(word, tail)
            tail = assessed.tail
            levels.append(assessed.level)

        assert levels[-1] is Level.CRISIS
        assert set(levels[:-1]) == {Level.NONE}

    def test_in_spanish_too(self) -> None:
        assert assess("matar", assess("me voy a").tail).level is Level.CRISIS

    def test_what_the_first_text_said_is_not_said_again_by_the_second(self) -> None:
        assert assess("ok thanks", assess("i want to die").tail).level is Level.NONE

    def test_a_sentence_that_is_over_is_not_gone_on_with(self) -> None:
        assert assess("die", assess("that is what i want.").tail).level is Level.NONE

    @pytest.mark.parametrize("before", ["more", "and"])
    def test_what_went_before_takes_no_danger_away(self, before: str) -> None:
        tail = assess(before).tail
        less = [one.id for one in read(OURS) if assess(one.text, tail).level not in urgent_from(assess(one.text).level)]

        assert less == []

    @pytest.mark.parametrize("text", ["he hits me and i", "i was raped and i", "someone is following me"])
    def test_nothing_is_kept_where_somebody_may_read_along(self, text: str) -> None:
        assert assess(text).tail == ()

    @given(st.sampled_from([text.text for text in read(OURS)]))
    def test_no_word_is_ever_kept(self, text: str) -> None:
        kept = {part for entry in assess(text).tail for part in entry.split("+")}

        assert not kept & {word for word in words(text) if not word.isdigit() and len(word) > 2}

    def test_the_tail_of_another_edition_means_nothing(self) -> None:
        edition, *rest = assess("i want to").tail

        assert assess("die", ("00000000", *rest)).level is assess("die").level
        assert edition != "00000000"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("i took all my pills", Hint.UNDER_WAY),
        ("he checks my phone", Hint.WATCHED),
        ("im 13 and i want to die", Hint.CHILD),
        ("i was a marine and i cant sleep", Hint.VETERAN),
        ("im trans and nobody knows", Hint.LGBTQ),
        ("im deaf can i text", Hint.DEAF),
        ("6 weeks postpartum and crying", Hint.NEW_PARENT),
        ("988 left me on hold", Hint.LINE_REFUSED),
        ("no cops please", Hint.LINE_REFUSED),
    ],
)
def test_what_else_a_text_tells_is_passed_on(text: str, hint: Hint) -> None:
    assert hint in assess(text).hints


def test_what_a_recogniser_remembers_changes_no_answer() -> None:
    fresh = Recogniser()
    texts = ["i want to die", "ok", "my phone died", "me quiero matar", "i cant do this anymore"]

    assert [fresh.assess(text) for text in texts * 3] == [FLOOR.assess(text) for text in texts * 3]


def test_a_word_alone_is_the_same_however_often_and_however_it_is_typed() -> None:
    fresh = Recogniser()
    words = ["suicide", "anxiety", "menu", "i want"]

    assert [fresh.assess(word) for word in words] == [assess(word.upper()) for word in words]
    assert [fresh.assess(word.title()) for word in words] == [assess(word) for word in words]


@pytest.mark.parametrize("after", ["yes", "ok", "heroin", "thank you so much"])
def test_what_was_said_and_answered_is_not_said_again_by_the_next_text(after: str) -> None:
    before = FLOOR.assess("i want to die").tail

    assert before
    assert not FLOOR.assess(after, before).level.is_danger
    assert FLOOR.assess("tonight with my pills", before).level.is_danger


def test_what_was_denied_before_is_heard_where_the_next_text_takes_it_back() -> None:
    denied = FLOOR.assess("dont call the cops im not gonna do it")

    assert denied.tail
    assert not denied.level.is_danger
    assert not FLOOR.assess("i just want to").level.is_danger
    assert FLOOR.assess("i just want to", denied.tail).level.is_danger


@pytest.mark.parametrize(
    ("denial", "then"),
    [
        ("im not suicidal", "actually i lied"),
        ("not suicidal just tired", "ok that was a lie"),
        ("i dont want to die", "jk i do"),
        ("no me quiero morir", "mentira"),
    ],
)
def test_who_takes_a_denial_back_in_the_next_text_is_heard(denial: str, then: str) -> None:
    denied = FLOOR.assess(denial)

    assert not denied.level.is_danger
    assert FLOOR.assess(then, denied.tail).level is Level.CRISIS


def test_a_lie_of_somebody_else_takes_no_denial_back() -> None:
    denied = FLOOR.assess("im not suicidal")

    assert not FLOOR.assess("my ex lied to me", denied.tail).level.is_danger


def test_a_word_alone_still_goes_on_with_the_text_before() -> None:
    assert assess("alive").level is Level.NONE
    assert assess("alive", assess("i dont want to be").tail).level is Level.CRISIS


def urgent_from(level: Level) -> set[Level]:
    """The level and all that are more urgent."""
    return {one for one in Level if one.urgency >= level.urgency}
