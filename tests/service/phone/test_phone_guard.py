"""Another site in the same browser can neither text the line from this phone nor read what was said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service import phone

if TYPE_CHECKING:
    from conftest import ALine

BODY = '{"from": "+12125550142", "text": "hi"}'


def posted(line: ALine, **headers: str) -> int:
    """The status of a text with these headers over those of an honest page."""
    honest = {"Content-Type": "application/json", "Origin": line.url, "Sec-Fetch-Site": "same-origin"}
    given = honest | {name.replace("_", "-"): value for name, value in headers.items()}
    return line.session.post(f"{line.url}/phone/texts", data=BODY, headers=given, timeout=10).status_code


def test_the_phones_own_page_may_text(line: ALine) -> None:
    assert posted(line) == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
    ],
)
def test_a_strangers_page_texts_nobody(line: ALine, headers: dict[str, str], status: int) -> None:
    assert posted(line, **headers) == status
    assert line.texts == []


@pytest.mark.parametrize("path", ["/phone", "/phone/events", "/phone/follow-ups", "/phone/static/phone.js"])
def test_a_name_that_was_made_to_point_here_shows_nothing(line: ALine, path: str) -> None:
    asked = {"number": "+12125550142"}
    refused = line.session.get(line.url + path, params=asked, headers={"Host": "evil.example"}, timeout=10)
    assert refused.status_code == 403


def test_a_link_from_another_site_opens_the_phone_but_a_script_reads_nothing(line: ALine) -> None:
    from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
    followed = line.session.get(f"{line.url}/phone", headers=from_elsewhere | {"Sec-Fetch-Mode": "navigate"})
    fetched = line.session.get(f"{line.url}/phone", headers=from_elsewhere | {"Sec-Fetch-Mode": "no-cors"})
    assert (followed.status_code, fetched.status_code) == (200, 403)


def test_the_page_runs_its_own_scripts_alone_and_in_no_frame(line: ALine) -> None:
    page = line.get("/phone")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert "style=" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_page_names_no_address_outside(line: ALine) -> None:
    static = Path(phone.__file__).parent / "static"
    served = [line.get("/phone").text, *(line.get(f"/phone/static/{file.name}").text for file in static.iterdir())]
    named = {address for text in served for address in re.findall(r"https?://[^\s\"']*", text)}
    assert named == {"http://www.w3.org/2000/svg"}  # a name of a format, which nobody fetches


def test_localhost_is_this_machine_too(line: ALine) -> None:
    address = line.url.replace("127.0.0.1", "localhost")
    assert line.session.get(f"{address}/phone", timeout=10).status_code == 200
