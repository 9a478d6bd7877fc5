"""What one answer asks of the stores. How long it takes is measured in benchmarks/, never in a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.builders import ANOTHER_NUMBER
from tests.conftest import Texter
from tests.stores import Valkey


@contextmanager
def transactions() -> Iterator[list[object]]:
    """Those that begin in this process meanwhile."""
    begun: list[object] = []

    def note(connection: object) -> None:
        begun.append(connection)

    event.listen(Engine, "begin", note)
    yield begun
    event.remove(Engine, "begin", note)


def test_nobody_waits_for_more_than_two_questions_to_redis(texter: Texter, valkey: Valkey) -> None:
    texter.text("hello?", From=ANOTHER_NUMBER)  # the scripts are loaded now
    texts = ("i want to die", "ANXIETY", "STOP", "CRISIS", "menu")
    valkey.client.config_resetstat()

    for text in texts:
        texter.text(text)

    inside_the_script = {"cmdstat_get", "cmdstat_set", "cmdstat_del", "cmdstat_hincrby", "cmdstat_config|resetstat"}
    asked = {name: one["calls"] for name, one in valkey.client.info("commandstats").items()}
    assert {name: calls for name, calls in asked.items() if name not in inside_the_script} == {
        "cmdstat_mget": len(texts),
        "cmdstat_evalsha": len(texts),
    }


def test_somebody_waits_for_sql_only_where_it_matters_and_once(texter: Texter) -> None:
    times = {}
    for text in ("ANXIETY", "hello?", "i want to die", "my husband hits me", "STOP"):
        with transactions() as begun:
            texter.text(text)
        times[text] = len(begun)

    assert times == {"ANXIETY": 0, "hello?": 0, "i want to die": 1, "my husband hits me": 1, "STOP": 1}


def test_somebody_who_speaks_of_danger_again_waits_no_longer(texter: Texter) -> None:
    texter.text("i want to die")

    with transactions() as begun:
        texter.text("i still want to die")

    assert len(begun) == 1


def test_somebody_who_opted_out_is_offered_nothing_though_redis_forgot_it(texter: Texter, valkey: Valkey) -> None:
    offered = texter.text("i want to die", From=ANOTHER_NUMBER) or ""
    texter.text("STOP")
    valkey.client.flushall()

    answer = texter.text("i want to die") or ""

    assert "YES" in offered
    assert "988" in answer
    assert "YES" not in answer
