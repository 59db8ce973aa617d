"""What a real kube-apiserver does not let an agent list is what the control plane says it did not read."""

import json
from pathlib import Path
from typing import Any

import pytest

from optral.install import agent_rbac
from optral.kubeapi import credentials
from optral.kubeapi.client import KubeClient
from tests.support.kubeapi import RealApi
from tests.support.platform import running, until

pytestmark = [pytest.mark.slow, pytest.mark.kubeapi]
USER = "nobody"
WITHHELD = "ingresses"
SAID = "Ingress of cluster eu cannot be read"


async def _bind(kubeconfig: Path, rules: list[dict[str, Any]]) -> None:
    """A ClusterRole for the user of the agent."""
    group, name = "rbac.authorization.k8s.io", "agent-of-coverage"
    async with KubeClient(credentials.load(kubeconfig)) as client:
        bodies: dict[str, dict[str, Any]] = {
            "clusterroles": {"rules": rules},
            "clusterrolebindings": {
                "subjects": [{"kind": "User", "name": USER, "apiGroup": group}],
                "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": name},
            },
        }
        for plural, body in bodies.items():
            await client.post(f"/apis/{group}/v1/{plural}", json.dumps({"metadata": {"name": name}, **body}).encode())


async def test_a_kind_that_the_agent_may_not_list_is_named_by_the_api(real_api: RealApi, tmp_path: Path) -> None:
    rules = [rule | {"resources": [one for one in rule["resources"] if one != WITHHELD]} for rule in agent_rbac.read_rules()]
    await _bind(real_api.kubeconfig, rules)
    with running(tmp_path / "optral") as platform:
        platform.start_agent(platform.create_cluster("eu")["id"], real_api.kubeconfig, "--context", USER)

        def refused() -> list[dict[str, Any]]:
            found = platform.call("GET", "/v1/coverage")["unread"]
            return [one for one in found if one["reason"] == "forbidden" and one["needed"]]

        until(lambda: refused(), within_s=60, what="the record to name the kind", log=platform.log("server"))
        assert [(one["kinds"], one["clusters"], one["message"]) for one in refused()] == [(["Ingress.networking.k8s.io"], ["eu"], SAID)]
        until(
            lambda: platform.call("GET", "/v1/clusters")["clusters"][0].get("unread") == [SAID],
            within_s=60,
            what="the list of clusters to say so, and nothing else once the inventory is complete",
            log=platform.log("server"),
        )
