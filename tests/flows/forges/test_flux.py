"""From the dry run to the verified cure with everything real: API server, Gitea, and Flux's own controllers."""

import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from optral.flows.forges.worker import ProposalWorker
from optral.forges.model import Kind, State
from optral.kit.outbound_http import HttpCaller
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from optral.runbooks.model import ExecutionStatus, Phase
from optral.store.store import Store
from optral.terms.ids import OrgId
from tests.flows.forges.gitops import FOLDER, KEY, PATH, GitOps
from tests.flows.forges.realcluster import RealShop, create, served
from tests.forges import flux
from tests.forges.fakes import BASES, REPOSITORY
from tests.forges.gitea import Gitea
from tests.setup import flux as controllers, gitea as program
from tests.support import kubeapi
from tests.support.clock import FakeClock
from tests.support.sqlite_alone import engine_name as engine_name

pytestmark = pytest.mark.slow  # starts five servers

MANIFEST = """\
# the shop's front
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: api
          image: registry.example/web:1.0
          resources: {limits: {memory: 64Mi}} # too little?
"""


@pytest.fixture
async def gitea(tmp_path: Path) -> AsyncIterator[Gitea]:
    if not program.PROGRAM.exists() or not controllers.is_built():
        pytest.skip("Gitea or Flux is not here: python -m tests.setup gitea flux")
    one = Gitea(tmp_path / "gitea")
    try:
        await one.open()
        yield one
    finally:
        await one.close()


@pytest.fixture
async def shop(store: Store, org: OrgId, clock: FakeClock, tmp_path: Path, gitea: Gitea) -> AsyncIterator[RealShop]:
    """A cluster in which Flux applies a folder of the repository."""
    await gitea.write("main", {PATH: MANIFEST})
    (tmp_path / "kube").mkdir()
    with kubeapi.running(tmp_path / "kube") as api:
        async with KubeClient(credentials.load(api.kubeconfig)) as client:
            made = RealShop(store, org, clock, client)
            for name in (flux.NAMESPACE, "shop"):
                await create(client, "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
            for one in flux.definitions():
                await create(client, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", one)
            for one in flux.definitions():
                await served(client, one["spec"])
            with flux.running(api, tmp_path / "flux"):
                for one in flux.followed(f"{gitea.url}/{REPOSITORY}.git", path=FOLDER):
                    plural = {"GitRepository": "gitrepositories", "Kustomization": "kustomizations"}[one["kind"]]
                    await create(client, f"/apis/{one['apiVersion']}/namespaces/{flux.NAMESPACE}/{plural}", one)
                await made.until_memory("64Mi")
                await made.open()
                yield made


class Followed(GitOps):
    """`GitOps`, where Flux itself says what it applied."""

    async def show(self, *, applied: str = "", is_synced: bool = True, revision: str = "main") -> None:
        await self.shop.show()


async def test_a_merge_is_applied_by_flux_and_the_execution_ends_verified(
    shop: RealShop, gitea: Gitea, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BASES, Kind.GITEA, gitea.url)
    gitops = Followed(shop, tool="flux")
    caller = HttpCaller(private=[ipaddress.ip_network("127.0.0.0/8")])
    gitops.worker = ProposalWorker(shop.store, shop.clock, key=KEY, caller=caller, link="https://optral.example.com")
    await gitops.open(token=gitea.token)

    one, proposal = await gitops.opened()
    assert (one.phase, proposal.state, proposal.number) == (Phase.PROPOSED, State.OPEN, 1), proposal.message
    ((step, path, before, after),) = [(diff["step"], diff["path"], diff["from"], diff["to"]) for diff in one.plan["diff"]]  # type: ignore[index]
    assert (before, after) == ("64Mi", "128Mi") and path.endswith("containers[api].resources.limits.memory"), step
    assert "-          resources: {limits: {memory: 64Mi}} # too little?" in str(proposal.patch)
    assert await shop.memory() == "64Mi", "the dry run changed nothing"

    await gitea.merge(1)
    merged = str((await gitea.api("GET", f"/repos/{REPOSITORY}/pulls/1"))["merge_commit_sha"])
    await shop.until_applied(merged)
    assert await shop.memory() == "128Mi"
    await shop.roll_out()
    shop.clock.advance(31)
    await gitops.settle(one)
    shop.clock.advance(6)
    one = await gitops.settle(one)
    proposal = await gitops.proposal(one)
    assert (one.phase, proposal.state, proposal.applied_revision) == (Phase.VERIFYING, State.SYNCED, merged), proposal.message
    for _ in range(40):
        shop.clock.advance(20)
        one = await gitops.settle(one)
    assert (one.status, one.failure) == (ExecutionStatus.SUCCEEDED, None)
    await caller.close()
