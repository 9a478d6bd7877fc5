"""The answer path against others on the same machine, in the same minutes: throughput, and how long people wait."""

from __future__ import annotations

import itertools
import re
import statistics
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import follow_ups, forms, machine, texts
from benchmarks.closed_loop import throughput
from benchmarks.open_loop import request, waits
from benchmarks.servers import Server, forget_sessions, on_granian, settings_of
from benchmarks.texts import Sort
from service.gateway import Signatures

CONNECTIONS = 16
SHARE_OF_CAPACITY = 0.7
FOLLOW_UPS_PER_SECOND = 50
"""Go out while waits are measured."""

LINE_SORTS = {"topic": Sort.TOPIC, "danger": Sort.DANGER, "writes SQL": Sort.STOP}
"""Danger of strangers: nothing is planned for them. STOP is a transaction each."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long it is measured."""

    rounds: int
    seconds: float
    tail_seconds: float


class Webhook:
    """One sitting: all servers run side by side, and are asked in turn."""

    def __init__(self, folder: Path, effort: Effort, rapidsms: Path | None) -> None:
        self._folder = folder
        self._effort = effort
        self._rapidsms = rapidsms
        self._first = 0

    def measure(self) -> dict[str, object]:
        with ExitStack() as running:
            line = running.enter_context(follow_ups.a_sending_line(self._folder / "line", FOLLOW_UPS_PER_SECOND))
            settings = settings_of(line)
            self._host = f"127.0.0.1:{line.port}"
            self._signatures = Signatures(settings.public_url, settings.auth_tokens)
            others = [running.enter_context(other) for other in self._others(line)]
            rates = self._rates(line, others)
            memory = machine.memory_by_process(line.processes())
            tail = self._tail(line, others[0])
            constant = _constant_answers(line)
        if constant:
            raise RuntimeError(f"{constant} texts got the constant answer: this was not the line")
        return {"throughput": rates, "tail": tail, "memory": memory}

    def _others(self, line: Server) -> Iterator[Server]:
        settings = settings_of(line)
        token = {"TWILIO_AUTH_TOKEN": settings.auth_tokens[0]}
        yield on_granian("bare Flask", "benchmarks.bare:app", self._folder)
        stores = {"REDIS_URL": settings.redis_address, "PUBLIC_URL": settings.public_url}
        yield on_granian("naive", "benchmarks.naive.app:app", self._folder, **token, **stores)
        yield on_granian("Twilio's pattern", "benchmarks.twilio_pattern:app", self._folder, **token)
        if self._rapidsms:
            site, database = "benchmarks.rapidsms_site.site:application", str(self._folder / "rapidsms.db")
            yield on_granian("RapidSMS", site, self._folder, str(self._rapidsms), RAPIDSMS_DATABASE=database)

    def _rates(self, line: Server, others: Sequence[Server]) -> dict[str, list[float]]:
        """Answers a second, a figure a round. What is compared is measured within seconds of each other."""
        found: dict[str, list[float]] = {}
        for server in (*others, line):
            self._rate(server, texts.stream(Sort.TOPIC, 0))  # the first texts find caches cold
        for round_ in range(self._effort.rounds):
            for other in others:
                mixed = texts.stream(Sort.DANGER if round_ % 2 else Sort.TOPIC, round_)
                found.setdefault(other.name, []).append(self._rate(other, mixed))
            for name, sort in LINE_SORTS.items():
                forget_sessions(line)
                rate = self._rate(line, texts.stream(sort, round_))
                found.setdefault(f"the line, {name}", []).append(rate)
            print(
                f"  round {round_ + 1}: " + ", ".join(f"{n} {v[-1]:.0f}/s" for n, v in found.items()), file=sys.stderr
            )
        return found

    def _rate(self, server: Server, stream: Iterator[str]) -> float:
        posts = self._posts(stream, int(2500 * self._effort.seconds))
        return throughput(server.url, posts, self._host, connections=CONNECTIONS, seconds=self._effort.seconds).rate

    def _posts(self, stream: Iterator[str], many: int) -> Path:
        path = self._folder / "posts"
        forms.write_posts(path, stream, many, self._signatures, self._first)
        self._first += many
        return path

    def _tail(self, line: Server, bare: Server) -> dict[str, object]:
        """Waits at the same rate, with follow-ups on their way meanwhile."""
        rate = SHARE_OF_CAPACITY * statistics.median(self._capacity_while_sending(line) for _ in range(3))
        many = int(rate * self._effort.tail_seconds)
        found: dict[str, dict[str, list[float]]] = {}
        for _, server in itertools.product(range(min(3, self._effort.rounds)), (bare, line)):
            lines = self._posts(texts.stream(Sort.TOPIC, 1), many).read_text().splitlines()
            posts = [request(self._host, *one.split("\t")) for one in lines]
            forget_sessions(line)
            follow_ups.plan_due(settings_of(line), int(FOLLOW_UPS_PER_SECOND * self._effort.tail_seconds))
            waited = waits(server.url, posts, rate)
            if waited.wrong:
                raise RuntimeError(f"{waited.wrong} answers of {server.name} were not TwiML")
            for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)):
                found.setdefault(server.name, {}).setdefault(name, []).append(waited.at(share))
        return {"rate": rate, "milliseconds": found}

    def _capacity_while_sending(self, line: Server) -> float:
        """Texts a second that it can answer beside the follow-ups: fewer than without them."""
        forget_sessions(line)
        follow_ups.plan_due(settings_of(line), int(FOLLOW_UPS_PER_SECOND * self._effort.seconds))
        return self._rate(line, texts.stream(Sort.TOPIC, 2))


def _constant_answers(line: Server) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{line.port}/metrics", timeout=10) as answer:
        counted = re.findall(r"^nightlight_last_resort_answers_total{.*} (\S+)$", answer.read().decode(), re.MULTILINE)
    return int(sum(map(float, counted)))
