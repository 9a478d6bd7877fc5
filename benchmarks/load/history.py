"""What was texted and what came back, kept until the end: a load is judged by all of it, not by samples."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Delivery:
    """One post of a text. Seconds since the load began."""

    due: float
    """When it was to leave. A late one has waited since then."""
    ended: float
    status: int
    """0 where no answer came."""
    body: bytes = field(repr=False)

    @property
    def waited(self) -> float:
        return self.ended - self.due


@dataclass(slots=True)
class Texted:
    """One text of one person, however often it was delivered."""

    sid: str
    sender: str = field(repr=False)
    text: str = field(repr=False)
    sort: str
    media: int
    earlier: int
    """Texts of this sender before this one."""
    due: float = 0.0
    """Seconds since the load began."""
    deliveries: list[Delivery] = field(default_factory=list)


class History:
    """Every text of the load, by its sid, in the order in which they were first due."""

    def __init__(self) -> None:
        self.texts: dict[str, Texted] = {}

    def deliveries(self) -> list[Delivery]:
        return [delivery for texted in self.texts.values() for delivery in texted.deliveries]
