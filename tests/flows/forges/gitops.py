"""A Deployment that Argo CD or Flux applies from a repository on a forge, and a worker that can die between any two requests."""

from collections.abc import Callable
from typing import Any

from optral.flows.executions import control
from optral.flows.forges.worker import ProposalWorker
from optral.forges import service as forges
from optral.forges.model import ForgeSettings, Kind, Proposal
from optral.kit.outbound import Request
from optral.kube.prune import prune
from optral.runbooks import service as runbooks
from optral.runbooks.executions import source
from optral.runbooks.model import Execution
from optral.store.transaction import Transaction
from optral.terms import actor
from tests.flows.executions.shop import Shop, changed
from tests.forges.fakes import BASES, REPOSITORY, TOKEN, FakeForge

KEY = b"k" * 32
FOLDER = "overlays/prod"
PATH = f"{FOLDER}/web.yaml"
MANIFEST = """\
# the shop's front
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: api
          resources: {limits: {memory: 64Mi}} # too little?
"""
CHART = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "charts/web/values.yaml": "resources: {limits: {memory: 32Mi}}\n",
    "charts/web/templates/web.yaml": MANIFEST.replace("64Mi}} # too little?", "{{ .Values.resources.limits.memory }} }}"),
}
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: shop}
spec:
  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: deploy, namespace: flux-system}}}
  values:
    resources: {limits: {memory: 64Mi}} # too little?
"""
VALUES = "resources: {limits: {memory: 64Mi}} # too little?\n"
EDITED = {"argocd": PATH, "flux": PATH, "argocd-helm": "envs/prod.yaml", "flux-helm": PATH}
"""The file with the value, by the tool that applies it."""
SOURCES = {
    "argocd": {PATH: MANIFEST},
    "flux": {PATH: MANIFEST},
    "argocd-helm": {**CHART, "envs/prod.yaml": VALUES},
    "flux-helm": {**CHART, PATH: RELEASE},
}
_KUSTOMIZED = {"kustomize.toolkit.fluxcd.io/name": "shop", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
LABELS = {
    "argocd": {"argocd.argoproj.io/instance": "shop"},
    "flux": _KUSTOMIZED,
    "argocd-helm": {"argocd.argoproj.io/instance": "shop", "app.kubernetes.io/managed-by": "Helm"},
    "flux-helm": {
        "helm.toolkit.fluxcd.io/name": "web",
        "helm.toolkit.fluxcd.io/namespace": "shop",
        "app.kubernetes.io/managed-by": "Helm",
    },
}


class Killed(BaseException):
    """The process is gone: nothing after this runs, and nothing is noted."""


class GitOps:
    """`shop` as in its tests. `tool` is argocd or flux, with -helm where the repository has a chart."""

    def __init__(self, shop: Shop, kind: Kind = Kind.GITEA, tool: str = "argocd") -> None:
        self.shop, self.kind, self.tool = shop, kind, tool
        self.forge = FakeForge(kind)
        self.path = EDITED[tool]
        self.forge.write("main", {**SOURCES[tool], "README.md": "deploy\n"})
        self.worker = self.new_worker()

    def new_worker(self) -> ProposalWorker:
        return ProposalWorker(self.shop.store, self.shop.clock, key=KEY, caller=self.forge, link="https://optral.example.com")

    async def open(self, *, repositories: tuple[str, ...] = (REPOSITORY,), token: str = TOKEN) -> None:
        await self.shop.store.write(
            self.shop.owner,
            lambda tx: forges.create(
                tx, ForgeSettings(name="git", kind=self.kind, url=BASES[self.kind], repositories=repositories), key=KEY, token=token
            ),
        )
        await self.show()

    async def show(self, *, applied: str = "", is_synced: bool = True, revision: str = "main") -> None:
        """Bring the inventory to what the cluster and the tool are at."""
        self.shop.agent.resource_version += 1
        version = str(self.shop.agent.resource_version)
        url = f"{BASES[self.kind]}/{REPOSITORY}.git"
        is_helm = self.tool.endswith("-helm")
        more = (
            _argocd(url, version, applied, revision, is_synced=is_synced, is_helm=is_helm)
            if self.tool.startswith("argocd")
            else _flux(url, version, applied, revision) + (_release(version) if is_helm else [])
        )
        await self.shop.show(labels=LABELS[self.tool], more=more)

    async def propose(self, *, issue_id: str | None = None, limit: str = "128Mi") -> Execution:
        """A dry run, and then the same as a pull request."""
        planned = await self.shop.run(await self.shop.raise_limit(limit, dry_run=True, issue_id=issue_id))
        await self.show()
        return await self.shop.store.write(self.shop.owner, lambda tx: control.propose(tx, planned.id, reason="it needs more"))

    async def work(self) -> None:
        """Let the worker do what is due now."""
        await self.worker.step()
        await self.worker.idle()

    async def settle(self, one: Execution) -> Execution:
        """Driver, agent and worker, until none has anything to do now."""
        before: object = None
        for _ in range(8):
            await self.shop.settle(one)
            await self.show_as_is()
            await self.work()
            if (now := await self._state(one)) == before:
                break
            before = now
        return await self.shop.settle(one)

    async def _state(self, one: Execution) -> object:
        def read(tx: Transaction) -> object:
            return runbooks.get_execution(tx, one.id).version, forges.proposal_of(tx, one.id)

        return await self.shop.store.read(self.shop.system, read), len(self.forge.asked)

    async def show_as_is(self) -> None:
        """The agent's own reports overwrite labels: put them back."""
        await self.show(applied=self.applied)

    applied: str = ""

    async def sync(self, commit: str) -> None:
        """The tool applies a commit: the cluster gets its values, and the tool says so."""
        text = self.forge.commits[commit].files[self.path]
        self.shop.agent.limit = text.partition("memory: ")[2].partition("}")[0]
        self.applied = commit
        await self.show(applied=commit)

    async def proposal(self, one: Execution) -> Proposal:
        found = await self.shop.store.read(actor.system(self.shop.org), lambda tx: forges.proposal_of(tx, one.id))
        assert found is not None
        return found

    async def opened(self, **more: Any) -> tuple[Execution, Proposal]:
        one = await self.settle(await self.propose(**more))
        return one, await self.proposal(one)


