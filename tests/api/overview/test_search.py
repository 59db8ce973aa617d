"""`GET /v1/search`: what it finds, in which order, and what each caller may see."""

import asyncio
from typing import Any

import pytest

from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe
from tests.cli.test_issue_list import say

KINDS = ("issues", "resources", "clusters", "runbooks", "executions")


async def seeded(api: Api) -> dict[str, str]:
    """Ids of the clusters `prod` and `web-edge`, in which things are called web."""
    prod, edge = await api.new_cluster("prod"), await api.new_cluster("web-edge")
    await objects(api, prod, "my-web", "web-7d4f8b9c6-xk2lm", kind="Pod")
    await objects(api, prod, "web", kind="Deployment.apps")
    await objects(api, edge, "web-config", "percent%", kind="ConfigMap")
    await observe(api, prod, finding("web", severity=Severity.LOW, api=api), finding("web2", api=api), finding("other", api=api))
    await observe(api, edge, finding("web3", severity=Severity.HIGH, api=api))
    ids = {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues")).json()["issues"]}
    assert (await api("PATCH", f"/v1/issues/{ids['web2']}", json={"status": "resolved"})).status_code == 200
    return {"prod": prod, "edge": edge, **ids}


async def found(api: Api, q: str, **more: Any) -> dict[str, list[Any]]:
    answer = await api.get("/v1/search", params={"q": q, **more.pop("params", {})}, **more)
    assert answer.status_code == 200, answer.text
    assert tuple(answer.json()) == KINDS
    return {kind: [one.get("name") or one.get("resource") for one in those] for kind, those in answer.json().items()}


async def test_the_best_matches_come_first(api: Api) -> None:
    await seeded(api)
    everything = await found(api, "web")
    assert everything["resources"] == ["web", "web-config", "web-7d4f8b9c6-xk2lm", "my-web"]
    assert [one.partition("-")[0] for one in everything["issues"]] == ["web3", "web", "web2"]  # the resolved one comes last
    assert everything["clusters"] == ["web-edge"]
    assert len((await found(api, "web", params={"limit": 2}))["resources"]) == 2


@pytest.mark.parametrize(
    ("q", "resources"),
    [
        ("WEB-C", ["web-config"]),
        ("shop/web-c", ["web-config"]),
        ("elsewhere/web", []),
        ("%", ["percent%"]),
        ("_", []),
        ("nothing like this", []),
        (" ", []),
    ],
)
async def test_text_is_text(api: Api, q: str, resources: list[str]) -> None:
    await seeded(api)
    assert (await found(api, q))["resources"] == resources


async def test_ids_and_runbooks_are_found(api: Api) -> None:
    ids = await seeded(api)
    assert (await found(api, ids["web"]))["issues"] == ["web-7d4f8b9c6-xk2lm"]
    assert (await found(api, ids["edge"]))["clusters"] == ["web-edge"]
    listed = (await api.get("/v1/resources?name=web-config")).json()["resources"]
    assert (await found(api, listed[0]["id"]))["resources"] == ["web-config"]
    assert (await found(api, "iss_00000000000000000000000001"))["issues"] == []
    assert "Restart a workload" in (await found(api, "restart"))["runbooks"]


async def test_a_key_finds_only_what_it_may_read(api: Api) -> None:
    ids = await seeded(api)
    limited = await found(api, "web", key=await api.new_key(clusters={ids["edge"]}))
    assert (limited["issues"], limited["resources"], limited["clusters"]) == (["web3-7d4f8b9c6-xk2lm"], ["web-config"], ["web-edge"])
    assert (await found(api, ids["web"], key=await api.new_key(clusters={ids["edge"]})))["issues"] == []
    issues_only = await found(api, "web", key=await api.new_key(scopes={"issues:read"}))
    assert {kind for kind, those in issues_only.items() if those} == {"issues"}


async def test_the_command_prints_what_is_found(api: Api) -> None:
    ids = await seeded(api)
    text = (await say(api, "search", "web")).stdout
    assert ids["web3"] in text and "web-edge/shop" in text and "Deployment" in text
    assert (await asyncio.gather(say(api, "search", "zzzz")))[0].returncode == 0
