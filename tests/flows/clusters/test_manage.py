"""Creating, changing, installing and deleting clusters, with their events and audit records, on both engines."""

import shlex
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import yaml

from optral.access import service as access
from optral.clusters import enrollment_service, service
from optral.clusters.model import Cluster
from optral.events import service as events
from optral.flows.clusters import manage as flow
from optral.install import agent_install, agent_rbac
from optral.install.addresses import Addresses
from optral.kube.kinds import EVENT, KINDS
from optral.store.store import Store
from optral.terms import actor as actors
from optral.terms.actor import Actor
from optral.terms.errors import Invalid, NotFound, Refused
from optral.terms.ids import OrgId
from optral.terms.verbs import WRITES
from tests.support.clock import FakeClock

ADDRESSES = Addresses(
    public_url="https://optral.example.com",
    agent_address="optral.example.com",
    ca_pin="sha256:" + "0" * 64,
    agent_image="example.org/agent:1",
)


@pytest.fixture
def me(org: OrgId) -> Actor:
    return actors.system(org)


@pytest.fixture
async def cluster(store: Store, me: Actor) -> AsyncIterator[Cluster]:
    yield (await store.write(me, lambda tx: flow.create(tx, name="shop"))).cluster


async def news(store: Store, me: Actor) -> list[str]:
    return [event.type for event in await store.read(me, lambda tx: events.read_after(tx, 0))]


async def audited(store: Store, me: Actor) -> list[str]:
    return [record.action for record in await store.read(me, lambda tx: access.records_after(tx, 0))]


async def test_each_change_tells_its_event_and_its_audit_record(store: Store, me: Actor, cluster: Cluster) -> None:
    await store.write(me, lambda tx: flow.update(tx, cluster.id, name="store"))
    await store.write(me, lambda tx: flow.update(tx, cluster.id, name="store"))  # nothing new
    await store.write(me, lambda tx: flow.new_enrollment_token(tx, cluster.id, replace=True))
    await store.write(me, lambda tx: flow.revoke_credentials(tx, cluster.id))
    await store.write(me, lambda tx: flow.delete(tx, cluster.id))
    assert await news(store, me) == ["cluster.updated"] * 3
    assert await audited(store, me) == ["cluster.create", "cluster.update", "cluster.enrollment_token", "agent.revoke", "cluster.delete"]


async def test_a_refused_change_leaves_no_trace(store: Store, me: Actor, cluster: Cluster) -> None:
    with pytest.raises(Refused):
        await store.write(me, lambda tx: flow.create(tx, name="shop"))
    assert await audited(store, me) == ["cluster.create"]


async def test_a_deleted_cluster_is_gone_at_once_and_its_rows_are_purged_later(
    store: Store, clock: FakeClock, me: Actor, cluster: Cluster
) -> None:
    deleted = await store.write(me, lambda tx: flow.delete(tx, cluster.id))
    assert not [one for one in deleted.uninstall.commands if "delete namespace" in one], "the server may be in it"
    with pytest.raises(NotFound):
        await store.read(me, lambda tx: service.get(tx, cluster.id))
    with pytest.raises(NotFound):
        await store.write(me, lambda tx: flow.delete(tx, cluster.id))
    assert await store.read(actors.system(), service.unpurged) == [(me.org_id, cluster.id)]
    await flow.PurgeWorker(store, clock).step()
    assert await store.read(actors.system(), service.unpurged) == []


async def test_the_local_command_is_complete(store: Store, me: Actor, cluster: Cluster) -> None:
    made = await store.write(me, lambda tx: flow.install(tx, cluster.id, "local", addresses=ADDRESSES))
    words = shlex.split(made.command)
    assert words == [
        *("optral", "agent", "--server", "https://optral.example.com", "--ca-pin", ADDRESSES.ca_pin, "--token", made.token.token)
    ]
    assert await store.read(actors.system(), lambda tx: enrollment_service.token_owner(tx, made.token.token)) == (me.org_id, cluster.id)


