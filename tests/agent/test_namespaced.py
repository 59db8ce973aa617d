"""An agent of one namespace, with a role in that namespace alone, against a real API server: it asks for nothing else."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from optral.agent.main import AgentOptions
from optral.install import agent_rbac
from optral.kube.kinds import BY_ID, BY_WIRE, KINDS
from optral.kubeapi import credentials
from optral.kubeapi.client import ApiError, KubeClient
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.controlplane import ControlPlane
from tests.agent.test_main import agent
from tests.support import kubeapi

pytestmark = [pytest.mark.slow, pytest.mark.kubeapi]

WATCHED, OTHER, ACCOUNT = "shop", "secret-plans", "nobody"
RULES = [*agent_rbac.namespace_read_rules(), agent_rbac.namespace_rule(WATCHED)]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("audited")
    policy = folder / "audit.yaml"
    policy.write_text(yaml.safe_dump({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]}))
    flags = (f"--audit-policy-file={policy}", f"--audit-log-path={folder}/audit.log")
    with kubeapi.running(folder, extra_flags=flags) as api:
        yield api, folder / "audit.log"


@pytest.fixture
async def admin(audited: tuple[kubeapi.RealApi, Path]) -> AsyncIterator[KubeClient]:
    async with KubeClient(credentials.load(audited[0].kubeconfig)) as client:
        yield client


async def create(client: KubeClient, path: str, body: dict[str, Any]) -> None:
    try:
        await client.post(path, msgspec.json.encode(body))
    except ApiError as error:
        if error.status != 409:
            raise


def states(plane: ControlPlane) -> dict[str, pb.KindState.Phase]:
    found = [up.kind_state for up in plane.sessions[0] if up.WhichOneof("message") == "kind_state"] if plane.sessions else []
    return {BY_WIRE[state.kind].id: state.phase for state in found}


async def test_it_reads_its_namespace_and_is_never_refused(
    audited: tuple[kubeapi.RealApi, Path], admin: KubeClient, plane: ControlPlane, options: AgentOptions
) -> None:
    api, log = audited
    for name in (WATCHED, OTHER):
        await create(admin, "/api/v1/namespaces", {"metadata": {"name": name}})
        await create(admin, f"/api/v1/namespaces/{name}/configmaps", {"metadata": {"name": f"of-{name}"}, "data": {"a": "1"}})
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{WATCHED}"
    await create(admin, f"{rbac}/roles", {"metadata": {"name": "agent"}, "rules": RULES})
    subject = {"kind": "User", "name": ACCOUNT, "apiGroup": "rbac.authorization.k8s.io"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "agent"}
    await create(admin, f"{rbac}/rolebindings", {"metadata": {"name": "agent"}, "subjects": [subject], "roleRef": role})

    mine = replace(options, kubeconfig=api.kubeconfig, context="nobody", kinds=KINDS, watch_namespace=WATCHED)
    settled = {pb.KindState.LIVE, pb.KindState.FORBIDDEN, pb.KindState.GONE}
    async with agent(mine):
        await plane.until(lambda: len(states(plane)) == len(KINDS) and set(states(plane).values()) <= settled)
        hello = plane.sessions[0][0].hello
        assert hello.info.kube_system_uid == await admin.namespace_uid(WATCHED)
        assert f"watches:{WATCHED}" in hello.info.capabilities
        names = {change.name for change in plane.changes(0)}
        assert f"of-{WATCHED}" in names
        assert f"of-{OTHER}" not in names
        assert {change.namespace for change in plane.changes(0)} == {WATCHED}
        refused = {kind for kind, phase in states(plane).items() if phase == pb.KindState.FORBIDDEN}
        assert refused == {kind.id for kind in KINDS if not kind.namespaced} | {BY_ID["Lease.coordination.k8s.io"].id}

    requests = [json.loads(line) for line in log.read_text().splitlines()]
    own = [request for request in requests if request["user"]["username"] == ACCOUNT and request["stage"] == "ResponseComplete"]
    assert own
    assert [request["requestURI"] for request in own if request["responseStatus"]["code"] == 403] == []
