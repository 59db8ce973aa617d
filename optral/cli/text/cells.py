"""How values of several members are written in one cell of a table."""

from typing import Any

from optral.cli.base import output
from optral.terms import impacts


def affected(impact: Any) -> str:
    """The `impact` of an issue in words."""
    return impacts.in_words(impact) if isinstance(impact, dict) else ""


def named_object(one: Any) -> str:
    """`Deployment shop/web`."""
    if not isinstance(one, dict):
        return ""
    return f"{one.get('kind', '')} {'/'.join(part for part in (one.get('namespace'), one.get('name')) if part)}"


def cause(issue: Any) -> str:
    """The cause of an issue in a list, or why none is known."""
    known = issue.get("cause")
    return str(known["title"] if known else (issue.get("causeUnknown") or "").replace("Cause unknown", "unknown"))


def resolves(moment: Any) -> str:
    """When an issue resolves whose failure no object shows any more."""
    return f"at {output.time_of_day(moment)} if it stays healthy" if moment else ""
