"""From the rules that matched to one level, kind, hints: what covers what, and what weighs most. No matching here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.policy.conversation import Assessment, Evidence, Hint, Kind, Level
from service.policy.danger.grammar import Combination, Rule

_URGENCY = (Level.IMMINENT, Level.CRISIS, Level.CONCERN, Level.NONE)
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


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule and where it holds: words [first, last], characters [start, end). `first` is -1 where nobody looked."""

    rule: Rule
    first: int
    last: int
    start: int
    end: int


def assess(findings: Sequence[Finding], combinations: Iterable[Combination]) -> Assessment:
    """One assessment of all findings of a text; its tail is left empty."""
    standing = [finding for finding in findings if not _is_covered(finding, findings)]
    standing += _combined(standing, combinations)
    dangers = sorted((one for one in standing if one.rule.level.is_danger), key=_rank)
    hints = frozenset[Hint]().union(*(finding.rule.hints for finding in standing))
    if not dangers:
        return Assessment(hints=hints)
    evidence = dict.fromkeys(Evidence(one.rule.name, one.start, one.end) for one in dangers)
    return Assessment(dangers[0].rule.level, dangers[0].rule.kind, tuple(evidence), hints)


def _rank(finding: Finding) -> tuple[int, int, int]:
    kind = finding.rule.kind
    return (_URGENCY.index(finding.rule.level), _KIND_ORDER.index(kind) if kind else len(_KIND_ORDER), finding.start)


def _is_covered(finding: Finding, findings: Iterable[Finding]) -> bool:
    """Whether a rule that speaks for the words it spans stands over this one's beginning, end or most of it."""
    if finding.first < 0:
        return finding.rule.covers
    return any(
        other.rule.covers
        and other.rule is not finding.rule
        and _spans(other, finding)
        and not (finding.rule.covers and _span(finding) >= _span(other))
        for other in findings
        if other.first >= 0
    )


def _spans(other: Finding, finding: Finding) -> bool:
    if other.first <= finding.first <= other.last or other.first <= finding.last <= other.last:
        return True
    shared = min(other.last, finding.last) - max(other.first, finding.first) + 1
    return shared * 2 >= finding.last - finding.first + 1


def _span(finding: Finding) -> int:
    return finding.last - finding.first


def _combined(standing: Sequence[Finding], combinations: Iterable[Combination]) -> list[Finding]:
    tagged: dict[str, Finding] = {}
    for finding in standing:
        for tag in finding.rule.tags:
            tagged.setdefault(tag, finding)
    found: list[Finding] = []
    for combination in combinations:
        parts = [tagged[tag] for tag in combination.tags & tagged.keys()]
        if len(parts) >= combination.needed:
            start, end = min(part.start for part in parts), max(part.end for part in parts)
            found.append(Finding(combination.rule, -1, -1, start, end))
    return found
