"""The runbook renew-certificate with everything real: API server, and cert-manager's own controllers with a self-signed Issuer."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from optral.kube.kinds import BY_ID
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from optral.runbooks.model import ExecutionStatus, Phase
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.forges.realcluster import WITHIN_S, RealShop, create, served
from tests.setup import cert_manager
from tests.support import kubeapi
from tests.support.clock import FakeClock
from tests.support.sqlite_alone import engine_name as engine_name
from tests.support.waiting import until

pytestmark = pytest.mark.slow  # starts three servers

CERTIFICATES = BY_ID["Certificate.cert-manager.io"]
GROUP = "/apis/cert-manager.io/v1/namespaces/shop"
ISSUER = {"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": {"name": "own"}, "spec": {"selfSigned": {}}}
CERTIFICATE = {
    "apiVersion": "cert-manager.io/v1",
    "kind": "Certificate",
    "metadata": {"name": "web-tls"},
    "spec": {"secretName": "web-tls", "dnsNames": ["web.example.com"], "issuerRef": {"name": "own", "kind": "Issuer"}},
}


@pytest.fixture
async def shop(store: Store, org: OrgId, clock: FakeClock, tmp_path: Path) -> AsyncIterator[RealShop]:
    """A cluster in which cert-manager runs."""
    if not cert_manager.PROGRAM.exists():
        pytest.skip("cert-manager is not here: python -m tests.setup cert-manager")
    definitions = cert_manager.definitions()
    (tmp_path / "kube").mkdir()
    with kubeapi.running(tmp_path / "kube") as api, ExitStack() as stack:
        async with KubeClient(credentials.load(api.kubeconfig)) as client:
            made = RealShop(store, org, clock, client)
            made.seen = ((CERTIFICATES, "shop", "web-tls"),)
            await create(client, "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
            for one in definitions:
                await create(client, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", one)
            for one in definitions:
                await served(client, one["spec"])
            environment = {**os.environ, "KUBECONFIG": str(with_whole_paths(api.kubeconfig, tmp_path / "kubeconfig"))}
            kubeapi.spawned(stack, tmp_path / "cert-manager.log", str(cert_manager.PROGRAM), environment=environment)
            await create(client, f"{GROUP}/issuers", ISSUER)
            await create(client, f"{GROUP}/certificates", CERTIFICATE)
            await until_revision(made, 1)
            await made.open()
            yield made


def with_whole_paths(kubeconfig: Path, copy: Path) -> Path:
    """cert-manager takes paths in a kubeconfig from its own folder."""
    tree = yaml.safe_load(kubeconfig.read_text())
    for one in [*(one["cluster"] for one in tree["clusters"]), *(one["user"] for one in tree["users"])]:
        one |= {
            name: str(kubeconfig.parent / one[name])
            for name in ("certificate-authority", "client-certificate", "client-key")
            if name in one
        }
    copy.write_text(yaml.safe_dump(tree))
    return copy


async def certificate(shop: RealShop) -> dict[str, Any]:
    return dict(json.loads(await shop.client.get(f"{GROUP}/certificates/web-tls")))


async def until_revision(shop: RealShop, wanted: int) -> None:
    """Until cert-manager has issued it so often, and calls it ready."""

    async def is_issued() -> bool:
        status = (await certificate(shop)).get("status", {})
        ready = [one for one in status.get("conditions", ()) if one["type"] == "Ready" and one["status"] == "True"]
        return status.get("revision") == wanted and bool(ready)

    await until(is_issued, within_s=WITHIN_S)


async def issued(shop: RealShop) -> str:
    return str(json.loads(await shop.client.get("/api/v1/namespaces/shop/secrets/web-tls"))["data"]["tls.crt"])


async def test_a_renewal_is_issued_by_cert_manager_and_the_execution_ends_verified(shop: RealShop) -> None:
    before = await issued(shop)
    one = await shop.start("renew-certificate", parameters={"namespace": "shop", "name": "web-tls"})
    one = await shop.settle(one)
    await shop.approve(one, by=shop.person("reviewer"))
    one = await shop.settle(one)
    assert one.phase is Phase.VERIFYING, one.failure
    await until_revision(shop, 2)
    await shop.show()
    one = await shop.run(one)
    assert (one.status, one.failure) == (ExecutionStatus.SUCCEEDED, None)
    found = await certificate(shop)
    assert found["status"]["revision"] == 2 and await issued(shop) != before
    assert "Issuing" not in {condition["type"] for condition in found["status"]["conditions"] if condition["status"] == "True"}


async def test_a_dry_run_issues_nothing(shop: RealShop) -> None:
    before = await issued(shop)
    planned = await shop.run(await shop.start("renew-certificate", parameters={"namespace": "shop", "name": "web-tls"}, dry_run=True))
    assert planned.status is ExecutionStatus.SUCCEEDED and planned.plan is not None
    assert [(one["path"], one["to"]) for one in planned.plan["diff"]] == [("status.conditions[Issuing].status", "True")]
    assert (await certificate(shop))["status"]["revision"] == 1 and await issued(shop) == before
