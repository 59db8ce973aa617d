"""A real API server behind the rows: commands go through the agent's writer, and the inventory through its redactor."""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from optral.agent.commands.commands_common import Order, Tools
from optral.agent.commands.commands_writes import Writer
from optral.commands import service as commands
from optral.commands.model import Command, Report
from optral.kit.clock import SystemClock
from optral.kube.changes import ObjectChange, Op
from optral.kube.kinds import BY_ID, Kind
from optral.kube.redact import Redactor
from optral.kubeapi.client import ApiError, KubeClient
from optral.resources import reports
from optral.store.store import Store
from optral.terms import actor as actors, verbs
from optral.terms.ids import OrgId
from tests.flows.executions.shop import Shop, report
from tests.forges.flux import NAMESPACE
from tests.support.clock import FakeClock
from tests.support.waiting import until

WITHIN_S = 120.0
REPOSITORIES = Kind("source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories", True, optional=True, custom=True)
SEEN = (
    (BY_ID["Deployment.apps"], "shop", "web"),
    (BY_ID["Kustomization.kustomize.toolkit.fluxcd.io"], NAMESPACE, "shop"),
    (REPOSITORIES, NAMESPACE, "deploy"),
)


class RealShop(Shop):
    """`Shop`, whose Deployment `web` is one of a real API server. Nothing runs there: `is_rolled_out` plays the Deployment controller.

    `seen` is what the inventory shows.
    """

    seen: Sequence[tuple[Kind, str, str]] = SEEN

    def __init__(self, store: Store, org: OrgId, clock: FakeClock, client: KubeClient) -> None:
        super().__init__(store, org, clock)
        self.client, self._redactor = client, Redactor(b"s" * 32)
        self._writer = Writer(Tools(client, self._redactor), SystemClock())

    async def read(self, kind: Kind, namespace: str, name: str) -> bytes | None:
        try:
            return await self.client.get(_path(kind, namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def deployment(self) -> dict[str, Any]:
        raw = await self.read(*SEEN[0])
        return {} if raw is None else json.loads(raw)

    async def kustomization(self) -> dict[str, Any]:
        raw = await self.read(*SEEN[1])
        return {} if raw is None else json.loads(raw)

    async def memory(self) -> str:
        """The limit of the Deployment now; empty while there is none."""
        found = await self.deployment()
        return str(found["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]) if found else ""

    async def until_memory(self, wanted: str) -> None:
        async def shows() -> bool:
            return await self.memory() == wanted

        await until(shows, within_s=WITHIN_S)

    async def until_applied(self, commit: str) -> None:
        """Until the controller says that it applied the commit."""

        async def is_applied() -> bool:
            return commit in (await self.kustomization()).get("status", {}).get("lastAppliedRevision", "")

        await until(is_applied, within_s=WITHIN_S)

    async def roll_out(self) -> None:
        """What the Deployment controller writes when all pods are there."""
        found = await self.deployment()
        counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), found["spec"]["replicas"])
        status = {"observedGeneration": found["metadata"]["generation"], **counts}
        await self.client.patch(_path(*SEEN[0]) + "/status", json.dumps({"status": status}).encode())

    async def show(self, *, labels: dict[str, str] | None = None, more: list[ObjectChange] | None = None) -> None:
        found = [(kind, raw) for kind, namespace, name in self.seen if (raw := await self.read(kind, namespace, name)) is not None]
        seen = [_change(kind, self._redactor.redact(kind, raw)) for kind, raw in found]
        actor = actors.agent(self.org, self.cluster_id)  # type: ignore[arg-type]
        await self.store.write(actor, lambda tx: reports.apply(tx, self.cluster_id, seen, offset=timedelta()))

    async def answer(self, *, fault: str = "") -> int:
        found = await self.store.write(self.system, lambda tx: commands.claim(tx, self.cluster_id, self.fence))
        answers = [said for command in found if (said := await self._perform(command)) is not None]
        for said in answers:
            await self.store.write(self.system, lambda tx, said=said: commands.record(tx, self.cluster_id, said))
        return len(answers)

    async def _perform(self, command: Command) -> Report | None:
        if command.verb in ("get", "events"):
            return self.agent.perform(command)
        verb, given = verbs.find(command.verb), command.precondition
        order = Order(
            id=command.id,
            verb=verb,
            params=verbs.check(verb, dict(command.params)),
            dry_run=command.dry_run,
            uid=given.uid or "",
            resource_version=given.resource_version or "",
        )
        return report(command, result=await (self._writer.dry_run(order) if order.dry_run else self._writer.write(order, _begun)))


async def _begun(_: dict[str, Any]) -> None: ...


def _path(kind: Kind, namespace: str, name: str) -> str:
    return f"/apis/{kind.api_version}/namespaces/{namespace}/{kind.plural}/{name}"


def _change(kind: Kind, raw: bytes) -> ObjectChange:
    metadata = json.loads(raw)["metadata"]
    return ObjectChange(Op.UPSERT, kind.id, metadata["uid"], metadata["namespace"], metadata["name"], str(metadata["resourceVersion"]), raw)


async def served(client: KubeClient, spec: dict[str, Any]) -> None:
    """Wait until discovery lists every version: a controller that starts earlier gives up."""
    for version in spec["versions"]:
        if version["served"]:
            path = f"/apis/{spec['group']}/{version['name']}"
            await until(partial(_lists, client, path, spec["names"]["plural"]), within_s=WITHIN_S)


async def _lists(client: KubeClient, path: str, plural: str) -> bool:
    try:
        return any(one["name"] == plural for one in json.loads(await client.get(path))["resources"])
    except ApiError:
        return False


async def create(client: KubeClient, path: str, obj: dict[str, object]) -> None:
    """A kind is served a moment after it was defined."""

    async def is_created() -> bool:
        try:
            await client.post(path, json.dumps(obj).encode())
        except ApiError as error:
            if error.status != 404:
                raise
            return False
        return True

    await until(is_created, within_s=WITHIN_S)
