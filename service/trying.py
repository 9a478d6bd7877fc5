"""`python -m service try`: what a text would be answered and why, by the very function that answers texts."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from service import playbook as playbooks
from service.line import Answer, explain
from service.policy.conversation import Decision, InboundMessage, MessageSid, PhoneNumber, Session
from service.policy.programme import Playbook
from service.settings import CHECKOUT

_FIELDS = ("level", "kind", "route", "reason")


def home_of(environ: Mapping[str, str]) -> tuple[Path, bool]:
    """Where the operators' files are, and whether to be as strict as in production. Needs no other setting."""
    return Path(environ.get("NIGHTLIGHT_HOME") or CHECKOUT), environ.get("NIGHTLIGHT_ENV") == "production"


def playbook(home: Path, *, production: bool) -> Playbook:
    """Exit with every mistake where there is no playbook to try."""
    try:
        return playbooks.load(home, production=production)
    except playbooks.PlaybookError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def explained(text: str, country: str, book: Playbook) -> tuple[Decision, Answer]:
    """As from a sender who never texted before."""
    now = datetime.now(UTC)
    message = InboundMessage(MessageSid("SM" + "0" * 32), PhoneNumber("+12125550142"), text, now, country)
    return explain(message, Session(), book, now)


def shown(text: str, country: str, book: Playbook, *, as_json: bool) -> str:
    decision, answer = explained(text, country, book)
    if as_json:
        evidence = [
            {"rule": found.rule, "start": found.start, "end": found.end} for found in decision.assessment.evidence
        ]
        return json.dumps({**_as_object(answer), "evidence": evidence, "segments": answer.segments}, ensure_ascii=False)
    why = [f"{field:9} {getattr(answer, field) or '-'}" for field in _FIELDS]
    spans = [f"{'':9} {found.rule}: {text[found.start : found.end]!r}" for found in decision.assessment.evidence]
    reply = answer.text or "(no answer)"
    return "\n".join([*why, *spans, f"{'segments':9} {answer.segments}", "", reply])


def batch(file: str, country: str, book: Playbook, standard_input: TextIO, out: TextIO) -> int:
    """One line out for each line in; a line that is no text is named on stderr and the exit is 1."""
    if file == "-":
        return _batch(standard_input, file, country, book, out)
    with Path(file).open(encoding="utf-8") as source:
        return _batch(source, file, country, book, out)


def _batch(source: TextIO, name: str, country: str, book: Playbook, out: TextIO) -> int:
    wrong = 0
    for number, line in enumerate(source, start=1):
        try:
            given = json.loads(line)
            id_, text = given["id"], str(given["text"])
        except (ValueError, KeyError, TypeError):
            print(f"{name}:{number}: not an object with id and text", file=sys.stderr)
            wrong += 1
            continue
        _, answer = explained(text, country, book)
        out.write(json.dumps({"id": id_, **_as_object(answer)}, ensure_ascii=False) + "\n")
    return int(wrong > 0)


def _as_object(answer: Answer) -> dict[str, str | None]:
    return {**{field: getattr(answer, field) or None for field in _FIELDS}, "reply": answer.text}
