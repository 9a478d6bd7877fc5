"""Who is offered which plan, what a YES plans, what danger does to it, and what may go out now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy import routing
from service.policy.conversation import (
    OPEN_QUESTION,
    Awaiting,
    AwaitingKind,
    Cancel,
    Decision,
    Hint,
    Kind,
    Level,
    OfferAnswered,
    OptIn,
    Plan,
    Session,
)
from service.policy.follow_ups import SHORTEST_VALIDITY, Drop, Send, Wait, awaiting_an_answer, decide_follow_up
from tests.builders import AN_AFTERNOON, a_due_one
from tests.service.policy.decided import BOOK, after, decide

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


def planned(decision: Decision) -> Plan:
    [plan] = [effect for effect in decision.effects if isinstance(effect, Plan)]
    return plan


def names(decision: Decision) -> tuple[str, ...]:
    """The messages of the answer, but for what a stranger is told about the line."""
    told = decision.reply.names if decision.reply else ()
    return tuple(name for name in told if not name.startswith("introduction"))


class TestOffers:
    @pytest.mark.parametrize(
        ("keyword", "plan"),
        [("CARING", "caring"), ("daily", "pain_drip"), ("notas", "caring"), ("diario", "pain_drip")],
    )
    def test_a_plans_own_word_brings_a_clear_offer_and_plans_nothing_yet(self, keyword: str, plan: str) -> None:
        decision = decide(keyword)

        assert names(decision) == (f"offer-{plan}",)
        assert decision.offers
        assert decision.effects == ()

    def test_who_reads_about_pain_is_offered_the_rest_day_by_day(self) -> None:
        decision = decide("pain")

        assert names(decision) == ("topic-pain-1", "offer-pain_drip")
        assert names(decide("more", decision.session)) == ("topic-pain-2",)

    def test_a_topic_without_a_plan_offers_nothing(self) -> None:
        assert not decide("opioids").offers

    def test_a_no_is_taken_for_an_answer(self) -> None:
        session = after("pain", "no")

        assert not decide("pain", session).offers

    @pytest.mark.parametrize("told", ["my husband beats me", "i was raped", "mi marido me pega"])
    def test_who_told_of_abuse_a_moment_ago_is_offered_no_check_in_on_that_phone(self, told: str) -> None:
        assert decide("i want to die").offers
        assert not decide("i want to die", after(told)).offers

    @pytest.mark.parametrize("text", ["i want to die", "he hits me"])
    def test_nothing_chatty_is_offered_after_a_crisis(self, text: str) -> None:
        session = after(text)

        assert names(decide("caring", session)) == ("refused-now",)
        assert not decide("pain", session).offers

    @pytest.mark.parametrize("hint", [Hint.CHILD, Hint.WATCHED])
    def test_a_child_and_a_watched_phone_get_no_series_even_when_asked(self, hint: Hint) -> None:
        assert names(decide("caring", Session(hints=frozenset({hint})))) == ("refused-now",)

    def test_who_opted_out_is_told_how_to_undo_it(self) -> None:
        assert names(decide("caring", Session(opted_out=True))) == ("refused-opted_out",)

    def test_somebody_with_a_series_in_a_crisis_is_still_offered_the_check_in(self) -> None:
        session = Session(offers_answered=(OfferAnswered("caring", AN_AFTERNOON, accepted=True),))

        assert decide("i want to die", session).offers

    def test_while_nobody_can_say_who_opted_out_nothing_is_offered_and_nobody_is_told_that_they_did(self) -> None:
        alone, beside = routing.unoffered(decide("caring")), routing.unoffered(decide("pain"))

        assert names(alone) == ("refused-now",)
        assert names(beside) == ("topic-pain-1",)
        assert not any(question.kind is AwaitingKind.OFFER for question in beside.session.awaiting)
        assert alone.session.opted_out is None

    def test_a_reminder_is_only_offered_where_something_is_left_to_read(self) -> None:
        assert names(decide("remind")) == ("more-nothing",)
        assert names(decide("remind", after("opioids"))) == ("offer-more_reminder",)


class TestYes:
    def test_caring_notes_come_after_a_day_a_week_and_a_month_by_day(self) -> None:
        plan = planned(decide("yes", after("caring")))

        days = [(one.due_at - AN_AFTERNOON) / DAY for one in plan.follow_ups]
        assert [round(day) for day in days] == [1, 7, 30]
        assert {one.window for one in plan.follow_ups} == {(10, 20)}
        assert not any(one.urgent for one in plan.follow_ups)

    def test_nothing_of_the_danger_is_noted_with_a_series(self) -> None:
        session = replace(after("caring"), danger_kind=Kind.SUICIDE)

        assert {one.after_danger for one in planned(decide("yes", session)).follow_ups} == {None}

    def test_pain_comes_in_five_parts_one_a_day(self) -> None:
        plan = planned(decide("yes", after("pain")))

        assert [one.reply for one in plan.follow_ups] == [f"follow_up-pain_drip_{n}" for n in range(1, 6)]
        hours = [one.due_at.astimezone(NEW_YORK) for one in plan.follow_ups]
        assert [at.day for at in hours] == [19, 20, 21, 22, 23]

    def test_a_reminder_brings_back_where_somebody_left_off(self) -> None:
        decision = decide("yes", after("opioids", "remind"))

        assert [one.brings for one in planned(decision).follow_ups] == ["opioids:2"]

    def test_who_reads_on_needs_no_reminder(self) -> None:
        session = after("opioids", "remind", "yes")

        decision = decide("more", session)
        assert names(decision) == ("topic-opioids-2",)
        assert decision.effects == (Cancel("more", ("more_reminder",)),)

    def test_a_yes_that_a_carrier_takes_for_start_is_an_answer_to_our_offer_all_the_same(self) -> None:
        decision = decide("YES", after("caring"), yes_is_start=True, carrier_answered="START")

        assert decision.effects[0] == OptIn()
        assert planned(decision).plan == "caring"

    def test_a_bare_yes_opts_in_only_where_the_carrier_says_so(self) -> None:
        assert decide("YES").effects == ()
        assert decide("YES", yes_is_start=True).effects == (OptIn(),)

    def test_a_longer_series_takes_a_new_yes(self) -> None:
        last = a_due_one(plan="caring", step=3, reply="follow_up-caring_3", after_danger=None)

        session = awaiting_an_answer(Session(), last, BOOK, AN_AFTERNOON)
        assert planned(decide("yes", session)).plan == "caring_longer"
        assert [effect for effect in decide("yes").effects if isinstance(effect, Plan)] == []

    def test_more_after_a_reminder_goes_on_where_somebody_left_off_days_later(self) -> None:
        reminder = a_due_one(plan="more_reminder", brings="opioids:2", after_danger=None)

        session = awaiting_an_answer(Session(), reminder, BOOK, AN_AFTERNOON)
        assert names(decide("more", session)) == ("topic-opioids-2",)

    def test_a_note_that_asks_nothing_changes_nothing_that_is_remembered(self) -> None:
        note = a_due_one(plan="caring", step=1, reply="follow_up-caring_1", after_danger=None)

        assert awaiting_an_answer(Session(), note, BOOK, AN_AFTERNOON) == Session()


class TestTheCheckInsAnswer:
    session = Session(
        awaiting=(Awaiting(AwaitingKind.CHECK_IN, (), AN_AFTERNOON + OPEN_QUESTION),), danger_kind=Kind.SUICIDE
    )

    def test_each_number_from_1_to_5_has_an_answer_of_its_own(self) -> None:
        answers = [names(decide(number, self.session))[0] for number in "12345"]

        assert answers == [
            "danger-suicide-crisis-2",
            "check_in-low",
            "check_in-middling",
            "check_in-good",
            "check_in-best",
        ]

    @pytest.mark.parametrize(
        ("answer", "name"),
        [
            ("👍", "check_in-good"),
            ("great", "check_in-best"),
            ("so so", "check_in-middling"),
            ("dos", "check_in-low"),
        ],
    )
    def test_words_and_emoji_are_understood(self, answer: str, name: str) -> None:
        assert names(decide(answer, self.session))[0] == name

    def test_a_2_is_still_met_with_the_line_and_moves_what_is_planned(self) -> None:
        decision = decide("2", self.session)

        assert (decision.route, decision.assessment.level) == ("danger:suicide", Level.CONCERN)
        assert decision.session.danger_at == AN_AFTERNOON
        assert decision.effects

    def test_danger_in_the_answer_goes_before_its_number(self) -> None:
        decision = decide("4 but i took all my pills", self.session)

        assert decision.assessment.level is Level.IMMINENT


class TestDanger:
    def test_only_series_are_paused(self) -> None:
        [defer] = decide("i want to die").effects

        assert defer.paused == ("caring", "caring_longer")  # type: ignore[union-attr]
        assert defer.not_before == AN_AFTERNOON + timedelta(hours=12)  # type: ignore[union-attr]
        assert defer.resumes_at == AN_AFTERNOON + 7 * DAY  # type: ignore[union-attr]


class TestGoingOut:
    def test_it_goes_out_within_the_hours_and_no_carrier_delivers_it_at_night(self) -> None:
        due = a_due_one()
        at = due.due_at.replace(hour=20, minute=30)

        assert decide_follow_up(due, at) == Send(timedelta(minutes=30))

    def test_what_could_only_arrive_at_night_waits_for_the_morning(self) -> None:
        due = a_due_one(expires_at=a_due_one().due_at + DAY)
        at = due.due_at.replace(hour=20, minute=59, second=30)

        verdict = decide_follow_up(due, at)
        assert isinstance(verdict, Wait)
        assert verdict.until == (due.due_at + DAY).replace(hour=8)

    def test_an_opt_out_holds_at_the_last_moment(self) -> None:
        assert decide_follow_up(a_due_one(opted_out=True), a_due_one().due_at) == Drop(
            "not wanted any more", stale=False
        )

    @given(
        minutes=st.integers(-60 * 24, 60 * 24 * 3),
        zone=st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Honolulu", "Europe/London"]),
        hours=st.sampled_from([(8, 21), (10, 20), (11, 21)]),
        due_at=st.sampled_from(
            [
                datetime(2026, 11, 1, 5, 30, tzinfo=NEW_YORK),  # the night that has an hour twice
                datetime(2027, 3, 14, 1, 30, tzinfo=NEW_YORK),  # the night that lacks one
                datetime(2026, 11, 20, 10, tzinfo=NEW_YORK),
            ]
        ),
    )
    def test_nobody_is_texted_outside_their_hours_on_any_day_of_the_year(
        self, minutes: int, zone: str, hours: tuple[int, int], due_at: datetime
    ) -> None:
        due = a_due_one(zone=zone, window=hours, due_at=due_at, expires_at=due_at + 2 * DAY)
        now = due_at.astimezone(ZoneInfo("UTC")) + timedelta(minutes=minutes)

        match decide_follow_up(due, now):
            case Send(validity):
                arrives_by = (now + validity - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
                assert hours[0] <= now.astimezone(ZoneInfo(zone)).hour < hours[1]
                assert arrives_by.hour < hours[1]
                assert validity >= SHORTEST_VALIDITY
            case Wait(until, _):
                assert until > now
                assert until < due.expires_at
            case Drop(_, stale):
                assert stale
