"""A runbook's text as a tree that knows its lines: YAML read so that nothing in it can surprise.

JSON is read the same way, being YAML too. Refused: aliases and anchors (a few lines of them unfold to gigabytes), tags (they name types),
a second document, a name twice in one mapping, and whatever is larger or deeper than a runbook ever is. Plain words are read as JSON would
(`true`, `false`, `null`, numbers); `yes`, `on` and `1:30` stay the text they are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from optral.kit import yamls
from optral.terms.errors import Invalid

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_NODES = 10_000
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?")
_WORDS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line it begins on (from 1; 0 where the text had no lines). `value` is a scalar, a list or a dict of nodes."""

    value: Any
    line: int = 0

    def plain(self) -> Any:
        """The value without lines."""
        if isinstance(self.value, dict):
            return {name: inner.plain() for name, inner in self.value.items()}
        if isinstance(self.value, list):
            return [inner.plain() for inner in self.value]
        return self.value


def read(text: str) -> Node:
    """Read a document. Raises `Invalid("invalid_runbook")` that names the line."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        _refuse(f"it is larger than {MAX_BYTES // 1024} KiB", 0)
    try:
        _bound(text)
        root = yaml.compose(text, Loader=yamls.LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _refuse(str(error.problem or "it cannot be read")[:200], mark.line + 1 if mark is not None else 0)
    except (yaml.YAMLError, UnicodeError) as error:
        _refuse(str(error).partition("\n")[0][:200], 0)
    if root is None:
        _refuse("it is empty", 1)
    return _node(root)


def of(value: Any) -> Node:
    """The tree of a value that was decoded already, without lines. The caller's decoder has bounded it."""
    if isinstance(value, dict):
        return Node({str(name): of(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return Node([of(inner) for inner in value])
    return Node(value)


def write(value: Any) -> str:
    """A plain value as YAML for people: `read` of it gives the value back. Empty lists and mappings are left out of mappings."""
    text: str = yaml.dump(_without_empty(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _without_empty(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner not in ([], {})}
    return [_without_empty(inner) for inner in value] if isinstance(value, list) else value


class _Dumper(yaml.SafeDumper):
    """Quotes whatever `read` would not take as the text it is."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else "'" if _scalar(text, is_plain=True) is not text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def problem(say: str, line: int, *, field: str = "", code: str = "invalid_value") -> dict[str, str]:
    """One entry of `errors`: the message begins with the line where there is one."""
    return {"field": field, "code": code, "message": f"line {line}: {say}" if line else say}


def _bound(text: str) -> None:
    """Look at the parser's events before anything is built of them."""
    depth = nodes = documents = 0
    for event in _events(text):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            _refuse("anchors and aliases (& and *) are not taken", line)
        if getattr(event, "tag", None) is not None:
            _refuse("tags (!) are not taken", line)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                _refuse("there is a second document", line)
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            nodes += 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            _refuse(f"it is nested deeper than {MAX_DEPTH}", line)
        if nodes > MAX_NODES:
            _refuse(f"it has more than {MAX_NODES} values", line)


def _events(text: str) -> Iterator[Any]:
    return yaml.parse(text, Loader=yamls.LOADER)


def _node(node: yaml.Node) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Node(_mapping(node), line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_node(inner) for inner in node.value], line)
    return Node(_scalar(node.value, is_plain=not getattr(node, "style", None)), line)


def _mapping(node: yaml.MappingNode) -> dict[str, Node]:
    made: dict[str, Node] = {}
    for name, inner in node.value:
        if not isinstance(name, yaml.ScalarNode):
            _refuse("a name must be a word", name.start_mark.line + 1)
        if name.value in made:
            _refuse(f"{name.value[:100]!r} is given twice", name.start_mark.line + 1)
        made[name.value] = _node(inner)
    return made


def _scalar(text: str, *, is_plain: bool) -> Any:
    if not is_plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _refuse(why: str, line: int) -> NoReturn:
    entry = problem(why, line, code="unreadable")
    raise Invalid("invalid_runbook", say=f"the runbook cannot be read: {entry['message']}", errors=[entry])
