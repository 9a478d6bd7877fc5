"""Who a person is sent to, at this hour, in this country, in this language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.policy.conversation import Language
from service.policy.directory import Country, Directory, HelpLine, Hours, phrase

EN, ES = Language("en"), Language("es")
AN_EVENING = datetime(2026, 11, 18, 23, 0, tzinfo=UTC)  # a Wednesday: 18:00 in New York, 15:00 in Los Angeles
BOTH = frozenset({EN, ES})


def a_line(**different: object) -> HelpLine:
    usual = HelpLine("us-abuse", "A hotline", frozenset({"abuse"}), BOTH, call="1-800-799-7233", verified=True)
    return replace(usual, **different)  # type: ignore[arg-type]


THE_LIFELINE = HelpLine("us-988", "988", frozenset({"crisis"}), BOTH, call="988", text="988", keyword={ES: "AYUDA"})
ANYWHERE = HelpLine("any", "findahelpline.com", frozenset({"crisis"}), BOTH, web="findahelpline.com")
ELSEWHERE = Country("", {EN: "your local emergency number", ES: "número de emergencias de tu zona"}, (ANYWHERE,))


def a_directory(*lines: HelpLine, production: bool = True, code: str = "US") -> Directory:
    country = Country(code, {EN: "911"}, (THE_LIFELINE, *lines))
    return Directory([country], ELSEWHERE, (EN, ES), production=production)


def test_a_person_in_the_us_is_told_of_911_and_988() -> None:
    values = a_directory().values("US", EN, AN_EVENING)

    assert (values["emergency"], values["crisis"]) == ("911", "call or text 988")


def test_a_person_who_writes_spanish_is_given_the_spanish_door() -> None:
    assert a_directory().values("US", ES, AN_EVENING)["crisis"] == "llama o envía AYUDA por texto al 988"


def test_a_person_who_writes_spanish_is_told_when_a_line_speaks_english_only() -> None:
    line = a_line(languages=frozenset({EN}))

    assert a_directory(line).values("US", ES, AN_EVENING)["abuse"] == "llama al 1-800-799-7233 (en inglés)"


def test_a_person_is_offered_the_line_that_speaks_their_language_first() -> None:
    english = a_line(id="one", languages=frozenset({EN}), call="1-800-656-4673")

    assert a_directory(english, a_line()).values("US", ES, AN_EVENING)["abuse"] == "llama al 1-800-799-7233"


@pytest.mark.parametrize("country", ["", "FR", "ZZ", "us"])
def test_a_person_from_anywhere_else_is_sent_to_findahelpline(country: str) -> None:
    values = a_directory().values(country, EN, AN_EVENING)

    assert values["crisis"] == "see findahelpline.com"
    assert values["emergency"] == "your local emergency number"


def test_nobody_is_sent_to_a_line_that_nobody_has_tried() -> None:
    line = a_line(verified=False)

    assert "abuse" not in a_directory(line, production=True).values("US", EN, AN_EVENING)
    assert "abuse" in a_directory(line, production=False).values("US", EN, AN_EVENING)


def test_988_is_never_withheld_in_the_us() -> None:
    assert not THE_LIFELINE.verified
    assert a_directory(production=True).values("US", EN, AN_EVENING)["crisis"] == "call or text 988"


def test_988_in_another_country_needs_somebody_who_tried_it() -> None:
    values = a_directory(code="CA").values("CA", EN, AN_EVENING)

    assert (values["emergency"], values["crisis"]) == ("911", "see findahelpline.com")


def test_a_line_that_mixes_988_with_an_untried_number_is_withheld() -> None:
    line = a_line(call="988", press="1", text="838255", verified=False)

    assert "abuse" not in a_directory(line).values("US", EN, AN_EVENING)


def test_a_line_is_not_offered_outside_its_hours() -> None:
    office = Hours(ZoneInfo("America/Los_Angeles"), dict.fromkeys(range(5), ((time(10), time(18)),)))
    directory = a_directory(a_line(hours=office))

    assert "abuse" in directory.values("US", EN, datetime(2026, 11, 18, 18, 0, tzinfo=UTC))  # 10:00, Wednesday
    assert "abuse" not in directory.values("US", EN, datetime(2026, 11, 18, 17, 59, tzinfo=UTC))  # 9:59
    assert "abuse" not in directory.values("US", EN, datetime(2026, 11, 19, 2, 0, tzinfo=UTC))  # 18:00
    assert "abuse" not in directory.values("US", EN, datetime(2026, 11, 21, 20, 0, tzinfo=UTC))  # 12:00, Saturday


def test_when_one_line_is_shut_the_next_one_for_it_is_offered() -> None:
    shut = a_line(id="one", hours=Hours(ZoneInfo("America/New_York"), {}), call="1-800-656-4673")

    assert a_directory(shut, a_line()).values("US", EN, AN_EVENING)["abuse"] == "call 1-800-799-7233"


def test_a_line_is_not_offered_on_its_days_off() -> None:
    hours = Hours(
        ZoneInfo("America/Los_Angeles"),
        dict.fromkeys(range(7), ((time(0), time.max),)),
        frozenset({date(2026, 11, 26)}),
    )
    directory = a_directory(a_line(hours=hours))

    assert "abuse" in directory.values("US", EN, datetime(2026, 11, 26, 7, 59, tzinfo=UTC))  # Wednesday night there
    assert "abuse" not in directory.values("US", EN, datetime(2026, 11, 26, 8, 0, tzinfo=UTC))
    assert "abuse" in directory.values("US", EN, datetime(2026, 11, 27, 8, 0, tzinfo=UTC))


def test_a_line_that_was_taken_out_for_a_while_comes_back_by_itself() -> None:
    directory = a_directory(a_line(out_until=AN_EVENING))

    assert "abuse" not in directory.values("US", EN, AN_EVENING - timedelta(seconds=1))
    assert "abuse" in directory.values("US", EN, AN_EVENING)


def test_when_988_is_out_another_crisis_line_stands_in() -> None:
    by_text = a_line(id="us-741741", situations=frozenset({"crisis"}), call="", text="741741", verified=False)
    lifeline = replace(THE_LIFELINE, running=False)
    directory = Directory([Country("US", {EN: "911"}, (lifeline, by_text))], ELSEWHERE, (EN, ES), production=True)

    assert directory.values("US", EN, AN_EVENING)["crisis"] == "text 741741"
    assert directory.lines_for("US", EN, AN_EVENING)["crisis"] is by_text


def test_a_line_whose_hours_nobody_knows_is_not_offered() -> None:
    assert "abuse" not in a_directory(a_line(hours_known=False)).values("US", EN, AN_EVENING)


def test_a_service_that_has_ended_is_not_offered() -> None:
    assert "abuse" not in a_directory(a_line(running=False)).values("US", EN, AN_EVENING)


@pytest.mark.parametrize(
    ("core", "reverify_by", "offered"),
    [
        (False, date(2026, 11, 18), True),
        (False, date(2026, 11, 17), False),
        (True, date(2026, 10, 19), True),
        (True, date(2026, 10, 18), False),
    ],
)
def test_a_line_that_was_not_tried_again_in_time_is_withheld(core: bool, reverify_by: date, offered: bool) -> None:
    directory = a_directory(a_line(core=core, reverify_by=reverify_by))

    assert offered == ("abuse" in directory.values("US", EN, AN_EVENING))


@pytest.mark.parametrize(
    ("doors", "english", "spanish"),
    [
        ({"text": "88788", "keyword": {EN: "START"}}, "call 1-800-799-7233 or text START to 88788",
         "llama al 1-800-799-7233 o envía START por texto al 88788"),
        ({"call": "988", "press": "1", "text": "838255"}, "call 988 and press 1 or text 838255",
         "llama al 988 y marca 1 o envía un texto al 838255"),
        ({"call": "", "text": "741741", "keyword": {EN: "HOME"}}, "text HOME to 741741", "envía HOME por texto al 741741"),
        ({"call": "1737", "text": "1737"}, "call or text 1737", "llama o envía un texto al 1737"),
        ({"call": "", "chat": "chat.example.org"}, "chat at chat.example.org", "chatea en chat.example.org"),
        ({"call": "", "web": "findahelpline.com"}, "see findahelpline.com", "visita findahelpline.com"),
        ({"say": {EN: "call 988 by videophone"}}, "call 988 by videophone", "call 988 by videophone"),
    ],
)  # fmt: skip
def test_a_person_is_told_how_to_reach_a_line(doors: dict[str, object], english: str, spanish: str) -> None:
    line = a_line(**doors)

    assert (english, spanish) == (phrase(line, EN), phrase(line, ES))
