"""Fields of an object that may have any shape: what is not as the API has it counts as absent."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from optral.kube.health import model

Tree = Mapping[str, Any]
Cell = str | int | None
Cells = dict[str, str | int]
Read = Callable[[Tree], Mapping[str, Cell]]
MAX_TEXT = 400  # characters of one value
MAX_LISTED = 5  # items of a list in one value


class Column(NamedTuple):
    """`name` is the key of its values, `title` its head. `wide` columns are shown on request.

    `type`: "time" is an RFC 3339 text. `is_state`: the value says how the object is, as the status of the object does, which need not be
    shown twice.
    """

    name: str
    title: str
    description: str
    type: Literal["text", "count", "time"] = "text"
    wide: bool = False
    is_state: bool = False


# Not of the object itself: they are read from the agent's report about it (`optral/resources/usage.py`).
CPU_USED = Column("cpuUsed", "CPU used", "As the agent reported it in the last 15 minutes", wide=True)
MEMORY_USED = Column("memoryUsed", "Memory used", "As the agent reported it in the last 15 minutes", wide=True)


class Condition(NamedTuple):
    status: str
    reason: str


def part(tree: Tree, *path: str) -> Tree:
    """The object at this path; empty where there is none."""
    value = model.part(tree, *path)
    return value if isinstance(value, Mapping) else {}


def parts(tree: Tree, key: str) -> list[Tree]:
    """The objects of a list."""
    value = tree.get(key)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text(tree: Tree, key: str) -> str:
    """A text, or a number or quantity as text; cut at `MAX_TEXT` characters."""
    value = tree.get(key)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:MAX_TEXT] if isinstance(value, str | int | float) else ""


def texts(tree: Tree, key: str) -> list[str]:
    """The texts of a list."""
    value = tree.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def number(tree: Tree, key: str) -> int:
    """A whole number; 0 where it is absent, as the API means it."""
    value = tree.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 else 0


def listed(values: Iterable[str]) -> str:
    """The different values with commas, the first `MAX_LISTED` of them: `a, b and 3 more`."""
    unique = list(dict.fromkeys(value for value in values if value))
    shown = ", ".join(unique[:MAX_LISTED])[:MAX_TEXT]
    return f"{shown} and {len(unique) - MAX_LISTED} more" if len(unique) > MAX_LISTED else shown


def pairs(values: Tree) -> str:
    """`a=1, b=2`."""
    return listed(f"{key}={value}" for key, value in values.items() if isinstance(value, str | int | bool))


def condition(tree: Tree, type_: str) -> Condition:
    """A condition of the status; empty texts where there is none."""
    for one in parts(part(tree, "status"), "conditions"):
        if one.get("type") == type_:
            return Condition(text(one, "status"), text(one, "reason"))
    return Condition("", "")


def ports(spec: Tree, *, target: str = "port") -> str:
    """`80/TCP, 443:30443/TCP`: with the port of the node where there is one."""

    def one(port: Tree) -> str:
        node = f":{number(port, 'nodePort')}" if number(port, "nodePort") else ""
        return f"{text(port, target)}{node}/{text(port, 'protocol') or 'TCP'}"

    return listed(one(port) for port in parts(spec, "ports"))


def images(spec: Tree) -> str:
    """The images of the containers of a pod or a pod template."""
    return listed(text(container, "image") for container in parts(spec, "containers"))


def selector(spec: Tree) -> str:
    """The labels that a selector wants; its expressions are not shown."""
    return pairs(part(spec, "selector", "matchLabels"))
