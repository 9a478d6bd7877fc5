"""Fits what words weigh: for each situation a regression over words, pairs and the letters of words. Reads no file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from service.policy.danger.weights import SITUATIONS, START, share_of_each
from tests.corpus.texts import Labelled

CORPUS = "corpus"
STRANGERS = "strangers"
SEEN_IN = 3
"""Texts of ours that a word or a pair must stand in to have a number of its own; for its letters, one text is enough."""
LETTERS = (3, 4, 5)
STRENGTH = 0.3
"""Inverse of the penalty for large weights, scikit-learn's C."""
EVERYDAY = 4.0
"""How much more an everyday text counts than one of ours: it speaks for a hundred thousand others."""
CLOSE = 3.0
"""The same for a harmless text of the corpus, which was written to stand close to danger."""
RULED = 0.3
"""How much less a danger of the corpus counts that a rule finds: it is not weighed when it comes. Rules were written with
the strangers' texts in view as well, and hear far fewer of the next stranger's: so all of these count."""
AKIN = 0.1
"""How much a danger of another situation counts."""
LIGHTEST = 0.1
"""Rows nearer to nothing than this are left out."""
_SITUATION_OF = {
    **dict.fromkeys(("suicide", "self_harm", "hopelessness", "bereavement", "third_party"), "despair"),
    **dict.fromkeys(("abuse", "assault", "unsafe"), "others"),
    **dict.fromkeys(("overdose", "medical", "emergency", "violence"), "body"),
}

Table = dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A text with what of it is weighed."""

    text: Labelled
    said: tuple[str, ...]
    is_ruled: bool
    """Whether a rule refers it, whatever its words weigh."""
    source: str
    """CORPUS, STRANGERS, or the file of an everyday text."""

    @property
    def is_ours(self) -> bool:
        return self.source in (CORPUS, STRANGERS)

    @property
    def situation(self) -> str:
        return _SITUATION_OF[self.text.kind] if self.text.is_danger else ""


def fitted(examples: Sequence[Example]) -> Table:
    """As log-odds of each situation against a harmless text."""
    features = _Features([one.said for one in examples if one.is_ours])
    inputs = features.of([one.said for one in examples])
    is_danger = np.array([one.text.is_danger for one in examples])
    starts, columns = [], []
    for situation in SITUATIONS:
        counts = np.array([_counts(one, situation) for one in examples])
        regression = LogisticRegression(C=STRENGTH, max_iter=2000, solver="liblinear")
        regression.fit(inputs, is_danger, sample_weight=counts)
        starts.append(regression.intercept_[0])
        columns.append(regression.coef_[0])
    return {START: tuple(starts), **features.table(np.array(columns).T)}


def _counts(example: Example, situation: str) -> float:
    if not example.text.is_danger:
        return {CORPUS: CLOSE, STRANGERS: 1.0}.get(example.source, EVERYDAY)
    return (RULED if example.is_ruled and example.source == CORPUS else 1.0) * (
        1.0 if example.situation == situation else AKIN
    )


class _Features:
    """Words and pairs, and for each word its letters in threes to fives, whose sum goes into the word's number."""

    def __init__(self, ours: Sequence[Sequence[str]]) -> None:
        self._whole = CountVectorizer(analyzer=_itself, binary=True, min_df=SEEN_IN).fit(ours)
        self._words = sorted({one for said in ours for one in said if " " not in one})
        self._spelled = CountVectorizer(analyzer=_itself, binary=True, vocabulary=self._words)
        self._letters = normalize(CountVectorizer(analyzer=_letters, binary=True, min_df=2).fit_transform(self._words))

    def of(self, texts: Iterable[Sequence[str]]) -> sparse.csr_matrix:
        texts = list(texts)
        said = sparse.hstack([self._whole.transform(texts), self._spelled.transform(texts) @ self._letters])
        return (sparse.diags([share_of_each(text) for text in texts]) @ said).tocsr()

    def table(self, numbers: np.ndarray) -> Table:
        """The numbers of the inputs as numbers of words and pairs."""
        wholes = len(self._whole.vocabulary_)
        table = dict(zip(self._words, self._letters @ numbers[wholes:], strict=True))
        for one, at in self._whole.vocabulary_.items():
            table[one] = table.get(one, 0.0) + numbers[at]
        rounded = {one: tuple(round(float(number), 2) for number in row) for one, row in table.items()}
        return {one: row for one, row in rounded.items() if max(map(abs, row)) >= LIGHTEST}


def _letters(word: str) -> list[str]:
    whole = f"^{word}^"
    return [whole[at : at + length] for length in LETTERS for at in range(len(whole) - length + 1)]


_itself: Callable[[Sequence[str]], Sequence[str]] = tuple
