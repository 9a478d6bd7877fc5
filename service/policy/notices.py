"""Banners that hold for a while: which of them, if any, stands under an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """Its words are the message `notice-<id>` of each language."""

    id: str
    begins: datetime
    ends: datetime
    in_danger: bool = False
    countries: frozenset[str] = frozenset()
    """Whose senders see it; empty for everybody."""

    @property
    def reply(self) -> str:
        return f"notice-{self.id}"

    def holds(self, country: str, now: datetime) -> bool:
        return self.begins <= now < self.ends and (not self.countries or country in self.countries)


def in_force(notices: Iterable[Notice], country: str, now: datetime, *, danger: bool) -> Notice | None:
    """The first that holds: one row more is bearable, two are not."""
    fitting = (notice for notice in notices if notice.in_danger or not danger)
    return next((notice for notice in fitting if notice.holds(country, now)), None)
