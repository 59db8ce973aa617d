"""A namespace in a real kube-apiserver for each test of a verb, with a Deployment of two revisions, a pod and a node. No controllers."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from optral.agent.commands.commands_common import Order, Tools
from optral.agent.commands.commands_writes import Writer
from optral.kit.clock import SystemClock
from optral.kube.redact import Redactor
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from optral.terms import ids, verbs
from tests.support.kubeapi import RealApi
from tests.support.kubedouble import deployment, path_of

_numbers = itertools.count(1)


class World:
    """One namespace of its own, with a Deployment of two revisions, a pod and a node."""

    def __init__(self, tools: Tools, namespace: str) -> None:
        self.tools, self.client, self.namespace = tools, tools.client, namespace
        self.writer = Writer(tools, SystemClock())
        self.api = path_of("deployments", "api", namespace)
        self.pod = path_of("pods", "api-1", namespace, "v1")
        self.node = f"/api/v1/nodes/{namespace}"
        self.begun: list[dict[str, Any]] = []

    async def get(self, path: str) -> dict[str, Any]:
        return json.loads(await self.client.get(path))

    async def make(self, path: str, obj: dict[str, Any]) -> dict[str, Any]:
        return json.loads(await self.client.post(path.rpartition("/")[0], json.dumps(obj).encode()))

    def order(self, name: str, /, *, uid: str = "", resource_version: str = "", dry_run: bool = False, **params: Any) -> Order:
        verb = verbs.find(name)
        return Order(
            id=ids.new("cmd"), verb=verb, params=verbs.check(verb, params), dry_run=dry_run, uid=uid, resource_version=resource_version
        )

    async def write(self, order: Order) -> dict[str, Any]:
        return await self.writer.write(order, self.begin)

    async def begin(self, plan: dict[str, Any]) -> None:
        self.begun.append(plan)

    def target(self, **more: Any) -> dict[str, Any]:
        return {"kind": "Deployment", "namespace": self.namespace, "name": "api", **more}


@asynccontextmanager
async def opened(real_api: RealApi) -> AsyncIterator[World]:
    namespace = f"commands-{next(_numbers)}"
    async with KubeClient(credentials.load(real_api.kubeconfig)) as client:
        made = World(Tools(client, Redactor(b"s" * 32)), namespace)
        await made.make(f"/api/v1/namespaces/{namespace}", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        first = deployment(namespace=namespace, selector={"matchLabels": {"app": "api"}})
        first["metadata"].pop("managedFields")
        owner = await made.make(made.api, first)
        for number in (1, 2):
            meta = {
                "name": f"api-{number}",
                "namespace": namespace,
                "annotations": {"deployment.kubernetes.io/revision": str(number)},
                "ownerReferences": [
                    {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api", "uid": owner["metadata"]["uid"], "controller": True}
                ],
            }
            template = json.loads(json.dumps(owner["spec"]["template"]))
            template["metadata"]["labels"]["pod-template-hash"] = f"h{number}"
            template["spec"]["containers"][0]["image"] = f"shop/api:{number}"
            spec = {"selector": {"matchLabels": template["metadata"]["labels"]}, "template": template}
            path = path_of("replicasets", f"api-{number}", namespace)
            await made.make(path, {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta, "spec": spec})
        pod = {"metadata": {"name": "api-1", "namespace": namespace}, "spec": {"containers": [{"name": "api", "image": "shop/api:2"}]}}
        await made.make(made.pod, {"apiVersion": "v1", "kind": "Pod", **pod})
        await made.make(made.node, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": namespace}, "spec": {}})
        yield made
