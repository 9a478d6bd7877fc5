"""In production there is no phone: nobody may text in another's name, and nothing stands in for Twilio."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet

from service.app import create_app
from service.settings import Settings
from tests.stores import Valkey

PRODUCTION = {
    "NIGHTLIGHT_ENV": "production",
    "PUBLIC_URL": "https://line.example.org",
    "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
    "TWILIO_AUTH_TOKEN": "b2" * 16,
    "TWILIO_FROM": "98765",
    "NIGHTLIGHT_KEYS": Fernet.generate_key().decode(),
    "NIGHTLIGHT_PEPPER": "p" * 40,
}
DOORS = ["/phone", "/phone/events", "/phone/follow-ups", "/phone/static/phone.js", "/phone/twilio/2010-04-01/Accounts"]


@pytest.mark.parametrize(("environ", "status"), [(PRODUCTION, 404), ({}, 200)])
def test_the_phone_is_there_in_development_alone(
    settings_for: Callable[..., Settings], valkey: Valkey, environ: dict[str, str], status: int
) -> None:
    client = create_app(settings_for(REDIS_URL=valkey.url, **environ)).test_client()
    assert client.get("/phone").status_code == status


def test_in_production_none_of_its_doors_is_open(settings_for: Callable[..., Settings], valkey: Valkey) -> None:
    client = create_app(settings_for(REDIS_URL=valkey.url, **PRODUCTION)).test_client()
    assert [client.get(door, query_string={"number": "+12125550142"}).status_code for door in DOORS] == [404] * 5
    for door in ("/phone/texts", "/phone/hurry"):
        assert client.post(door, json={"from": "+12125550142", "text": "hi"}).status_code == 404
