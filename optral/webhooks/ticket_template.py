"""What a ticket is created with: templates with placeholders, and fields as they are. Pure rules."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from optral.terms.errors import Invalid

PLACEHOLDERS = ("title", "severity", "cluster", "namespace", "object", "type", "team", "cause", "url")
MAX_PLACEHOLDERS = 50  # in the text: each value has a bounded length
MAX_FIELDS_BYTES = 8 * 1024
MAX_FIELDS_DEPTH = 5
OWN_FIELDS = {
    "project": "the URL",
    "summary": "title",
    "description": "text",
    "labels": "labels",
    "assignee": "assignee",
    "issuetype": "issueType",
}
"""Fields of Jira that Optral sets, and what sets them."""
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_UNSAFE = re.compile(r"[`<\\]|\]\([^)\n]*\{(?!url\})")


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTemplate:
    """`title`, `text` and `labels` have placeholders. None, or nothing: as without a template. `issue_type` and `fields` are of Jira."""

    title: str | None = None
    text: str | None = None
    labels: Sequence[str] = ()
    assignee: str | None = None
    issue_type: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def check(self, *, is_jira: bool) -> None:
        """Raises `Invalid`."""
        for name, templates in (("title", [self.title or ""]), ("text", [self.text or ""]), ("labels", self.labels)):
            _check_placeholders(name, templates)
        if _UNSAFE.search(self.text or ""):
            raise invalid("text", "the text takes no `, no < and no \\, and in the address of a link no placeholder but {url}")
        if len(_PLACEHOLDER.findall(self.text or "")) > MAX_PLACEHOLDERS:
            raise invalid("text", f"the text has more than {MAX_PLACEHOLDERS} placeholders")
        self._check_fields(is_jira=is_jira)

    def _check_fields(self, *, is_jira: bool) -> None:
        for name, is_given in (("issueType", self.issue_type is not None), ("fields", bool(self.fields))):
            if is_given and not is_jira:
                raise invalid(name, f"only tickets of Jira have {name}")
        if own := next((name for name in OWN_FIELDS if name in self.fields), None):
            raise invalid("fields", f"the field {own} is set by {OWN_FIELDS[own]}")
        if len(msgspec.json.encode(self.fields)) > MAX_FIELDS_BYTES or _depth(self.fields) > MAX_FIELDS_DEPTH:
            raise invalid("fields", f"fields have at most {MAX_FIELDS_BYTES // 1024} KiB and {MAX_FIELDS_DEPTH} levels")

    def labels_of(self, values: Mapping[str, str]) -> list[str]:
        """Each label once, without those of which a placeholder has no value. A comma would begin another label in GitLab."""
        named = [one for one in self.labels if all(values[name] for name in _PLACEHOLDER.findall(one))]
        return list(dict.fromkeys(filled(one, values, lambda _, value: value.replace(",", " ")) for one in named))


def filled(template: str, values: Mapping[str, str], shown: Callable[[str, str], str]) -> str:
    """The template with its values. `shown` gets the name of a placeholder and its value."""
    return _PLACEHOLDER.sub(lambda found: shown(found[1], values[found[1]]), template)


def invalid(member: str, why: str) -> Invalid:
    name = f"ticket.{member}" if member else "ticket"
    return Invalid("invalid_ticket_template", say=why, errors=[{"field": name, "code": "invalid_ticket_template", "message": why}])


def _check_placeholders(member: str, templates: Sequence[str]) -> None:
    unknown = next((name for one in templates for name in _PLACEHOLDER.findall(one) if name not in PLACEHOLDERS), None)
    if unknown is not None:
        allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise invalid(member, f"there is no placeholder {{{unknown[:40]}}}; use {allowed}")


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)
