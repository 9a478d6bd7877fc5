"""`python -m service approve`: shows what nobody has signed as a phone would, and signs. It changes no message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

from service.check.signatures import ADDITIONS, is_signed, needed
from service.playbook import files, signed
from service.playbook.assemble import build
from service.policy.segments import count

WIDTH = 44
"""Characters on one row of the phone that is drawn."""


class NotSigned(Exception):
    """Nothing was written. The message says why."""


def unsigned(home: Path) -> dict[str, str]:
    """Name → text of what nobody has signed as it is now. Raises PlaybookError."""
    signatures = signed.read(files.signatures(home))
    return {name: text for name, text in sorted(_needed(home).items()) if not is_signed(name, text, signatures)}


def sign(home: Path, names: Iterable[str], by: str, today: date) -> None:
    """Put this person's name under these texts as they are now. Signatures of texts that are gone go too."""
    texts = _needed(home)
    if unknown := sorted(set(names) - texts.keys()):
        raise NotSigned(f"No text that needs a signature is called {', '.join(unknown)}")
    standing = {name: old for name, old in signed.read(files.signatures(home)).items() if name in texts}
    new = {name: signed.Signature(signed.digest(texts[name]), by, today) for name in names}
    files.put(home / files.SIGNATURES, signed.written({**standing, **new}))


def main(home: Path, names: list[str], by: str | None, today: date, ask: Callable[[str], str] | None = None) -> int:
    """1 where something is left unsigned. With a name and somebody to `ask`, text by text."""
    waiting = unsigned(home)
    if by and names:
        sign(home, names, by, today)
    elif by and ask:
        _ask(home, waiting, by, today, ask)
    else:
        print("\n".join(_shown(name, text) for name, text in waiting.items() if not names or name in names))
    left = unsigned(home)
    print(f"{len(left)} unsigned." if left else "Everything is signed.")
    if left and not by:
        print('To sign: python -m service approve --by "your name", or with the names of texts behind it.')
    return int(bool(left))


def _ask(home: Path, waiting: dict[str, str], by: str, today: date, ask: Callable[[str], str]) -> None:
    """Each signature is on disk before the next text is shown."""
    for name, text in waiting.items():
        print(_shown(name, text))
        said = ask("Do you stand by it? y signs, q ends, anything else leaves it: ").strip().lower()
        if said == "q":
            return
        if said == "y":
            sign(home, [name], by, today)


def _shown(name: str, text: str) -> str:
    size = count(text)
    head = (
        f"{name}   {size.segments} x {size.encoding}" if name != ADDITIONS else f"{name}   added to what is recognised"
    )
    rows = [row for line in text.split("\n") for row in _wrapped(line)]
    edge = "-" * (WIDTH + 2)
    return "\n".join(["", head, f"+{edge}+", *(f"| {row:<{WIDTH}} |" for row in rows), f"+{edge}+"])


def _wrapped(line: str) -> Iterator[str]:
    """At spaces, as phones do."""
    row = ""
    for word in line.split(" "):
        if row and len(row) + 1 + len(word) > WIDTH:
            yield row
            row = word
        else:
            row = f"{row} {word}" if row else word
    yield row


def _needed(home: Path) -> dict[str, str]:
    snapshot = files.read(home)
    return needed(build(snapshot, production=False), snapshot.get(ADDITIONS, b""))
