"""Somebody texts the line from a terminal, by hand or from a pipe."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.phone.client import Client, Unanswered
from service.phone.terminal import Screen, Terminal

if TYPE_CHECKING:
    from conftest import ALine

MAYA, OWEN = "+12125550142", "+447700900142"
CHECKOUT = Path(__file__).parents[3]
PROGRAM = [sys.executable, "-m", "service", "phone"]


def eventually(shown: Callable[[], str], words: str) -> bool:
    """Whether the words are shown within a few seconds."""
    until = time.monotonic() + 5
    while words not in shown() and time.monotonic() < until:
        time.sleep(0.02)
    return words in shown()


def piped(line: ALine, texts: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, "--url", line.url, *arguments]
    return subprocess.run(command, input=texts, capture_output=True, text=True, timeout=20, cwd=CHECKOUT)


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def terminal(line: ALine, out: io.StringIO) -> Terminal:
    return Terminal(Client(line.url), Screen(out, typed=None), MAYA)


def test_an_answer_is_shown_with_its_reason(line: ALine, terminal: Terminal, out: io.StringIO) -> None:
    line.says("<Response><Message>One.\nTwo.</Message></Response>", Level="none", Route="topic:heroin", Segments="1")
    terminal.say("heroin")
    assert out.getvalue() == "< One.\n< Two.\n  none, topic:heroin, 1 segment\n"
    assert {"Body": "heroin", "FromState": "NY", "FromZip": "10025"}.items() <= line.texts[0].items()


def test_a_silence_is_named(line: ALine, terminal: Terminal, out: io.StringIO) -> None:
    line.says("<Response/>", Route="quiet:thanks")
    terminal.say("ok thanks")
    assert out.getvalue() == "< No answer: the line stayed silent.\n  quiet:thanks\n"


def test_somebody_else_takes_the_keyboard(line: ALine, terminal: Terminal, out: io.StringIO) -> None:
    for words in ("/from owen", "hi", "/from 12", "/from +14165550134", "hi"):
        terminal.say(words)
    assert [(form["From"], form["FromCountry"]) for form in line.texts] == [(OWEN, "GB"), ("+14165550134", "CA")]
    assert "The sender's number should be +" in out.getvalue()


def test_what_is_planned_is_shown_in_the_persons_own_time(terminal: Terminal, out: io.StringIO) -> None:
    terminal.say("/planned")
    terminal.say("/from owen")
    terminal.say("/planned")
    first, _, last = out.getvalue().splitlines()
    assert first == "check in, Monday 04 January 12:05 America/New_York"
    assert last == "Nothing is planned for this number."


def test_a_follow_up_is_hurried(line: ALine, terminal: Terminal, out: io.StringIO) -> None:
    terminal.say("/hurry")
    assert line.hurried == [MAYA]
    assert "Due now" in out.getvalue()


def test_a_mistyped_command_is_not_sent_to_the_line(line: ALine, terminal: Terminal, out: io.StringIO) -> None:
    terminal.say("/hury")
    terminal.say("/help")
    terminal.say("   ")
    assert line.texts == []
    assert "There is no /hury." in out.getvalue()
    assert "Maya" in out.getvalue()


def test_a_follow_up_shows_itself_once_also_after_a_while(line: ALine, terminal: Terminal, out: io.StringIO) -> None:
    line.follow_up("from before")
    terminal.listen()
    line.follow_up("How are you today?")
    assert eventually(out.getvalue, "<< How are you today?\n")
    line.follow_up("And now?")
    assert eventually(out.getvalue, "<< And now?\n")
    assert out.getvalue() == "<< How are you today?\n<< And now?\n"


def test_a_line_that_is_down_and_one_that_refuses_are_told_in_a_sentence(line: ALine, terminal: Terminal) -> None:
    line.says("oh no", 500)
    with pytest.raises(Unanswered, match="The line answered 500"):
        terminal.say("hi")
    with pytest.raises(Unanswered, match="Start it with: make run"):
        Client("http://127.0.0.1:9").planned(MAYA)
    with pytest.raises(Unanswered, match="There is no phone"):
        Client(f"{line.url}/sms").planned(MAYA)


def test_texts_can_be_piped_in(line: ALine) -> None:
    done = piped(line, "heroin\n\nstop\n", "--from", OWEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "< Hello.\n  The line did not say why.\n" * 2
    assert [(form["From"], form["Body"]) for form in line.texts] == [(OWEN, "heroin"), (OWEN, "stop")]


def test_a_pipe_stays_for_the_follow_up_that_it_hurried(line: ALine) -> None:
    line.when_hurried = lambda: threading.Timer(0.3, line.follow_up).start()
    began = time.monotonic()
    assert piped(line, "/hurry\n").stdout.endswith("\n<< How are you today?\n")
    assert time.monotonic() - began < 9


def test_a_pipe_without_a_line_fails_in_a_sentence(line: ALine) -> None:
    line.says("oh no", 500)
    done = piped(line, "hi\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("The line answered 500")
    assert "should be +" in piped(line, "hi\n", "--from", "12").stderr


def test_at_a_keyboard_a_follow_up_spares_what_is_being_typed(line: ALine) -> None:
    master, slave = pty.openpty()
    command = [*PROGRAM, "--url", line.url]
    environment = os.environ | {"TERM": "xterm", "INPUTRC": os.devnull}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=CHECKOUT)
    os.close(slave)
    seen = bytearray()

    def shown() -> str:
        os.set_blocking(master, False)
        with contextlib.suppress(BlockingIOError, OSError):
            seen.extend(os.read(master, 4096))
        return seen.decode()

    assert eventually(shown, "> ")
    os.write(master, b"i am typ")
    assert eventually(shown, "i am typ")
    line.follow_up("How are you today?")
    assert eventually(shown, "<< How are you today?\r\n> i am typ")
    os.write(master, b"ing\n")
    assert eventually(shown, "\x1b[2m  The line did not say why.\x1b[0m")
    os.write(master, b"/quit\n")
    assert process.wait(10) == 0
    os.close(master)
    assert [form["Body"] for form in line.texts] == ["i am typing"]
    assert not re.search("Traceback", seen.decode())
