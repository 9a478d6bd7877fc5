"""Text in, assessment out: tokens → readings → matches → findings, else weights. The rules are the floor's."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from service.policy.conversation import Assessment
from service.policy.danger import assessment, floor
from service.policy.danger.additions import TOO_BROAD, Addition, with_additions
from service.policy.danger.grammar import EDGE, TEXT_EDGE, Readings, Rule
from service.policy.danger.matcher import Match, Matcher
from service.policy.danger.spelling import READ_AS, Reads, Spelling
from service.policy.danger.tail import Tail
from service.policy.danger.weights import Weights, weighable
from service.policy.text import BREAK, PAUSE, STOP, Typed, decoded

LONGEST_TEXT = 1600
"""What a carrier delivers at most; what is longer is read from both ends."""


class Recogniser:
    """The floor and a service's additions. Immutable once built: one serves every thread."""

    def __init__(self, additions: Iterable[Addition] = ()) -> None:
        with _nothing_collected():
            grammar = with_additions(additions)
            patterns = sorted(grammar.patterns, key=lambda pattern: assessment.order(pattern.rule))
            grammar = replace(grammar, patterns=tuple(patterns))
            gap_stops = [classes[floor.GAP_STOPS].words for classes in grammar.classes.values()]
            self._combinations = grammar.combinations
            self._matcher = Matcher(grammar, frozenset({BREAK}).union(*gap_stops))
            vocabulary = self._matcher.vocabulary
            self._spelling = Spelling(vocabulary, grammar.spellings, floor.mended_words(), floor.everyday_words())
            self._tail = Tail(vocabulary)
            tables = floor.weights()
            self._weights = Weights(tables)
            self._ours = vocabulary.union(*tables)
            self._alone: dict[str, Assessment] = {}
            """Many texts are one word or two of ours, as MENU: what each of these is as a text, made on first use."""

    def assess(self, text: str, before: tuple[str, ...] = ()) -> Assessment:
        """What the words call for. `before` is the tail of the same sender's text of at most 120 s ago.

        What went before may add to a text, and takes nothing away: "giving up" after "more" is still giving up.
        """
        earlier = self._tail.items(before)
        if earlier or (word := text.lower()) not in self._ours:
            return self._assess(text, before, earlier)
        if word not in self._alone:
            self._alone[word] = self._assess(text, (), [])
        return self._alone[word]

    def _assess(self, text: str, before: tuple[str, ...], earlier: Sequence[Readings]) -> Assessment:
        reads = self.read(text)
        matches = self._matches(reads, _BEGINNING)
        found = self._assessed(matches, reads, _BEGINNING, ())
        if earlier:
            going_on = self._going_on(reads, earlier)
            found = max(self._assessed(going_on, reads, earlier, before), found, key=_urgency)
        return found if found.level.is_danger else self._weights.weighed(reads, found, _spoken_for(matches))

    def read(self, text: str) -> Reads:
        """The text's words and marks, each with what it may stand for."""
        return self._spelling.read(Typed(_bounded(text)))

    def to_weigh(self, text: str) -> Iterable[str]:
        """What of a text is weighed where no rule finds danger: what no rule speaks for."""
        reads = self.read(text)
        return weighable(reads.readings, _spoken_for(self._matches(reads, _BEGINNING)))

    def _matches(self, reads: Reads, before: Sequence[Readings]) -> list[Match]:
        return self._matcher.matches([*before, *_breathing(reads.readings), _EDGE], self._enough)

    def _going_on(self, reads: Reads, earlier: Sequence[Readings]) -> list[Match]:
        """What reaches from the text before into this one.

        What that said by itself, it was answered for: a "yes" behind it says it no second time. What a harmless phrase
        covered there was not answered.
        """
        beyond = [match for match in self._matches(reads, earlier) if match.end > len(earlier)]
        if not any(match.rule.level.is_danger for match in beyond):
            return beyond
        alone = self._matcher.matches([*earlier, _EDGE], self._enough)
        said = {evidence.rule for evidence in assessment.assess(alone, self._combinations, _nowhere).evidence}
        return [match for match in beyond if match.rule.name not in said]

    def _enough(self, matches: Sequence[Match], rule: Rule) -> bool:
        return assessment.settled(matches, rule, self._combinations)

    def _assessed(
        self, matches: Sequence[Match], reads: Reads, before: Sequence[Readings], tail: tuple[str, ...]
    ) -> Assessment:
        """The row that was matched begins with the items `before`, which are no reads of this text."""
        own = len(before)
        return assessment.assess(
            matches,
            self._combinations,
            lambda first, last: reads.span(first - own, last - own),
            self._tail.of(reads.readings, tail),
        )


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """All that is built stays: to look through it for garbage, again and again, takes a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _spoken_for(matches: Sequence[Match]) -> frozenset[int]:
    """The reads that a rule calls harmless, of a text that nothing went before: its row begins with one edge."""
    harmless = (one for one in matches if one.rule.covers and one.start >= 0)
    return frozenset(at - 1 for one in harmless for at in range(one.start, one.end))


def _urgency(found: Assessment) -> int:
    return found.level.urgency


def _nowhere(_first: int, _last: int) -> tuple[int, int]:
    """The characters of a text that is not kept."""
    return 0, 0


_EDGE = (EDGE, TEXT_EDGE)
_BEGINNING = (_EDGE,)
_STOPPED, _PAUSED, _BROKEN = READ_AS[STOP], READ_AS[PAUSE], READ_AS[BREAK]


def _bounded(text: str) -> str:
    """The text, or both ends of it; of a packed one, of what it says."""
    if len(text) <= LONGEST_TEXT or len(plain := decoded(text)) <= LONGEST_TEXT:
        return text
    text, half = plain, LONGEST_TEXT // 2
    return text[:half] + " " * (len(text) - 2 * half) + text[-half:]


def _breathing(readings: list[Readings]) -> list[Readings]:
    """The matcher's row; a full stop after a single word is somebody typing. like. this. and ends nothing."""
    items, start = readings.copy(), 0
    for _ in range(readings.count(_STOPPED)):
        stop = readings.index(_STOPPED, start)
        sentence = readings[start:stop]
        if len(sentence) - sentence.count(_PAUSED) - sentence.count(_BROKEN) == 1:
            items[stop] = _BROKEN
        start = stop + 1
    return items


def too_broad(addition: Addition, everyday_texts: Sequence[str]) -> list[str]:
    """The everyday texts that an addition would fire on, where they are more than TOO_BROAD of all; else nothing."""
    with_it = Recogniser([addition])
    fired = [text for text in everyday_texts if _names(with_it.assess(text), addition)]
    return fired if len(fired) > TOO_BROAD * len(everyday_texts) else []


def _names(assessed: Assessment, addition: Addition) -> bool:
    return any(evidence.rule == addition.rule.name for evidence in assessed.evidence)
