"""`make weights FOLDER=path` learns what words weigh, from our texts and a folder of everyday ones; writes the floor's tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from service.policy.danger import floor
from service.policy.danger.builtin import FLOOR
from service.policy.danger.weights import SITUATIONS, START, sums, together, weighable, written_table
from tests.corpus.texts import OURS, Labelled, read

FOLDS = 5
SEEN_IN = 3
"""Texts of ours that a word must stand in. So no word that is only in another person's text gets into a table."""
LIGHTEST = 0.1
"""Weights nearer to nothing than this are left out."""
STRENGTH = 0.3
"""Inverse of the penalty for large weights, scikit-learn's C. Of 0.1, 0.3, 1 and 3 it found most at equal alarms."""
MOST_ALARMS = 0.002
"""Share of the everyday texts, unseen while learning and referred by no rule, that may be of concern."""
NONE = "none"
_SITUATION_OF = {
    **dict.fromkeys(("suicide", "self_harm", "hopelessness", "bereavement", "third_party"), "despair"),
    **dict.fromkeys(("abuse", "assault", "unsafe"), "others"),
    **dict.fromkeys(("overdose", "medical", "emergency", "violence"), "body"),
}

Table = dict[str, tuple[float, ...]]


def main(arguments: Sequence[str]) -> int:
    everyday = [text for text in read(Path(arguments[0])) if not text.is_danger] if len(arguments) == 1 else []
    if not everyday:
        print(
            "Name a folder of everyday texts: JSONL files of objects with `text`, `lang` and `label`.", file=sys.stderr
        )
        return 1
    ours = [*read(OURS), *read(OURS / "strangers")]
    for language in floor.LANGUAGES:
        path = Path(floor.__file__).parent / language / "learnt.weights"
        table = _lowered(
            [text for text in ours if text.lang == language], [text for text in everyday if text.lang == language]
        )
        path.write_text(written_table(table), "utf-8")
        print(f"  {len(table)} rows in {language}/{path.name}")
    return 0


def _lowered(ours: Sequence[Labelled], everyday: Sequence[Labelled]) -> Table:
    """A table that begins so low that hardly an everyday text, had it not been learnt from, would be of concern."""
    unseen = _weighed_unseen([*ours, *everyday])
    silent = sorted(unseen[text] for text in everyday if not _is_ruled(text))
    enough = silent[-1 - int(MOST_ALARMS * len(everyday))]
    found = [unseen[text] > enough for text in ours if text.is_danger]
    alarms = [unseen[text] > enough for text in ours if not text.is_danger]
    print(f"{ours[0].lang}: learnt from {len(ours)} texts of ours, {len(everyday)} everyday ones. Fivefold, unseen,")
    print(
        f"  words alone find {sum(found)} of {len(found)} in danger, and {sum(alarms)} of {len(alarms)} harmless ones"
    )
    table = learnt([*ours, *everyday])
    return {**table, START: tuple(round(one - enough, 1) for one in table[START])}


def _weighed_unseen(texts: Sequence[Labelled]) -> dict[Labelled, float]:
    weights: dict[Labelled, float] = {}
    for learn, unseen in KFold(FOLDS, shuffle=True, random_state=1).split(texts):
        table = learnt([texts[one] for one in learn])
        weights.update((texts[one], together(sums(table, _words(texts[one].text)))) for one in unseen)
    return weights


def learnt(texts: Sequence[Labelled]) -> Table:
    """Logistic regression over words and pairs of words, as log-odds of each situation against a harmless text."""
    from_us = [text.text for text in texts if text.note]
    words = CountVectorizer(analyzer=_words, binary=True, min_df=SEEN_IN).fit(from_us)
    fitted = LogisticRegression(C=STRENGTH, max_iter=3000).fit(
        words.transform(text.text for text in texts), [_situation(text) for text in texts]
    )
    row = {situation: number for number, situation in enumerate(fitted.classes_)}
    start = [fitted.intercept_[row[one]] - fitted.intercept_[row[NONE]] for one in SITUATIONS]
    columns = np.array([fitted.coef_[row[one]] - fitted.coef_[row[NONE]] for one in SITUATIONS])
    table = {word: _rounded(columns[:, at]) for word, at in words.vocabulary_.items()}
    return {START: _rounded(start), **{word: weights for word, weights in table.items() if any(weights)}}


def _rounded(weights: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(float(one), 1) if abs(one) >= LIGHTEST else 0.0 for one in weights)


def _words(text: str) -> list[str]:
    return list(weighable(FLOOR.read(text).readings))


def _situation(text: Labelled) -> str:
    return _SITUATION_OF[text.kind] if text.is_danger else NONE


def _is_ruled(text: Labelled) -> bool:
    """Whether a rule refers it, whatever its words weigh."""
    found = FLOOR.assess(text.text)
    return found.level.is_danger and not found.is_weighed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
