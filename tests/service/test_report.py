"""What funders may see, and how far a wrong number went. No cell is so small that it points to somebody."""

from __future__ import annotations

from dataclasses import replace

from service import report
from service.line import explain
from service.playbook.assemble import build
from service.policy.conversation import Session
from service.policy.counting import CountKey, DailyCount
from tests.builders import AN_AFTERNOON, a_text
from tests.homes import edited, shipped

OLD, NEW = "0123456789ab", "ba9876543210"
A_KEY = CountKey(
    day="2026-11-03", level="crisis", kind="suicide", route="danger:suicide", line="us-988 us-veterans", language="en",
    state="NY", segments=2, release=OLD,
)  # fmt: skip
DAYS = [
    DailyCount(A_KEY, 7),
    DailyCount(replace(A_KEY, day="2026-11-05", line="us-988", release=OLD), 3),
    DailyCount(replace(A_KEY, day="2026-11-05", line="us-veterans", release=NEW), 4),
    DailyCount(replace(A_KEY, day="2026-11-06", line="", route="menu", level="none", kind=""), 9),
]


def given(text: str, **different: str) -> str:
    """The help lines that the answer to a text counts as given."""
    playbook = build(shipped(), production=False)
    return explain(a_text(text, **different), Session(introduced=True), playbook, AN_AFTERNOON)[1].line


def test_the_reach_of_a_number_is_known_by_line_and_release() -> None:
    assert report.reach(DAYS).splitlines() == [
        "line,release,first_day,last_day,answers",
        f"us-988,{OLD},2026-11-03,2026-11-05,10",
        f"us-veterans,{OLD},2026-11-03,2026-11-03,7",
        f"us-veterans,{NEW},2026-11-05,2026-11-05,<5",
    ]


def test_a_cell_under_five_is_not_printed() -> None:
    rows = report.as_csv(DAYS).splitlines()

    assert "crisis,suicide,danger:suicide,us-veterans,en,NY,<5," in rows
    assert "crisis,suicide,danger:suicide,us-988 us-veterans,en,NY,7,14" in rows


def test_an_answer_counts_every_line_that_it_gave_and_no_other() -> None:
    assert given("heroin") == "us-988"
    assert given("my husband hits me") == "us-988 us-abuse"
    assert given("CRISIS") == "us-741741 us-988 us-988-by-text"
    assert given("i want to die", country="GB") == "gb-crisis"
    assert given("i want to die", country="FR") == "elsewhere-crisis"


def test_a_line_that_stands_in_is_the_one_that_counts() -> None:
    out = "- id: us-988\n        state: withdrawn\n        why: Wrong\n"
    playbook = build(edited("config/helplines.yaml", "- id: us-988\n", out), production=False)

    _, answer = explain(a_text("heroin"), Session(), playbook, AN_AFTERNOON)

    assert answer.line == "us-741741"
