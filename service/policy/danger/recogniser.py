"""Text in, assessment out: tokens → readings → matches → findings. Holds no rule; those are the floor's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.policy.conversation import DISCREET_KINDS, Assessment
from service.policy.danger import assessment, floor
from service.policy.danger.additions import TOO_BROAD, Addition, with_additions
from service.policy.danger.assessment import Finding
from service.policy.danger.grammar import EDGE, TEXT_EDGE
from service.policy.danger.matcher import Match, Matcher
from service.policy.danger.row import Item
from service.policy.danger.spelling import Read, Spelling
from service.policy.danger.tail import Tail
from service.policy.text import BREAK, PAUSE, STOP, tokens

LONGEST_TEXT = 1600
"""What a carrier delivers at most; what is longer is read from both ends."""


class Recogniser:
    """The floor and a service's additions. Immutable once built: one serves every thread."""

    def __init__(self, additions: Iterable[Addition] = ()) -> None:
        grammar = with_additions(additions)
        gap_stops = [classes[floor.GAP_STOPS].words for classes in grammar.classes.values()]
        self._combinations = grammar.combinations
        self._matcher = Matcher(grammar, frozenset().union(*gap_stops))
        vocabulary = self._matcher.vocabulary
        self._spelling = Spelling(vocabulary, grammar.spellings, floor.mended_words(), floor.everyday_words())
        self._tail = Tail(vocabulary)

    def assess(self, text: str, before: tuple[str, ...] = ()) -> Assessment:
        """What the words call for. `before` is the tail of the same sender's text of at most 120 s ago."""
        reads = self._spelling.read(tokens(_bounded(text)))
        earlier = self._tail.items(before)
        items = [*(earlier or [_EDGE]), *_items(reads), _EDGE]
        own = len(earlier) or 1
        matches = [match for match in self._matcher.matches(items) if match.end > own or not earlier]
        findings = [self._finding(match, reads, own, len(text)) for match in matches]
        found = assessment.assess(findings, self._combinations)
        if found.kind in DISCREET_KINDS:
            return found
        return Assessment(found.level, found.kind, found.evidence, found.hints, self._tail.of(reads, before))

    def _finding(self, match: Match, reads: Sequence[Read], own: int, length: int) -> Finding:
        first, last = match.start - own, match.end - 1 - own
        start = reads[min(max(first, 0), len(reads) - 1)].start if reads else 0
        end = reads[min(max(last, 0), len(reads) - 1)].end if reads else 0
        known = match.start >= 0
        return Finding(match.rule, match.start if known else -1, match.end - 1, start, end)


_EDGE = Item((EDGE, TEXT_EDGE))
_MARKS = {
    PAUSE: Item((PAUSE,), passable=True),
    BREAK: Item((EDGE,), passable=True),
    STOP: Item((EDGE,)),
}
_WEAK_STOP = Item((EDGE,), passable=True)


def _bounded(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    half = LONGEST_TEXT // 2
    return text[:half] + " " * (len(text) - 2 * half) + text[-half:]


def _items(reads: Sequence[Read]) -> list[Item]:
    """The matcher's row; a full stop after a single word is somebody typing. like. this. and ends nothing."""
    items: list[Item] = []
    since_stop = 0
    for read in reads:
        mark = read.readings[0]
        if mark == STOP:
            items.append(_WEAK_STOP if since_stop == 1 else _MARKS[STOP])
            since_stop = 0
        elif mark in _MARKS:
            items.append(_MARKS[mark])
        else:
            items.append(Item(read.readings, passable=not mark[0].isalnum()))
            since_stop += 1
    return items


def too_broad(addition: Addition, everyday_texts: Sequence[str]) -> list[str]:
    """The everyday texts that an addition would fire on, where they are more than TOO_BROAD of all; else nothing."""
    with_it = Recogniser([addition])
    fired = [text for text in everyday_texts if _names(with_it.assess(text), addition)]
    return fired if len(fired) > TOO_BROAD * len(everyday_texts) else []


def _names(assessed: Assessment, addition: Addition) -> bool:
    return any(evidence.rule == addition.rule.name for evidence in assessed.evidence)
