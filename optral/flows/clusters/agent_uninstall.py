"""How to remove an agent from its cluster, and nothing else: the server may run in the same namespace.

The inventory shows how the agent was installed: the instance that it reports begins with the name of its pod. The command of Helm is given
only where every workload of the release is the agent's, because an umbrella chart may hold the server too. The commands of kubectl select
objects by the agent's own name label, which no object of the server has.
"""

import shlex
from dataclasses import dataclass
from typing import Any

import msgspec

from optral.clusters.model import Cluster
from optral.install.agent_install import NAME
from optral.kit.paging import PageRequest
from optral.kube import owners
from optral.kube.kinds import LONG_RUNNING
from optral.resources import lookup, service as resources
from optral.resources.lookup import FoundObject
from optral.resources.model import ResourceFilter
from optral.runbooks.executions import managed
from optral.runbooks.executions.managed import Manager
from optral.store.transaction import Transaction
from optral.terms.refs import ObjectRef

_NAME, _INSTANCE, _COMPONENT, _MANAGED_BY = (f"app.kubernetes.io/{word}" for word in ("name", "instance", "component", "managed-by"))
_NAMESPACED = "deployment,serviceaccount,role,rolebinding,secret,configmap,networkpolicy"
_LOOKED_AT = 100  # workloads of a kind in the agent's namespace; where there are more, Helm's command is not given
_UNKNOWN = (
    "The inventory does not show how its agent was installed: run the first command if it was Helm, else the others. Replace RELEASE and"
    " NAMESPACE."
)
_MANAGED = "{manager} manages the agent: remove it there first, or it is installed again."


@dataclass(frozen=True, slots=True)
class Uninstall:
    """Shell commands, and what to know before they are run."""

    commands: tuple[str, ...]
    note: str | None = None


def of(tx: Transaction, cluster: Cluster) -> Uninstall:
    """How to remove the agent of a cluster. Names are left open where the inventory does not show it: a guess could be another agent."""
    deployment = _deployment(tx, cluster)
    if deployment is None:
        return Uninstall((_line("helm", "uninstall", "RELEASE", "--namespace", "NAMESPACE"), *by_label("NAMESPACE")), _UNKNOWN)
    manager = _manager(deployment)
    if manager is None:
        return Uninstall(by_label(deployment.namespace, deployment))
    if manager.kind != "helm" or _has_more(tx, cluster.id, deployment.namespace, manager):
        return Uninstall(by_label(deployment.namespace, deployment), _MANAGED.format(manager=manager))
    at = ("--namespace", deployment.namespace)
    identity = f"{deployment.name}-identity"
    return Uninstall((_line("helm", "uninstall", manager.name, *at), _line("kubectl", "delete", "secret", identity, *at)))


def by_label(namespace: str, deployment: FoundObject | None = None) -> tuple[str, ...]:
    """Cluster-wide names are selected by the release too, or not to be Helm's: another agent of the cluster keeps what it needs."""
    labels = {} if deployment is None else deployment.labels
    named = f"{_NAME}={labels.get(_NAME, NAME)}"
    release = f"{_INSTANCE}={labels[_INSTANCE]}" if _INSTANCE in labels else ""
    own, cluster_wide = f"{named},{release}".rstrip(","), f"{named},{release or f'{_MANAGED_BY}!=Helm'}"
    return (
        _line("kubectl", "delete", _NAMESPACED, "--namespace", namespace, "--selector", own),
        _line("kubectl", "delete", "clusterrole,clusterrolebinding", "--selector", cluster_wide),
    )


def _deployment(tx: Transaction, cluster: Cluster) -> FoundObject | None:
    """The Deployment of the pod in which the agent ran last; None where it runs elsewhere or is not in the inventory."""
    pod_name = (cluster.agent_instance or "").rpartition("-")[0]
    fits = ResourceFilter(clusters=frozenset({cluster.id}), kinds=frozenset({"Pod"}), name=pod_name)
    pods = resources.find(tx, fits, PageRequest(size=2)) if pod_name else []
    if len(pods) != 1 or pods[0].owner_kind is None:
        return None
    (pod,) = pods
    owner = owners.guess_above(ObjectRef(str(pod.owner_kind), pod.namespace, str(pod.owner_name)), dict(pod.labels))
    found = lookup.named(tx, cluster.id, owner.kind, str(pod.namespace), owner.name)
    return found if found is not None and _is_agent(found) else None


def _is_agent(workload: FoundObject) -> bool:
    return workload.labels.get(_COMPONENT) == "agent"


def _manager(workload: FoundObject) -> Manager | None:
    """What applies the object. A chart that Argo CD or Flux renders has Helm's label too: theirs come first."""
    manifest: dict[str, Any] = msgspec.json.decode(workload.read())
    return next((one for one in managed.declared_by(manifest) if one.name), None)


def _has_more(tx: Transaction, cluster_id: str, namespace: str, release: Manager) -> bool:
    """Whether the release has a workload that is not the agent."""
    for kind in LONG_RUNNING:
        found = lookup.every(tx, cluster_id, kind, {namespace}, limit=_LOOKED_AT)
        if len(found) == _LOOKED_AT or any(_manager(one) == release for one in found if not _is_agent(one)):
            return True
    return False


def _line(*words: str) -> str:
    return shlex.join(words)
