"""`GET /v1/issues?q=`: every key of the search language finds what it names, on both databases, and errors tell where they are."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from optral.issues.lists import query
from optral.terms.refs import ObjectRef
from optral.terms.severity import Severity
from tests.api.conftest import Api
from tests.api.seeds import finding, observe


async def seeded(api: Api) -> None:
    """`old` (a day older), `web` (acknowledged, labeled), `db` (mine, another cluster), `node` (no namespace), `gone` (resolved)."""
    prod, edge = await api.new_cluster("prod-1"), await api.new_cluster("edge")
    await observe(api, prod, finding("old", severity=Severity.LOW, api=api))
    api.clock.advance(timedelta(days=1).total_seconds())
    node = finding("node-1", severity=Severity.HIGH, type="NodeNotReady", api=api)
    node = replace(node, subject=ObjectRef("Node", None, "node-1"), shown_by=ObjectRef("Node", None, "node-1", "uid-n"), part=None)
    await observe(api, prod, finding("web", api=api), replace(node, category="nodes"), finding("gone", api=api))
    await observe(api, edge, finding("db", severity=Severity.MEDIUM, type="CrashLoopBackOff", api=api))
    ids = {one["owner"]["name"]: one["id"] for one in (await api.get("/v1/issues")).json()["issues"]}
    for name, change in {
        "web": {"status": "acknowledged", "labels": {"team": "pay", "example.org/tier": "web"}},
        "db": {"assignee": "me", "snooze": {"occurrences": 3}},
        "gone": {"status": "resolved"},
    }.items():
        assert (await api("PATCH", f"/v1/issues/{ids[name]}", json=change)).status_code == 200
    rule = {"reason": "known", "expiresAt": (api.clock.now() + timedelta(days=2)).isoformat(), "match": {"names": ["old"]}}
    assert (await api("POST", "/v1/mute-rules", json=rule)).status_code == 201


EVERY = {"old", "web", "node-1", "db", "gone"}
FOUND: list[tuple[str, set[str]]] = [
    ("", EVERY),
    ("web", {"web"}),
    ("killed at its", EVERY),
    ("its at killed", set()),
    ("-killed", set()),
    ('web "memory limit"', {"web"}),
    ("status:resolved", {"gone"}),
    ("-status:open", {"web", "gone"}),
    ("severity:critical,high", {"web", "gone", "node-1"}),
    ("-severity:critical,high", {"old", "db"}),
    ("type:NodeNotReady", {"node-1"}),
    ("type:node*", {"node-1"}),
    ("-type:OOM*", {"node-1", "db"}),
    ('type:"OOM*"', set()),
    ("category:nodes", {"node-1"}),
    ("substatus:snoozed", {"db"}),
    ("cluster:edge", {"db"}),
    ("cluster:prod-*", EVERY - {"db"}),
    ("-cluster:edge", EVERY - {"db"}),
    ("cluster:nowhere", set()),
    ("-cluster:nowhere", EVERY),
    ("ns:shop", EVERY - {"node-1"}),
    ("namespace:sh*", EVERY - {"node-1"}),
    ("-ns:shop", {"node-1"}),
    ("ns:none", {"node-1"}),
    ("-ns:none", EVERY - {"node-1"}),
    ("kind:Node", {"node-1"}),
    ("owner:web", {"web"}),
    ("owner:w*,db", {"web", "db"}),
    ("team:none", EVERY),
    ("-team:none,pay", set()),
    ("resource:web-7d4f8b9c6-*", {"web"}),
    ("container:app", EVERY - {"node-1"}),
    ("container:none", {"node-1"}),
    ("assignee:me", {"db"}),
    ("assignee:none", EVERY - {"db"}),
    ("-assignee:me", EVERY - {"db"}),
    ("label:team=pay", {"web"}),
    ("label:team:pay", {"web"}),
    ("label:team", {"web"}),
    ("label:example.org/tier=w*", {"web"}),
    ("label:team=ops,team=pay", {"web"}),
    ("label:team=ops", set()),
    ("-label:team=pay", EVERY - {"web"}),
    ("parent:any", EVERY),
    ("parent:none", EVERY),
    ("snoozed:true", {"db"}),
    ("-snoozed:true", EVERY - {"db"}),
    ("muted:true", {"old"}),
    ("muted:false", EVERY - {"old"}),
    ("after:2h", EVERY - {"old"}),
    ("before:2h", {"old"}),
    ("severity:critical severity:high", set()),
    ("ns:shop owner:web 100%", set()),
]


def test_each_key_is_searched_for() -> None:
    searched = {term.key for text, _ in FOUND for term in query.read(text)} - {""}
    assert searched == {key.name for key in query.KEYS}


async def test_each_query_finds_what_it_names(api: Api) -> None:
    await seeded(api)
    wrong: dict[str, Any] = {}
    for text, names in FOUND:
        listed = (await api.get("/v1/issues", params={"q": text} if text else {})).json()
        facets = (await api.get("/v1/issues/facets", params={"q": text} if text else {})).json()
        counted = sum(one["count"] for one in facets["status"])
        found = {one["owner"]["name"] for one in listed["issues"]}
        if (found, listed["total"], counted) != (names, len(names), len(names)):
            wrong[text] = found
    assert not wrong


async def test_a_query_and_parameters_must_both_match(api: Api) -> None:
    await seeded(api)
    for address, names in {
        "?severity=critical&q=severity:high": set(),
        "?severity=critical&q=-owner:gone": {"web"},
        "?cluster=edge&q=cluster:prod-1": set(),
        "?parent=any&q=status:open,acknowledged -owner:old,db": {"web", "node-1"},
    }.items():
        listed = (await api.get(f"/v1/issues{address}")).json()["issues"]
        assert {one["owner"]["name"] for one in listed} == names, address


async def test_a_limited_key_finds_nothing_beyond_its_clusters(api: Api) -> None:
    await seeded(api)
    edge = next(one["id"] for one in (await api.get("/v1/clusters")).json()["clusters"] if one["name"] == "edge")
    key = await api.new_key(clusters={edge})
    for text in ("cluster:*", "-cluster:nowhere", "-owner:nothing", "severity:critical,medium,low"):
        listed = (await api.get("/v1/issues", params={"q": text}, key=key)).json()["issues"]
        assert {one["owner"]["name"] for one in listed} == {"db"}, text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ns:shop severity:urgent", "invalid query at character 9: severity must be one of critical, high, medium, low"),
        ('ns:shop "api', "invalid query at character 9: this quotation mark is not closed"),
    ],
)
async def test_an_error_names_the_position(api: Api, text: str, message: str) -> None:
    answer = await api.get("/v1/issues", params={"q": text})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
    assert answer.json()["errors"] == [{"field": "q", "code": "bad_query", "message": message}]
