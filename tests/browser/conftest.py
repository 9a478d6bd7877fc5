"""The whole line as real processes, and a real browser in front of it that tells of every error and foreign request."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, sync_playwright

from tests.stores import Valkey

CHECKOUT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class LineServer:
    url: str


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    for _ in range(400):
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError("the line did not start")


@pytest.fixture(scope="session")
def line_server(tmp_path_factory: pytest.TempPathFactory, short_folder: Path) -> Iterator[LineServer]:
    """Web, worker and clock as they run in development, on stores of their own: its worker takes every job it sees."""
    port, var = _free_port(), tmp_path_factory.mktemp("var")
    valkey = Valkey(Path(tempfile.mkdtemp(dir=short_folder)))
    development = {"NIGHTLIGHT_ENV": "development", "PORT": str(port), "NIGHTLIGHT_VAR": str(var)}
    environment = os.environ | development | {"REDIS_URL": valkey.url}
    subprocess.run([sys.executable, "-m", "service", "migrate"], env=environment, cwd=CHECKOUT, check=True)
    with (var / "log").open("wb") as log:
        processes = [
            subprocess.Popen([sys.executable, "-m", module], env=environment, cwd=CHECKOUT, stderr=log, stdout=log)
            for module in ("service.server", "workers")
        ]
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            yield LineServer(f"http://127.0.0.1:{port}")
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(timeout=15)
            valkey.kill()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_phone(browser: Browser, line_server: LineServer) -> Iterator[Callable[..., Page]]:
    """Opens the page as somebody new would. Afterwards: no error of a script or policy, no request that left."""
    contexts, errors, strays = [], [], []

    def open_(width: int = 1280, height: int = 860, **preferences: Any) -> Page:
        usual = {"locale": "en-US", "timezone_id": "America/New_York", "color_scheme": "light"}
        context = browser.new_context(viewport={"width": width, "height": height}, **(usual | preferences))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith(line_server.url) else strays.append(asked.url))
        page.goto(f"{line_server.url}/phone")
        page.locator("#new-person").evaluate("button => button.click()")  # so that nobody has texted before
        page.get_by_label("Your text").focus()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert strays == []
    assert [error for error in errors if "ERR_INTERNET_DISCONNECTED" not in error] == []


@pytest.fixture
def phone(open_phone: Callable[..., Page]) -> Page:
    return open_phone()
