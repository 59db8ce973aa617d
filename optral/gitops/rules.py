"""The `for:` of an alerting rule in a file of Prometheus rules or a PrometheusRule: only this value is replaced or added.

As `manifest.py`: the text is edited as text, then both texts are read again, and the change is accepted only if nothing else differs.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from optral.gitops.manifest import documents
from optral.gitops.model import CannotEdit, Edit, Files

_PARTS = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)
_SECONDS = (86_400, 3600, 60, 1)
MAX_NAMED = 5  # files that a message lists


class RuleEdit(NamedTuple):
    """The edit of a file, and the seconds that the rule waited before and waits then."""

    edit: Edit
    before_s: int
    after_s: int


class _Found(NamedTuple):
    path: str
    node: yaml.MappingNode


def wait_longer(files: Files, alert: str, *, by_s: int) -> RuleEdit:
    """Let the rule with this `alert:` wait so many seconds longer before it fires.

    Raises `CannotEdit` where no file or several have the rule, and where its `for:` is not a plain duration.
    """
    found = [one for path, text in files.items() if alert in text for one in _rules(path, text, alert)]
    if not found:
        raise CannotEdit(f"No YAML file of the repository has a rule with alert: {alert}. A Helm template or Jsonnet is changed by hand")
    if len(found) > 1:
        places = ", ".join(sorted({one.path for one in found})[:MAX_NAMED])
        raise CannotEdit(f"{len(found)} rules have alert: {alert} ({places}): change the one that fires by hand")
    path, node = found[0]
    text, held = files[path], _value(node, "for")
    before_s = 0 if held is None else _seconds(held, path)
    after_s = before_s + by_s
    after = _replaced(text, node, held, duration(after_s))
    _prove(text, after, alert, duration(after_s), path)
    return RuleEdit(Edit(path, text, after), before_s, after_s)


def duration(seconds: int) -> str:
    """As Prometheus writes it, such as `1h30m`; `0s` for none."""
    parts = []
    for size, unit in zip(_SECONDS, "dhms", strict=True):
        count, seconds = divmod(seconds, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def _seconds(node: yaml.Node, path: str) -> int:
    form = _PARTS.fullmatch(str(node.value)) if isinstance(node, yaml.ScalarNode) and node.value else None
    if form is None:
        raise CannotEdit(f"for: of the rule in {path} is not a duration such as 5m: change it by hand")
    return sum(int(count) * size for count, size in zip(form.groups(), _SECONDS, strict=True) if count)


def _rules(path: str, text: str, alert: str) -> Iterator[_Found]:
    """The rules of this name, of every group."""
    for document in documents(text):
        holder: yaml.Node | None = _value(document.node, "spec") if document.kind == "PrometheusRule" else document.node
        for group in _items(holder, "groups"):
            for rule in _items(group, "rules"):
                name = _value(rule, "alert")
                if isinstance(rule, yaml.MappingNode) and isinstance(name, yaml.ScalarNode) and name.value == alert:
                    yield _Found(path, rule)


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _items(node: yaml.Node | None, key: str) -> list[yaml.Node]:
    found = _value(node, key)
    return list(found.value) if isinstance(found, yaml.SequenceNode) else []


def _replaced(text: str, rule: yaml.MappingNode, held: yaml.Node | None, wanted: str) -> str:
    if held is None:
        return _added(text, rule, wanted)
    if not rule.start_mark.index < held.start_mark.index < rule.end_mark.index:
        raise CannotEdit("for: of the rule is a YAML alias, which also stands elsewhere: change it by hand")
    span = text[held.start_mark.index : held.end_mark.index]
    return text[: held.start_mark.index] + span.replace(str(held.value), wanted) + text[held.end_mark.index :]


def _added(text: str, rule: yaml.MappingNode, wanted: str) -> str:
    """With a line after the expression; after one of several lines, before the next key."""
    if rule.flow_style:
        raise CannotEdit("the rule is written on one line with braces: change it by hand")
    key, expression = next((pair for pair in rule.value if pair[0].value == "expr"), rule.value[0])
    before = expression.end_mark.index if isinstance(expression, yaml.ScalarNode) and not expression.style else None
    line = f"{' ' * rule.value[0][0].start_mark.column}for: {wanted}\n"
    at = _after_line(text, before) if before is not None and "\n" not in text[key.start_mark.index : before] else None
    if at is None:
        later = [name for name, _ in rule.value if name.start_mark.index > key.start_mark.index]
        at = text.rfind("\n", 0, later[0].start_mark.index) + 1 if later else len(text) - len(text[rule.end_mark.index :])
    return text[:at] + ("" if not at or text[at - 1] == "\n" else "\n") + line + text[at:]


def _after_line(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _prove(before: str, after: str, alert: str, wanted: str, path: str) -> None:
    old, new = ([copy.deepcopy(dict(one.value)) for one in documents(text)] for text in (before, after))
    for rule in (rule for document in old for rule in _plain(document) if rule.get("alert") == alert):
        rule["for"] = wanted
    if old != new:
        raise CannotEdit(f"the rule in {path} is written in a way that cannot be changed alone: change it by hand")


def _plain(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    holder = document.get("spec") if document.get("kind") == "PrometheusRule" else document
    groups = holder.get("groups") if isinstance(holder, dict) else None
    for group in groups if isinstance(groups, list) else []:
        rules = group.get("rules") if isinstance(group, dict) else None
        yield from (rule for rule in (rules if isinstance(rules, list) else []) if isinstance(rule, dict))
