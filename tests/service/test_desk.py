"""What an engineer sees of the ledger and may do by hand: the truth, no person, and nothing that could double."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from service import __main__ as command_line
from service import desk, person
from service.policy.conversation import FollowUpId
from service.policy.ledger import Event, State
from service.records import Records
from service.records.by_hand import again_as
from service.settings import Settings
from service.wiring import Parts
from tests.builders import A_NUMBER
from tests.conftest import Texter
from tests.entries import ANA, DAY, HOUR, NOW, SOON, a_follow_up, claim, danger, dont_text_me, states_of, stop, yes

ROW = FollowUpId("row-1")


@pytest.fixture
def records(database_url: str, open_records: Callable[..., Records]) -> Records:
    """With one check-in planned, due now."""
    records = open_records(database_url)
    records.apply(yes(a_follow_up(ROW, due_at=NOW), at=NOW - DAY))
    return records


def test_a_rows_whole_story_stands_there_with_reasons_and_times(records: Records) -> None:
    claim(records, ROW)
    records.record(ROW, Event.RETRY, NOW + SOON, attempt=1, code=20429, reason="not sent", not_before=NOW + HOUR)

    told = desk.explained(records, ROW)

    assert "check_in, step 1: follow_up-check_in" in told
    assert "2026-11-22 15:00:01 UTC  claimed   -> planned      retry       not sent (20429)" in told
    assert ANA not in told
    assert "sealed" not in told


def test_an_engineer_lists_what_is_in_a_state(records: Records) -> None:
    listed = desk.listed(records, ["planned"], None, 50, as_json=False)

    assert listed.startswith("planned 1\n")
    assert "row-1" in listed
    assert "none in these states" in desk.listed(records, ["unknown"], None, 50, as_json=False)
    assert json.loads(desk.listed(records, [], "check_in", 50, as_json=True))[0]["state"] == "planned"
    with pytest.raises(desk.Refused, match="There is no state lost"):
        desk.listed(records, ["lost"], None, 50, as_json=False)


def test_what_is_planned_can_be_cancelled_by_hand_with_its_reason(records: Records) -> None:
    assert desk.do("cancel", records, ROW, "asked by e-mail", NOW) == "Cancelled."

    assert states_of(records) == [State.CANCELLED]
    assert records.story(ROW)[-1].reason == "by hand: asked by e-mail"


def test_what_a_worker_has_in_hand_is_not_sent_again_once_cancelled(records: Records) -> None:
    claim(records, ROW)

    assert "may be out already" in desk.do("cancel", records, ROW, "asked", NOW)
    assert records.record(ROW, Event.RETRY, NOW + SOON, attempt=1) is State.CANCELLED


@pytest.mark.parametrize("why", [None, " ", "call +1 212 555 0142"])
def test_what_is_done_by_hand_says_why_and_names_nobody(records: Records, why: str | None) -> None:
    with pytest.raises(desk.Refused):
        desk.do("cancel", records, ROW, why, NOW)


def expire(records: Records) -> None:
    records.sweep(NOW + 13 * HOUR)


def refuse(records: Records) -> None:
    claim(records, ROW)
    records.record(ROW, Event.REFUSE, NOW, attempt=1, code=30034)


def cancel(records: Records) -> None:
    records.cancel(ROW, "a mistake", NOW)


@pytest.mark.parametrize("end", [expire, refuse, cancel])
def test_what_certainly_never_left_is_planned_anew_once(records: Records, end: Callable[[Records], None]) -> None:
    end(records)
    later = NOW + DAY

    assert again_as(ROW) in desk.do("replay", records, ROW, "mended", later)
    with pytest.raises(desk.Refused, match="planned anew already"):
        desk.do("replay", records, ROW, "mended", later)

    [due] = claim(records, again_as(ROW), at=later)
    assert (due.sender, due.due_at, due.expires_at) == (ANA, later, later + 12 * HOUR)


def lose(records: Records) -> None:
    claim(records, ROW)
    records.record(ROW, Event.LOSE, NOW, attempt=1)


def send(records: Records) -> None:
    claim(records, ROW)
    records.record(ROW, Event.SEND, NOW, attempt=1)


def fail(records: Records) -> None:
    send(records)
    records.record(ROW, Event.FAIL, NOW)


@pytest.mark.parametrize("end", [lambda records: None, lose, send, fail])
def test_what_may_have_left_or_still_will_is_not_planned_anew(records: Records, end: Callable[[Records], None]) -> None:
    end(records)

    with pytest.raises(desk.Refused, match=r"still on its way|could reach the person twice"):
        desk.do("replay", records, ROW, "mended", NOW + DAY)


@pytest.mark.parametrize("asked", [stop, dont_text_me])
def test_what_a_person_ended_is_not_brought_back_by_hand(records: Records, asked: Callable[..., object]) -> None:
    records.apply(asked(at=NOW - HOUR))  # type: ignore[arg-type]

    with pytest.raises(desk.Refused, match="not wanted any more"):
        desk.do("replay", records, ROW, "mended", NOW + DAY)


def test_what_expired_before_a_stop_stays_ended(records: Records) -> None:
    expire(records)
    records.apply(stop(at=NOW + 14 * HOUR))

    with pytest.raises(desk.Refused, match="asked for no more texts"):
        desk.do("replay", records, ROW, "mended", NOW + DAY)


def test_what_danger_ended_is_not_brought_back_by_hand(records: Records) -> None:
    records.apply(yes(a_follow_up("drip", plan="drip", urgent=False), at=NOW - DAY))
    records.apply(danger(at=NOW - HOUR))

    with pytest.raises(desk.Refused, match="not wanted any more"):
        desk.do("replay", records, FollowUpId("drip"), "mended", NOW + DAY)


class TestTheCommands:
    @pytest.fixture
    def run(
        self,
        texter: Texter,
        monkeypatch: pytest.MonkeyPatch,
        settings: Settings,
        capsys: pytest.CaptureFixture[str],
    ) -> Callable[..., tuple[int, str]]:
        """The command line on the stores of a line that somebody has texted; what it exits with and prints."""
        monkeypatch.setenv("NIGHTLIGHT_ENV", "development")
        monkeypatch.setenv("NIGHTLIGHT_VAR", str(settings.var))
        monkeypatch.setenv("DATABASE_URL", settings.database_url)
        monkeypatch.setenv("REDIS_URL", settings.redis_address)

        def run(*arguments: str) -> tuple[int, str]:
            code = command_line.main(arguments)
            captured = capsys.readouterr()
            return code, captured.out + captured.err

        texter.text("i want to die")
        texter.text("YES")
        capsys.readouterr()
        return run

    def test_the_ledger_is_listed_explained_and_cancelled(self, run: Callable[..., tuple[int, str]]) -> None:
        _, listed = run("followups", "--json")
        id_ = json.loads(listed)[0]["id"]

        assert "check_in, 1" in run("followups")[1]
        assert "planned" in run("followups", "explain", id_)[1]
        assert run("followups", "cancel", id_) == (1, "Say why: --why, for who reads the story later.\n")
        assert run("followups", "cancel", id_, "--why", "a test") == (0, "Cancelled.\n")
        assert run("followups", "replay", id_, "--why", "a test")[0] == 0

    def test_a_plan_is_shown_in_the_persons_own_day(self, run: Callable[..., tuple[int, str]]) -> None:
        code, shown = run("plan", "pain_drip", "--now", "2026-11-22T23:30-05:00", "--zone", "America/Chicago")

        assert code == 0
        assert "Sun 22 Nov 2026 22:30  YES to:" in shown
        assert "Tue 24 Nov 2026 09:00  step 1, 1 day later; dropped after Tue 24 Nov 18:00" in shown
        assert "0 .........#==========.... 24" in shown
        assert "a guess among" in run("plan", "caring", "--state", "FL")[1]
        assert run("plan", "carring")[0] == 1
        assert run("plan", "--zone", "America/Gotham")[0] == 1


class TestOnePerson:
    @pytest.fixture
    def kept(self, texter: Texter, parts: Parts) -> person.Kept:
        """Of somebody in a crisis who said YES to the check-in."""
        texter.text("i want to die")
        texter.text("YES")
        return person.Kept(parts.records, parts.sessions, parts.sealer)

    def test_somebody_who_asks_by_letter_is_looked_up_and_opted_out(self, kept: person.Kept) -> None:
        before = kept.do("show", A_NUMBER, datetime.now(UTC))
        assert (before.startswith("opted out: no"), "is planned" in before) == (True, True)

        kept.do("opt-out", A_NUMBER, datetime.now(UTC))
        after = kept.do("show", A_NUMBER, datetime.now(UTC))
        assert (after.startswith("opted out: yes"), "is cancelled" in after) == (True, True)
        assert A_NUMBER not in before + after

    def test_somebody_who_asks_by_letter_is_deleted(self, kept: person.Kept, parts: Parts) -> None:
        kept.do("delete", A_NUMBER, datetime.now(UTC))

        assert kept.do("show", A_NUMBER, datetime.now(UTC)) == "opted out: no"
        assert len(parts.records.due_deletions(datetime.now(UTC) + timedelta(minutes=11))) == 1

    def test_the_number_is_read_and_what_is_none_is_not_repeated(self) -> None:
        assert person.ask(io.StringIO("+1 212-555-0142\n")) == A_NUMBER
        with pytest.raises(person.NoNumber) as refused:
            person.ask(io.StringIO("5550142 or so\n"))
        assert "5550142" not in str(refused.value)


def test_a_row_that_is_not_there_is_said_to_be_gone(records: Records) -> None:
    with pytest.raises(desk.Refused, match="no such follow-up"):
        desk.do("explain", records, "gone", None, NOW)
    with pytest.raises(desk.Refused, match="no such follow-up"):
        desk.do("cancel", records, "gone", "why not", NOW + timedelta(hours=1))
