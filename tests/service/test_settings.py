"""What an engineer sets, forgets or mistypes, and what the service makes of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.secretfile import kept_secret
from service.settings import Settings, SettingsError

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
PRODUCTION = {
    "NIGHTLIGHT_ENV": "production",
    "PUBLIC_URL": "https://line.example.org",
    "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
    "TWILIO_AUTH_TOKEN": "b2" * 16,
    "TWILIO_FROM": "98765",
    "NIGHTLIGHT_KEYS": KEY,
    "NIGHTLIGHT_PEPPER": "p" * 40,
}


def in_production(**changes: str) -> dict[str, str]:
    return {**PRODUCTION, **changes}


def in_development(var: Path, **changes: str) -> dict[str, str]:
    return {"NIGHTLIGHT_ENV": "development", "NIGHTLIGHT_VAR": str(var), **changes}


def problems(environ: Mapping[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        Settings.read(environ)
    return caught.value.problems


def test_a_newcomer_who_sets_nothing_in_development_has_everything_that_is_needed(tmp_path: Path) -> None:
    settings = Settings.read(in_development(tmp_path))

    assert not settings.production
    assert (settings.port, settings.public_url) == (5000, "http://127.0.0.1:5000")
    assert settings.database_url == f"sqlite:///{tmp_path}/nightlight.db"
    assert settings.redis_url is None
    assert settings.redis_address == f"unix://{settings.embedded_socket}"
    assert settings.sender
    assert settings.web_processes == 1


def test_a_developer_with_real_credentials_still_texts_nobody(tmp_path: Path) -> None:
    credentials = {"TWILIO_ACCOUNT_SID": "AC" + "a1" * 16, "TWILIO_AUTH_TOKEN": "b2" * 16, "TWILIO_FROM": "98765"}

    settings = Settings.read(in_development(tmp_path, PORT="5050", **credentials))

    assert settings.twilio_api_url == "http://127.0.0.1:5050/phone/twilio"


def test_a_developer_who_names_a_stand_in_gets_that_one(tmp_path: Path) -> None:
    settings = Settings.read(in_development(tmp_path, TWILIO_API_URL="http://127.0.0.1:4020/"))

    assert settings.twilio_api_url == "http://127.0.0.1:4020"


def test_an_opt_out_written_before_a_restart_is_still_known_after_it(tmp_path: Path) -> None:
    before, after = (Settings.read(in_development(tmp_path)) for _ in range(2))

    assert (before.keys, before.pepper) == (after.keys, after.pepper)
    assert before.keys[0] != before.pepper


def test_nobody_else_on_the_machine_reads_the_secrets(tmp_path: Path) -> None:
    Settings.read(in_development(tmp_path))

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as starting:
        secrets = set(starting.map(lambda _: kept_secret(tmp_path / "secrets" / "pepper"), range(64)))

    assert len(secrets) == 1
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["pepper"]


def test_a_folder_that_cannot_be_written_is_said_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    (keys, pepper) = problems(in_development(tmp_path / "file"))

    assert str(tmp_path / "file") in keys
    assert "NIGHTLIGHT_VAR" in pepper


def test_an_unset_environment_is_production_and_every_missing_setting_is_named_at_once() -> None:
    missing = " ".join(problems({}))

    for name in set(PRODUCTION) - {"NIGHTLIGHT_ENV"}:
        assert missing.count(f"{name} is not set") == 1


def test_a_production_line_needs_no_more_than_its_seven_settings() -> None:
    settings = Settings.read(PRODUCTION)

    assert settings.production
    assert settings.twilio_api_url is None
    assert settings.web_processes == 2


def test_a_messaging_service_may_stand_in_for_the_number() -> None:
    service = in_production(TWILIO_FROM="", TWILIO_MESSAGING_SERVICE_SID="MG" + "c3" * 16)

    assert Settings.read(service).messaging_service_sid == "MG" + "c3" * 16
    assert Settings.read(service).sender == ""


def test_both_tokens_are_good_while_one_replaces_the_other() -> None:
    settings = Settings.read(in_production(TWILIO_AUTH_TOKEN="newer, older"))

    assert settings.auth_tokens == ("newer", "older")


def test_an_older_key_still_opens_what_it_sealed() -> None:
    assert Settings.read(in_production(NIGHTLIGHT_KEYS=f"{OTHER_KEY},{KEY}")).keys == (OTHER_KEY, KEY)


@pytest.mark.parametrize("address", ["postgres://u:p@db/line", "postgresql://u:p@db/line"])
def test_a_database_address_from_a_host_is_taken_as_it_is_given_out(address: str) -> None:
    assert Settings.read(in_production(DATABASE_URL=address)).database_url == "postgresql+psycopg://u:p@db/line"


def test_a_line_behind_a_folder_of_a_proxy_is_signed_without_a_double_slash() -> None:
    assert Settings.read(in_production(PUBLIC_URL="https://example.org/line/")).public_url == "https://example.org/line"


WRONG = {
    "PORT": ["http", "0", "65536", "-1", "5e3"],
    "NIGHTLIGHT_ENV": ["prod", "test"],
    "PUBLIC_URL": ["line.example.org", "http://line.example.org", "https://", "https://a.org/?a=b", "https://a:b"],
    "TWILIO_ACCOUNT_SID": ["AC123", "SK" + "a1" * 16],
    "TWILIO_AUTH_TOKEN": [",", "two words"],
    "TWILIO_FROM": ["555-0100", "5005550006123"],
    "TWILIO_MESSAGING_SERVICE_SID": ["MG1"],
    "TWILIO_API_URL": ["localhost:4020"],
    "REDIS_URL": ["localhost:6379", "http://localhost"],
    "DATABASE_URL": ["mysql://db/line", "line.db"],
    "NIGHTLIGHT_KEYS": ["short", f"{KEY},short", "é" * 44],
    "NIGHTLIGHT_PEPPER": ["short"],
    "NIGHTLIGHT_OPT_OUTS": ["theirs"],
    "NIGHTLIGHT_ALERT_URL": ["alerts@example.org"],
    "NIGHTLIGHT_HOME": ["/nowhere"],
    "WEB_CONCURRENCY": ["many"],
    "WORKER_CONCURRENCY": ["0"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_one_wrong_setting_is_one_sentence_that_names_it(name: str, value: str) -> None:
    (problem,) = problems(in_production(**{name: value}))

    assert problem.startswith(name)
    assert "\n" not in problem


def test_all_wrong_settings_are_named_at_once() -> None:
    wrong = {name: values[0] for name, values in WRONG.items()}

    assert {problem.split()[0] for problem in problems(in_production(**wrong))} == set(WRONG)


def test_a_mistyped_secret_is_not_printed() -> None:
    secret = "hunter2-hunter2"
    wrong = ("NIGHTLIGHT_KEYS", "NIGHTLIGHT_PEPPER", "TWILIO_ACCOUNT_SID", "REDIS_URL", "DATABASE_URL", "TWILIO_FROM")

    assert secret not in " ".join(problems(in_production(**dict.fromkeys(wrong, secret))))


def test_a_settings_object_in_a_message_gives_no_secret_away() -> None:
    shown = repr(Settings.read(in_production(REDIS_URL="redis://:hush@r", DATABASE_URL="postgresql://u:hush@d/l")))

    for secret in (KEY, "p" * 40, "b2" * 16, "a1" * 16, "hush", "98765"):
        assert secret not in shown


def test_two_checkouts_do_not_share_a_valkey_and_its_path_fits_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20)
    one, other = (Settings.read(in_development(var)).embedded_socket for var in (tmp_path, deep))

    assert one != other
    assert len(os.fsencode(other)) < 100
