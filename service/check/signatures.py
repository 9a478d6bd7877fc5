"""Rules about signatures: what counts in danger, and what carriers audit, is read by a person before people get it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from service.check.subject import Subject, at_its_fullest
from service.playbook import signed
from service.playbook.files import SIGNATURES
from service.playbook.messages import file_of
from service.playbook.mistakes import Mistake, PlaybookError
from service.policy.programme import Playbook

ADDITIONS = "config/danger.yaml"
COMMAND = "Read and sign it: python -m service approve"

_NEEDED = re.compile(
    r"danger-.*|concern-lead|introduction(-brief)?|stop(-.*)?|refused-opted_out|help|start|(notice|offer|accepted|check_in)-.*"
)


def needed(playbook: Playbook, additions: bytes) -> dict[str, str]:
    """Every text that must be signed, by its name ("en/help"): danger, opt-out, HELP and what follow-ups say."""
    steps = {step.reply for plan in playbook.plans.values() for step in plan.steps}
    texts = {
        f"{language}/{name}": at_its_fullest(name, language, playbook)
        for language, messages in playbook.messages.items()
        for name in messages
        if _NEEDED.fullmatch(name) or name in steps
    }
    if said := _without_comments(additions):
        texts[ADDITIONS] = said
    return texts


def somebody_stands_by_it(subject: Subject) -> Iterator[Mistake]:
    """In production each text that nobody signed as it is now; elsewhere one sentence for all of them."""
    try:
        signatures = signed.read(subject.snapshot)
    except PlaybookError as error:
        yield from error.mistakes
        return
    texts = needed(subject.everything, subject.snapshot.get(ADDITIONS, b""))
    unsigned = [name for name, text in texts.items() if not is_signed(name, text, signatures)]
    if unsigned and not subject.production:
        what = f"{len(unsigned)} of {len(texts)} texts are signed by nobody as they are now"
        yield Mistake(SIGNATURES, 1, "", what, "Before people get them: python -m service approve", warning=True)
        return
    for name in unsigned:
        what = "was changed since it was signed" if name in signatures else "is signed by nobody"
        yield Mistake(_file(name), 1, "", what, COMMAND)


def no_signature_without_a_text(subject: Subject) -> Iterator[Mistake]:
    """A name that no text has: mostly one that was renamed, and lost its reader."""
    try:
        signatures = signed.read(subject.snapshot)
    except PlaybookError:
        return
    for name in sorted(signatures.keys() - needed(subject.everything, subject.snapshot.get(ADDITIONS, b"")).keys()):
        yield Mistake(SIGNATURES, 1, f"approvals.{name}", "no text has this name", "Delete it", warning=True)


def is_signed(name: str, text: str, signatures: dict[str, signed.Signature]) -> bool:
    return name in signatures and signatures[name].sha256 == signed.digest(text)


def _without_comments(additions: bytes) -> str:
    """Empty where operators add nothing to what is recognised."""
    rows = (row.split(" #")[0].rstrip() for row in additions.decode("utf-8", "replace").splitlines())
    said = "\n".join(row for row in rows if row and not row.lstrip().startswith("#"))
    return "" if re.fullmatch(r"additions:\s*(\[\s*\])?", said) else said


def _file(name: str) -> str:
    return name if name == ADDITIONS else file_of(name.partition("/")[2], name.partition("/")[0])


RULES: tuple[Callable[[Subject], Iterator[Mistake]], ...] = (somebody_stands_by_it, no_signature_without_a_text)
