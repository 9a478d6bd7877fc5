"""A follow-up comes to an open phone by itself, once, also over a break; and open phones do not use up the server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from service.phone.mailbox import Direction, Mailbox, Message
from service.phone.streams import Streams, TooManyStreams

if TYPE_CHECKING:
    from conftest import ALine

MAYA, OWEN = "+12125550142", "+447700900142"


def a_follow_up(sid: str, to: str = MAYA, direction: Direction = Direction.OUTBOUND) -> Message:
    return Message(sid, direction, "+15005550006", to, f"text {sid}", 1)


class Reader:
    """A phone that reads one stream to its end."""

    def __init__(self, mailbox: Mailbox, bookmark: str = "", *, lasts: float = 0.05) -> None:
        stream = Streams(mailbox, lasts=lasts, heartbeat=0.01).open(MAYA, bookmark)
        self.raw = "".join(stream)
        events = [event.splitlines() for event in self.raw.split("\n\n") if event.startswith("id: ")]
        self.bookmarks = [identity.removeprefix("id: ") for identity, _ in events]
        self.sids = [json.loads(data.removeprefix("data: "))["sid"] for _, data in events]


@contextmanager
def phone_at(line: ALine, last_event_id: str = "") -> Iterator[Iterator[str]]:
    """The events of one stream over HTTP, as a browser asks for them."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    address, asked = f"{line.url}/phone/events", {"number": MAYA}
    with line.session.get(address, params=asked, headers=headers, stream=True, timeout=10) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        lines = response.iter_lines(decode_unicode=True)
        yield iter(lambda: "\n".join(iter(lambda: next(lines), "")), None)


def test_a_phone_that_was_closed_gets_what_came_meanwhile_and_nothing_of_others() -> None:
    mailbox = Mailbox()
    for message in (a_follow_up("a"), a_follow_up("b", to=OWEN), a_follow_up("c", direction=Direction.REPLY)):
        mailbox.keep(message)
    assert Reader(mailbox).sids == ["a"]


def test_a_phone_that_comes_back_gets_only_what_is_new() -> None:
    mailbox = Mailbox()
    mailbox.keep(a_follow_up("a"))
    (bookmark,) = Reader(mailbox).bookmarks
    mailbox.keep(a_follow_up("b"))
    assert Reader(mailbox, bookmark).sids == ["b"]


def test_a_bookmark_of_the_run_before_begins_at_the_beginning() -> None:
    before, mailbox = Mailbox(), Mailbox()
    for sid in "abc":
        before.keep(a_follow_up(sid))
    mailbox.keep(a_follow_up("d"))
    assert Reader(mailbox, Reader(before).bookmarks[-1]).sids == ["d"]
    assert Reader(mailbox, "nonsense-999999").sids == ["d"]


def test_a_reader_who_wants_only_what_is_to_come_can_come_back_before_anything_came() -> None:
    mailbox = Mailbox()
    mailbox.keep(a_follow_up("old"))
    opening = next(iter(Streams(mailbox).open(MAYA, "now")))
    mailbox.keep(a_follow_up("new"))
    assert Reader(mailbox, opening.strip().partition("id: ")[2]).sids == ["new"]


def test_a_follow_up_reaches_an_open_phone_at_once() -> None:
    mailbox = Mailbox()
    began = time.monotonic()
    stream = iter(Streams(mailbox, heartbeat=30, lasts=30).open(MAYA, ""))
    assert [next(stream)[:12], next(stream)] == ["retry: 200\ni", ": still here\n\n"]
    threading.Timer(0.05, mailbox.keep, [a_follow_up("a")]).start()
    assert '"sid": "a"' in next(stream)
    assert time.monotonic() - began < 5


def test_words_with_line_breaks_stay_one_event() -> None:
    mailbox = Mailbox()
    mailbox.keep(Message("a", Direction.OUTBOUND, "+15005550006", MAYA, "one\n\nid: evil\r\ntwo", 1))
    assert len(Reader(mailbox).bookmarks) == 1


def test_a_quiet_stream_shows_that_it_lives_and_ends_by_itself() -> None:
    began = time.monotonic()
    assert Reader(Mailbox()).raw.count(": still here") >= 3
    assert time.monotonic() - began < 2


def test_one_phone_too_many_is_refused_until_another_is_closed() -> None:
    streams = Streams(Mailbox(), most=2)
    first, _ = streams.open(MAYA, ""), streams.open(MAYA, "")
    with pytest.raises(TooManyStreams):
        streams.open(MAYA, "")
    first.close()
    first.close()  # servers may close twice
    streams.open(MAYA, "")
    with pytest.raises(TooManyStreams):
        streams.open(MAYA, "")


def test_over_http_a_follow_up_is_pushed_and_a_break_is_bridged(line: ALine) -> None:
    with phone_at(line) as opened:
        assert next(opened).startswith("retry: 200\nid: ")
        sid = line.follow_up()
        pushed = next(event for event in opened if "data: " in event)
    assert f'"sid": "{sid}"' in pushed
    again = line.follow_up("and now?")
    with phone_at(line, pushed.partition("\n")[0].removeprefix("id: ")) as opened:
        events = [next(opened), next(opened)]
    assert f'"sid": "{again}"' in events[1]


def test_over_http_the_thirteenth_phone_gets_a_sentence(line: ALine) -> None:
    address, asked = f"{line.url}/phone/events", {"number": MAYA}
    held = [line.session.get(address, params=asked, stream=True, timeout=10) for _ in range(12)]
    refused = line.get("/phone/events", number=MAYA)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert "Close one" in refused.json()["error"]
    for response in held:
        response.close()


def test_a_message_that_is_kept_again_does_not_come_again() -> None:
    mailbox = Mailbox()
    first = mailbox.keep(a_follow_up("a"))
    assert mailbox.keep(a_follow_up("a")) == first
    assert Reader(mailbox, mailbox.bookmark(first.position)).sids == []


def test_the_mailbox_forgets_the_oldest() -> None:
    mailbox = Mailbox(most=3)
    for sid in "abcd":
        mailbox.keep(a_follow_up(sid))
    assert [message.sid for message in mailbox.between()] == ["d", "c", "b"]
