"""How many posts a second a server can answer: wrk, with as many connections as keep it busy."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = Path(__file__).with_name("post.lua")
_THREADS = 2
_TIMEOUT = "15s"
"""As long as Twilio waits."""


@dataclass(frozen=True, slots=True)
class Throughput:
    rate: float
    """Answers a second."""
    p50: float
    """Milliseconds, as the busy server took them; `open_loop` measures what people wait."""
    p99: float


def throughput(url: str, posts: Path, host: str, *, connections: int, seconds: float) -> Throughput:
    """Raises RuntimeError where an answer was not 200: what was measured then is something else."""
    wanted = ["-t", _THREADS, "-c", connections, "-d", f"{seconds:.0f}s", "--timeout", _TIMEOUT, "-s", _SCRIPT, url]
    command = ["wrk", *map(str, wanted), "--", str(posts), str(_THREADS), host]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"wrk at {url}: {ran.stderr.strip() or ran.stdout.strip()}")
    told = json.loads(ran.stdout.strip().splitlines()[-1])
    if told["refused"] or told["broken"]:
        raise RuntimeError(f"{url}: of {told['requests']} posts {told['refused']} refused, {told['broken']} broken")
    return Throughput(told["requests"] / told["seconds"], told["p50"], told["p99"])
