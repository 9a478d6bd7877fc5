"""The phone in a terminal: lines in, answers and follow-ups out. It asks the line as the page does, by client.py."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from service.phone.client import Client, Unanswered
from service.phone.people import PEOPLE, Person
from service.phone.texts import MisshapenText, number

HELP = """\
Type a text and press Enter. Answers come at once, follow-ups when they are due.
/planned       what is planned for this number
/hurry         send it now
/from WHO      text as another number, or as {people}
/help          this
/quit          end (Ctrl-D does too)"""

PROMPT = "> "
HURRIED_WITHIN = 10.0
"""Seconds: the clock looks each second, and a worker sends at once."""
PAUSE = 1.0
"""Seconds between two attempts to hear follow-ups while the line is away."""


class Screen:
    """Shows lines one after the other, also from two threads. On a terminal it spares the line that is being typed."""

    def __init__(self, out: TextIO, *, typed: Callable[[], str] | None) -> None:
        self._out, self._typed = out, typed
        self._dims = typed is not None and "NO_COLOR" not in os.environ
        self._showing = threading.Lock()

    def show(self, words: str, *, margin: str = "", dim: bool = False) -> None:
        lines = "\n".join(margin + line for line in words.splitlines())
        with self._showing:
            print(f"\033[2m{lines}\033[0m" if dim and self._dims else lines, file=self._out, flush=True)

    def interrupt(self, words: str, *, margin: str) -> None:
        """As `show`, while somebody may be typing: their line is put back below."""
        if self._typed:
            print("\r\033[K", end="", file=self._out)
        self.show(words, margin=margin)
        if self._typed:
            print(PROMPT + self._typed(), end="", file=self._out, flush=True)


class Terminal:
    """One conversation with the line."""

    def __init__(self, client: Client, screen: Screen, sender: str, country: str = "") -> None:
        self._client, self._screen = client, screen
        self._sender, self._place = sender, _place(sender, country)
        self._hurried, self._arrived = 0, threading.Semaphore(0)

    def say(self, line: str) -> None:
        """A text, or a command where it begins with a slash. Raise Unanswered."""
        command, _, rest = line.strip().partition(" ")
        if command in _COMMANDS:
            _COMMANDS[command](self, rest.strip())
        elif command.startswith("/"):
            self._screen.show(f"There is no {command}. /help lists what there is.")
        elif command:
            self._text(line)

    def listen(self) -> None:
        """Shows follow-ups as they come, in the background, for as long as the program runs."""
        heard = threading.Event()
        threading.Thread(target=self._hear, args=[heard], name="phone-follow-ups", daemon=True).start()
        heard.wait(2)

    def await_hurried(self) -> None:
        """Stays until what was hurried has arrived, or should have: a pipe ends before the line has sent it."""
        for _ in range(self._hurried):
            self._arrived.acquire(timeout=HURRIED_WITHIN)

    def _hear(self, heard: threading.Event) -> None:
        bookmark = "now"
        while True:
            try:
                for beat in self._client.follow_ups(self._sender, bookmark):
                    bookmark = beat.bookmark
                    heard.set()
                    if beat.text is not None:
                        self._screen.interrupt(beat.text, margin="<< ")
                        self._arrived.release()
            except Unanswered:
                time.sleep(PAUSE)

    def _text(self, words: str) -> None:
        told = self._client.text(self._sender, words, self._place)
        for answer in told["answers"]:
            self._screen.show(answer["text"], margin="< ")
        if not told["answers"]:
            self._screen.show("No answer: the line stayed silent.", margin="< ")
        self._screen.show(_explained(told["why"]), margin="  ", dim=True)

    def _planned(self, _: str) -> None:
        for one in self._client.planned(self._sender) or [None]:
            self._screen.show(_due(one) if one else "Nothing is planned for this number.")

    def _hurry(self, _: str) -> None:
        hurried = self._client.hurry(self._sender)
        self._hurried += hurried
        self._screen.show("Due now. It arrives within seconds." if hurried else "Nothing is planned for this number.")

    def _become(self, who: str) -> None:
        try:
            self._sender = _number_of(who)
        except MisshapenText as error:
            self._screen.show(str(error))
            return
        self._place = _place(self._sender)
        self._screen.show(f"You are {self._sender} now.")

    def _help(self, _: str) -> None:
        self._screen.show(HELP.format(people=", ".join(person.name for person in PEOPLE)))


_COMMANDS: Mapping[str, Callable[[Terminal, str], None]] = {
    "/planned": Terminal._planned,
    "/hurry": Terminal._hurry,
    "/from": Terminal._become,
    "/help": Terminal._help,
}


def main(url: str, sender: str, country: str = "") -> int:
    """1 where a text that was piped in got no answer."""
    try:
        sender = _number_of(sender)
    except MisshapenText as error:
        return _fail(error)
    typed = _typed() if sys.stdin.isatty() and sys.stdout.isatty() else None
    screen = Screen(sys.stdout, typed=typed)
    terminal = Terminal(Client(url), screen, sender, country)
    terminal.listen()
    if typed:
        _talk(terminal, screen)
        return 0
    try:
        _read(terminal, sys.stdin)
    except Unanswered as error:
        return _fail(error)
    terminal.await_hurried()
    return 0


def _fail(error: Exception) -> int:
    print(error, file=sys.stderr)
    return 1


def _talk(terminal: Terminal, screen: Screen) -> None:
    """With somebody at the keyboard, who may try again after an error."""
    screen.show("Development phone. Nothing leaves this machine. /help lists what there is.", dim=True)
    for line in _typed_lines():
        if line.strip() == "/quit":
            return
        try:
            terminal.say(line)
        except Unanswered as error:
            screen.show(str(error))


def _read(terminal: Terminal, lines: Iterable[str]) -> None:
    for line in lines:
        if line.strip() == "/quit":
            return
        terminal.say(line.rstrip("\n"))


def _typed_lines() -> Iterator[str]:
    while True:
        try:
            yield input(PROMPT)
        except (EOFError, KeyboardInterrupt):
            print()
            return


def _typed() -> Callable[[], str]:
    """What stands in the line being typed. Importing readline also gives `input` its history and arrow keys."""
    try:
        import readline
    except ImportError:  # not on every platform
        return str
    return readline.get_line_buffer


def _number_of(who: str) -> str:
    """Of a ready person by name, or the number itself. Raise MisshapenText."""
    person = next((person for person in PEOPLE if person.name.casefold() == who.casefold()), None)
    return person.number if person else number(who)


def _place(sender: str, country: str = "") -> dict[str, str]:
    person = next((one for one in PEOPLE if one.number == sender), Person("", "", sender, country or "US"))
    if country and country != person.country:
        return {"country": country}
    return {"country": person.country, "state": person.state, "zip": person.zip}


def _explained(why: Mapping[str, str]) -> str:
    """In one line, the most telling first."""
    if not why:
        return "The line did not say why."
    parts = [why.get("level", ""), why.get("route", ""), why.get("reason", "")]
    parts.append(_counted(why["segments"]) if "segments" in why else "")
    parts.append(f"not verified: {why['unverified']}" if "unverified" in why else "")
    return ", ".join(part for part in parts if part)


def _counted(segments: str) -> str:
    return f"{segments} segment" if segments == "1" else f"{segments} segments"


def _due(planned: Mapping[str, Any]) -> str:
    at = datetime.fromisoformat(planned["due_at"]).astimezone(ZoneInfo(planned["zone"]))
    return f"{planned['what']}, {at:%A %d %B %H:%M} {planned['zone']}"
