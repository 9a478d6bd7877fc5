"""From the rules that matched to one level, kind, hints: what covers what, and what weighs most. No matching here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import starmap

from service.policy.conversation import DISCREET_KINDS, Assessment, Evidence, Hint, Kind, Level
from service.policy.danger.grammar import Combination, Rule
from service.policy.danger.matcher import Match

# Where two findings are as urgent, the one whose answer must not be missed: somebody may be dying, or reading along.
_KIND_ORDER = (
    Kind.OVERDOSE,
    Kind.SUICIDE,
    Kind.VIOLENCE,
    Kind.MEDICAL,
    Kind.EMERGENCY,
    Kind.ASSAULT,
    Kind.ABUSE,
    Kind.UNSAFE,
    Kind.SELF_HARM,
    Kind.THIRD_PARTY,
    Kind.BEREAVEMENT,
    Kind.HOPELESSNESS,
)


# Of a level and kind: the lower, the graver.
_GRAVITY: dict[tuple[Level, Kind | None], int] = {
    said: place
    for place, said in enumerate((level, kind) for level in Level if level.is_danger for kind in _KIND_ORDER)
}

_LIGHTEST = len(_GRAVITY)

SpanOf = Callable[[int, int], tuple[int, int]]
"""The characters [start, end) where the words from one to another stood. Asked only for what is shown."""


def assess(
    matches: Sequence[Match], combinations: Iterable[Combination], span_of: SpanOf, tail: tuple[str, ...] = ()
) -> Assessment:
    """One assessment of all matches of a text. Its tail is kept where nobody else may read along.

    Who tells of abuse beside something graver gets the answer to that, as somebody whose phone another may hold.
    """
    if not matches:
        return Assessment(tail=tail)
    standing = list(_uncovered([one for one in matches if _says_more(one.rule)], matches))
    dangers = [(one.rule, *_place(one, span_of)) for one in standing if one.rule.level.is_danger]
    dangers += _combined(standing, combinations, span_of)
    hints = frozenset[Hint]().union(*(one.rule.hints for one in standing))
    if not dangers:
        return Assessment(hints=hints, tail=tail)
    dangers.sort(key=_rank)
    evidence = dict.fromkeys((rule.name, start, end) for rule, start, end in dangers)
    gravest = dangers[0][0]
    is_discreet = any(rule.kind in DISCREET_KINDS for rule, _, _ in dangers)
    if is_discreet and gravest.kind not in DISCREET_KINDS:
        hints |= {Hint.WATCHED}
    return Assessment(
        gravest.level, gravest.kind, tuple(starmap(Evidence, evidence)), hints, () if is_discreet else tail
    )


def order(rule: Rule) -> int:
    """Rules in the order that `settled` asks for: those that say more than a level and a kind, then the gravest."""
    return -1 if rule.covers or rule.hints else _gravity(rule)


def settled(matches: Sequence[Match], rule: Rule, combinations: Iterable[Combination]) -> bool:
    """Whether neither this rule nor a later one nor what they combine to could change level, kind or a rule's hint."""
    if order(rule) < 0:
        return False
    lightest = min(_gravity(one) for one in (rule, *(combination.rule for combination in combinations)))
    graver = [one for one in matches if one.rule.level.is_danger and _gravity(one.rule) <= lightest]
    return any(True for _ in _uncovered(graver, matches))


def _says_more(rule: Rule) -> bool:
    """Whether a rule says more than that its words are harmless; of one that does not, nobody asks if it is covered."""
    return rule.level.is_danger or bool(rule.hints or rule.tags)


def _gravity(rule: Rule) -> int:
    return _GRAVITY.get((rule.level, rule.kind), _LIGHTEST)


Danger = tuple[Rule, int, int]
"""A rule, and the characters [start, end) that it speaks of."""


def _place(match: Match, span_of: SpanOf) -> tuple[int, int]:
    return span_of(match.start, match.end - 1)


def _rank(danger: Danger) -> tuple[int, int]:
    rule, start, _ = danger
    return _gravity(rule), start


def _uncovered(some: Iterable[Match], matches: Sequence[Match]) -> Iterator[Match]:
    """Those of some over whose beginning, end or most no other match stands that speaks for the words it spans."""
    covering = [one for one in matches if one.rule.covers]
    if not covering:
        yield from some
        return
    spans = [(one.start, one.end, one.rule) for one in covering if one.start >= 0]
    words = 0
    for start, end, _ in spans:
        words |= (1 << end) - (1 << start)
    yield from (one for one in some if not _is_covered(one, spans, words))


def _is_covered(match: Match, covering: Sequence[tuple[int, int, Rule]], words: int) -> bool:
    """`words` are those that any of `covering` spans, as bits: most matches are far from all of them."""
    start, end, rule = match.start, match.end, match.rule
    if start < 0:
        return rule.covers
    length = end - start
    if not words >> start & (1 << length) - 1:
        return False
    if rule.covers:
        covering = [other for other in covering if length < other[1] - other[0] and other[2] is not rule]
    for first, last, _ in covering:
        # Its first word, its last, or half of them.
        if first <= start < last or first < end <= last or (min(last, end) - max(first, start)) * 2 >= length:
            return True
    return False


def _combined(standing: Sequence[Match], combinations: Iterable[Combination], span_of: SpanOf) -> Iterator[Danger]:
    tagged: dict[str, Match] = {}
    for one in standing:
        for tag in one.rule.tags:
            tagged.setdefault(tag, one)
    for combination in combinations:
        if combination.needed <= len(tagged) and len(said := combination.tags & tagged.keys()) >= combination.needed:
            starts, ends = zip(*(_place(tagged[tag], span_of) for tag in said), strict=True)
            yield combination.rule, min(starts), max(ends)
