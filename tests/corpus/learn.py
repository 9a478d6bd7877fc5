"""`make weights FOLDER=path` learns what words weigh, from our texts and a folder of everyday ones; writes the floor's tables."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np

from service.policy.conversation import Level
from service.policy.danger import floor
from service.policy.danger.builtin import FLOOR
from service.policy.danger.weights import LONGEST, SITUATIONS, START, sums, written_table
from tests.corpus.measure import Share
from tests.corpus.regression import CORPUS, STRANGERS, Example, Table, fitted
from tests.corpus.texts import OURS, Labelled, read

FOLDS = 10
BLOCKS = 3
"""Of each file in each fold: who writes a harmless text often echoes the danger above it, so neighbours stay together."""
MOST_ALARMS = 0.001
"""Share of an everyday file's texts, unseen while learning, that weights may refer where no rule does."""
MOST_ALARMS_IN = {"goemotions.jsonl": 0.004, STRANGERS: 0.02}
"""The same where people quarrel and tell their lives; and of our strangers' harmless texts, many of which were written to mislead."""
STEPS = np.arange(-1.0, 6.0, 0.25)
"""How much a text must weigh: what is tried, for each situation."""


def main(arguments: Sequence[str]) -> int:
    everyday = [text for text in read(Path(arguments[0])) if not text.is_danger] if len(arguments) == 1 else []
    if not everyday:
        print(
            "Name a folder of everyday texts: JSONL files of objects with `text`, `lang` and `label`.", file=sys.stderr
        )
        return 1
    examples = [
        *(_example(text, CORPUS) for text in read(OURS)),
        *(_example(text, STRANGERS) for text in read(OURS / STRANGERS)),
        *(_example(text, _file(text)) for text in everyday),
    ]
    for language in floor.LANGUAGES:
        path = Path(floor.__file__).parent / language / "learnt.weights"
        table = _lowered([one for one in examples if one.text.lang == language])
        path.write_text(written_table(table), "utf-8")
        print(f"  {len(table)} rows in {language}/{path.name}\n")
    return 0


def _example(text: Labelled, source: str) -> Example:
    return Example(text, tuple(FLOOR.to_weigh(text.text)), _is_ruled(text), source)


def _is_ruled(text: Labelled) -> bool:
    found = FLOOR.assess(text.text)
    return found.level.is_danger and not found.is_weighed


def _lowered(examples: Sequence[Example]) -> Table:
    """A table that begins so low that hardly an everyday text, had it not been learnt from, would be of concern."""
    unseen = _weighed_unseen(examples)
    enough = _enough(examples, unseen)
    for line in _figures(examples, (unseen > enough).any(axis=1)):
        print(line)
    table = fitted(examples)
    return {**table, START: tuple(round(float(one), 2) for one in np.array(table[START]) - enough)}


def _weighed_unseen(examples: Sequence[Example]) -> np.ndarray:
    """What each text weighs by a table that was learnt without it and without what stands beside it."""
    folds = _folds(examples)
    weighed = np.full((len(examples), len(SITUATIONS)), -np.inf)
    for fold in range(FOLDS):
        table = fitted([one for one, its in zip(examples, folds, strict=True) if its != fold])
        for at in np.flatnonzero(folds == fold):
            if len(examples[at].said) <= LONGEST:
                weighed[at] = sums(table, examples[at].said)
    return weighed


def _folds(examples: Sequence[Example]) -> np.ndarray:
    files = [_file(one.text) for one in examples]
    of, at = Counter(files), defaultdict[str, int](int)
    folds = []
    for file in files:
        folds.append(at[file] * FOLDS * BLOCKS // of[file] % FOLDS)
        at[file] += 1
    return np.array(folds)


def _file(text: Labelled) -> str:
    return text.id.partition(":")[0]


def _enough(examples: Sequence[Example], unseen: np.ndarray) -> np.ndarray:
    """How much a text must weigh in each situation: finds most of our dangers within the alarms that are allowed."""
    dangers = unseen[[one.is_ours and one.text.is_danger and not one.is_ruled for one in examples]]
    limits = _limits(examples, unseen)
    tried = [
        np.array([*first, max(least)])
        for first in product(STEPS, repeat=len(SITUATIONS) - 1)
        if None not in (least := [_least(weighed, first, allowed) for weighed, allowed in limits])
    ]
    return max(tried, key=lambda enough: int((dangers > enough).any(axis=1).sum()))


def _limits(examples: Sequence[Example], unseen: np.ndarray) -> list[tuple[np.ndarray, int]]:
    """For each source of harmless texts what those weigh that no rule refers, and how many of these may be referred."""
    by_source = defaultdict[str, list[int]](list)
    for at, one in enumerate(examples):
        if not one.text.is_danger and one.source != CORPUS:
            by_source[one.source].append(at)
    limits = []
    for source, places in by_source.items():
        silent = [at for at in places if not examples[at].is_ruled]
        limits.append((unseen[silent], int(MOST_ALARMS_IN.get(source, MOST_ALARMS) * len(places))))
    return limits


def _least(weighed: np.ndarray, first: Sequence[float], allowed: int) -> float | None:
    """The least that a text must weigh in the last situation, if it is this in the `first` ones. None: too many already."""
    over = (weighed[:, :-1] > first).any(axis=1)
    left = allowed - int(over.sum())
    if left < 0:
        return None
    rest = np.sort(weighed[~over, -1])[::-1]
    return max(STEPS[0], rest[left]) if left < len(rest) else STEPS[0]


def _figures(examples: Sequence[Example], weighed: np.ndarray) -> list[str]:
    """By file: what is referred by rules alone, and with weights that never saw it."""
    counted: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for one, is_heavy in zip(examples, weighed, strict=True):
        level = str(one.text.level) if one.text.level in (Level.NONE, Level.CONCERN) else "crisis"
        counted[_file(one.text), level].append((one.is_ruled, one.is_ruled or bool(is_heavy)))
    return [
        f"{file:24} {level:8} by rules {Share(sum(rules), len(rules))}, with unseen weights {Share(sum(both), len(both))}"
        for (file, level), outcomes in sorted(counted.items())
        for rules, both in [tuple(zip(*outcomes, strict=True))]
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