def dies_at(number: int, *, after: bool) -> tuple[Callable[[Request], None], str]:
    """What kills the worker at its n-th request, before the forge gets it or once it took effect."""
    seen = 0

    def hook(_: Request) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            raise Killed

    return hook, "after" if after else "before"


def _argocd(url: str, version: str, applied: str, revision: str, *, is_synced: bool, is_helm: bool) -> list[Any]:
    one: dict[str, Any] = {"repoURL": url, "path": FOLDER, "targetRevision": revision}
    status = {"sync": {"status": "Synced" if is_synced else "OutOfSync", "revision": applied}} if applied else {}
    if is_helm:
        one |= {"path": "charts/web", "helm": {"releaseName": "web", "valueFiles": ["../../envs/prod.yaml"]}}
        status["sourceType"] = "Helm"  # type: ignore[assignment]
    spec = {"source": one, "destination": {"namespace": "shop"}}
    body = prune(source.APPLICATION, {"spec": spec, "status": status})
    return [changed(source.APPLICATION, "uid-app", "argocd", "shop", version, body, {})]


def _release(version: str) -> list[Any]:
    spec = {
        "chart": {"spec": {"chart": "./charts/web", "sourceRef": {"kind": "GitRepository", "name": "deploy", "namespace": "flux-system"}}}
    }
    return [changed(source.RELEASE, "uid-hel", "shop", "web", version, {"spec": spec}, _KUSTOMIZED)]


def _flux(url: str, version: str, applied: str, revision: str) -> list[Any]:
    spec = {"path": f"./{FOLDER}", "sourceRef": {"kind": "GitRepository", "name": "deploy"}}
    status = {"lastAppliedRevision": f"{revision}@sha1:{applied}"} if applied else {}
    body, repository = {"spec": spec, "status": status}, {"spec": {"url": url, "ref": {"branch": revision}}}
    return [
        changed("Kustomization.kustomize.toolkit.fluxcd.io", "uid-kus", "flux-system", "shop", version, body, {}),
        changed("GitRepository.source.toolkit.fluxcd.io", "uid-git", "flux-system", "deploy", version, repository, {}),
    ]
