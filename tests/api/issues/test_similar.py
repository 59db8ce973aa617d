"""How often an issue opened, what was changed each time, and what ended it and issues like it."""

from typing import Any

import pytest

from optral.flows.analysis.analyze import AnalysisWorker
from optral.flows.issues.precedent_texts import ending, ordinal
from optral.flows.issues.precedents import Ending
from optral.issues.model import Resolution
from tests.api.analyses.test_analyses import KILLED
from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe, report
from tests.support.objects import change

POD = "-7d4f8b9c6-xk2lm"


async def deploy(api: Api, cluster_id: str, name: str, *, image: str, generation: int, chart: str = "") -> None:
    """What `kubectl apply` does to the Deployment: another image and another generation."""
    metadata = {
        "generation": generation,
        "labels": {"helm.sh/chart": chart} if chart else {},
        "managedFields": [
            {"manager": "kubectl", "operation": "Apply", "time": api.clock.now().isoformat(), "fieldsV1": {"f:spec": {"f:template": {}}}}
        ],
    }
    spec = {"replicas": 1, "template": {"spec": {"containers": [{"name": "app", "image": image}]}}}
    applied = change("Deployment.apps", name, uid=f"uid-d-{name}", rv=str(generation), metadata=metadata, spec=spec)
    await report(api, cluster_id, applied)


async def broken(api: Api, cluster_id: str, name: str = "api") -> str:
    """The workload shows the failure; the id of its issue."""
    await observe(api, cluster_id, finding(name, api=api))
    found = (await api.get(f"/v1/issues?cluster={cluster_id}&status=open")).json()["issues"]
    return str(next(one["id"] for one in found if one["owner"]["name"] == name))


async def recovered(api: Api, cluster_id: str, name: str = "api") -> None:
    for _ in range(2):  # the second observation, later than the first, ends the condition
        api.clock.advance(60)
        await observe(api, cluster_id, gone=(name,))


async def similar(api: Api, issue: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.get(f"/v1/issues/{issue}/similar")).json()
    return answer


async def test_an_issue_that_returns_after_every_deployment_says_so(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await deploy(api, cluster_id, "api", image="shop/api:1", generation=1)
    for number in range(2, 5):
        api.clock.advance(30 * 3600)
        await deploy(api, cluster_id, "api", image=f"shop/api:{number}", generation=number)
        api.clock.advance(120)
        issue = await broken(api, cluster_id)
        if number < 4:
            await recovered(api, cluster_id)
    found = await similar(api, issue)
    assert found["summary"] == "Third time in 7 days, each time within 30 minutes after a change of Deployment api."
    assert (len(found["openings"]), found["afterChange"]) == (3, 3)
    field = found["openings"][-1]["change"]["fields"][0]
    assert (field["from"], field["to"]) == ("shop/api:3", "shop/api:4")
    assert [one["relation"] for one in found["similar"]] == ["sameWorkload", "sameWorkload"]
    assert {one["endedBy"]["kind"] for one in found["similar"]} == {"recovered"}


async def test_an_issue_that_opens_once_has_no_precedent(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    found = await similar(api, await broken(api, cluster_id))
    assert found["summary"] == "First time in 7 days."
    assert found["similar"] == []


async def test_only_the_openings_that_followed_a_change_are_counted_as_such(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await deploy(api, cluster_id, "api", image="shop/api:1", generation=1)
    await broken(api, cluster_id)
    await recovered(api, cluster_id)
    api.clock.advance(30 * 3600)
    await deploy(api, cluster_id, "api", image="shop/api:2", generation=2)
    api.clock.advance(1799)
    issue = await broken(api, cluster_id)
    found = await similar(api, issue)
    assert found["summary"] == "Second time in 7 days, 1 of 2 times within 30 minutes after a change of Deployment api."


async def test_the_change_that_ended_the_last_issue_is_named(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await deploy(api, cluster_id, "api", image="shop/api:bad", generation=1)
    await broken(api, cluster_id)
    api.clock.advance(3600)
    await deploy(api, cluster_id, "api", image="shop/api:good", generation=2)
    await recovered(api, cluster_id)
    api.clock.advance(30 * 3600)
    [earlier] = (await similar(api, await broken(api, cluster_id)))["similar"]
    assert earlier["endedBy"]["kind"] == "change"
    assert earlier["endedBy"]["text"] == (
        "Ended by a change of Deployment api (/spec/template/spec/containers/app/image: shop/api:bad → shop/api:good)"
    )
    assert earlier["endedBy"]["change"]["manager"] == "kubectl"


async def test_a_member_who_resolved_it_is_named(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    issue = await broken(api, cluster_id)
    await api("PATCH", f"/v1/issues/{issue}", json={"status": "resolved"})
    other = await api.new_cluster("staging")
    [earlier] = (await similar(api, await broken(api, other)))["similar"]
    assert (earlier["relation"], earlier["cluster"]) == ("sameName", "production")
    assert (earlier["endedBy"]["kind"], "by" in earlier["endedBy"]) == ("manual", True)


@pytest.mark.parametrize(
    ("image", "chart", "relation"),
    [
        ("registry.example/shop/api:2", "", "sameImage"),
        ("registry.example/shop/web@sha256:0", "shop-2.0.1", "sameChart"),
        ("registry.example/other", "", "sameCause"),
    ],
)
async def test_another_workload_with_the_same_cause_is_similar(api: Api, image: str, chart: str, relation: str) -> None:
    cluster_id = await api.new_cluster("production")
    await deploy(api, cluster_id, "api", image="registry.example/shop/api:1", chart="shop-1.9.0", generation=1)
    await deploy(api, cluster_id, "web", image=image, chart=chart, generation=1)
    KILLED["status"]["containerStatuses"][0]["lastState"]["terminated"]["finishedAt"] = api.clock.now().isoformat()
    for name in ("api", "web"):
        await objects(api, cluster_id, name + POD, **KILLED)
    issues = [await broken(api, cluster_id, name) for name in ("api", "web")]
    assert (await similar(api, issues[0]))["similar"] == [], "without an analysis, nothing says that they are alike"
    for issue in issues:
        await api("POST", f"/v1/issues/{issue}/analyze", json={})
    await AnalysisWorker(api.store, api.clock).step()
    [other] = (await similar(api, issues[0]))["similar"]
    assert (other["id"], other["relation"], other["cause"]) == (issues[1], relation, "memory_limit_too_low")
    assert "endedBy" not in other


async def test_issues_of_clusters_that_a_key_may_not_see_are_not_listed(api: Api) -> None:
    seen, hidden = await api.new_cluster("staging"), await api.new_cluster("production")
    await broken(api, hidden)
    issue = await broken(api, seen)
    key = await api.new_key(clusters={seen})
    answer = (await api.get(f"/v1/issues/{issue}/similar", key=key)).json()
    assert answer["similar"] == []
    assert len((await similar(api, issue))["similar"]) == 1


def test_every_resolution_has_a_text() -> None:
    for resolution in Resolution:
        assert ending(Ending(kind=resolution.value)), resolution


@pytest.mark.parametrize(
    ("number", "text"), [(1, "First"), (10, "Tenth"), (11, "11th"), (12, "12th"), (21, "21st"), (22, "22nd"), (43, "43rd")]
)
def test_ordinals(number: int, text: str) -> None:
    assert ordinal(number) == text
