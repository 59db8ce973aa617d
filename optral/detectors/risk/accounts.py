"""Accounts with more permissions than needed: tokens in pods that do not call the API, roles that allow everything, bindings of
cluster-admin.

Objects that Kubernetes creates itself (names with `system:`, objects with its bootstrap label) are ignored.
"""

from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.policy import references
from optral.detectors.risk.common import check
from optral.kube.objects import (
    ClusterRole,
    ClusterRoleBinding,
    KubeObject,
    Role,
    RoleBinding,
    ServiceAccount,
    Subject,
)
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

_BUILT_IN = frozenset({"cluster-admin", "admin", "edit", "view"})
_PREFIXES = ("system:", "kubeadm:")
_INTO_PODS = frozenset({"pods/exec", "pods/attach", "pods/ephemeralcontainers"})
_ROLES = (Role.kind, ClusterRole.kind)


def _default_token(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
    spec = references.template_of(workload)
    if spec.service_account_name not in ("", "default") or spec.automount_service_account_token is False:
        return []
    account = view.by_name(ServiceAccount.kind, workload.namespace, "default")
    is_off = isinstance(account, ServiceAccount) and account.automount_service_account_token is False
    return [] if is_off else ["ServiceAccount default"]


def _allows_everything(role: Role | ClusterRole, view: ClusterView, now: datetime) -> list[str]:
    is_all = any("*" in rule.verbs and "*" in rule.resources for rule in role.rules)
    return ["all verbs on all resources"] if is_all and not _is_built_in(role) else []


def _allows_exec(role: Role | ClusterRole, view: ClusterView, now: datetime) -> list[str]:
    if _is_built_in(role):
        return []
    return sorted(
        {
            resource
            for rule in role.rules
            for resource in rule.resources
            if resource in _INTO_PODS and {"create", "patch", "update", "*"} & set(rule.verbs)
        }
    )


def _grants_admin(binding: ClusterRoleBinding | RoleBinding, view: ClusterView, now: datetime) -> list[str]:
    if binding.role_ref.name != "cluster-admin" or _is_built_in(binding):
        return []
    return [_label(subject) for subject in binding.subjects if not _is_of_the_cluster(subject)]


def _label(subject: Subject) -> str:
    return f"{subject.kind} {subject.namespace}/{subject.name}" if subject.namespace else f"{subject.kind} {subject.name}"


def _is_of_the_cluster(subject: Subject) -> bool:
    return subject.name.startswith(_PREFIXES) or subject.namespace == "kube-system"


def _is_built_in(obj: KubeObject) -> bool:
    named = obj.name.startswith(_PREFIXES) or (obj.namespace is None and obj.name in _BUILT_IN)
    return named or obj.labels.get("kubernetes.io/bootstrapping") == "rbac-defaults"


DEFAULT_ACCOUNT = check(
    titles.DefaultServiceAccount,
    _default_token,
    about=About.WORKLOAD,
    module=__name__,
)
WILDCARD = check(
    titles.WildcardRole,
    _allows_everything,
    about=About.POLICY,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=_ROLES,
)
EXEC = check(
    titles.PodExecRole,
    _allows_exec,
    about=About.POLICY,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=_ROLES,
)
CLUSTER_ADMIN = check(
    titles.ClusterAdminBinding,
    _grants_admin,
    about=About.POLICY,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=(ClusterRoleBinding.kind, RoleBinding.kind),
)
