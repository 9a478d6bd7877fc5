"""`make profile`: where a web process spends its time while it answers, as a flame graph by py-spy."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from benchmarks import forms, texts
from benchmarks.closed_loop import throughput
from benchmarks.servers import end_what_was_started, settings_of, the_line
from benchmarks.texts import Sort
from service.gateway import Signatures
from service.settings import CHECKOUT

GRAPH = CHECKOUT / "var" / "benchmarks" / "profile.svg"


def main() -> int:
    end_what_was_started()
    asked = _asked()
    GRAPH.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="nightlight-profile-") as folder,
        the_line(Path(folder), WEB_CONCURRENCY="1") as line,
    ):
        settings, posts = settings_of(line), Path(folder) / "posts"
        signatures = Signatures(settings.public_url, settings.auth_tokens)
        forms.write_posts(posts, texts.stream(asked.sort, 0), int(3000 * asked.seconds), signatures)
        host, longer = f"127.0.0.1:{line.port}", {"connections": 8, "seconds": asked.seconds + 4}
        busy = threading.Thread(target=throughput, args=(line.url, posts, host), kwargs=longer)
        busy.start()
        _record(line.processes(), asked.seconds)
        busy.join()
    print(f"The graph is {GRAPH.relative_to(CHECKOUT)}; open it in a browser.")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make profile", description=__doc__)
    parser.add_argument("--sort", type=Sort, default=Sort.TOPIC, choices=list(Sort), help="which texts it answers")
    parser.add_argument("--seconds", type=float, default=10)
    return parser.parse_args()


def _record(processes: list[int], seconds: float) -> None:
    """Of the web's process that answers: the one below the server's own."""
    web = [pid for pid in processes if "service.server" in Path(f"/proc/{pid}/cmdline").read_text()][-1]
    spy = [str(Path(sys.executable).with_name("py-spy")), "record", "--pid", str(web), "--output", str(GRAPH)]
    subprocess.run([*spy, "--duration", f"{seconds:.0f}", "--rate", "200", "--gil"], check=True, stdout=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
