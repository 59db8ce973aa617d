"""Owners over HTTP: teams with their open issues, and the ownership rules with their limits, versions and audit."""

from typing import Any

import pytest

from optral.terms.actor import Role
from tests.api.accounts import member
from tests.api.conftest import Api, another_organisation
from tests.api.issues.test_triage import seeded
from tests.api.seeds import objects
from tests.support.objects import reference

RULES = "/v1/owners/rules"


async def test_rules_are_read_changed_and_recorded(api: Api) -> None:
    first = await api.get(RULES)
    assert (first.json()["version"], first.json()["rules"], first.json()["order"][0]) == (0, [], "annotation")
    rule = {"team": "payments", "namespace": "pay-*"}
    changed = await api("PATCH", RULES, json={"rules": [rule]}, headers={"If-Match": first.headers["etag"]})
    assert changed.status_code == 200, changed.text
    assert changed.json()["rules"] == [{"cluster": "*", "kind": "*", "name": "*", **rule}]
    assert (changed.json()["labels"], changed.json()["version"]) == (first.json()["labels"], 1)
    stale = await api("PATCH", RULES, json={"labels": ["squad"]}, headers={"If-Match": first.headers["etag"]})
    assert stale.status_code == 412, stale.text
    assert (await api("PATCH", RULES, json={"rules": [rule]})).json()["version"] == 1, "nothing changed"
    [record] = (await api.get("/v1/audit", params={"action": "owners.update"})).json()["audit"]
    assert record["detail"]["rules"] == changed.json()["rules"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"labels": ["not a key"]}, "labels.0"),
        ({"labels": ["team", "team"]}, "labels"),
        ({"order": ["rules", "rules"]}, "order"),
        ({"rules": [{"team": "none"}]}, "rules.0.team"),
        ({"rules": [{"team": "a"}, {"team": "b", "name": "*a*b*c*d*e*f*g*h*i*"}]}, "rules.1.name"),
    ],
)
async def test_what_cannot_be_a_rule_is_refused_with_its_place(api: Api, change: dict[str, Any], field: str) -> None:
    refused = await api("PATCH", RULES, json=change)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_owner_rule"), refused.text
    assert [one["field"] for one in refused.json()["errors"]] == [field]


async def test_only_admins_change_rules(api: Api) -> None:
    operator = await member(api, Role.OPERATOR, "op@example.org")
    assert (await operator("PATCH", RULES, json={"labels": ["squad"]})).status_code == 403


async def test_owners_are_counted_with_the_query_that_selects_their_issues(api: Api) -> None:
    await seeded(api)
    await api("PATCH", RULES, json={"rules": [{"team": "data team"}]})
    listed = (await api.get("/v1/owners")).json()["owners"]
    assert listed[-1] == {"team": "data team", "openIssues": 0, "query": 'team:"data team"'}
    assert (listed[0]["team"], listed[0]["query"]) == (None, "team:none")
    for one in listed:
        found = await api.get("/v1/issues", params={"q": f"{one['query']} status:open,acknowledged"})
        assert found.json()["total"] == one["openIssues"], one
        assert (await api.get("/v1/issues", params={"team": one["team"] or "none", "status": "open"})).json()["total"] == one["openIssues"]


async def test_links_in_annotations_are_shown_with_the_issue_and_the_object(api: Api) -> None:
    cluster, ids = await seeded(api)
    annotations = {"a8r.io/runbook": "https://wiki.example.com/api", "optral.ai/link-danger": "javascript:alert(1)"}
    await objects(api, cluster, "api", kind="Deployment.apps", metadata={"annotations": annotations})
    links = [{"title": "Runbook", "url": "https://wiki.example.com/api", "annotation": "a8r.io/runbook"}]
    first = await api.get(f"/v1/issues/{ids['api']}")
    [found] = (await api.get("/v1/resources", params={"kind": "Deployment.apps"})).json()["resources"]
    assert first.json()["links"] == (await api.get(f"/v1/resources/{found['id']}")).json()["links"] == links
    assert "links" not in (await api.get(f"/v1/issues/{ids['web']}")).json()
    annotations["a8r.io/runbook"] += "/v2"
    await objects(api, cluster, "api", kind="Deployment.apps", version="2", metadata={"annotations": annotations})
    again = await api.get(f"/v1/issues/{ids['api']}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.json()["links"][0]["url"]) == (200, "https://wiki.example.com/api/v2")


async def test_an_object_has_the_team_that_its_issues_have(api: Api) -> None:
    cluster = await api.new_cluster("production")
    await objects(api, cluster, "shop", kind="Namespace", namespace="", metadata={"labels": {"team": "platform"}})
    await objects(api, cluster, "web", kind="Deployment.apps", metadata={"labels": {"team": "payments"}})
    above = {"ownerReferences": [reference("Deployment.apps", "web", "uid-web")]}
    await objects(api, cluster, "web-1", kind="ReplicaSet.apps", metadata=above)
    own = {"ownerReferences": [reference("ReplicaSet.apps", "web-1", "uid-web-1")]}
    await objects(api, cluster, "web-1-a", metadata=own)
    await objects(api, cluster, "other")
    ids = {one["name"]: one["id"] for one in (await api.get("/v1/resources")).json()["resources"]}
    found = {name: (await api.get(f"/v1/resources/{ids[name]}")).json() for name in ("web-1-a", "other")}
    assert {name: (one["team"], one["teamReason"]) for name, one in found.items()} == {
        "web-1-a": ("payments", "label team of Deployment web"),
        "other": ("platform", "label team of Namespace shop"),
    }


async def test_rules_of_another_organization_are_its_own(api: Api) -> None:
    await api("PATCH", RULES, json={"labels": ["squad"]})
    stranger = await api.new_key(maker=await another_organisation(api))
    assert (await api.get(RULES, key=stranger)).json()["version"] == 0
