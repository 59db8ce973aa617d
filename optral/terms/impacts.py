"""The impact of an issue in words, for tables and messages."""

from collections.abc import Mapping
from typing import Any

from optral.kit.words import counted


def in_words(impact: Mapping[str, Any] | None) -> str:
    """`5 workloads, 12 pods`. The one workload that the title names is not counted."""
    known = impact or {}
    workloads, pods = known.get("workloads") or 0, known.get("pods") or 0
    named = [counted(workloads, "workload")] if workloads > 1 or (workloads == 1 and not pods) else []
    return ", ".join([*named, counted(pods, "pod")] if pods else named)
