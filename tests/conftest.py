"""What every test may ask for: a line with real stores, and texts signed as Twilio signs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from service.app import create_app
from service.gateway import Signatures
from service.settings import Settings
from service.wiring import Parts
from tests.builders import a_form

if TYPE_CHECKING:
    from tests.stores import Valkey

pytest_plugins = ["tests.stores"]


def said(response: TestResponse) -> str | None:
    """The text of the answer; None for silence. Fails on anything that Twilio could not read."""
    root = ElementTree.fromstring(response.data)
    assert root.tag == "Response"
    assert len(root) <= 1
    return root[0].text if len(root) else None


@dataclass
class Texter:
    """Posts to the line as Twilio would."""

    app: Flask
    signatures: Signatures

    def text(self, text: str, **different: str) -> str | None:
        return said(self.post(a_form(text, **different)))

    def post(self, form: Mapping[str, str], path: str = "/sms", signature: str | None = None) -> TestResponse:
        signed = self.signatures.sign(path, form) if signature is None else signature
        with self.app.test_client() as client:
            return client.post(path, data=dict(form), headers={"X-Twilio-Signature": signed})


@pytest.fixture
def settings_for(tmp_path: Path, sqlite_url: str) -> Callable[..., Settings]:
    """Development's settings on stores of this test alone; what differs is given as environment variables."""

    def settings(**environ: str) -> Settings:
        usual = {"NIGHTLIGHT_ENV": "development", "NIGHTLIGHT_VAR": str(tmp_path / "var"), "DATABASE_URL": sqlite_url}
        return Settings.read({**usual, **environ})

    return settings


@pytest.fixture
def settings(settings_for: Callable[..., Settings], valkey: Valkey) -> Settings:
    return settings_for(REDIS_URL=valkey.url)


@pytest.fixture
def texter_of() -> Callable[[Settings], Texter]:
    def texter(settings: Settings) -> Texter:
        return Texter(create_app(settings), Signatures(settings.public_url, settings.auth_tokens))

    return texter


@pytest.fixture
def texter(settings: Settings, texter_of: Callable[[Settings], Texter]) -> Texter:
    return texter_of(settings)


@pytest.fixture
def parts(settings: Settings) -> Iterator[Parts]:
    """The same stores as the texter's, as a worker sees them."""
    parts = Parts.for_worker(settings)
    yield parts
    parts.close()
