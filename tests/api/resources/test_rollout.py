"""Whether a rollout succeeded, over HTTP: never healthy by an inventory that is older than the change, nor with a new issue."""

import asyncio
from typing import Any

import pytest

from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.overview.test_coverage import healthy
from tests.api.resources.test_freshness import presence
from tests.api.seeds import finding, objects, observe, report
from tests.support.objects import change

Json = dict[str, Any]
STUCK = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
DAEMONS = {"observedGeneration": 2, "desiredNumberScheduled": 2, "numberAvailable": 2, "updatedNumberScheduled": 2}
READY = {"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3, "availableReplicas": 3, "readyReplicas": 3}


def spec(generation: int, image: str = "web:1", **more: Any) -> Json:
    template = {"spec": {"containers": [{"name": "app", "image": image}]}}
    return {"metadata": {"generation": generation}, "spec": {"replicas": 3, "template": template, **more}}


async def deploy(api: Api, cluster_id: str, *, version: str, status: Json, kind: str = "Deployment.apps", **body: Any) -> None:
    await report(api, cluster_id, change(kind, "web", rv=version, **body, status=status))


async def rolled_out(api: Api) -> str:
    """A cluster with a Deployment of generation 2, which an earlier generation preceded."""
    cluster_id = await healthy(api, "production")
    await deploy(api, cluster_id, version="1", status=READY | {"observedGeneration": 1}, **spec(1))
    api.clock.advance(60)
    await deploy(api, cluster_id, version="2", status=READY, **spec(2, "web:2"))
    return cluster_id


async def ask(api: Api, query: str = "?generation=2", *, kind: str = "Deployment", status: int = 200, **more: Any) -> Json:
    [found] = (await api.get(f"/v1/resources?kind={kind}&q=web")).json()["resources"]
    answer = await api.get(f"/v1/resources/{found['id']}/rollout{query}", **more)
    assert answer.status_code == status, answer.text
    shown: Json = answer.json()
    return shown


async def test_a_complete_rollout_without_issues_is_healthy(api: Api) -> None:
    await rolled_out(api)
    shown = await ask(api)
    assert (shown["state"], shown["message"], shown["issues"], shown["stale"]) == ("healthy", "3 of 3 available", [], False)
    assert (shown["cluster"], shown["kind"], shown["namespace"], shown["name"]) == ("production", "Deployment", "shop", "web")


@pytest.mark.parametrize(
    ("status", "more", "state", "message"),
    [
        ({"observedGeneration": 1}, {}, "progressing", "its controller has not observed the change yet"),
        ({"updatedReplicas": 1}, {}, "progressing", "rolling out: 1 of 3 updated"),
        ({"replicas": 4}, {}, "progressing", "3 of 3 available"),
        ({"availableReplicas": 2}, {}, "progressing", "2 of 3 available"),
        ({"updatedReplicas": 1}, {"paused": True}, "progressing", "the rollout is paused: rolling out: 1 of 3 updated"),
        ({"updatedReplicas": 1, "conditions": [STUCK]}, {}, "failing", "the rollout makes no progress: rolling out: 1 of 3 updated"),
    ],
    ids=["not observed", "some updated", "an old pod is left", "one not available", "paused", "stuck"],
)
async def test_the_state_is_that_of_the_controller(api: Api, status: Json, more: Json, state: str, message: str) -> None:
    cluster_id = await rolled_out(api)
    await deploy(api, cluster_id, version="3", status=READY | status, **spec(2, "web:2", **more))
    shown = await ask(api)
    assert (shown["state"], shown["message"]) == (state, message)


@pytest.mark.parametrize(
    ("kind", "body", "status", "state"),
    [
        ("StatefulSet", spec(2), READY, "healthy"),
        ("StatefulSet", spec(2), READY | {"updatedReplicas": 1}, "progressing"),
        ("DaemonSet", spec(2), DAEMONS, "healthy"),
        ("DaemonSet", spec(2), DAEMONS | {"numberAvailable": 1}, "progressing"),
        ("Job", spec(2), {"conditions": [{"type": "Complete", "status": "True"}]}, "healthy"),
        ("Job", spec(2), {"active": 1}, "progressing"),
        ("Job", spec(2), {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}, "failing"),
    ],
)
async def test_the_other_kinds_with_a_rollout(api: Api, kind: str, body: Json, status: Json, state: str) -> None:
    cluster_id = await healthy(api, "production")
    await deploy(api, cluster_id, version="1", kind=f"{kind}.{'batch' if kind == 'Job' else 'apps'}", status=status, **body)
    assert (await ask(api, kind=kind))["state"] == state


async def test_an_issue_that_began_after_the_change_fails_the_rollout(api: Api) -> None:
    cluster_id = await rolled_out(api)
    api.clock.advance(30)
    await observe(api, cluster_id, finding("web", api=api), synced_at=api.clock.now())
    shown = await ask(api)
    assert (shown["state"], shown["message"]) == ("failing", "Container app of web was killed at its memory limit")
    assert [issue["title"] for issue in shown["issues"]] == ["Container app of web was killed at its memory limit"]


async def test_an_issue_of_before_the_change_does_not_count_and_is_named(api: Api) -> None:
    cluster_id = await healthy(api, "production")
    await deploy(api, cluster_id, version="1", status=READY | {"observedGeneration": 1}, **spec(1))
    await observe(api, cluster_id, finding("web", api=api), synced_at=api.clock.now())
    api.clock.advance(60)
    await deploy(api, cluster_id, version="2", status=READY, **spec(2, "web:2"))
    shown = await ask(api)
    assert (shown["state"], shown["issues"]) == ("healthy", [])
    assert len(shown["earlierIssues"]) == 1


async def test_issues_of_others_and_less_severe_ones_do_not_count(api: Api) -> None:
    cluster_id = await rolled_out(api)
    await observe(
        api, cluster_id, finding("web", api=api, severity=Severity.LOW), finding("other", api=api), synced_at=api.clock.now()
    )  # fmt: skip
    assert (await ask(api))["state"] == "healthy"
    assert (await ask(api, "?generation=2&minSeverity=low"))["state"] == "failing"


async def test_a_generation_that_the_inventory_does_not_show_is_not_healthy(api: Api) -> None:
    await rolled_out(api)
    shown = await ask(api, "?generation=3")
    assert (shown["state"], shown["message"]) == ("unknown", "the inventory shows generation 2, and not 3 yet")


async def test_without_a_generation_the_agent_has_to_report_after_the_request(api: Api) -> None:
    cluster_id = await rolled_out(api)
    shown = await ask(api, "")
    assert (shown["state"], shown["message"]) == ("unknown", "the agent has not reported since the wait began")
    api.clock.advance(15)
    await presence(api, cluster_id, "online", last_seen=api.clock.now())
    again = await ask(api, f"?newerThan={shown['newerThan']}")
    assert (again["state"], again["newerThan"]) == ("healthy", shown["newerThan"])


@pytest.mark.parametrize(("status", "message"), [("offline", "the cluster is offline"), ("degraded", "the inventory is not complete")])
async def test_a_cluster_that_does_not_report_is_not_healthy(api: Api, status: str, message: str) -> None:
    cluster_id = await rolled_out(api)
    await presence(api, cluster_id, status, last_seen=api.clock.now())
    shown = await ask(api)
    assert (shown["state"], shown["message"]) == ("unknown", message)


async def test_without_pods_in_the_inventory_no_issue_could_be_found(api: Api) -> None:
    cluster_id = await healthy(api, "production", forbidden=("Pod",))
    await deploy(api, cluster_id, version="1", status=READY, **spec(2))
    shown = await ask(api)
    assert (shown["state"], shown["message"]) == ("unknown", "the agent does not read Pod; see `optral coverage`")


async def test_a_wait_ends_as_soon_as_an_issue_opens(api: Api) -> None:
    cluster_id = await rolled_out(api)
    await deploy(api, cluster_id, version="3", status=READY | {"availableReplicas": 1}, **spec(2, "web:2"))
    waiting = asyncio.create_task(ask(api, "?generation=2&wait=25"))
    await asyncio.sleep(0)
    await observe(api, cluster_id, finding("web", api=api), synced_at=api.clock.now())
    assert (await waiting)["state"] == "failing"


async def test_a_pod_has_no_rollout(api: Api) -> None:
    cluster_id = await healthy(api, "production")
    await objects(api, cluster_id, "web")
    refusal = await ask(api, kind="Pod", status=409)
    assert refusal["code"] == "no_rollout"
    assert "name a DaemonSet, Deployment, Job or StatefulSet" in refusal["detail"]


async def test_who_may_not_see_the_namespace_gets_no_such_resource(api: Api) -> None:
    await rolled_out(api)
    other = await api.new_cluster("other")
    key = await api.new_key(scopes={"issues:read", "resources:read"}, clusters={other})
    [found] = (await api.get("/v1/resources?kind=Deployment&q=web")).json()["resources"]
    assert (await api.get(f"/v1/resources/{found['id']}/rollout", key=key)).status_code == 404
