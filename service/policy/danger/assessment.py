"""From the rules that matched to one level, kind, hints: what covers what, and what weighs most. No matching here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from service.policy.conversation import DISCREET_KINDS, Assessment, Evidence, Hint, Kind
from service.policy.danger.grammar import Combination, Rule

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


class Finding(NamedTuple):
    """A rule and where it holds: words [first, last], characters [start, end). `first` is -1 where nobody looked."""

    rule: Rule
    first: int
    last: int
    start: int
    end: int


def assess(findings: Sequence[Finding], combinations: Iterable[Combination], tail: tuple[str, ...] = ()) -> Assessment:
    """One assessment of all findings of a text. Its tail is kept where nobody else may read along."""
    if not findings:
        return Assessment(tail=tail)
    standing = _uncovered(findings)
    standing += _combined(standing, combinations)
    dangers = sorted((one for one in standing if one.rule.level.is_danger), key=_rank)
    hints = frozenset[Hint]().union(*(finding.rule.hints for finding in standing))
    if not dangers:
        return Assessment(hints=hints, tail=tail)
    evidence = dict.fromkeys(Evidence(one.rule.name, one.start, one.end) for one in dangers)
    level, kind = dangers[0].rule.level, dangers[0].rule.kind
    return Assessment(level, kind, tuple(evidence), hints, () if kind in DISCREET_KINDS else tail)


def _rank(finding: Finding) -> tuple[int, int, int]:
    kind = finding.rule.kind
    return (-finding.rule.level.urgency, _KIND_ORDER.index(kind) if kind else len(_KIND_ORDER), finding.start)


def _uncovered(findings: Sequence[Finding]) -> list[Finding]:
    """Those over whose beginning, end or most no rule stands that speaks for the words it spans."""
    covering = [finding for finding in findings if finding.rule.covers and finding.first >= 0]
    words = 0
    for one in covering:
        words |= (2 << one.last) - (1 << one.first)
    return [finding for finding in findings if not _is_covered(finding, covering, words)]


def _is_covered(finding: Finding, covering: Sequence[Finding], words: int) -> bool:
    """`words` are those that any of `covering` spans, as bits: most findings are far from all of them."""
    if finding.first < 0:
        return finding.rule.covers
    if finding.rule.covers:
        return any(
            other.rule is not finding.rule and _length(finding) < _length(other) and _spans(other, finding)
            for other in covering
        )
    if not words >> finding.first & (2 << finding.last - finding.first) - 1:
        return False
    return any(_spans(other, finding) for other in covering)


def _spans(other: Finding, finding: Finding) -> bool:
    if other.first <= finding.first <= other.last or other.first <= finding.last <= other.last:
        return True
    shared = min(other.last, finding.last) - max(other.first, finding.first) + 1
    return shared * 2 >= _length(finding)


def _length(finding: Finding) -> int:
    return finding.last - finding.first + 1


def _combined(standing: Sequence[Finding], combinations: Iterable[Combination]) -> list[Finding]:
    tagged: dict[str, Finding] = {}
    for finding in standing:
        for tag in finding.rule.tags:
            tagged.setdefault(tag, finding)
    tags = frozenset(tagged)
    found: list[Finding] = []
    for combination in combinations:
        said = combination.tags & tags
        if len(said) >= combination.needed:
            parts = [tagged[tag] for tag in said]
            start, end = min(part.start for part in parts), max(part.end for part in parts)
            found.append(Finding(combination.rule, -1, -1, start, end))
    return found
