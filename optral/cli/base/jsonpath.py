"""`-o jsonpath=TEMPLATE`: the dialect of kubectl, as far as `docs/cli.md` says, over answers of the API.

A template is text with expressions in braces: a path, a quoted text, or `range` PATH … `end`. A path has members (`.name`, `['name']`,
`.*`), elements (`[0]`, `[-1]`, `[0:2]`, `[*]`, `[0,2]`), descendants (`..name`) and filters (`[?(@.severity=="critical")]`). What is not
there prints nothing. RFC 9535, which libraries read, has neither templates nor paths without `$`.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from optral.terms.errors import Misconfigured

MAX_TEMPLATE = 4096
_EXPRESSION = re.compile(r"""\{((?:[^{}"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*)\}""")
_STEP = re.compile(
    r"""
    \.\.(?P<descendant>[\w-]+|\*) | \.(?P<member>(?:\\.|[\w/-])+|\*) | ^(?P<first>[\w-]+)
    | \[\s*(?:
        \?\(\s*(?P<filter>(?:[^()"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')+)\s*\)
        | (?P<star>\*) | (?P<slice>-?\d*:-?\d*(?::-?\d*)?) | (?P<indexes>-?\d+(?:\s*,\s*-?\d+)*)
        | (?P<names>(?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)
    )\s*\]""",
    re.VERBOSE,
)
_CONDITION = re.compile(r"""@(?P<path>\S*?)\s*(?:(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>.+?))?\s*""")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
Step = Callable[[Any], Iterator[Any]]


@dataclass(slots=True)
class Template:
    """Texts, paths and ranges, in order; a range has a body."""

    parts: list["str | list[Step] | Range"] = field(default_factory=list)

    def render(self, tree: Any) -> str:
        return "".join(self._pieces(tree))

    def _pieces(self, tree: Any) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield part
            elif isinstance(part, Range):
                yield from (part.body.render(one) for one in found(part.path, tree))
            else:
                yield " ".join(map(_text, found(part, tree)))


@dataclass(slots=True)
class Range:
    path: list[Step]
    body: Template = field(default_factory=Template)


def template(text: str) -> Template:
    """Raises `Misconfigured` with what is wrong."""
    if len(text) > MAX_TEMPLATE:
        raise _bad(f"it is longer than {MAX_TEMPLATE} characters")
    if "{" not in text:
        text = "{" + text + "}"  # a bare path
    stack, at = [Template()], 0
    for match in _EXPRESSION.finditer(text):
        _literal(stack[-1], text[at : match.start()])
        at = match.end()
        _add(stack, match.group(1).strip())
    _literal(stack[-1], text[at:])
    if len(stack) > 1:
        raise _bad("a {range} has no {end}")
    return stack[0]


def found(path: list[Step], tree: Any) -> list[Any]:
    """The values at a path, in order."""
    values = [tree]
    for step in path:
        values = [inner for value in values for inner in step(value)]
    return values


def _literal(to: Template, text: str) -> None:
    if "{" in text or "}" in text:
        raise _bad(f"unbalanced braces near {text[:40]!r}")
    if text:
        to.parts.append(text)


def _add(stack: list[Template], expression: str) -> None:
    if expression == "end":
        if len(stack) == 1:
            raise _bad("an {end} has no {range}")
        stack.pop()
    elif expression.startswith("range ") or expression == "range":
        made = Range(_path(expression[5:].strip()))
        stack[-1].parts.append(made)
        stack.append(made.body)
    elif expression[:1] in ('"', "'"):
        stack[-1].parts.append(_unquoted(expression))
    else:
        stack[-1].parts.append(_path(expression))


def _path(text: str) -> list[Step]:
    steps, at = [], 1 if text[:1] in ("$", "@") else 0
    while at < len(text):
        if text[at:] == ".":  # the value itself
            break
        match = _STEP.match(text, at)
        if match is None or match.end() == at:
            raise _bad(f"cannot read {text[at:][:40]!r} in {text[:80]!r}")
        steps.append(_step(match))
        at = match.end()
    return steps


def _step(match: re.Match[str]) -> Step:
    kind, text = str(match.lastgroup), str(match.group(str(match.lastgroup)))
    if kind in ("member", "first"):
        return _all if text == "*" else _member(re.sub(r"\\(.)", r"\1", text))
    if kind == "descendant":
        return _descendants(text)
    if kind == "star":
        return _all
    if kind == "slice":
        return _sliced(slice(*(int(part) if part else None for part in text.split(":"))))
    if kind == "indexes":
        return _elements([int(part) for part in text.split(",")])
    if kind == "names":
        return _members(re.findall(r"'([^']*)'|\"([^\"]*)\"", text))
    return _filtered(text)


def _all(value: Any) -> Iterator[Any]:
    yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _member(name: str) -> Step:
    return lambda value: iter([value[name]] if isinstance(value, dict) and name in value else [])


def _members(pairs: list[tuple[str, str]]) -> Step:
    names = [one or other for one, other in pairs]
    return lambda value: (value[name] for name in names if isinstance(value, dict) and name in value)


def _elements(places: list[int]) -> Step:
    return lambda value: (value[at] for at in places if isinstance(value, list) and -len(value) <= at < len(value))


def _sliced(part: slice) -> Step:
    return lambda value: iter(value[part] if isinstance(value, list) else [])


def _descendants(name: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]
        for inner in _all(value):
            if name == "*":
                yield inner
            yield from step(inner)

    return step


def _filtered(text: str) -> Step:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise _bad(f'cannot read the filter {text[:60]!r}; write ?(@.name=="value")')
    path = _path(match["path"])
    if match["operator"] is None:
        return lambda value: (one for one in _all(value) if found(path, one))
    wanted, compare = _value(match["value"]), _OPERATORS[match["operator"]]
    return lambda value: (one for one in _all(value) if any(_holds(compare, left, wanted) for left in found(path, one)))


def _holds(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    try:
        return compare(left, right)
    except TypeError:  # a text and a number have no order
        return False


def _value(text: str) -> Any:
    if text[:1] in ('"', "'"):
        return _unquoted(text)
    try:
        return json.loads(text)
    except ValueError:
        raise _bad(f"cannot read the value {text[:40]!r}; put strings in quotes") from None


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] != text[-1]:
        raise _bad(f"cannot read the string {text[:40]!r}")
    escapes = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda match: escapes.get(match.group(1), match.group(1)), text[1:-1])


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _bad(reason: str) -> Misconfigured:
    return Misconfigured("bad_jsonpath", say=f"jsonpath: {reason}; docs/cli.md shows what is supported")
