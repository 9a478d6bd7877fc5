"""What was looked at, and what was found: for people, for machines, for whoever is woken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from service.alerts import Alerts


class State(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` is empty where nothing is to be done."""

    name: str
    state: State
    what: str
    mend: str = ""

    @property
    def is_wrong(self) -> bool:
        return self.state is State.FAIL


def tell(findings: Sequence[Finding], alerts: Alerts) -> None:
    """Alert for what is wrong: nobody reads the table of an examination that the clock makes."""
    for finding in findings:
        if finding.is_wrong:
            alerts.alert(f"doctor-{finding.name}", finding.what, finding.mend)


def as_table(findings: Sequence[Finding]) -> str:
    """For people: the state, the name, what was found; below that, what to do."""
    width = max(len(finding.name) for finding in findings)
    return "\n".join(line for finding in findings for line in _row(finding, width))


def as_json(findings: Sequence[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], indent=2)


def _row(finding: Finding, width: int) -> Iterator[str]:
    yield f"{finding.state.upper():<4}  {finding.name:<{width}}  {finding.what}"
    if finding.mend:
        yield f"{'':<4}  {'':<{width}}  → {finding.mend}"
