"""A broken store is left alone for a moment."""

from datetime import timedelta

from service.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def a_breaker(clock: Clock) -> Breaker:
    return Breaker(timedelta(seconds=2), clock)


def test_while_all_is_well_everybody_asks_the_store():
    breaker = a_breaker(Clock())

    assert all(breaker.may_try() for _ in range(3))


def test_after_a_failure_nobody_waits_for_the_store():
    clock = Clock()
    breaker = a_breaker(clock)
    breaker.failed()

    clock.now += 1.9
    assert not breaker.may_try()


def test_after_the_rest_one_tries_while_the_others_go_on_without():
    clock = Clock()
    breaker = a_breaker(clock)
    breaker.failed()
    clock.now += 2

    assert [breaker.may_try() for _ in range(3)] == [True, False, False]


def test_when_it_is_back_everybody_asks_again():
    clock = Clock()
    breaker = a_breaker(clock)
    breaker.failed()
    clock.now += 2
    breaker.may_try()
    breaker.succeeded()

    assert all(breaker.may_try() for _ in range(3))


def test_when_the_one_who_tried_fails_it_rests_again():
    clock = Clock()
    breaker = a_breaker(clock)
    breaker.failed()
    clock.now += 2
    breaker.may_try()
    breaker.failed()
    clock.now += 1.9

    assert not breaker.may_try()


def test_one_who_tried_and_never_came_back_does_not_shut_it_for_good():
    clock = Clock()
    breaker = a_breaker(clock)
    breaker.failed()
    clock.now += 2
    assert breaker.may_try()
    clock.now += 2

    assert breaker.may_try()


def test_without_a_rest_it_never_opens():
    breaker = Breaker(timedelta())
    breaker.failed()

    assert breaker.may_try()
