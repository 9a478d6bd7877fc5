"""The precedence, in words. It is fixed; what a person in danger needs stands before everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy import routing
from service.policy.conversation import (
    OPEN_QUESTION,
    Awaiting,
    AwaitingKind,
    Cancel,
    Defer,
    Forget,
    Hint,
    Kind,
    Language,
    Level,
    OfferAnswered,
    OptIn,
    OptOut,
    Plan,
    Revocation,
    Session,
)
from tests.builders import AN_AFTERNOON
from tests.service.policy.decided import BOOK, after, decide

LATER = AN_AFTERNOON + OPEN_QUESTION


def asked(kind: AwaitingKind, *choices: str) -> Session:
    return Session(awaiting=(Awaiting(kind, choices, LATER),))


EVERY_STATE = {
    "a stranger": Session(),
    "in the menu": asked(AwaitingKind.MENU, *BOOK.menu),
    "in a series": asked(AwaitingKind.MORE, "pain:2"),
    "offered a check-in": asked(AwaitingKind.OFFER, "check_in"),
    "after a check-in": asked(AwaitingKind.CHECK_IN),
    "asked whether to delete": asked(AwaitingKind.DELETE),
    "opted out": Session(opted_out=True),
    "flooding": Session(answered_at=AN_AFTERNOON, answers_in_a_row=100),
    "in Spanish": Session(language=Language("es")),
}


class TestDanger:
    @pytest.mark.parametrize("session", EVERY_STATE.values(), ids=EVERY_STATE.keys())
    @pytest.mark.parametrize("text", ["i want to die", "i took all my pills", "im going to kill myself tonight"])
    def test_danger_is_answered_in_every_state(self, text: str, session: Session) -> None:
        decision = decide(text, session)

        assert decision.route.startswith("danger:")
        assert decision.reply is not None

    @pytest.mark.parametrize("keyword", ["selfharm", "self harm", "heroin", "opioids", "pain", "dual", "addiction"])
    def test_a_topics_keyword_alone_is_never_danger(self, keyword: str) -> None:
        assert decide(keyword).assessment.level is Level.NONE

    def test_nobody_is_told_the_same_words_twice_in_a_row(self) -> None:
        first = decide("i want to die")
        second = decide("i still want to die", first.session)

        assert first.reply is not None
        assert second.reply is not None
        assert first.reply.names[0] != second.reply.names[0]

    def test_a_danger_text_moves_what_was_agreed_to_and_does_not_cancel_it(self) -> None:
        [effect] = decide("i want to die").effects

        assert isinstance(effect, Defer)
        assert effect.not_before == AN_AFTERNOON + timedelta(hours=12)

    def test_a_danger_text_that_also_asks_us_to_stop_gets_both(self) -> None:
        decision = decide("stop texting me or ill kill myself")

        assert decision.route == "danger:suicide"
        assert decision.effects == (OptOut(Revocation.REQUEST),)
        assert not decision.offers

    def test_a_first_danger_answer_says_that_the_line_is_automatic_after_the_numbers(self) -> None:
        first = decide("i want to die")
        second = decide("i want to die", first.session)

        assert first.reply is not None
        assert first.reply.names[1] == "introduction"
        assert second.reply is not None
        assert "introduction" not in second.reply.names

    def test_minutes_after_danger_an_unclear_text_gets_the_line_again_and_no_menu(self) -> None:
        assert decide("banana", after("i want to die")).route == "danger:suicide"

    def test_hours_after_danger_an_unclear_text_is_an_unclear_text(self) -> None:
        session = replace(after("i want to die"), danger_at=AN_AFTERNOON - timedelta(hours=2))

        assert decide("banana", session).route == "fallback"

    def test_a_sentence_in_two_texts_is_one_sentence(self) -> None:
        assert decide("kill myself", after("i really think im going to")).route == "danger:suicide"


class TestOffers:
    def test_a_crisis_is_offered_a_check_in(self) -> None:
        decision = decide("i want to die")

        assert decision.offers
        assert decision.reply is not None
        assert decision.reply.names[-1] == "offer-check_in"

    @pytest.mark.parametrize(
        "text",
        [
            "he hits me",
            "i was raped",
            "i want to kill my boss",
            "im 11 and i want to die",
            "he checks my phone i want to die",
        ],
    )
    def test_no_check_in_is_offered_where_it_could_harm(self, text: str) -> None:
        decision = decide(text)

        assert decision.assessment.level.is_danger
        assert not decision.offers

    @pytest.mark.parametrize("hint", [Hint.CHILD, Hint.WATCHED])
    def test_a_hint_of_an_earlier_text_counts(self, hint: Hint) -> None:
        assert not decide("i want to die", Session(hints=frozenset({hint}))).offers

    def test_who_opted_out_is_offered_nothing(self) -> None:
        assert not decide("i want to die", Session(opted_out=True)).offers

    def test_who_has_agreed_is_not_asked_again(self) -> None:
        agreed = OfferAnswered("check_in", AN_AFTERNOON, accepted=True)

        assert not decide("i want to die", Session(offers_answered=(agreed,))).offers

    def test_nobody_is_offered_a_check_in_whose_clock_nobody_knows(self) -> None:
        assert not decide("i want to die", country="XX", state="", zip="", sender="short").offers

    def test_yes_plans_the_check_in_for_tomorrow_within_decent_hours(self) -> None:
        [plan] = decide("YES", after("i want to die")).effects

        assert isinstance(plan, Plan)
        [check_in] = plan.follow_ups
        assert timedelta(hours=20) <= check_in.due_at - AN_AFTERNOON <= timedelta(hours=36)
        assert check_in.window == (8, 21)

    def test_yes_hours_after_a_topic_was_read_still_answers_the_offer(self) -> None:
        assert decide("yes", after("i want to die", "heroin")).route == "session:offer"

    def test_no_is_taken_for_an_answer(self) -> None:
        decision = decide("no thanks", after("i want to die"))

        assert decision.effects == ()
        assert decision.session.awaiting == ()

    def test_a_bare_yes_is_no_consent(self) -> None:
        decision = decide("YES")

        assert decision.effects == ()
        assert decision.route == "fallback"

    def test_an_offer_lapses(self) -> None:
        session = Session(awaiting=(Awaiting(AwaitingKind.OFFER, ("check_in",), AN_AFTERNOON),))

        assert decide("YES", session).effects == ()

    def test_who_has_opted_out_is_told_so_and_nothing_is_planned(self) -> None:
        decision = routing.refused(decide("YES", after("i want to die")))

        assert decision.effects == ()
        assert decision.reply is not None
        assert decision.reply.names == ("refused-opted_out",)


class TestCarriers:
    def test_stop_alone_opts_out_even_in_the_middle_of_a_menu(self) -> None:
        decision = decide("STOP", after("menu"))

        assert decision.route == "carrier:stop"
        assert decision.effects == (OptOut(Revocation.CARRIER_WORD),)

    def test_every_stop_gets_a_confirmation(self) -> None:
        assert decide("STOP", after("STOP")).reply is not None

    @pytest.mark.parametrize("word", ["QUIT", "END", "CANCEL"])
    def test_a_word_that_may_mean_a_drug_gets_where_to_turn(self, word: str) -> None:
        decision = decide(word)

        assert decision.reply is not None
        assert decision.reply.names == ("stop-quit",)

    def test_end_after_half_a_sentence_is_the_carriers_word(self) -> None:
        assert decide("END", after("i just want it to")).route == "carrier:stop"

    def test_alto_is_confirmed_in_spanish(self) -> None:
        decision = decide("ALTO")

        assert decision.reply is not None
        assert decision.reply.language == "es"

    def test_start_ends_an_opt_out_and_plans_nothing(self) -> None:
        assert decide("START", Session(opted_out=True)).effects == (OptIn(),)

    def test_a_word_that_the_provider_has_answered_is_not_answered_twice(self) -> None:
        decision = decide("STOP", carrier_answered="STOP")

        assert decision.route == "quiet:carrier_answered"
        assert decision.effects == (OptOut(Revocation.PROVIDER),)

    def test_a_request_for_no_answer_is_respected_and_ends_what_is_planned(self) -> None:
        decision = decide("please dont text me back")

        assert decision.reply is None
        assert decision.effects == (Cancel("asked for no answer"),)

    def test_thanks_after_opting_out_need_no_answer(self) -> None:
        assert decide("thank you", after("STOP")).route == "quiet:thanks"
        assert decide("thank you").reply is not None


class TestDiscretion:
    @pytest.mark.parametrize("text", ["he hits me", "i was raped", "someone is following me"])
    @pytest.mark.parametrize("pry", ["MORE", "1", "hi", "who is this", "yes", "what did i say"])
    def test_nothing_that_a_second_reader_sends_brings_it_back(self, text: str, pry: str) -> None:
        decision = decide(pry, after(text))

        assert not decision.route.startswith("danger:")
        assert decision.session.danger_kind is None
        assert decision.session.hints == frozenset()

    def test_the_session_keeps_no_half_sentence_of_it(self) -> None:
        assert after("he hits me and i").tail == ()


class TestLoops:
    def test_after_eight_quick_answers_the_line_falls_silent_but_not_for_danger(self) -> None:
        session = Session(answered_at=AN_AFTERNOON, answers_in_a_row=8)

        assert decide("heroin", session).route == "quiet:loop"
        assert decide("i want to die", session).reply is not None
        assert decide("STOP", session).reply is not None

    def test_half_a_minute_later_it_answers_again(self) -> None:
        session = Session(answered_at=AN_AFTERNOON - timedelta(seconds=31), answers_in_a_row=8)

        assert decide("heroin", session).route == "topic:opioids"


class TestSessions:
    def test_a_number_picks_from_the_menu(self) -> None:
        assert decide("1", after("menu")).route == f"topic:{BOOK.menu[0]}"

    def test_more_goes_on(self) -> None:
        decision = decide("more", after("heroin"))

        assert decision.reply is not None
        assert decision.reply.names == ("topic-opioids-2",)

    def test_delete_is_asked_before_it_is_done(self) -> None:
        assert decide("DELETE").effects == ()
        assert decide("YES", after("DELETE")).effects == (Forget(),)

    def test_a_yes_to_something_else_deletes_nothing(self) -> None:
        assert Forget() not in decide("YES", after("DELETE", "menu")).effects

    @pytest.mark.parametrize("answer", ["1", "worse", "not good", "😢"])
    def test_a_low_answer_to_a_check_in_brings_the_line(self, answer: str) -> None:
        session = replace(asked(AwaitingKind.CHECK_IN), danger_kind=Kind.SUICIDE)

        decision = decide(answer, session)

        assert decision.route == "danger:suicide"
        assert decision.assessment.level is Level.CRISIS

    def test_a_good_answer_to_a_check_in_is_welcomed(self) -> None:
        assert decide("4", asked(AwaitingKind.CHECK_IN)).route == "session:check_in"

    def test_spanish_is_answered_in_spanish(self) -> None:
        decision = decide("hola necesito informacion sobre la heroina")

        assert decision.reply is not None
        assert decision.reply.language == "es"


class TestTotality:
    @given(
        text=st.text(max_size=400),
        session=st.sampled_from(list(EVERY_STATE.values())),
        country=st.sampled_from(["US", "GB", "", "ZZ"]),
    )
    def test_any_text_in_any_state_gets_a_decision_that_can_be_said(
        self, text: str, session: Session, country: str
    ) -> None:
        decision = decide(text, session, country=country)

        if decision.reply is None:
            assert decision.route.startswith("quiet:")
        else:
            assert all(name in BOOK.messages[decision.reply.language] for name in decision.reply.names)

    def test_every_language_says_everything_that_a_rule_may_name(self) -> None:
        english, spanish = (set(BOOK.messages[Language(code)]) for code in ("en", "es"))

        assert {name for name in english ^ spanish if not name.startswith("language-")} == set()
