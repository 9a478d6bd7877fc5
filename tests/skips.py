"""A pytest plugin: where everything is installed, a test that is skipped is a test that failed."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    in_ci = os.environ.get("CI") == "true"
    parser.addoption(
        "--no-skips", action="store_true", default=in_ci, help="fail if a test was skipped (default in CI)"
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := _skipped(config):
        terminalreporter.write_line(f"{count} skipped, and here nothing may be: install what they miss.", red=True)


def _skipped(config: pytest.Config) -> int:
    """How many, where that counts. Under xdist only the controller has a report of all."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return len(reporter.stats.get("skipped", [])) if reporter and config.getoption("--no-skips") else 0
