"""From the bytes of the operators' files to one Playbook, or to every mistake in them. No file is opened here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from service.playbook import banners, centers, line_shapes, lines, marked, messages, plans, shapes, vocabulary
from service.playbook.marked import Marked
from service.playbook.mistakes import Mistake, PlaybookError
from service.policy.centers import Centers
from service.policy.conversation import Assessment, Language, Level
from service.policy.danger import Addition, Recogniser
from service.policy.keywords import Vocabulary
from service.policy.programme import Playbook, Programme, Recognises
from service.zips import locate

Snapshot = Mapping[str, bytes]
"""Every file of a playbook, by its path relative to the home, read in one go."""

ShapeT = TypeVar("ShapeT", bound=shapes.Shape)

MAY_BE_MISSING = (shapes.DangerShape, line_shapes.CentersShape, shapes.NoticesShape)
"""Who has nothing of their own to add needs no file."""


def build(snapshot: Snapshot, *, production: bool, hears: bool = True) -> Playbook:
    """Raise PlaybookError with all mistakes where the files make no playbook.

    Without `hears` it is one to send by: it recognises neither danger nor keywords. The same files give the same
    playbook as the last time: processes that are forked after it was built share it.
    """
    return _built(tuple(sorted(snapshot.items())), production=production, hears=hears)


@lru_cache(maxsize=1)
def _built(files: tuple[tuple[str, bytes], ...], *, production: bool, hears: bool) -> Playbook:
    snapshot = dict(files)
    found: list[Mistake] = []
    programme_shape, _ = shaped(snapshot, "config/programme.yaml", shapes.ProgrammeShape, found)
    keywords_shape, keywords_file = shaped(snapshot, "config/keywords.yaml", shapes.KeywordsShape, found)
    helplines_shape, helplines_file = shaped(snapshot, "config/helplines.yaml", line_shapes.HelplinesShape, found)
    plans_shape, plans_file = shaped(snapshot, "config/followups.yaml", shapes.FollowUpsShape, found)
    danger_shape, danger_file = shaped(snapshot, "config/danger.yaml", shapes.DangerShape, found)
    centers_shape, centers_file = shaped(snapshot, "config/centers.yaml", line_shapes.CentersShape, found)
    notices_shape, notices_file = shaped(snapshot, "config/notices.yaml", shapes.NoticesShape, found)
    if not (programme_shape and keywords_shape and helplines_shape and notices_shape):
        raise PlaybookError(found)
    if not (plans_shape and danger_shape and centers_shape):
        raise PlaybookError(found)

    programme = _programme(programme_shape)
    topics = vocabulary.topics(keywords_shape, messages.parts(snapshot))
    entries = vocabulary.entries(keywords_shape, keywords_file, found) + plans.entries(plans_shape, plans_file, found)
    classes = vocabulary.classes(keywords_shape, keywords_file, found)
    specs = plans.plans(plans_shape, programme.quiet_hours)
    listed = centers.listed(centers_shape, centers_file, found)
    directory = lines.directory(helplines_shape, helplines_file, programme.languages, found, production=production)
    parsed = messages.messages(snapshot, programme.languages, lines.situations(helplines_shape), found)
    refused = {mistake.file for mistake in found}
    strays = messages.missing_or_unasked_for(parsed, topics, specs, vocabulary.replies(keywords_shape))
    found.extend(mistake for mistake in strays if mistake.file not in refused)
    found.extend(vocabulary.loose_ends(keywords_shape, keywords_file, parsed))
    found.extend(plans.loose_ends(plans_shape, plans_file, topics))
    banners.add_messages(notices_shape, notices_file, parsed, lines.situations(helplines_shape), found)
    recogniser = _recogniser(danger_shape, danger_file, found, hears=hears)
    if found or directory is None:
        raise PlaybookError(found)
    return Playbook(
        release=release_of(snapshot),
        programme=programme,
        messages=parsed,
        vocabulary=Vocabulary(entries, classes) if hears else Vocabulary(()),
        topics=topics,
        menu=keywords_shape.menu,
        plans=specs,
        directory=directory,
        centers=Centers(listed, locate, production=production),
        notices=banners.notices(notices_shape),
        recogniser=recogniser,
    )


def release_of(snapshot: Snapshot) -> str:
    """Names the content, whatever the files' times and order."""
    digest = hashlib.sha256()
    for file in sorted(snapshot):
        digest.update(f"{file}\0{len(snapshot[file])}\0".encode() + snapshot[file])
    return digest.hexdigest()[:12]


def shaped(snapshot: Snapshot, file: str, shape: type[ShapeT], found: list[Mistake]) -> tuple[ShapeT | None, Marked]:
    """The file as its shape, or None with its mistakes added to `found`."""
    if file not in snapshot and shape in MAY_BE_MISSING:
        return shape(), Marked(file)
    if file not in snapshot:
        found.append(Mistake(file, 1, "", "is missing", "Put it back from the repository"))
        return None, Marked(file)
    content = marked.read(file, snapshot[file])
    found.extend(content.mistakes)
    if content.mistakes and not content.content:
        return None, content
    try:
        return shape.model_validate(content.content), content
    except ValidationError as error:
        found.extend(_mistakes(error, content))
        return None, content


def _mistakes(error: ValidationError, content: Marked) -> Iterator[Mistake]:
    details = error.errors(include_url=False, include_context=False)
    for detail in details:
        inside = (other["loc"][: len(detail["loc"])] for other in details if len(other["loc"]) > len(detail["loc"]))
        if detail["loc"] in inside:  # "too short", because what it holds is wrong: that is reported itself
            continue
        yield content.mistake(detail["loc"], *_in_words(detail))


def _in_words(detail: ErrorDetails) -> tuple[str, str]:
    """What is wrong and what to do, from pydantic's report."""
    match detail["type"]:
        case "missing":
            return "is missing", "Add it"
        case "extra_forbidden":
            return "is no key that is known here", f"Correct or delete {detail['loc'][-1]}"
        case "value_error":
            what, _, mend = detail["msg"].removeprefix("Value error, ").partition(": ")
            return what, mend[:1].upper() + mend[1:] or "Correct it"
        case _:
            return f"{str(detail['input'])[:40]!r} does not fit", detail["msg"]


def _programme(shape: shapes.ProgrammeShape) -> Programme:
    return Programme(
        name=shape.name,
        contact=shape.contact,
        languages=tuple(Language(code) for code in shape.languages),
        country=shape.country,
        quiet_hours=shape.quiet_hours,
        follow_ups_per_second=shape.follow_ups_per_second,
        answers_before_silence=shape.answers_before_silence,
    )


class _Deaf:
    """Of a process that answers no texts: what recognises danger takes half of a playbook's time and memory."""

    def assess(self, text: str, before: tuple[str, ...] = ()) -> Assessment:
        raise RuntimeError("this process was started to send, not to answer")


def _recogniser(shape: shapes.DangerShape, file: Marked, found: list[Mistake], *, hears: bool) -> Recognises:
    additions = []
    for number, row in enumerate(shape.additions):
        try:
            additions.append(Addition(row.phrase, Level(row.level), row.kind, Language(row.language)))
        except ValueError as error:
            found.append(file.mistake(("additions", number), str(error), "Correct the phrase or delete it"))
    return _recogniser_with(tuple(additions)) if hears else _Deaf()


@lru_cache(maxsize=2)
def _recogniser_with(additions: tuple[Addition, ...]) -> Recognises:
    # Building one takes longer than all the rest, and most edits are of a message.
    if additions:
        return Recogniser(additions)
    from service.policy.danger.builtin import FLOOR  # built by this

    return FLOOR
