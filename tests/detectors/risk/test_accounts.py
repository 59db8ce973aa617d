from typing import Any

import pytest

from optral.kube.objects import KubeObject
from tests.detectors.build import make
from tests.detectors.risk.ask import where, workload

GROUP = "rbac.authorization.k8s.io"
ALL = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
EXEC = [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}]


def role(rules: list[dict[str, Any]], name: str = "deployer", **meta: Any) -> KubeObject:
    return make(f"ClusterRole.{GROUP}", name=name, namespace=None, rules=rules, meta=meta)


def binding(subject: dict[str, str], role_name: str = "cluster-admin", name: str = "give") -> KubeObject:
    return make(f"ClusterRoleBinding.{GROUP}", name=name, namespace=None, roleRef={"name": role_name}, subjects=[subject])


ROBOT = {"kind": "ServiceAccount", "namespace": "shop", "name": "robot"}
DEFAULTS = {"labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}


@pytest.mark.parametrize(
    ("kind", "things", "names"),
    [
        ("DefaultServiceAccount", [workload()], ["ServiceAccount default"]),
        ("DefaultServiceAccount", [workload(spec={"automountServiceAccountToken": False})], []),
        ("DefaultServiceAccount", [workload(spec={"serviceAccountName": "robot"})], []),
        ("DefaultServiceAccount", [workload(), make("ServiceAccount", name="default", automountServiceAccountToken=False)], []),
        ("WildcardRole", [role(ALL)], ["all verbs on all resources"]),
        ("WildcardRole", [role([{"resources": ["*"], "verbs": ["get"]}])], []),
        ("WildcardRole", [role(ALL, name="cluster-admin")], []),
        ("PodExecRole", [role(EXEC)], ["pods/exec"]),
        ("PodExecRole", [role([{"resources": ["pods/exec"], "verbs": ["get"]}])], []),
        ("PodExecRole", [role(EXEC, name="x", **DEFAULTS)], []),
        ("ClusterAdminBinding", [binding(ROBOT)], ["ServiceAccount shop/robot"]),
        ("ClusterAdminBinding", [binding(ROBOT, role_name="view")], []),
        ("ClusterAdminBinding", [binding({"kind": "Group", "name": "system:masters"})], []),
        ("ClusterAdminBinding", [binding(ROBOT, name="system:robot")], []),
    ],
)
def test_accounts_with_too_many_permissions(kind: str, things: list[KubeObject], names: list[str]) -> None:
    assert where(kind, *things) == names
