"""The linter: what the operators' files would do to people, said before they do it. Reads and judges, no more."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from service.check import additions, banners, centers, difference, directory, plans, signatures, vocabulary, wording
from service.check.subject import Subject
from service.playbook import Mistake, PlaybookError, files

RULES = (
    *wording.RULES,
    *vocabulary.RULES,
    *plans.RULES,
    *directory.RULES,
    *centers.RULES,
    *banners.RULES,
    *additions.RULES,
    *signatures.RULES,
)


def check(home: Path, *, production: bool, now: datetime | None = None) -> list[Mistake]:
    """Every mistake, in the order of files and lines. Where the files make no playbook, only why not."""
    snapshot = {**files.read(home), **files.signatures(home)}
    try:
        subject = Subject.of(snapshot, now or datetime.now(UTC), production=production)
    except PlaybookError as error:
        return list(error.mistakes)
    wrong_everywhere = set(directory.a_crisis_line_can_be_called(subject))
    of_texts = (*wording.RULES, plans.follow_ups_fit)
    rules = [rule for rule in RULES if not (wrong_everywhere and rule in of_texts)]
    return sorted({mistake for rule in rules for mistake in rule(subject)})


def main(home: Path, *, production: bool, as_json: bool = False) -> int:
    """Print what was found; 1 where something must be mended, 0 where there are only warnings or nothing."""
    mistakes = check(home, production=production)
    if as_json:
        json.dump([asdict(mistake) for mistake in mistakes], sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _say(mistakes)
    return int(any(not mistake.warning for mistake in mistakes))


def diff(old: Path, home: Path, texts: Path | None = None, *, as_json: bool = False) -> int:
    """Print which shipped texts would be answered otherwise than by the old files; 1 where one is less urgent now."""
    try:
        found = difference.between(old, home, texts or difference.CORPUS)
    except (PlaybookError, difference.NoTexts) as error:
        print(error, file=sys.stderr)
        return 1
    if as_json:
        json.dump(asdict(found), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print("\n".join(difference.shown(found)))
    return int(found.danger_lost)


def _say(mistakes: list[Mistake]) -> None:
    for mistake in mistakes:
        print(f"{mistake} (warning)" if mistake.warning else str(mistake))
    wrong = sum(not mistake.warning for mistake in mistakes)
    print(f"{wrong} to mend, {len(mistakes) - wrong} warnings")
