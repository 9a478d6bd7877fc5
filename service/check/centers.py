"""Rules for listed centres: somebody rang them, the number reaches whom the text says, and the answer fits a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import phonenumbers

from service.check.subject import Subject
from service.playbook import centers
from service.playbook.assemble import shaped
from service.playbook.line_shapes import CenterShape, CentersShape
from service.playbook.marked import Marked
from service.playbook.messages import file_of
from service.playbook.mistakes import Mistake
from service.policy.centers import NAMED
from service.policy.replies import render
from service.policy.segments import count
from service.zips import locate

FILE = "config/centers.yaml"
MOST_SEGMENTS = {"en": 3, "es": 5}
"""Who answers and who pays is told whole: these may be longer than other answers."""


def a_center_reaches_somebody(subject: Subject) -> Iterator[Mistake]:
    """A sample number is the operators' to replace; any other must be one that phones can dial."""
    for file, number, center in _centers(subject):
        if centers.is_fictional(center.phone):
            what = f"{center.id} is a sample, whose number reaches nobody: production does not print it"
            mend = "Put a centre of your own in its place, or delete it"
            found = file.mistake(("centers", number, "id"), what, mend)
            yield Mistake(found.file, found.line, found.key, what, mend, warning=True)
        elif not phonenumbers.is_valid_number_for_region(phonenumbers.parse(center.phone, "US"), "US"):
            what = f"{center.phone} cannot be dialled"
            yield file.mistake(("centers", number, "phone"), what, "Look it up at its source")


def somebody_rang_the_center(subject: Subject) -> Iterator[Mistake]:
    today = subject.now.date()
    for file, number, center in _centers(subject):
        if centers.is_fictional(center.phone):
            continue
        if center.verified_on is None or center.reverify_by is None or center.reverify_by < today:
            what = f"{center.id} has not been tried, or not again in time: production does not print it"
            mend = "Ring it, then write verified_on, verified_by and reverify_by"
            found = file.mistake(("centers", number, "id"), what, mend)
            yield Mistake(found.file, found.line, found.key, what, mend, warning=not subject.production)


def a_center_is_where_it_says(subject: Subject) -> Iterator[Mistake]:
    for file, number, center in _centers(subject):
        if center.zip and locate(center.zip) is None:
            yield file.mistake(("centers", number, "zip"), f"{center.zip} is no ZIP code", "Write where it stands")


def a_helpline_says_who_answers(subject: Subject) -> Iterator[Mistake]:
    """A number that stands nowhere is no centre's own: people must know who picks up."""
    for file, number, center in _centers(subject):
        if not center.zip and not center.answered_by:
            what = f"{center.id} has no place, and does not say who answers"
            yield file.mistake(("centers", number, "id"), what, "Add zip: for a centre, answered_by: for a helpline")


def named_centers_fit(subject: Subject) -> Iterator[Mistake]:
    """The longest answer that a ZIP code can bring."""
    playbook = subject.everything
    ids = [center.id for _, _, center in _centers(subject)]
    for language, messages in playbook.messages.items():
        values = playbook.values(subject.home_country, language, None)
        for named in combinations(ids, min(NAMED, len(ids))):
            said = {**values, "centers": playbook.centers.said(named, language)}
            size = count(render(("find-centers",), messages, said))
            if size.segments > MOST_SEGMENTS.get(language, MOST_SEGMENTS["es"]):
                what = f"with {' and '.join(named)} takes {size.segments} segments"
                yield Mistake(
                    file_of("find-centers", language), 1, "", what, "Shorten the names in config/centers.yaml"
                )


def _centers(subject: Subject) -> Iterator[tuple[Marked, int, CenterShape]]:
    shape, file = shaped(subject.snapshot, FILE, CentersShape, [])
    for number, center in enumerate(shape.centers if shape else ()):
        yield file, number, center


RULES: tuple[Callable[[Subject], Iterator[Mistake]], ...] = (
    a_center_reaches_somebody,
    somebody_rang_the_center,
    a_center_is_where_it_says,
    a_helpline_says_who_answers,
    named_centers_fit,
)
