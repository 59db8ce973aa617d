"""Objects related to an issue on a terminal: a tree along the edges, with what is broken in words.

What lies below an object is printed once. Everything shown comes from a cluster, so it is cleaned like all other output.
"""

import sys
from collections.abc import Iterator
from typing import Any

from optral.cli.base.output import clean, stale_notice


def render(answer: dict[str, Any]) -> None:
    """Print the API's answer."""
    sys.stdout.write("\n".join(_lines(answer)) + "\n")


def _lines(answer: dict[str, Any]) -> Iterator[str]:
    if notice := stale_notice(answer):
        yield notice
        yield ""
    tree = _Tree(answer)
    if not tree.nodes:
        yield "No object of this issue is in the inventory."
    yield from tree.lines()
    if hidden := answer.get("notPermitted"):
        words = "object is not shown: it needs" if hidden == 1 else "objects are not shown: they need"
        yield ""
        yield f"{hidden} more {words} the scope resources:read."


class _Tree:
    """The graph on its way to the screen; remembers what was printed."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.nodes: dict[str, dict[str, Any]] = {node["id"]: node for node in answer.get("nodes") or []}
        self._edges: list[dict[str, Any]] = answer.get("edges") or []
        self._left_out: list[dict[str, Any]] = answer.get("leftOut") or []
        self._printed: set[str] = set()

    def lines(self) -> Iterator[str]:
        targets = {edge["target"] for edge in self._edges}
        for id_ in [*(node for node in self.nodes if node not in targets), *self.nodes]:
            if id_ not in self._printed:
                yield self._words(id_)
                yield from self._below(id_, "")

    def _below(self, id_: str, indent: str) -> Iterator[str]:
        self._printed.add(id_)
        below = [edge for edge in self._edges if edge["source"] == id_ and edge["target"] in self.nodes]
        more = [one for one in self._left_out if one["beside"] == id_]
        for index, edge in enumerate(below):
            is_last = index == len(below) - 1 and not more
            target, is_known = edge["target"], edge["target"] in self._printed
            yield f"{indent}{'└' if is_last else '├'}─ {self._edge(edge)}{self._words(target)}{' (above)' if is_known else ''}"
            if not is_known:
                yield from self._below(target, indent + ("   " if is_last else "│  "))
        for index, one in enumerate(more):
            words = f"{one['count']} more {clean(one.get('kind') or 'object')} ({clean(one.get('relation'))})"
            yield f"{indent}{'└' if index == len(more) - 1 else '├'}─ {words}"

    def _edge(self, edge: dict[str, Any]) -> str:
        relation = clean(edge.get("relation"))
        return f"{relation} [BROKEN: {clean(edge.get('problem'))}] " if edge.get("broken") else f"{relation} "

    def _words(self, id_: str) -> str:
        node = self.nodes[id_]
        place = f"{clean(node['namespace'])}/" if node.get("namespace") else ""
        notes = [clean(node["status"])] if node.get("status") else []
        notes += ["failing"] if node.get("state") == "failing" and not node.get("status") else []
        notes += ["issue"] if node.get("isSubject") else []
        notes += ["cause"] if node.get("isCause") else []
        return f"{clean(node.get('kind'))} {place}{clean(node.get('name'))}{'  <' + ', '.join(notes) + '>' if notes else ''}"
