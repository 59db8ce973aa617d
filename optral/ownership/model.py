"""Values and limits of the ownership settings of an organization."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from optral.kube.teams import MAX_TEAM, NONE, TeamRule, TeamSettings, team_of_text
from optral.terms.errors import Invalid

MAX_RULES = 500  # compared with an object when its issue opens, the last one first: 0.4 ms
MAX_LABELS = 20
MAX_PATTERN = 253
MAX_STARS = 8
_LABEL = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipSettings:
    """The settings with their version; 0: nobody has changed them."""

    settings: TeamSettings = field(default_factory=TeamSettings)
    version: int = 0
    updated_by: str | None = None
    updated_at: datetime | None = None


def check(settings: TeamSettings) -> None:
    """Raises `Invalid("invalid_owner_rule")`, naming the member and what it may be."""
    if len(settings.labels) > MAX_LABELS:
        raise _invalid("labels", f"give at most {MAX_LABELS} label keys")
    if len(settings.rules) > MAX_RULES:
        raise _invalid("rules", f"give at most {MAX_RULES} rules; one rule with * can replace several")
    for name in ("order", "labels"):
        if len(set(getattr(settings, name))) < len(getattr(settings, name)):
            raise _invalid(name, "name each entry once")
    for index, key in enumerate(settings.labels):
        if not _LABEL.fullmatch(key):
            raise _invalid(f"labels.{index}", "give the key of a Kubernetes label, such as team or example.com/team")
    for index, rule in enumerate(settings.rules):
        _check_rule(rule, f"rules.{index}")


def _check_rule(rule: TeamRule, field: str) -> None:
    if team_of_text(rule.team) != rule.team:
        raise _invalid(f"{field}.team", f"give a name of at most {MAX_TEAM} printable characters without commas, other than {NONE}")
    for name in ("cluster", "namespace", "kind", "name"):
        pattern = getattr(rule, name)
        if not pattern or len(pattern) > MAX_PATTERN or pattern.count("*") > MAX_STARS:
            raise _invalid(f"{field}.{name}", f"give a name or a pattern with at most {MAX_STARS} asterisks; * matches everything")


def _invalid(field: str, why: str) -> Invalid:
    return Invalid("invalid_owner_rule", say=f"{field}: {why}", errors=[{"field": field, "code": "invalid_owner_rule", "message": why}])
