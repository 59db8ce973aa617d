"""Clusters as operators handle them: connect one, rename it, take its credentials away, delete it.

Deleting answers at once: the name is free, the tunnel ends, the issues are resolved; rows then go in batches in the background
(`PurgeWorker`), and again after a restart until none is left.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from optral.access import people_service as people, service as access
from optral.analysis import service as analyses
from optral.clusters import enrollment_service as enrollment, model, service as clusters
from optral.clusters.enrollment_service import EnrollmentToken, OpenToken
from optral.clusters.model import Cluster, ClusterStatus, Reason
from optral.commands import service as commands
from optral.detector_settings import service as detector_settings
from optral.events import service as events
from optral.flows import loops
from optral.flows.clusters import agent_uninstall, cluster_events
from optral.flows.clusters.agent_uninstall import Uninstall
from optral.flows.clusters.presence import is_present
from optral.flows.issues import issue_events
from optral.install import agent_install
from optral.install.addresses import Addresses
from optral.install.agent_install import Installation
from optral.issues import service as issues
from optral.kit.clock import Clock
from optral.resources import service as resources
from optral.store.store import Store
from optral.store.transaction import Transaction
from optral.terms import actor
from optral.terms.errors import Invalid, Refused
from optral.terms.ids import OrgId

PURGE_ROWS = 500
PURGE_EVERY_S = 5.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CreatedCluster:
    """A new cluster with its enrollment token, which is shown this once."""

    cluster: Cluster
    token: str
    token_expires_at: datetime


@dataclass(frozen=True, slots=True)
class DeletedCluster:
    """A deleted cluster as it was, and how to remove the agent from Kubernetes."""

    cluster: Cluster
    uninstall: Uninstall


def create(tx: Transaction, *, name: str, labels: Mapping[str, str] | None = None) -> CreatedCluster:
    """Record a cluster and make its first token. Raises `Refused("name_taken")`, `Invalid`."""
    people.begin_secret(tx)
    cluster = clusters.create(tx, name=name, labels=labels)
    token = enrollment.new_enrollment_token(tx, cluster.id)
    events.append(tx, [cluster_events.updated(cluster)])
    access.audit(tx, action="cluster.create", target=cluster.id, detail={"name": cluster.name})
    return CreatedCluster(cluster, token.token, token.expires_at)


def update(
    tx: Transaction,
    cluster_id: str,
    *,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    if_version: int | None = None,
) -> Cluster:
    """Rename or relabel. Raises `NotFound`, `Stale`, `Refused("name_taken")`, `Invalid`."""
    before = clusters.get(tx, cluster_id)
    after = clusters.update(tx, cluster_id, name=name, labels=labels, if_version=if_version)
    if after.version != before.version:
        events.append(tx, [cluster_events.updated(after)])
        detail = {"name": after.name, "labels": dict(after.labels)}
        access.audit(tx, action="cluster.update", target=cluster_id, detail=detail)
    return after


def new_enrollment_token(tx: Transaction, cluster_id: str, *, replace: bool = False) -> EnrollmentToken:
    """A fresh one-use token. Its first use revokes older certificates; `replace` allows another Kubernetes cluster. Raises `NotFound`."""
    people.begin_secret(tx)
    token = enrollment.new_enrollment_token(tx, cluster_id, replaces=replace)
    access.audit(tx, action="cluster.enrollment_token", target=cluster_id, detail={"replace": replace})
    return token


def end_enrollment_tokens(tx: Transaction, found: Sequence[OpenToken], *, because: str) -> None:
    """End unused tokens. `because`: the action that this is a part of."""
    enrollment.delete_tokens(tx, found)
    for one in found:
        access.audit(tx, action="cluster.enrollment_token_revoke", target=one.cluster_id, detail={"because": because})


def revoke_credentials(tx: Transaction, cluster_id: str) -> int:
    """Revoke every agent certificate and unused token of the cluster; its tunnel ends within seconds. Returns how many certificates.

    Raises `NotFound`.
    """
    clusters.get(tx, cluster_id)
    revoked = clusters.revoke_certificates(tx, cluster_id, reason="revoked")
    access.audit(tx, action="agent.revoke", target=cluster_id, detail={"count": revoked})
    return revoked


def install(tx: Transaction, cluster_id: str, method: str, *, addresses: Addresses, replace: bool = False) -> Installation:
    """A complete command that connects the cluster, with a fresh token in it. `method` is one of `agent_install.METHODS`, or `auto`.

    Raises `NotFound`, `Invalid` for another method, `Refused("public_address_unset")` while agents cannot know where to dial,
    and for all but local `Refused` with `public_address_unreachable` or `agent_image_unset` while a pod could not run it.
    """
    cluster = clusters.get(tx, cluster_id)
    method = addresses.best_method if method == "auto" else method
    if method not in agent_install.METHODS:
        message = "use one of: " + ", ".join(agent_install.METHODS)
        raise Invalid(say="unknown installation method", errors=[{"field": "method", "code": "unknown_value", "message": message}])
    check_addresses(addresses, is_local=method == "local")
    token = new_enrollment_token(tx, cluster.id, replace=replace)
    if not model.is_token(token.token):
        raise AssertionError("a token of a foreign alphabet must never reach a command line")
    return agent_install.render(method, addresses=addresses, token=token)


def check_addresses(addresses: Addresses, *, is_local: bool) -> None:
    """A command that cannot work is worse than none.

    Raises `Refused`: public_address_unset; unless `is_local` also public_address_unreachable and agent_image_unset.
    """
    if not addresses.public_url or not addresses.agent_address:
        raise Refused("public_address_unset", say=f"set {addresses.settings} to where agents reach this server")
    if is_local:
        return
    local = "or run the agent on this machine (method `local`)"
    if (address := addresses.unreachable_from_pods()) is not None:
        say = f"a pod cannot reach {address}: set {addresses.settings} to addresses that pods reach, {local}"
        raise Refused("public_address_unreachable", say=say)
    if not addresses.agent_image:
        say = (
            "no container image is configured for the agent: set agentImage.registry in the values of the server's chart, or"
            f" OPTRAL_IMAGE_REGISTRY or OPTRAL_AGENT_IMAGE, {local}"
        )
        raise Refused("agent_image_unset", say=say)


def delete(tx: Transaction, cluster_id: str) -> DeletedCluster:
    """Delete a cluster: certificates and tokens are void, the tunnel ends, its issues are resolved, its name is free. Raises `NotFound`."""
    uninstall = agent_uninstall.of(tx, clusters.get(tx, cluster_id))
    cluster = clusters.delete(tx, cluster_id)
    commands.abandon(tx, cluster_id)
    detector_settings.forget_cluster(tx, cluster_id)
    moves = issues.resolve_cluster(tx, cluster_id, "cluster_deleted")
    gone = replace(cluster, status=ClusterStatus.OFFLINE, status_reason=Reason.DELETED)
    news = [cluster_events.offline(gone)] if is_present(cluster) else []
    events.append(tx, [*issue_events.events_of(moves, cluster=cluster.standing), *news, cluster_events.updated(gone, deleted=True)])
    access.audit(tx, action="cluster.delete", target=cluster_id, detail={"name": cluster.name})
    return DeletedCluster(cluster, uninstall)


class PurgeWorker:
    """Removes the rows of deleted clusters, a few hundred a commit. Own `run` as a task."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self.retries = loops.retries("purge", clock, _log)

    async def run(self) -> None:
        while True:
            await self.retries.run_once(self.step)
            await asyncio.sleep(PURGE_EVERY_S)

    async def step(self) -> None:
        """Purge every deleted cluster to its end, one batch a transaction, so that others get their turn."""
        for org_id, cluster_id in await self._store.read(actor.system(), clusters.unpurged):
            while await self._store.write(actor.system(OrgId(org_id)), partial(_purge, cluster_id=cluster_id)):
                continue


def _purge(tx: Transaction, *, cluster_id: str) -> bool:
    """Remove one batch; True while more may be left."""
    if any(room.purge(tx, cluster_id, PURGE_ROWS) for room in (resources, commands, analyses)):
        return True
    clusters.mark_purged(tx, cluster_id)
    return False
