"""How much harm a change can do, in rising order, and the risk of each built-in runbook.

The least risk of a verb is in its row (`verbs.py`), that of a field in its row (`fields.py`). A definition can declare more and never less.
"""

from collections.abc import Mapping

RISKS = ("readOnly", "low", "high", "destructive")
NEED_APPROVAL = frozenset({"high", "destructive"})
BUILTIN: Mapping[str, str] = {
    **dict.fromkeys(("collect-diagnostics", "report-finalizers", "report-released-volume"), "readOnly"),
    **dict.fromkeys(("cordon-node", "uncordon-node", "suspend-cronjob", "resume-cronjob"), "low"),
    **dict.fromkeys(("restart-workload", "scale-workload", "set-hpa-bounds"), "low"),
    **dict.fromkeys(("raise-memory-limit", "raise-cpu-limit", "set-request", "raise-quota", "expand-volume"), "high"),
    **dict.fromkeys(("rollback-workload", "fix-image-tag", "set-pull-secret", "set-probe", "set-probe-path"), "high"),
    **dict.fromkeys(("set-service-selector", "set-target-port", "set-port-protocol", "renew-certificate"), "high"),
    **dict.fromkeys(("delete-pod", "evict-pod", "rerun-job", "restart-job"), "high"),
    "drain-node": "destructive",
}
"""The risk of each built-in runbook: for its definition, and for what an analysis recommends."""


def highest(*risks: str) -> str:
    """The highest of these risks."""
    return max(risks, key=RISKS.index)
