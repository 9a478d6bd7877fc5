"""Where the web process listens, and for whom."""

from __future__ import annotations

from pathlib import Path

from service.server import Serving
from tests.service.test_settings import in_development, in_production


def test_a_phone_page_is_for_this_machine_only_and_in_one_process(tmp_path: Path) -> None:
    serving = Serving.of(in_development(tmp_path, PORT="5050"))

    assert (serving.host, serving.port, serving.processes) == ("127.0.0.1", 5050, 1)


def test_twilio_reaches_a_line_in_production_on_several_processes() -> None:
    serving = Serving.of(in_production(WEB_CONCURRENCY="3"))

    assert (serving.host, serving.processes) == ("0.0.0.0", 3)  # noqa: S104 (Twilio comes from outside)


def test_a_line_with_wrong_settings_is_reached_at_its_port() -> None:
    assert Serving.of({"PORT": "8000"}).port == 8000


def test_a_line_whose_port_is_wrong_is_reached_at_the_usual_one() -> None:
    assert [Serving.of({"PORT": wrong}).port for wrong in ("http", "70000", "²")] == [5000] * 3
