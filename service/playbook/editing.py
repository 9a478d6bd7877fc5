"""Changes keys of one help line in the text of helplines.yaml, and nothing else: comments and order stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

INDENT = 2


class NoSuchLine(ValueError):
    """The file has no line of that id, or cannot be read."""


def with_keys(text: str, id_: str, values: Mapping[str, str | None]) -> str:
    """The file with these keys of the line set, each on a row of its own; None takes a key away.

    A YAML library that keeps comments would write the whole file anew, and fold what it thinks long: then nobody sees
    in the difference what was changed at night.
    """
    entry = _entry(text, id_)
    if entry.flow_style:
        raise NoSuchLine(f"{id_} is written in one row: change it by hand")
    rows = text.splitlines(keepends=True)
    column, after = entry.start_mark.column, _last_row(entry) + 1
    added = [f"{' ' * column}{key}: {_quoted(value)}\n" for key, value in values.items() if value is not None]
    if not rows[after - 1].endswith("\n"):
        rows[after - 1] += "\n"
    dropped = {row for key, value in entry.value if key.value in values for row in _rows(key, value)}
    return "".join([*(row for number, row in enumerate(rows[:after]) if number not in dropped), *added, *rows[after:]])


def _entry(text: str, id_: str) -> yaml.MappingNode:
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        raise NoSuchLine("the file is not YAML") from None
    for node in _mappings(root):
        for key, value in node.value:
            if key.value == "id" and value.value == id_:
                return node
    raise NoSuchLine(f"no line has the id {id_}")


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _mappings(child)


def _last_row(entry: yaml.MappingNode) -> int:
    key, value = entry.value[-1]
    return max(_rows(key, value))


def _rows(key: yaml.Node, value: yaml.Node) -> range:
    """The rows of one key. A block's mark stands behind the blank rows that follow it; they are not its."""
    last = value.end_mark.line
    if value.end_mark.column == 0 and last > value.start_mark.line:
        last -= 1
    return range(key.start_mark.line, max(last, key.start_mark.line) + 1)


def _quoted(value: str) -> str:
    """As one row of YAML, whatever stands in it."""
    plain = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{" ".join(plain.split())}"'
