"""Every message as a phone would show it, for a counsellor to read and sign: docs/content.md. Judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from service.check.reading import measure
from service.check.subject import at_its_fullest
from service.playbook import files
from service.playbook.assemble import build
from service.policy.conversation import Language
from service.policy.programme import Playbook
from service.policy.segments import count

_HEAD = """\
# What the line says

Written by `make content` from `templates/messages/` and `config/`; do not edit it. Each reply stands here once, by
name, in each language, as a phone in the United States shows it when every help line answers. In production a help line
that nobody has tried is left out, and with it its line of the message. Beside the language: how many segments are
billed, how they are encoded, and the reading level (English: the Flesch-Kincaid school year, below 7; Spanish:
Fernández-Huerta, 70 or more; both are the sixth grade).

Some replies never come alone. `introduction` follows a person's first danger answer, an `offer-` follows the answer
that it fits, `concern-lead` comes before a topic. `danger-KIND-LEVEL-HINT` is for somebody in particular, and `-2` is
said where the first was the last thing that this person was told.

Whoever has read a message and stands by it signs with `.venv/bin/python -m service approve`.
"""


def page(home: Path) -> str:
    """Raise PlaybookError where the files make no playbook."""
    playbook = build(files.read(home), production=False)
    return "\n".join([_HEAD, *_replies(playbook)])


def _replies(playbook: Playbook) -> Iterator[str]:
    names = {name for messages in playbook.messages.values() for name in messages}
    for name in sorted(names):
        yield f"## {name}\n"
        for language in playbook.programme.languages:
            if name in playbook.messages[language]:  # `language-es` is said in Spanish alone
                yield from _shown(name, language, playbook)


def _shown(name: str, language: Language, playbook: Playbook) -> Iterator[str]:
    text = at_its_fullest(name, language, playbook)
    size, level = count(text), measure(text, language)
    segments = f"{size.segments} segment{'s' if size.segments > 1 else ''}"
    yield f"**{language}**: {segments}, {size.units} units of {size.encoding}, {level}\n"
    yield "  \n".join(f"> {_escaped(line)}" for line in text.split("\n")) + "\n"


def _escaped(line: str) -> str:
    """So that Markdown shows the line as it is."""
    return re.sub(r"([\\`*_<>#\[\]])", r"\\\1", line)
