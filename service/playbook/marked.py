"""YAML that remembers its lines. Every scalar stays the word that was typed: 988, 08:00 and no are words."""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from service.playbook.mistakes import Mistake

Path = tuple[str | int, ...]
Tree = str | list["Tree"] | dict[str, "Tree"]

_LOADER: type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(slots=True)
class Marked:
    """One file's content, and where each key of it stands."""

    file: str
    content: dict[str, Tree] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the nearest key on the way to `path` that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def mistake(self, path: Path, what: str, mend: str) -> Mistake:
        return Mistake(self.file, self.line(path), dotted(path), what, mend)


def dotted(path: Path) -> str:
    return ".".join(str(step) for step in path if step != "[key]")


def read(file: str, data: bytes) -> Marked:
    """Duplicate keys and unreadable files are mistakes of the result, never exceptions."""
    marked = Marked(file)
    try:
        node = yaml.compose(data.decode("utf-8"), Loader=_LOADER)
    except UnicodeDecodeError as error:
        marked.mistakes.append(
            Mistake(file, data[: error.start].count(b"\n") + 1, "", "is not UTF-8", "Save it as UTF-8")
        )
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        marked.mistakes.append(
            Mistake(file, line, "", f"is not YAML: {error.problem or error.context}", "Look at indentation and quotes")
        )
    except yaml.YAMLError:
        marked.mistakes.append(Mistake(file, 1, "", "is not YAML", "Delete invisible characters"))
    else:
        _take(marked, node)
    return marked


def _take(marked: Marked, node: yaml.Node | None) -> None:
    if isinstance(node, yaml.MappingNode):
        content = _tree(marked, node, ())
        marked.content = content if isinstance(content, dict) else {}
    elif node is not None:
        marked.mistakes.append(Mistake(marked.file, 1, "", "has no keys at its top", "Begin with `name: value` lines"))


def _tree(marked: Marked, node: yaml.Node, path: Path) -> Tree:
    marked.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(marked, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_tree(marked, child, (*path, index)) for index, child in enumerate(node.value)]
    return str(node.value)


def _mapping(marked: Marked, node: yaml.MappingNode, path: Path) -> dict[str, Tree]:
    content: dict[str, Tree] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in content:
            first = marked.lines[*path, key]
            marked.mistakes.append(
                Mistake(marked.file, line, dotted((*path, key)), f"stands here and on line {first}", "Keep one")
            )
            continue
        marked.lines[*path, key] = line
        content[key] = _tree(marked, value_node, (*path, key))
    return content
