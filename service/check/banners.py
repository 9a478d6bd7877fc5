"""Rules for banners: short enough to bear, and gone when they are over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.check.subject import Subject, at_its_fullest
from service.playbook.assemble import shaped
from service.playbook.marked import Marked
from service.playbook.mistakes import Mistake
from service.playbook.shapes import NoticeShape, NoticesShape
from service.policy.segments import count

FILE = "config/notices.yaml"


def a_banner_is_one_segment(subject: Subject) -> Iterator[Mistake]:
    for file, place, notice in _notices(subject):
        for language in subject.everything.programme.languages:
            size = count(at_its_fullest(f"notice-{notice.id}", language, subject.everything))
            if size.segments > 1:
                what = f"takes {size.segments} segments ({size.units} units of {size.encoding})"
                yield file.mistake(("notices", place, "text", str(language)), what, "Cut it to one")


def a_banner_ends(subject: Subject) -> Iterator[Mistake]:
    for file, place, notice in _notices(subject):
        if notice.until <= subject.now:
            found = file.mistake(("notices", place, "until"), f"{notice.id} is over, and shown to nobody", "Delete it")
            yield Mistake(found.file, found.line, found.key, found.what, found.mend, warning=True)


def _notices(subject: Subject) -> Iterator[tuple[Marked, int, NoticeShape]]:
    shape, file = shaped(subject.snapshot, FILE, NoticesShape, [])
    for place, notice in enumerate(shape.notices if shape else ()):
        yield file, place, notice


RULES: tuple[Callable[[Subject], Iterator[Mistake]], ...] = (a_banner_is_one_segment, a_banner_ends)
