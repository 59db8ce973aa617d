"""Failures of custom resources that one object explains are one issue: its owners' failures and those of what refers to it."""

from typing import Any

import pytest

from optral.grouping.model import Failure
from optral.kube.objects import KubeObject
from tests.detectors import build
from tests.grouping.graphs import arranged, failing, roots

TYPE = "CustomResourceNotReady"


def resource(
    kind: str,
    name: str,
    message: str = "",
    *,
    spec: dict[str, Any] | None = None,
    owner: KubeObject | None = None,
    namespace: str | None = "shop",
    **status: Any,
) -> KubeObject:
    """A resource that is not ready and says this."""
    meta = {"ownerReferences": build.owned_by(owner)} if owner is not None else None
    status = {"conditions": [build.condition("Ready", "False", reason="Failed", message=message)]} | status
    return build.make(kind, name=name, namespace=namespace, meta=meta, spec=spec or {}, status=status)


def failures(*resources: KubeObject, **more: Any) -> list[Failure]:
    return [failing(TYPE, one, message=one.health.message, **more) for one in resources]  # type: ignore[attr-defined]


def refers(kind: str, name: str, role: str = "sourceRef", **more: str) -> dict[str, Any]:
    return {role: {"kind": kind, "name": name, **more}}


def test_a_chain_of_references_and_parts_is_one_issue() -> None:
    bucket = resource("Bucket.source.toolkit.fluxcd.io", "apps", "access denied", namespace="delivery")
    base = resource("Release.shop.example", "base", "source is not ready", spec=refers("Bucket", "apps", namespace="delivery"))
    shop = resource("Release.shop.example", "shop", "dependency is not ready", spec={"dependsOn": [{"name": "base"}]})
    part = resource("Store.shop.example", "store-1", "waits for release base", spec=refers("Release", "base", "releaseRef"), owner=shop)
    found = failures(bucket, base, shop, part)
    assert roots(found, bucket, base, shop, part) == [f"{TYPE}/apps"]


def test_a_resource_whose_parts_are_pods_is_explained_by_their_workload() -> None:
    ledger = resource("Ledger.shop.example", "main", "0 of 3 replicas are ready")
    meta = {"ownerReferences": build.owned_by(ledger)}
    store = build.make("StatefulSet.apps", name="ledger", meta=meta, spec={"replicas": 3}, status={"readyReplicas": 0})
    found = [*failures(ledger), failing("StatefulSetReplicasUnavailable", store)]
    assert roots(found, ledger, store) == ["StatefulSetReplicasUnavailable/ledger"]


def test_an_application_is_explained_by_the_part_that_it_reports() -> None:
    part = {"group": "apps", "kind": "Deployment", "namespace": "web", "name": "cart", "health": {"status": "Degraded"}}
    application = build.make(
        "Application.argoproj.io", name="shop", namespace="delivery", status={"health": {"status": "Degraded"}, "resources": [part]}
    )
    cart = build.make("Deployment.apps", name="cart", namespace="web", spec={"replicas": 1})
    found = [*failures(application), failing("DeploymentReplicasUnavailable", cart)]
    assert roots(found, application, cart) == ["DeploymentReplicasUnavailable/cart"]


@pytest.mark.parametrize(
    ("message", "ago", "count"),
    [
        pytest.param("source is not ready", 300, 1, id="it waits for its source"),
        pytest.param("source is not ready", 3, 2, id="the source began to fail later"),
        pytest.param("duplicate id Deployment web", 300, 2, id="it fails for a reason of its own"),
        pytest.param("cannot read Bucket 'shop/apps'", 3, 1, id="its message names the source"),
    ],
)
def test_a_reference_explains_what_is_about_it_and_began_later(message: str, ago: float, count: int) -> None:
    bucket = resource("Bucket.source.toolkit.fluxcd.io", "apps", "access denied")
    release = resource("Release.shop.example", "web", message, spec=refers("Bucket", "apps"))
    found = [failing(TYPE, bucket, ago=ago, message="access denied"), *failures(release)]
    assert len(roots(found, bucket, release)) == count


def test_owners_are_no_causes_of_their_parts() -> None:
    whole = resource("Fleet.shop.example", "all", "a member failed")
    member = resource("Member.shop.example", "one", "not ready: disk failed", spec=refers("Fleet", "all", "fleetRef"), owner=whole)
    found = failures(whole, member)
    assert arranged(found, whole, member).parent_of[f"{TYPE}/all"].key == f"{TYPE}/one"


def test_resources_that_refer_to_healthy_objects_stay_apart() -> None:
    store = build.make("Bucket.shop.example", name="b", status={"conditions": [build.condition("Ready")]})
    two = [resource("Release.shop.example", name, "not ready", spec=refers("Bucket", "b")) for name in ("left", "right")]
    assert len(roots(failures(*two), store, *two)) == 2


LOGIN = {"target": {"name": "login"}}
WRITTEN = {"writeConnectionSecretToRef": {"name": "login"}}
READ = {"passwordSecretRef": {"name": "login"}}


@pytest.mark.parametrize(
    ("maker", "count"),
    [
        pytest.param(resource("ExternalSecret.external-secrets.io", "sync", "store is down", spec=LOGIN), 1, id="its target"),
        pytest.param(resource("SealedSecret.bitnami.com", "login", "no key could decrypt it"), 1, id="of its name"),
        pytest.param(resource("Database.shop.example", "db", "quota exceeded", spec=WRITTEN), 1, id="written"),
        pytest.param(resource("Database.shop.example", "login", "quota exceeded"), 2, id="of its name, but makes no Secret"),
        pytest.param(resource("Database.shop.example", "db", 'secrets "login" not found', spec=READ), 2, id="read"),
        pytest.param(resource("ExternalSecret.external-secrets.io", "sync", "down", spec=LOGIN, namespace="far"), 2, id="elsewhere"),
    ],
)
@pytest.mark.parametrize("type_", ["CreateContainerConfigError", "FailedMount"])
def test_a_missing_secret_is_explained_by_the_resource_that_would_make_it(type_: str, maker: KubeObject, count: int) -> None:
    web = build.make("Deployment.apps", name="web", spec={"replicas": 1})
    needs = failing(type_, web, missingKind="Secret", missingName="login")
    assert len(roots([needs, *failures(maker)], maker, web)) == count