def test_what_a_write_needs_is_read_from_the_list_of_verbs() -> None:
    rules = agent_rbac.write_rules(["restart", "scale", "deletePod", "cordon"])
    granted = {(rule["apiGroups"][0], rule["resources"][0], rule["verbs"][0]) for rule in rules}
    assert granted == {
        ("apps", "deployments", "patch"),
        ("apps", "statefulsets", "patch"),
        ("apps", "daemonsets", "patch"),
        ("", "pods", "delete"),
        ("", "nodes", "patch"),
    }
    everything = agent_rbac.write_rules(WRITES)
    assert not [rule for rule in everything if "*" in (*rule["apiGroups"], *rule["resources"], *rule["verbs"])]
    assert "secrets" not in str(everything)


async def test_the_manifest_reads_the_watched_kinds_and_nothing_secret(store: Store, me: Actor, cluster: Cluster) -> None:
    made = await store.write(me, lambda tx: flow.install(tx, cluster.id, "kubectl", addresses=ADDRESSES))
    assert made.manifest is not None and made.manifest in made.command
    objects = list(yaml.safe_load_all(made.manifest))
    by_kind = {document["kind"]: document for document in objects}
    rules = by_kind["ClusterRole"]["rules"]
    granted = {(rule["apiGroups"][0], plural) for rule in rules for plural in rule["resources"]}
    assert granted == {(kind.group, kind.plural) for kind in (*KINDS, EVENT)} | {
        ("", "pods/log"),
        ("", "nodes/metrics"),
        ("", "nodes/stats"),
    }
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert by_kind["Role"]["rules"] == [
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["optral-agent-identity"], "verbs": ["get", "patch"]}
    ]
    container = by_kind["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert made.token.token not in yaml.safe_dump(by_kind["Deployment"])
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


async def test_the_manifest_names_the_image_and_the_secrets_for_its_registry(store: Store, me: Actor, cluster: Cluster) -> None:
    addresses = replace(ADDRESSES, agent_image="example.org/agent:1@sha256:" + "0" * 64, image_pull_secrets=("mirror", "other"))
    made = await store.write(me, lambda tx: flow.install(tx, cluster.id, "kubectl", addresses=addresses))
    (deployment,) = [one for one in yaml.safe_load_all(made.manifest or "") if one["kind"] == "Deployment"]
    pod = deployment["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == addresses.agent_image
    assert pod["imagePullSecrets"] == [{"name": "mirror"}, {"name": "other"}]


@pytest.mark.parametrize(
    "addresses",
    [
        Addresses(public_url=None, agent_address="a", ca_pin="p"),
        Addresses(public_url="https://a", agent_address=None, ca_pin="p"),
    ],
)
async def test_nothing_can_be_installed_while_the_address_is_unset(store: Store, me: Actor, cluster: Cluster, addresses: Addresses) -> None:
    with pytest.raises(Refused) as caught:
        await store.write(me, lambda tx: flow.install(tx, cluster.id, "local", addresses=addresses))
    assert caught.value.code == "public_address_unset"


@pytest.mark.parametrize(
    ("public_url", "agent_address", "image", "code"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", "example.org/agent:1", "public_address_unreachable"),
        ("https://localhost", "10.0.0.5", "example.org/agent:1", "public_address_unreachable"),
        ("https://optral.example.org", "0.0.0.0", "example.org/agent:1", "public_address_unreachable"),
        ("http://[::1]:8080", "optral.example.org", "example.org/agent:1", "public_address_unreachable"),
        ("http://169.254.10.1", "optral.example.org", "example.org/agent:1", "public_address_unreachable"),
        ("https://optral.example.org", "optral.example.org", None, "agent_image_unset"),
        ("https://10.0.0.5", "10.0.0.5", "example.org/agent:1", None),
        ("https://optral.example.org", "optral.example.org", "example.org/agent:1", None),
    ],
)
async def test_no_command_for_pods_that_pods_could_not_run(
    store: Store, me: Actor, cluster: Cluster, public_url: str, agent_address: str, image: str | None, code: str | None
) -> None:
    addresses = Addresses(public_url=public_url, agent_address=agent_address, ca_pin="p", agent_image=image)
    assert (await store.write(me, lambda tx: flow.install(tx, cluster.id, "local", addresses=addresses))).command
    if code is None:
        made = await store.write(me, lambda tx: flow.install(tx, cluster.id, "kubectl", addresses=addresses))
        assert image is not None and image in made.command
        return
    with pytest.raises(Refused) as caught:
        await store.write(me, lambda tx: flow.install(tx, cluster.id, "kubectl", addresses=addresses))
    assert caught.value.code == code
    assert "OPTRAL_" in caught.value.say and "local" in caught.value.say


SEVERAL = replace(ADDRESSES, fallback_urls=("https://b.example.com", "https://c.example.com"))


async def test_every_command_names_every_url_of_the_server_in_its_order(store: Store, me: Actor, cluster: Cluster) -> None:
    urls = "https://optral.example.com,https://b.example.com,https://c.example.com"
    made = {
        method: await store.write(me, lambda tx, method=method: flow.install(tx, cluster.id, method, addresses=SEVERAL))
        for method in agent_install.METHODS
    }
    assert f"--server {urls} --ca-pin" in made["local"].command
    (deployment,) = [one for one in yaml.safe_load_all(made["kubectl"].manifest or "") if one["kind"] == "Deployment"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["args"][:3] == ["agent", "--server", urls]
    for method in ("helm", "argocd", "flux"):
        assert "fallbackUrls:" in made[method].command
        assert made[method].command.index("b.example.com") < made[method].command.index("c.example.com")
    fleet = agent_install.render_fleet(addresses=SEVERAL, token="t", is_named=False, waits=False)
    for text in (fleet.command, fleet.values, fleet.application_set):
        assert "fallbackUrls:" in text


@pytest.mark.parametrize(("method", "is_warned"), [("helm", True), ("kubectl", False), ("argocd", False), ("local", False)])
async def test_helm_outside_the_cluster_cannot_fetch_the_chart_from_a_service(
    store: Store, me: Actor, cluster: Cluster, method: str, is_warned: bool
) -> None:
    addresses = replace(ADDRESSES, public_url="http://optral.optral.svc:8080")
    made = await store.write(me, lambda tx: flow.install(tx, cluster.id, method, addresses=addresses))
    found = [one.message for one in made.warnings if one.code == "chart_in_cluster"]
    assert bool(found) is is_warned
    assert all("kubectl" in message and "charts/optral-agent" in message for message in found)
    public = await store.write(me, lambda tx: flow.install(tx, cluster.id, method, addresses=ADDRESSES))
    assert "chart_in_cluster" not in {one.code for one in public.warnings}


async def test_the_server_chooses_a_method_that_can_work(store: Store, me: Actor, cluster: Cluster) -> None:
    addresses = replace(ADDRESSES, public_url="http://optral.optral.svc:8080", agent_address="optral.optral.svc:8443,8444")
    made = await store.write(me, lambda tx: flow.install(tx, cluster.id, "auto", addresses=addresses))
    assert (made.method, made.command[:13]) == ("kubectl", "kubectl apply")
    assert [one.code for one in made.warnings] == ["address_in_cluster"]


async def test_one_url_needs_no_list(store: Store, me: Actor, cluster: Cluster) -> None:
    made = await store.write(me, lambda tx: flow.install(tx, cluster.id, "helm", addresses=ADDRESSES))
    assert "fallbackUrls" not in made.command


async def test_a_further_url_that_pods_cannot_reach_is_refused_by_its_setting(store: Store, me: Actor, cluster: Cluster) -> None:
    addresses = replace(ADDRESSES, fallback_urls=("http://127.0.0.1:8080",))
    with pytest.raises(Refused) as caught:
        await store.write(me, lambda tx: flow.install(tx, cluster.id, "kubectl", addresses=addresses))
    assert caught.value.code == "public_address_unreachable"
    assert "http://127.0.0.1:8080" in caught.value.say and "OPTRAL_FALLBACK_URLS" in caught.value.say


async def test_another_method_is_invalid(store: Store, me: Actor, cluster: Cluster) -> None:
    with pytest.raises(Invalid):
        await store.write(me, lambda tx: flow.install(tx, cluster.id, "ansible", addresses=ADDRESSES))
