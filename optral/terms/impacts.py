"""The impact of an issue as people see it, and in words, for tables and messages."""

from collections.abc import Mapping
from typing import Any

from optral.kit.words import counted


def shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored impact as people see it; of an issue from before impacts were stored, nothing is known."""
    counts = {name: stored.get(name, 0) for name in ("workloads", "pods", "namespaces", "callers")}
    return counts | {"reason": stored.get("reason", "")}


def in_words(impact: Mapping[str, Any] | None) -> str:
    """`5 workloads, 12 pods`. The one workload that the title names is not counted."""
    known = impact or {}
    workloads, pods = known.get("workloads") or 0, known.get("pods") or 0
    named = [counted(workloads, "workload")] if workloads > 1 or (workloads == 1 and not pods) else []
    return ", ".join([*named, counted(pods, "pod")] if pods else named)


def sentence(impact: Mapping[str, Any]) -> str:
    """`Affects 5 workloads, 12 pods.` and why the issue has its severity."""
    affects = in_words(impact)
    return f"{f'Affects {affects}. ' if affects else ''}{impact.get('reason')}"
