"""Where treatment is, told honestly: nearest first, and who pays for being named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from service.line import explain
from service.playbook.assemble import build
from service.policy.centers import AFTER_DANGER, Center, Centers, Place, row
from service.policy.conversation import Language, Session
from service.policy.programme import Playbook
from tests.builders import AN_AFTERNOON, a_text
from tests.homes import edited, shipped

EN, ES = Language("en"), Language("es")
TODAY = date(2026, 11, 22)
PLACES = {
    "10027": Place("NY", 40.81, -73.95),
    "10451": Place("NY", 40.82, -73.92),
    "14604": Place("NY", 43.16, -77.61),
    "07030": Place("NJ", 40.74, -74.03),
}


def a_center(id_: str, **different: object) -> Center:
    usual = Center(
        id=id_, name="Riverbend", phone="1-212-555-1142", zip_code="10027", states=frozenset({"NY"}), prefixes=(),
        languages=frozenset({EN, ES}), paid=False, verified=True,
    )  # fmt: skip
    return replace(usual, **different)  # type: ignore[arg-type]


def near(zip_code: str, *centers: Center, with_paid: bool = True, production: bool = True) -> tuple[str, ...]:
    return Centers(centers, PLACES.get, production=production).near(zip_code, TODAY, with_paid=with_paid)


def test_the_nearest_two_that_serve_a_zip_code_are_named() -> None:
    far, close = a_center("far", zip_code="14604"), a_center("close", zip_code="10451")
    another_state = a_center("another-state", zip_code="10451", states=frozenset({"CT"}))

    assert near("10027", far, a_center("here"), another_state, close) == ("here", "close")


def test_a_line_without_a_place_comes_after_the_centers() -> None:
    assert near("10027", a_center("line", zip_code=""), a_center("far", zip_code="14604")) == ("far", "line")


def test_a_center_may_serve_zip_codes_rather_than_states() -> None:
    bronx = a_center("bronx", states=frozenset(), prefixes=("104",))

    assert near("10451", bronx) == ("bronx",)
    assert near("10027", bronx) == ()


@pytest.mark.parametrize("zip_code", ["99999", "00000", "07030"])
def test_nobody_is_named_where_nobody_serves(zip_code: str) -> None:
    assert near(zip_code, a_center("one")) == ()


def test_who_pays_comes_neither_sooner_nor_later_for_it() -> None:
    paid, unpaid = a_center("paid", zip_code="10451", paid=True), a_center("unpaid", zip_code="14604")

    assert near("10027", unpaid, paid) == ("paid", "unpaid")
    assert near("14604", paid, unpaid) == ("unpaid", "paid")


@pytest.mark.parametrize(
    "different", [{"verified": False}, {"fictional": True}, {"reverify_by": TODAY - timedelta(days=1)}]
)
def test_production_names_no_center_that_nobody_rang(different: dict[str, object]) -> None:
    assert near("10027", a_center("one", **different)) == ()
    assert near("10027", a_center("one", reverify_by=TODAY)) == ("one",)


@pytest.mark.parametrize(
    ("different", "english", "spanish"),
    [
        ({}, "Riverbend: call 1-212-555-1142", "Riverbend: llama al 1-212-555-1142"),
        ({"languages": frozenset({EN})}, "Riverbend: call 1-212-555-1142", "Riverbend: llama al 1-212-555-1142 (en inglés)"),
        ({"paid": True}, "Riverbend: call 1-212-555-1142 (paid listing; the center itself answers)",
         "Riverbend: llama al 1-212-555-1142 (paga por estar aquí; contesta el centro)"),
        ({"answered_by": "Rings Inc"}, "Riverbend: call 1-212-555-1142 (answered by Rings Inc)",
         "Riverbend: llama al 1-212-555-1142 (contesta Rings Inc)"),
        ({"answered_by": "Rings Inc", "paid": True},
         "Riverbend: call 1-212-555-1142 (answered by Rings Inc, who pay for this; no fee depends on your choice)",
         "Riverbend: llama al 1-212-555-1142 (contesta y paga Rings Inc; nada depende de a quién llames)"),
    ],
)  # fmt: skip
def test_a_person_is_told_who_answers_and_who_pays(different: dict[str, object], english: str, spanish: str) -> None:
    center = a_center("one", **different)

    assert (row(center, EN), row(center, ES)) == (english, spanish)


@pytest.mark.parametrize(("verified", "looks"), [(True, 1), (False, 0)])
def test_the_slow_first_look_is_made_before_anybody_waits_and_only_if_needed(verified: bool, looks: int) -> None:
    looked: list[str] = []
    Centers([a_center("one", verified=verified)], lambda zip_code: looked.append(zip_code), production=True).prepare()

    assert len(looked) == looks


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    """As shipped, in development: the sample has paid listings near every ZIP code that is texted here."""
    return build(shipped(), production=False)


def after(playbook: Playbook, *texts: str, session: Session | None = None, later: timedelta = timedelta()) -> str:
    """The answer to the last text, which comes so much later than the others."""
    remembered, answer = session or Session(), ""
    for number, text in enumerate(texts):
        now = AN_AFTERNOON + later * (number == len(texts) - 1)
        decision, given = explain(a_text(text), remembered, playbook, now)
        remembered, answer = decision.session, given.text
    return answer


@pytest.mark.parametrize("text", ["10451", "my zip code is 10451", "mi código postal es 10451"])
def test_a_zip_code_alone_or_in_a_sentence_names_centers(playbook: Playbook, text: str) -> None:
    assert "Hopewell House" in after(playbook, text)


@pytest.mark.parametrize(
    "before",
    [
        ["i want to die"], ["feeling kinda low, like whats the point"], ["my husband hits me"], ["CRISIS"],
        ["i want to die", "STOP"], ["i want to die", "STOP", "START"], ["i want to die", "DELETE", "YES"],
        ["i want to die", "menu", "1"],
    ],
    ids=lambda texts: f"{len(texts)}-{texts[-1][:12]}",
)  # fmt: skip
def test_for_a_day_after_danger_nobody_who_pays_is_named(playbook: Playbook, before: list[str]) -> None:
    just_before, after_it = AFTER_DANGER - timedelta(seconds=1), AFTER_DANGER

    answer = after(playbook, *before, "10451", later=just_before)
    assert "Riverbend" in answer
    assert "Hopewell" not in answer
    assert "Second Morning" not in answer
    assert "Hopewell" in after(playbook, *before, "10451", later=after_it)


def test_a_danger_text_with_a_zip_code_names_no_center(playbook: Playbook) -> None:
    answer = after(playbook, "i want to die, my zip is 10451")

    assert "988" in answer
    assert "Riverbend" not in answer


def test_as_shipped_production_names_no_center() -> None:
    as_shipped = build(shipped(), production=True)
    tried = "phone: 1-212-555-0142\n    verified_on: 2026-11-20\n    verified_by: Sam"
    fictional = build(edited("config/centers.yaml", "phone: 1-212-555-0142", tried), production=True)

    for playbook in (as_shipped, fictional):
        assert "Riverbend" not in after(playbook, "10027")
        assert playbook.centers.ids == ()
