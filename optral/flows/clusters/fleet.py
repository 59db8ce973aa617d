"""Fleets: create and revoke tokens that enroll many clusters, and decide about agents that wait for approval."""

from datetime import timedelta

from optral.access import people_service as people, service as access
from optral.clusters import connection_service as attempts, fleet_service as fleets, service as clusters
from optral.clusters.authority import Authority, Request
from optral.clusters.connection import Contact
from optral.clusters.fleet import FleetToken, FleetTokenSettings
from optral.clusters.fleet_service import TokenUse
from optral.clusters.model import Cluster, is_token
from optral.events import service as events
from optral.flows.clusters import cluster_events, manage
from optral.install import agent_install
from optral.install.addresses import Addresses
from optral.install.agent_install import FleetInstallation
from optral.kit import records
from optral.kit.mappings import without_none
from optral.store.transaction import Transaction


def create(tx: Transaction, given: FleetTokenSettings, *, ttl_s: int) -> tuple[FleetToken, str]:
    """The token's record and the token itself, which is shown this once.

    Raises `Invalid`, `Refused("too_many_fleet_tokens")`, `Forbidden` when the actor's rights ended during the request.
    """
    people.begin_secret(tx)
    token, secret = fleets.create(tx, given, ttl=timedelta(seconds=ttl_s))
    events.append(tx, [cluster_events.fleet(token, now=tx.now)])
    detail = records.plain(token, FleetTokenSettings, but=["labels", "sources", "needs_approval"])
    detail |= {"sources": list(token.sources), "approval": token.needs_approval}
    access.audit(tx, action="fleet_token.create", target=token.id, detail=detail)
    return token, secret


def revoke(tx: Transaction, token_id: str, *, because: str | None = None) -> FleetToken:
    """End a token; clusters that it enrolled stay connected. `because`: the action that this is a part of. Raises `NotFound`."""
    token, is_news = fleets.revoke(tx, token_id)
    if is_news:
        events.append(tx, [cluster_events.fleet(token, now=tx.now)])
        detail = without_none({"name": token.name, "uses": token.uses, "because": because})
        access.audit(tx, action="fleet_token.revoke", target=token_id, detail=detail)
    return token


def installation(addresses: Addresses, token: FleetToken, secret: str) -> FleetInstallation:
    """How each cluster of the fleet is installed. Raises `Refused` as `manage.check_addresses`."""
    manage.check_addresses(addresses, is_local=False)
    if not is_token(secret):
        raise AssertionError("a token of a foreign alphabet must never reach a command line")
    return agent_install.render_fleet(
        addresses=addresses, token=secret, is_named="{name}" in token.name_pattern, waits=token.needs_approval
    )


def enroll(
    tx: Transaction, authority: Authority, *, token_id: str, request: Request, nonce: str, kube_system_uid: str, contact: Contact
) -> TokenUse:
    """Enroll a cluster with a fleet token, or have it wait for approval. Raises `Refused` (see clusters.fleet_service.use)."""
    used = fleets.use(tx, authority, token_id=token_id, request=request, nonce=nonce, kube_system_uid=kube_system_uid, contact=contact)
    if not used.is_new and used.enrolled is None:
        return used  # it waits, and asks again
    news = [cluster_events.updated(used.cluster), cluster_events.fleet(fleets.get(tx, token_id), now=tx.now)] if used.is_new else []
    attempts.record(tx, used.cluster.id, used.code, contact)
    events.append(tx, [*news, cluster_events.connection(used.cluster, used.code, at=tx.now)])
    detail = {"fleetToken": token_id, "kubeSystemUid": kube_system_uid, "name": used.cluster.name}
    fingerprint = {} if used.enrolled is None else {"fingerprint": used.enrolled.fingerprint}
    access.audit(tx, action="agent.enrol" if used.enrolled else "agent.wait", target=used.cluster.id, detail=detail | fingerprint)
    return used


def approve(tx: Transaction, cluster_id: str, *, if_version: int | None = None) -> Cluster:
    """Let the agent that waits for approval enroll with the key that it presented.

    Raises `NotFound`, `Stale`, `Refused("not_waiting")`.
    """
    decided = fleets.decide(tx, cluster_id, is_approved=True, if_version=if_version)
    cluster = clusters.get(tx, cluster_id)
    events.append(tx, [cluster_events.updated(cluster)])
    access.audit(tx, action="cluster.approve", target=cluster_id, detail={"name": cluster.name, "key": decided.used_key})
    return cluster


def reject(tx: Transaction, cluster_id: str, *, if_version: int | None = None) -> Cluster:
    """Refuse the agent that waits for approval, and delete its cluster.

    Raises `NotFound`, `Stale`, `Refused("not_waiting")`.
    """
    decided = fleets.decide(tx, cluster_id, is_approved=False, if_version=if_version)
    gone = manage.delete(tx, cluster_id)
    access.audit(tx, action="cluster.reject", target=cluster_id, detail={"name": gone.cluster.name, "key": decided.used_key})
    return gone.cluster
