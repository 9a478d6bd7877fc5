"""Texts come in over HTTP, signed, and get their answer; whatever else comes in has no effect."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from service.gateway import Signatures
from service.policy.ledger import State
from service.settings import Settings
from service.wiring import Parts
from tests.builders import A_NUMBER, ACCOUNT, ANOTHER_NUMBER, a_form
from tests.conftest import Texter, said
from tests.stores import Valkey


class TestAnswers:
    def test_i_want_to_die_gets_a_crisis_line(self, texter: Texter) -> None:
        assert "988" in (texter.text("i want to die") or "")[:153]

    def test_heroin_gets_information(self, texter: Texter) -> None:
        response = texter.post(a_form("heroin"))

        assert response.headers["X-Nightlight-Route"] == "topic:opioids"
        assert "988" in (said(response) or "")

    def test_in_development_an_answer_names_its_lines_that_nobody_has_tried(self, texter: Texter) -> None:
        untried = texter.post(a_form("where can i find an NA meeting")).headers["X-Nightlight-Unverified"]

        assert untried == "988 Suicide & Crisis Lifeline"

    def test_stop_gets_one_confirmation_that_names_the_crisis_line(self, texter: Texter) -> None:
        answer = texter.text("STOP")

        assert answer is not None
        assert "988" in answer

    def test_a_crisis_is_answered_even_after_an_opt_out(self, texter: Texter) -> None:
        texter.text("STOP")

        answer = texter.text("i took all my pills")

        assert "911" in (answer or "")
        assert "YES" not in (answer or "")

    def test_a_picture_without_words_is_answered(self, texter: Texter) -> None:
        assert "988" in (texter.text("", NumMedia="1") or "")

    def test_the_answer_is_what_twilio_can_read(self, texter: Texter) -> None:
        response = texter.post(a_form("hello"))

        assert (response.status_code, response.content_type) == (200, "text/xml; charset=utf-8")

    @pytest.mark.usefixtures("valkey")
    @given(text=st.text(max_size=1600))
    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_text_at_all_is_answered_or_silent_for_a_listed_reason(self, texter: Texter, text: str) -> None:
        form = a_form(text.encode("utf-8", "ignore").decode())

        response = texter.post(form)

        silent = said(response) is None
        assert response.status_code == 200
        assert silent == response.headers["X-Nightlight-Route"].startswith("quiet:")


class TestDuplicates:
    def test_a_repeated_delivery_gets_the_same_answer_again(self, texter: Texter) -> None:
        texter.text("i want to die")
        form = a_form("i want to die")

        first, second = texter.post(form), texter.post(form)

        assert first.data == second.data

    def test_fifty_copies_at_once_get_one_answer_and_plan_one_check_in(self, texter: Texter, parts: Parts) -> None:
        texter.text("i want to die")
        form = a_form("YES")

        with ThreadPoolExecutor(25) as copies:
            answers = {response.data for response in copies.map(lambda _: texter.post(form), range(50))}

        assert len(answers) == 1
        assert parts.records.states()[State.PLANNED] == 1

    def test_the_same_words_twice_are_a_second_cry(self, texter: Texter) -> None:
        first, second = texter.text("please i dont want to be here"), texter.text("please i dont want to be here")

        assert first != second
        assert "988" in (second or "")


class TestStrangers:
    def test_an_unsigned_text_is_refused_and_has_no_effect(self, texter: Texter, parts: Parts) -> None:
        response = texter.post(a_form("STOP"), signature="")

        assert response.status_code == 403
        assert not parts.records.opted_out(parts.sealer.key_of(A_NUMBER))

    @pytest.mark.parametrize("signature", ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "0" * 500])
    def test_a_wrong_signature_is_refused(self, texter: Texter, signature: str) -> None:
        assert texter.post(a_form("hi"), signature=signature).status_code == 403

    def test_the_host_header_has_no_say(self, texter: Texter) -> None:
        form = a_form("hi")
        signed = texter.signatures.sign("/sms", form)

        with texter.app.test_client() as client:
            headers = {"X-Twilio-Signature": signed, "Host": "evil.example.org"}
            assert client.post("/sms", data=form, headers=headers).status_code == 200

    def test_a_stop_of_one_sender_does_not_touch_another(self, texter: Texter, parts: Parts) -> None:
        texter.text("STOP")

        assert parts.records.opted_out(parts.sealer.key_of(A_NUMBER))
        assert not parts.records.opted_out(parts.sealer.key_of(ANOTHER_NUMBER))

    def test_a_signed_but_misshapen_form_gets_the_constant_answer_and_no_effect(
        self, texter: Texter, parts: Parts
    ) -> None:
        form = a_form("STOP")
        form["Bod"] = "y" + form.pop("Body")

        response = texter.post(form)

        assert response.status_code == 200
        assert "988" in (said(response) or "")
        assert not parts.records.opted_out(parts.sealer.key_of(A_NUMBER))

    def test_wrong_signatures_under_our_account_wake_somebody(self, texter: Texter, settings: Settings) -> None:
        for _ in range(3):
            texter.post(a_form("hi"), signature="x")

        assert (settings.var / "alerts" / "signatures").exists()


class TestWithoutStores:
    @pytest.fixture
    def without_redis(
        self, settings_for: Callable[..., Settings], texter_of: Callable[[Settings], Texter], tmp_path: Path
    ) -> Texter:
        return texter_of(settings_for(REDIS_URL=f"unix://{tmp_path}/nobody.sock"))

    def test_a_crisis_text_is_answered_when_redis_is_away(self, without_redis: Texter) -> None:
        assert "988" in (without_redis.text("i want to die") or "")

    def test_a_yes_is_planned_once_though_redis_forgot_the_first_answer(
        self, texter: Texter, parts: Parts, valkey: Valkey
    ) -> None:
        texter.text("i want to die")
        form = a_form("YES")
        texter.post(form)
        session = valkey.client.dump(key := next(iter(valkey.client.keys("nightlight:session:*"))))
        valkey.client.flushall()
        texter.text("i want to die")

        texter.post(form)

        assert session
        assert key
        assert parts.records.states()[State.PLANNED] == 1

    def test_a_crisis_text_is_answered_when_sql_is_away(
        self,
        settings_for: Callable[..., Settings],
        texter_of: Callable[[Settings], Texter],
        valkey: Valkey,
        tmp_path: Path,
    ) -> None:
        away = settings_for(REDIS_URL=valkey.url, DATABASE_URL=f"sqlite:///{tmp_path}/no/such/folder.db")

        answer = texter_of(away).text("i want to die")

        assert "988" in (answer or "")

    def test_a_stop_waits_in_the_spool_while_sql_is_away(
        self,
        settings_for: Callable[..., Settings],
        texter_of: Callable[[Settings], Texter],
        valkey: Valkey,
        tmp_path: Path,
    ) -> None:
        empty = f"sqlite:///{tmp_path}/never-migrated.db"
        away = settings_for(REDIS_URL=valkey.url, DATABASE_URL=empty)

        answer = texter_of(away).text("STOP")

        assert "988" in (answer or "")
        assert len(list((away.var / "spool").glob("*.json"))) == 1


class TestStatuses:
    def status(self, texter: Texter, word: str, query: str, **more: str) -> int:
        form = {"MessageSid": "SM" + "e" * 32, "AccountSid": ACCOUNT, "MessageStatus": word, **more}
        return texter.post(form, path=f"/sms/status?{query}").status_code

    def test_a_danger_answer_that_never_arrived_wakes_somebody_once(self, texter: Texter, settings: Settings) -> None:
        query = "reply=danger-suicide-crisis&level=crisis"

        assert self.status(texter, "undelivered", query, ErrorCode="30007") == 200
        assert self.status(texter, "undelivered", query, ErrorCode="30007") == 200

        assert [marker.name for marker in (settings.var / "alerts").iterdir()] == ["undelivered_30007"]

    def test_an_arrived_answer_wakes_nobody(self, texter: Texter, settings: Settings) -> None:
        self.status(texter, "delivered", "reply=danger-suicide-crisis&level=crisis")

        assert not (settings.var / "alerts").exists()

    def test_a_status_of_a_follow_up_that_nobody_knows_changes_nothing(self, texter: Texter) -> None:
        assert self.status(texter, "delivered", "row=unknown") == 200

    def test_an_unsigned_status_is_refused(self, texter: Texter) -> None:
        form = {"MessageSid": "SM" + "e" * 32, "AccountSid": ACCOUNT, "MessageStatus": "delivered"}

        assert texter.post(form, path="/sms/status?row=any", signature="x").status_code == 403

    def test_a_status_signed_for_another_row_is_refused(self, texter: Texter, settings: Settings) -> None:
        form = {"MessageSid": "SM" + "e" * 32, "AccountSid": ACCOUNT, "MessageStatus": "delivered"}
        elsewhere = Signatures(settings.public_url, settings.auth_tokens).sign("/sms/status?row=one", form)

        assert texter.post(form, path="/sms/status?row=another", signature=elsewhere).status_code == 403
