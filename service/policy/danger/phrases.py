"""Words in a row that belong together, found in a text. Tens of thousands of them cost no more than one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from service.policy.danger.grammar import Phrase, Rule
from service.policy.danger.row import Row


@dataclass(slots=True)
class Node:
    """A word of phrases, and the words that may follow it in them."""

    following: dict[str, Node] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    """Those that may follow, as a set: what a text has in common with it is found by whichever is smaller."""
    phrase: tuple[str, ...] = ()
    """The phrase that ends here; empty where none does."""
    rules: tuple[Rule, ...] = ()
    """What that phrase means by itself."""


class Phrases:
    """Immutable once built."""

    def __init__(self, members: Iterable[tuple[str, ...]], phrases: Iterable[Phrase]) -> None:
        """`members` stand in patterns; `phrases` mean something by themselves."""
        self._first = Node()
        for member in members:
            self._node(member)
        for phrase in phrases:
            node = self._node(phrase.words)
            node.rules = (*node.rules, phrase.rule)

    def _node(self, words: tuple[str, ...]) -> Node:
        node = self._first
        for word in words:
            node.words.add(word)
            node = node.following.setdefault(word, Node())
        node.phrase = words
        return node

    def words(self) -> set[str]:
        """Every word of a phrase."""
        found: set[str] = set()
        waiting = [self._first]
        while waiting:
            node = waiting.pop()
            found |= node.words
            waiting.extend(node.following.values())
        return found

    def found_in(self, row: Row) -> Iterator[tuple[Node, int]]:
        """Every phrase that the row holds, with the points where it ends."""
        where, words = row.where, row.words
        waiting = [(self._first.following[word], where[word] << 1) for word in self._first.words & words]
        while waiting:
            node, ends = waiting.pop()
            if node.phrase:
                yield node, ends
            if following := node.words & words:
                at = row.passed(ends)
                waiting += [(node.following[one], items << 1) for one in following if (items := at & where[one])]
