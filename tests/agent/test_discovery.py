"""Custom kinds against a real API server: found as far as the role allows, and followed while definitions come and go."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from optral.agent.main import AgentOptions
from optral.agent.watching import catalog
from optral.kube.kinds import BY_ID, id_of
from optral.kubeapi import credentials
from optral.kubeapi.client import ApiError, KubeClient
from optral.kubeapi.discovery import Discovery
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.controlplane import ControlPlane
from tests.agent.test_main import agent
from tests.support.kubeapi import RealApi

pytestmark = [pytest.mark.slow, pytest.mark.kubeapi]

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ROLES = "/apis/rbac.authorization.k8s.io/v1"
READ = ["get", "list", "watch"]


@pytest.fixture
async def admin(real_api: RealApi) -> AsyncIterator[KubeClient]:
    async with KubeClient(credentials.load(real_api.kubeconfig)) as client:
        yield client


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "QUIET_S", 0.5)
    monkeypatch.setattr(catalog, "APART_S", 0.1)


async def define(client: KubeClient, kind: str, *, group: str, scope: str = "Namespaced", versions: tuple[str, ...] = ("v1",)) -> str:
    """Create a definition and wait until its kind is served; returns the list path of its objects."""
    plural = kind.lower() + "s"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    spec = {
        "group": group,
        "scope": scope,
        "names": {"kind": kind, "plural": plural},
        "versions": [
            {"name": name, "served": True, "storage": name == versions[0], "schema": schema, "subresources": {"status": {}}}
            for name in versions
        ],
    }
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": spec,
    }
    await client.post(DEFINITIONS, msgspec.json.encode(body))
    path = f"/apis/{group}/{versions[0]}/{plural}"
    async with asyncio.timeout(30):
        while True:
            try:
                await client.get(path)
                return path
            except ApiError:
                await asyncio.sleep(0.1)


async def create(client: KubeClient, path: str, kind: str, group: str, name: str, **body: Any) -> None:
    await client.post(path, msgspec.json.encode({"apiVersion": f"{group}/v1", "kind": kind, "metadata": {"name": name}} | body))


async def allow(client: KubeClient, user: str, rules: list[dict[str, Any]]) -> None:
    name = f"reads-{user}-{abs(hash(str(rules)))}"
    await client.post(f"{ROLES}/clusterroles", msgspec.json.encode({"metadata": {"name": name}, "rules": rules}))
    binding = {
        "metadata": {"name": name},
        "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
    }
    await client.post(f"{ROLES}/clusterrolebindings", msgspec.json.encode(binding))


def announced(plane: ControlPlane, number: int) -> set[str]:
    return {id_of(cursor.kind) or "" for cursor in plane.sessions[number][0].hello.cursors} if len(plane.sessions) > number else set()


def phase_of(plane: ControlPlane, kind: str) -> int | None:
    """The last phase of a kind in the newest session."""
    ups = plane.sessions[-1] if plane.sessions else []
    states = [up.kind_state for up in ups if up.WhichOneof("message") == "kind_state" and id_of(up.kind_state.kind) == kind]
    return states[-1].phase if states else None


def objects(plane: ControlPlane, kind: str) -> dict[str, dict[str, Any]]:
    changes = [change for number in range(len(plane.sessions)) for change in plane.changes(number) if change.kind == kind and change.raw]
    return {change.name: msgspec.json.decode(change.raw) for change in changes}


async def test_custom_kinds_are_found_redacted_and_followed_while_definitions_come_and_go(
    real_api: RealApi, admin: KubeClient, plane: ControlPlane, options: AgentOptions
) -> None:
    group = "shop.optral.test"
    widgets = await define(admin, "Widget", group=group)
    await define(admin, "Vault", group="hidden.optral.test", scope="Cluster")
    reports = await define(admin, "PolicyReport", group="wgpolicyk8s.io")
    in_default = "/namespaces/default/"
    await create(
        admin, widgets.replace("/widgets", f"{in_default}widgets"), "Widget", group, "web", spec={"password": "cnry-secret", "size": 3}
    )
    await create(
        admin,
        reports.replace("/policyreports", f"{in_default}policyreports"),
        "PolicyReport",
        "wgpolicyk8s.io",
        "all",
        results=[{"x": "y"}] * 50,
    )
    base = [
        {"apiGroups": [""], "resources": ["namespaces", "pods", "events"], "verbs": READ},
        {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": READ},
        {"apiGroups": [group, "wgpolicyk8s.io"], "resources": ["*"], "verbs": READ},
    ]
    await allow(admin, "nobody", base)
    kinds = (BY_ID["Pod"], BY_ID["CustomResourceDefinition.apiextensions.k8s.io"])
    mine = replace(options, kubeconfig=real_api.kubeconfig, context="nobody", kinds=kinds, discovers=True)
    widget, gadget, vault = f"Widget.{group}", f"Gadget.{group}", "Vault.hidden.optral.test"
    async with agent(mine):
        await plane.until(lambda: phase_of(plane, widget) == pb.KindState.LIVE and phase_of(plane, vault) == pb.KindState.FORBIDDEN)
        await plane.until(lambda: phase_of(plane, "PolicyReport.wgpolicyk8s.io") == pb.KindState.LIVE)
        web = objects(plane, widget)["web"]
        assert (web["kind"], web["apiVersion"], web["spec"]["size"]) == ("Widget", f"{group}/v1", 3)
        assert web["spec"]["password"].startswith("[redacted:")
        report = objects(plane, "PolicyReport.wgpolicyk8s.io")["all"]
        assert (report["kind"], "results" in report) == ("PolicyReport", False)

        await define(admin, "Gadget", group=group)
        await plane.until(lambda: len(plane.sessions) == 2 and phase_of(plane, gadget) == pb.KindState.LIVE)
        assert announced(plane, 1) == announced(plane, 0) | {gadget}
        plane.mode = pb.KindDirective.RESUME

        await admin.delete(f"{DEFINITIONS}/widgets.{group}", b"{}")
        await plane.until(lambda: len(plane.sessions) == 3)
        assert announced(plane, 2) == announced(plane, 1) - {widget}


async def test_a_kind_in_two_versions_is_watched_once_in_the_preferred_one(admin: KubeClient) -> None:
    await define(admin, "Lamp", group="two.optral.test", versions=("v1", "v1beta1"))
    found = await Discovery(admin).look()
    lamps = [kind for kind in found.kinds if kind.name == "Lamp"]
    assert [(kind.id, kind.wire, kind.version, kind.plural, kind.namespaced) for kind in lamps] == [
        ("Lamp.two.optral.test", "Lamp.two.optral.test", "v1", "lamps", True)
    ]
    assert not any(kind.group in ("", "apps", "events.k8s.io", "metrics.k8s.io") for kind in found.kinds)
    assert found.unreadable == frozenset()  # of an administrator
