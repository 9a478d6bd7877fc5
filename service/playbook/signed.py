"""approvals.yaml: who has read which text, and stands by it. A signature is for the rendered text, to the letter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.playbook.assemble import Snapshot, shaped
from service.playbook.files import SIGNATURES
from service.playbook.mistakes import Mistake, PlaybookError
from service.playbook.shapes import ApprovalsShape

_HEAD = """\
# Who has read which text as a phone shows it, and stands by it. Written by `python -m service approve`; a text whose
# letters or numbers change needs a new signature. In production `python -m service check` fails where one is missing,
# so that a deploy stops; a running line answers all the same.

"""


@dataclass(frozen=True, slots=True)
class Signature:
    """One person's word for one text."""

    sha256: str
    by: str
    on: date


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read(snapshot: Snapshot) -> dict[str, Signature]:
    """By the text's name ("en/help"). No file is no signature; raises PlaybookError where it cannot be read."""
    if SIGNATURES not in snapshot:
        return {}
    mistakes: list[Mistake] = []
    shape, _ = shaped(snapshot, SIGNATURES, ApprovalsShape, mistakes)
    if shape is None:
        raise PlaybookError(mistakes)
    return {name: Signature(row.sha256, row.by, row.on) for name, row in shape.approvals.items()}


def written(signatures: Mapping[str, Signature]) -> str:
    """One row a text, sorted: two people's signatures rarely meet in one row."""
    rows = [f"  {name}: {_row(signature)}" for name, signature in sorted(signatures.items())]
    return _HEAD + ("approvals:\n" + "\n".join(rows) if rows else "approvals: {}") + "\n"


def _row(signature: Signature) -> str:
    by = json.dumps(signature.by, ensure_ascii=False)
    return f"{{on: {signature.on}, by: {by}, sha256: {signature.sha256}}}"
