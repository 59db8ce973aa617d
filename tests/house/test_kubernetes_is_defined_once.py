"""What Kubernetes fields mean is written in `optral/kube/`: a package that reads one of these fields on its own is a second definition."""

import ast
import re
from pathlib import Path

import pytest

from optral import detectors
from optral.kube.kinds import KINDS

OPTRAL = Path(__file__).parents[2] / "optral"
ROOMS = ("detectors", "grouping", "analysis", "resources", "scan", "flows", "install", "issues", "detector_settings", "runbooks")

# what is defined: (the fields, where their meaning is, who else may name them and what for)
DEFINED: dict[str, tuple[str, str, dict[str, str]]] = {
    "label selectors": (
        r"matchLabels|matchExpressions|\.match_labels|\.match_expressions",
        "kube/selectors.py",
        {
            "analysis/rules/selections.py": "compares the labels with those of a workload that is nearly selected",
            "detectors/risk/isolation.py": "asks whether a selector is empty",
            "install/agent_install.py": "writes a manifest",
        },
    ),
    "node affinity": (r"nodeSelectorTerms|node_selector_terms|matchFields|match_fields", "kube/placement.py", {}),
    "tolerations": (r"\.get\(\"tolerations\"\)|many\(\"spec\.tolerations\"\)|toleration\.(?:key|effect|operator)", "kube/placement.py", {}),
    "network policies": (
        r"policyTypes|policy_types|ipBlock|ip_block|endPort|end_port",
        "kube/policies.py",
        {"analysis/rules/dependencies.py": "quotes the policy", "analysis/rules/network.py": "quotes the policy"},
    ),
    "host networking": (
        r"hostNetwork|host_network",
        "kube/policies.py",
        {
            "analysis/rules/dns.py": "decides which name servers a pod queries",
            "detectors/network/network_policy_blocks.py": "skips callers that no policy restricts",
            "detectors/risk/ports.py": "the API server fills in hostPort then",
            "detectors/risk/security.py": "reports it as a risk",
        },
    ),
    "restart policies": (
        r"\"restartPolicy\"|spec\.restartPolicy|\.restart_policy",
        "kube/objects/pods.py (Container.is_sidecar)",
        {
            "analysis/reading/case.py": "tells sidecars from init containers in a manifest",
            "analysis/rules/exits.py": "of the pod: whether exit code 0 ends in a restart",
            "detectors/pods/crash_loop_back_off.py": "of the pod: whether exit code 0 ends in a restart",
            "detectors/pods/pod_failed.py": "of the pod: whether it is replaced",
            "detectors/pods/pod_not_ready.py": "of the pod: whether it may be done",
        },
    ),
    "finished pods": (r"\"Succeeded\", \"Failed\"|\"Failed\", \"Succeeded\"", "kube/objects/pods.py (Pod.is_terminal)", {}),
    "quantities": (r"except [^\n]*BadQuantity", "kube/quantities.py (read_bytes, read_milli)", {}),
    "workloads that run on": (r"\"Deployment\.apps\", \"StatefulSet\.apps\", \"DaemonSet\.apps\"", "kube/kinds.py", {}),
    "sums of requests": (r"spec\.overhead|\"overhead\"|initContainers[^\n]*requests|init_containers[^\n]*requests", "kube/requests.py", {}),
    "addresses in variables and arguments": (
        r"addresses\.found_in|\"[_-]?(?:PORT|HOST|HOSTNAME|ADDR|ADDRESS)\"",
        "kube/calls.py",
        {"detectors/network/service_target_port_mismatch.py": "asks whether a text is about another program"},
    ),
    "rollouts": (
        r"updated_replicas|updated_number_scheduled|update_revision|current_revision|[a-z]-(?:template|revision)-hash"
        r"|kubernetes\.io/revision|\"ProgressDeadlineExceeded|key=lambda \w+: \w+\.revision",
        "kube/rollouts.py or kube/revisions.py",
        {
            "detectors/workloads/deployment_paused.py": "reports the count",
            "detectors/workloads/deployment_progress_deadline_exceeded.py": "is named after the reason, and reports the count",
            "detectors/workloads/stateful_set_update_stuck.py": "reports the count and the revisions",
        },
    ),
    "log signs of a failed connection": (r"ECONN|ENOTFOUND|EAI_AGAIN|UnknownHost", "kube/log_signs.py", {}),
}


@pytest.mark.parametrize("what", DEFINED)
def test_is_defined_in_kube_alone(what: str) -> None:
    fields, home, others = DEFINED[what]
    pattern = re.compile(fields)
    files = {str(path.relative_to(OPTRAL)): path for room in ROOMS for path in (OPTRAL / room).rglob("*.py")}
    found = {name for name, path in files.items() if pattern.search(path.read_text())}
    assert found - others.keys() == set(), f"ask {home} instead, or say here what else the field is read for"
    assert others.keys() - found == set(), "these no longer read the field: drop them from the list"


# --- what Kubernetes reports

SPEC_VALUES = frozenset({"Always", "ExternalName", "Forbid", "LoadBalancer", "Never", "OnDelete", "Retain", "WaitForFirstConsumer"})
STATES = frozenset({"Bound", "Failed", "False", "None", "Pending", "Ready", "Running", "Succeeded", "True", "Unknown"})
"""Phases of every object and statuses of every condition. They are no reports of one component."""
PROTOCOLS = frozenset({"CPU", "TCP", "TLS", "UDP"})


def _literals(*paths: Path) -> set[str]:
    """The strings in these files and folders that look like a reason, a condition or a phase."""
    files = [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text())))
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[A-Z][A-Za-z]{2,}", node.value)
    }


def test_a_reason_that_a_component_reports_is_known_to_detectors_or_to_rules_or_to_both_by_kube_reports() -> None:
    analysis = OPTRAL / "analysis"
    both = _literals(OPTRAL / "detectors") & _literals(analysis / "rules", analysis / "reading/symptoms.py", analysis / "reading/case.py")
    known = detectors.BY_TYPE.keys() | {"Secret", *(kind.name for kind in KINDS)} | SPEC_VALUES | STATES | PROTOCOLS
    assert both - known == set(), "put these into the module of their component in optral/kube/reports/, and ask it in both"
