"""centers.yaml: from what operators write down about a treatment centre to a listing that may be named."""

from __future__ import annotations

import re

from service.playbook.line_shapes import CenterShape, CentersShape
from service.playbook.marked import Marked
from service.playbook.mistakes import Mistake
from service.policy.centers import Center
from service.policy.conversation import Language

_FICTIONAL = re.compile(r"(1-?)?\d{3}-?555-?01\d\d")
"""Numbers that are kept free for fiction, in every area code."""


def listed(shape: CentersShape, file: Marked, found: list[Mistake]) -> tuple[Center, ...]:
    seen: set[str] = set()
    for place, center in enumerate(shape.centers):
        if center.id in seen:
            found.append(file.mistake(("centers", place, "id"), f"{center.id} stands twice", "Give it another id"))
        seen.add(center.id)
    return tuple(_center(center) for center in shape.centers)


def is_fictional(phone: str) -> bool:
    return _FICTIONAL.fullmatch(phone.replace(" ", "-")) is not None


def _center(shape: CenterShape) -> Center:
    return Center(
        id=shape.id,
        name=shape.name,
        phone=shape.phone,
        zip_code=shape.zip,
        states=frozenset(shape.states),
        prefixes=shape.zips,
        languages=frozenset(Language(code) for code in shape.languages),
        paid=shape.listing == "paid",
        answered_by=shape.answered_by,
        verified=shape.verified_on is not None,
        reverify_by=shape.reverify_by,
        fictional=is_fictional(shape.phone),
    )
