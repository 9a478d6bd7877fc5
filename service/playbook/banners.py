"""notices.yaml: from what operators write down about an outage or a season to banners and their messages."""

from __future__ import annotations

from collections.abc import Iterable

from service.playbook.marked import Marked
from service.playbook.marked import Path as KeyPath
from service.playbook.messages import MOMENTARY, Messages
from service.playbook.mistakes import Mistake
from service.playbook.shapes import NoticesShape
from service.policy.notices import Notice
from service.policy.replies import Message, UnsendableError, unknown_placeholders


def notices(shape: NoticesShape) -> tuple[Notice, ...]:
    return tuple(Notice(row.id, row.from_, row.until, row.in_danger, frozenset(row.countries)) for row in shape.notices)


def add_messages(
    shape: NoticesShape, file: Marked, parsed: Messages, situations: Iterable[str], found: list[Mistake]
) -> None:
    """Put each banner's words among the messages of its language, as `notice-<id>`."""
    allowed = frozenset(situations) | MOMENTARY
    seen: set[str] = set()
    for place, row in enumerate(shape.notices):
        if row.id in seen:
            found.append(file.mistake(("notices", place, "id"), f"{row.id} stands twice", "Give it another id"))
        seen.add(row.id)
        for language, messages in parsed.items():
            path = ("notices", place, "text", str(language))
            message = _message(row.text.get(language), allowed, file, path, found)
            if message is not None:
                messages[f"notice-{row.id}"] = message


def _message(
    text: str | None, allowed: frozenset[str], file: Marked, path: KeyPath, found: list[Mistake]
) -> Message | None:
    if text is None:
        found.append(file.mistake(path, f"has no text in {path[-1]}", "Write it"))
        return None
    unknown = unknown_placeholders(text, allowed)
    found.extend(file.mistake(path, f"{{{name}}} is no placeholder", "Correct it") for name in unknown)
    try:
        return Message.parse(text, allowed)
    except UnsendableError as bad:
        found.append(file.mistake(path, bad.what, bad.mend))
        return None
