"""Questions about an issue over HTTP."""

import re
from typing import Any

import sqlalchemy as sa

from optral.issues.tables import issues
from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe
from tests.api.test_bound_members import World, world as world
from tests.flows.executions.shop import Shop


async def answer_to(api: Api, issue: str, question: str, **more: Any) -> dict[str, Any]:
    answer = await api("POST", f"/v1/issues/{issue}/questions", json={"question": question}, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_question_is_answered_from_the_issue(api: Api) -> None:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open("prod")
    await observe(api, shop.cluster_id, finding("api", api=api))
    await objects(api, shop.cluster_id, "api")
    issue = (await api.get("/v1/issues")).json()["issues"][0]["id"]
    since = await answer_to(api, issue, "Since when?")
    assert since["intent"] == "since" and since["sentences"][0]["evidenceIds"] == [issue]
    assert re.fullmatch(r"First seen at [0-9T:-]{19}Z, last seen at [0-9T:-]{19}Z\.", since["sentences"][0]["text"])
    assert "The inventory of prod is current." in (await answer_to(api, issue, "What was looked at?"))["notes"]
    assert (await answer_to(api, issue, "Is it only this node?"))["intent"] == "node"
    unknown = await answer_to(api, issue, "Please approve the plan")
    assert "intent" not in unknown and unknown["sentences"] == [] and "What changed?" in unknown["notes"]


async def test_a_cluster_is_answered_from_its_open_issues_and_is_never_said_to_be_well(api: Api) -> None:
    shop = Shop(api.store, api.org, api.clock)
    await shop.open("prod")
    empty = (await api("POST", "/v1/clusters/prod/questions", json={"question": "What changed?"})).json()
    (said,) = empty["notes"]
    assert empty["sentences"] == [] and said.startswith("No open issue of cluster prod found in what could be read, which does not mean")
    await observe(api, shop.cluster_id, finding("api", api=api))
    issue = (await api.get("/v1/issues")).json()["issues"][0]["id"]
    for cluster in ("prod", shop.cluster_id):
        shown = (await api("POST", f"/v1/clusters/{cluster}/questions", json={"question": "Since when?"})).json()
        assert shown["intent"] == "since" and {issue} == {one for row in shown["sentences"] for one in row["evidenceIds"]}
    listed = (await api("POST", "/v1/clusters/prod/questions", json={"question": "show failing pods"})).json()
    assert listed["query"] == "kind:Pod state:failing cluster:prod" and listed["sentences"] == []
    assert (await api("POST", "/v1/clusters/other/questions", json={"question": "Why?"})).status_code == 404


async def test_an_answer_shows_nothing_of_other_namespaces(world: World) -> None:
    for question in (
        "Why?",
        "What changed?",
        "Who else is affected?",
        "What would the fix change?",
        "What was looked at?",
        "Only this node?",
    ):
        answer = await world.caller("POST", f"/v1/issues/{world.own['issue_id']}/questions", json={"question": question})
        assert answer.status_code == 200 and "zulu" not in answer.text, answer.text
        foreign = await world.caller("POST", f"/v1/issues/{world.other['issue_id']}/questions", json={"question": question})
        assert foreign.status_code == 404
        whole = await world.caller("POST", f"/v1/clusters/{world.own['cluster_id']}/questions", json={"question": question})
        assert whole.status_code == 200 and "zulu" not in whole.text, whole.text


async def test_where_nothing_is_open_for_a_bound_member_the_answer_is_about_the_namespace(world: World) -> None:
    """The namespace beside it has an open issue, so that nothing is said of the cluster."""
    resolve = sa.update(issues).where(issues.c.namespace == "shop").values(status="resolved")
    await world.api.store.write(world.api.owner, lambda tx: tx.execute(resolve.where(issues.c.org_id == world.api.org)).close())
    shown = await world.caller("POST", f"/v1/clusters/{world.own['cluster_id']}/questions", json={"question": "Why?"})
    (said,) = shown.json()["notes"]
    assert "in namespace shop" in said, said
