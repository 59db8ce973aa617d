"""Many faults at once on a real cluster: `optral scan` names each once, and nothing that is well."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import faults as made
from tests.e2e.faults import Fault, container, deployment, namespace
from tests.support.platform import BIN, until
from tests.support.real_cluster import Cluster

pytestmark = pytest.mark.cluster

HOME = "faults"
ALL_SHOW_WITHIN_S = 300


@pytest.fixture(scope="module")
def broken(cluster: Cluster) -> Iterator[tuple[Fault, ...]]:
    found = made.faults(HOME)
    cluster.apply(*[namespace(name) for name in sorted({fault.namespace for fault in found})])
    cluster.apply(deployment(HOME, "well", container(made.SERVE, readinessProbe=made.probe("/", 8080)), replicas=2))
    cluster.apply(*[obj for fault in found for obj in fault.objects])
    yield found
    cluster.kubectl("delete", "validatingwebhookconfiguration", f"{HOME}-guarded-guard")
    cluster.kubectl("delete", "ingressclass", "doors")
    for name in sorted({fault.namespace for fault in found}):
        cluster.kubectl("delete", "namespace", name, "--wait=false")


def scan(cluster: Cluster, *options: str) -> dict[str, Any]:
    done = subprocess.run(
        [BIN / "optral", "scan", "--kubeconfig", str(cluster.kubeconfig), "-o", "json", *options],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def test_a_scan_names_every_fault_once_and_nothing_else(cluster: Cluster, broken: tuple[Fault, ...]) -> None:
    wanted = {_key(fault) for fault in broken}

    def seen() -> list[dict[str, Any]] | None:
        shown = scan(cluster)
        assert shown["incomplete"] == []
        issues = list(shown["issues"])
        return issues if all(any(_is(issue, fault) for issue in issues) for fault in broken) else None

    issues = until(seen, within_s=ALL_SHOW_WITHIN_S, every_s=10, what=f"all of {sorted(wanted)}")
    assert issues is not None
    for issue in issues:
        print(issue["severity"], issue["type"], issue.get("namespace"), issue["resource"])
    strangers = [issue for issue in issues if not any(_is(issue, fault) for fault in broken)]
    assert [(one["type"], one.get("namespace"), one["resource"]) for one in strangers] == []
    assert len(issues) == len(broken)


def _key(fault: Fault) -> str:
    return f"{'|'.join(sorted(fault.types))} {fault.owner}"


def _is(issue: dict[str, Any], fault: Fault) -> bool:
    owner = (issue.get("owner") or {}).get("name", "") or issue["resource"]
    if issue["type"] not in fault.types:
        return False
    if issue["type"] == "WebhookUnavailable":
        return fault.types == {"WebhookUnavailable"}
    return issue.get("namespace") == fault.namespace and owner in fault.owner.split()
