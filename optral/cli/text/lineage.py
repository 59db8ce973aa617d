"""The past and the relatives of one resource on a terminal: the revisions of its spec, its owners and its dependents.

Everything shown comes from a cluster, so it is cleaned like all other output.
"""

import sys
from collections.abc import Iterator
from typing import Any

from optral.cli.base.output import clean, moment, stale_notice
from optral.cli.text.captured import field_lines


def show_history(answer: dict[str, Any]) -> None:
    """Print the revisions, the newest first."""
    _print(_revisions(answer))


def show_tree(answer: dict[str, Any]) -> None:
    """Print the owners, the outermost first, and everything below the resource."""
    _print(_tree(answer))


def _print(lines: Iterator[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _revisions(answer: dict[str, Any]) -> Iterator[str]:
    if notice := stale_notice(answer):
        yield notice
    for one in answer["history"]:
        by = f"  by {clean(one['manager'])}" if one.get("manager") else ""
        yield f"{moment(one['at'])}  revision {one['revision']}  {clean(one['action'])}{by}"
        yield from field_lines(one["diff"])
        if one["truncated"]:
            yield "    (more fields changed)"
    if not answer["history"]:
        yield "No change of its spec has been recorded."


def _tree(answer: dict[str, Any]) -> Iterator[str]:
    root, owners = answer["root"], list(reversed(answer["owners"]))
    if notice := stale_notice(root):
        yield notice
    for depth, one in enumerate([*owners, root]):
        branch = "   " * (depth - 1) + "└─ " if depth else ""
        yield f"{branch}{_words(one)}{'  <- this resource' if one is root and owners else ''}"
    yield from _below(root, answer["children"], "   " * len(owners))
    if answer["truncated"]:
        yield "There are more dependents, which are not shown."


def _below(owner: dict[str, Any], children: list[dict[str, Any]], indent: str) -> Iterator[str]:
    own = [child for child in children if child.get("owner") == {"kind": owner["kind"], "name": owner["name"]}]
    rest = [child for child in children if child not in own]
    for one in own:
        is_last = one is own[-1]
        yield f"{indent}{'└' if is_last else '├'}─ {_words(one)}"
        yield from _below(one, rest, indent + ("   " if is_last else "│  "))


def _words(one: dict[str, Any]) -> str:
    place = f"{clean(one['namespace'])}/" if one.get("namespace") else ""
    status = f"  <{clean(one['status'])}>" if one.get("status") else ""
    return f"{clean(one['kind'])} {place}{clean(one['name'])}{status}"
