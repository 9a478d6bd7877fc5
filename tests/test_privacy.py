"""Nobody learns from us who texted or what: a canary number and canary words go through every path, and are looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from service import logs
from service.policy.conversation import PhoneNumber
from service.settings import Settings
from service.wiring import Parts
from tests.builders import ACCOUNT, a_form
from tests.conftest import Texter
from tests.stores import Valkey

CANARY_NUMBER = PhoneNumber("+12125550187")
CANARY_WORDS = "marmalade zeppelin"
TRACES = [b"2125550187", b"marmalade", b"zeppelin"]

PATHS = [
    "i want to die {}",
    "he hits me {}",
    "i took all my pills {}",
    "how do i quit heroin {}",
    "{}",
    "please stop texting me {}",
    "dont text me back {}",
    "Liked “{}”",
    "STOP",
    "START",
    "HELP",
    "MENU",
    "1",
    "MORE",
    "ES",
    "YES",
    "DELETE",
    "90210",
    "",
]


@pytest.fixture
def said_aloud(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], bytes]]:
    """Everything that the process has written to its log so far."""
    before = structlog.get_config()
    logs.configure("web")
    yield lambda: "".join(capfd.readouterr()).encode()
    structlog.configure(**before)


def text_everything(texter: Texter) -> None:
    for path in PATHS:
        texter.text(path.format(CANARY_WORDS), From=CANARY_NUMBER, FromCity="ZEPPELIN")
    texter.post(a_form(CANARY_WORDS, From=CANARY_NUMBER), signature="wrong")
    texter.post(a_form(CANARY_WORDS, From=CANARY_NUMBER, MessageSid="marmalade"))
    status = {"AccountSid": ACCOUNT, "MessageSid": "SM" + "b" * 32, "MessageStatus": "undelivered", "To": CANARY_NUMBER}
    texter.post({**status, "ErrorCode": "30007"}, path="/sms/status?reply=danger-suicide-crisis&level=crisis")


def traces_in(haystack: bytes) -> list[bytes]:
    return [trace for trace in TRACES if trace in haystack]


def files_under(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_log_holds_no_number_and_no_word(texter: Texter, said_aloud: Callable[[], bytes]) -> None:
    text_everything(texter)

    lines = said_aloud()
    assert lines.count(b'"event": "answered"') >= len(PATHS) - 1
    assert traces_in(lines) == []


def test_no_store_holds_a_number_that_can_be_read_or_a_word(
    texter: Texter, settings: Settings, valkey: Valkey, parts: Parts
) -> None:
    text_everything(texter)
    texter.text("i want to die", From=CANARY_NUMBER)
    texter.text("YES", From=CANARY_NUMBER)

    in_redis = b"".join(key + (valkey.client.dump(key) or b"") for key in valkey.client.keys("*"))
    in_files = files_under(settings.var) + files_under(Path(settings.database_url.removeprefix("sqlite:///")).parent)
    assert in_redis
    assert b"follow_ups" in in_files
    assert traces_in(in_redis + in_files) == []


def test_the_log_and_the_spool_hold_neither_when_the_stores_are_away(
    settings_for: Callable[..., Settings],
    texter_of: Callable[[Settings], Texter],
    tmp_path: Path,
    said_aloud: Callable[[], bytes],
) -> None:
    away = settings_for(REDIS_URL=f"unix://{tmp_path}/nobody.sock", DATABASE_URL=f"sqlite:///{tmp_path}/no/tables.db")

    text_everything(texter_of(away))

    spooled = files_under(away.var / "spool")
    assert b"OptOut" in spooled
    assert traces_in(said_aloud() + spooled) == []


def test_a_bug_tells_where_it_is_and_not_what_it_was_about(said_aloud: Callable[[], bytes]) -> None:
    try:
        raise ValueError(f"cannot send {CANARY_WORDS} to {CANARY_NUMBER}")
    except ValueError:
        logs.log.exception("a bug")

    lines = said_aloud()
    assert b"ValueError" in lines
    assert b"test_privacy.py" in lines
    assert traces_in(lines) == []


def test_the_figures_name_nobody(texter: Texter) -> None:
    text_everything(texter)

    with texter.app.test_client() as client:
        figures = client.get("/metrics").data

    assert b"nightlight_answers_total" in figures
    assert traces_in(figures) == []
