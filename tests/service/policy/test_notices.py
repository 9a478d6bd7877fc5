"""A banner tells of an outage or a season, and stands in nobody's way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.line import explain
from service.playbook.assemble import build
from service.policy.conversation import Session
from tests.builders import AN_AFTERNOON, a_text
from tests.homes import rewritten

HOUR = timedelta(hours=1)
SNOW = "Snow: many doors are shut today."
NOTICE = f"""
notices:
  - id: snow
    from: {(AN_AFTERNOON - HOUR).isoformat()}
    until: {(AN_AFTERNOON + HOUR).isoformat()}
    countries: [US]
    text:
      en: "{SNOW}"
      es: "Nieve: hoy muchas puertas cierran."
"""
IN_DANGER = NOTICE.replace("countries", "in_danger: true\n    countries")


def answers(*texts: str, notices: str = NOTICE, later: timedelta = timedelta(), country: str = "US") -> list[str]:
    playbook = build(rewritten("config/notices.yaml", notices), production=False)
    session, said = Session(), []
    for text in texts:
        decision, answer = explain(a_text(text, country=country), session, playbook, AN_AFTERNOON + later)
        session = decision.session
        said.append(answer.text)
    return said


def test_a_banner_is_the_last_row_of_an_answer_once_in_a_conversation() -> None:
    first, second = answers("heroin", "MORE")

    assert first.splitlines()[-1] == SNOW
    assert SNOW not in second


def test_whoever_writes_spanish_reads_it_in_spanish() -> None:
    assert answers("ansiedad, que hago con los nervios")[0].endswith("Nieve: hoy muchas puertas cierran.")


@pytest.mark.parametrize(("later", "shown"), [(-2 * HOUR, False), (-HOUR, True), (HOUR, False)])
def test_a_banner_holds_from_then_until_then(later: timedelta, shown: bool) -> None:
    assert (SNOW in answers("heroin", later=later)[0]) is shown


def test_a_banner_for_one_country_is_not_shown_in_another() -> None:
    assert SNOW not in answers("heroin", country="GB")[0]


@pytest.mark.parametrize("text", ["STOP", "START", "HELP", "CRISIS", "i want to die"])
def test_what_was_approved_asks_something_or_speaks_of_danger_stays_as_it_is(text: str) -> None:
    assert SNOW not in answers(text)[0]


def test_an_outage_is_told_under_the_crisis_line_too() -> None:
    answer = answers("i took all the pills", notices=IN_DANGER)[0]

    assert answer.index("988") < answer.index(SNOW)
    assert answer.endswith(SNOW)


def test_a_discreet_answer_has_no_banner() -> None:
    assert SNOW not in answers("my husband hits me", notices=IN_DANGER)[0]


def test_of_two_banners_the_first_is_shown() -> None:
    second = NOTICE.replace("notices:", "").replace("id: snow", "id: ice").replace("Snow:", "Ice:")

    assert "Ice" not in answers("heroin", notices=NOTICE + second)[0]


def test_who_was_told_of_danger_first_sees_the_banner_with_the_next_plain_answer() -> None:
    assert SNOW in answers("i want to die", "heroin")[-1]
