"""Detectors over HTTP: what is looked for, what people set about it, and what would be said of pasted objects."""

import json
from typing import Any

import httpx2
import pytest

from optral import detectors
from optral.kube.changes import KindMark, Phase
from optral.kube.kinds import POD_USAGE, WORKLOAD_TRAFFIC, Kind
from optral.resources import reports
from optral.terms import actor
from tests.api.conftest import DOCUMENT, Api, another_organisation

CRASHING = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "api-1", "namespace": "shop", "uid": "u1", "creationTimestamp": "2026-01-15T11:00:00Z"},
    "spec": {"nodeName": "n1", "containers": [{"name": "api", "image": "shop/api:1"}]},
    "status": {
        "phase": "Running",
        "containerStatuses": [
            {
                "name": "api",
                "restartCount": 4,
                "ready": False,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
                "lastState": {
                    "terminated": {
                        "exitCode": 1,
                        "reason": "Error",
                        "startedAt": "2026-01-15T11:59:00Z",
                        "finishedAt": "2026-01-15T11:59:50Z",
                    }
                },
            }
        ],
    },
}
NOON = "2026-01-15T12:00:00Z"
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}, "data": {"password": "aHVudGVyMg=="}}


async def of(api: Api, kind: str, query: str = "") -> dict[str, Any]:
    answer = await api.get(f"/v1/detectors/{kind}{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def tune(api: Api, kind: str = "OOMKilled", *, key: str = "", **change: Any) -> httpx2.Response:
    return await api("PATCH", f"/v1/detectors/{kind}", json=change, key=key)


async def attempt(api: Api, objects: Any, **more: Any) -> httpx2.Response:
    return await api("POST", "/v1/detectors/test", json={"objects": objects, "at": NOON} | more)


def verdict(answer: httpx2.Response, kind: str) -> dict[str, Any]:
    return next(one for one in answer.json()["detectors"] if one["type"] == kind)


# --- the list


async def test_every_type_is_listed_with_what_it_is(api: Api) -> None:
    listed = (await api.get("/v1/detectors")).json()
    assert {one["type"] for one in listed["detectors"]} == set(detectors.BY_TYPE)
    assert (listed["riskChecks"], listed["total"]) == (False, len(detectors.DETECTORS))
    known = {one["type"]: one for one in listed["detectors"]}
    killed = known["OOMKilled"]
    assert (killed["tier"], killed["enabled"], killed["failures"], killed["openIssues"]) == ("core", True, 0, 0)
    assert killed["defaults"]["severity"] == "high"
    assert killed["page"] == "docs/detectors/OOMKilled.md"
    assert (known["ImageTagLatest"]["tier"], known["ImageTagLatest"]["enabled"]) == ("risk", False)


async def test_the_list_can_be_narrowed(api: Api) -> None:
    found = (await api.get("/v1/detectors?tier=core&q=oom")).json()
    assert [one["type"] for one in found["detectors"]] == ["OOMKilled"]
    assert (await api.get("/v1/detectors?category=risk&tier=core")).json()["detectors"] == []
    assert (await api.get("/v1/detectors?tier=best")).status_code == 400


async def test_shows_the_failures_of_a_detector(api: Api) -> None:
    api.services.detector_failures = lambda: {"OOMKilled": 3}
    assert (await of(api, "OOMKilled"))["failures"] == 3


async def test_a_type_nobody_detects(api: Api) -> None:
    assert (await api.get("/v1/detectors/Nothing")).status_code == 404
    assert (await tune(api, "Nothing", enabled=False)).json()["code"] == "detector_not_found"


# --- tuning


async def test_a_type_is_switched_off_for_a_namespace_of_a_cluster_and_on_again(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    answer = await tune(api, cluster="production", namespace="dev", enabled=False)
    assert (answer.status_code, answer.json()["enabled"]) == (200, False)
    assert [(one["cluster"], one["namespace"], one["enabled"]) for one in answer.json()["tunings"]] == [(cluster_id, "dev", False)]
    assert (await of(api, "OOMKilled"))["enabled"] is True
    assert (await of(api, "OOMKilled", "?cluster=production"))["enabled"] is True
    assert (await of(api, "OOMKilled", "?cluster=production&namespace=dev"))["enabled"] is False
    back = await tune(api, cluster="production", namespace="dev", enabled=None)
    assert (back.json()["enabled"], back.json()["tunings"]) == (True, [])


async def test_members_are_set_one_by_one_and_the_nearer_wins(api: Api) -> None:
    await api.new_cluster("production")
    await tune(api, openAfterSeconds=60, severity="low")
    await tune(api, resolveAfterSeconds=600)
    await tune(api, cluster="production", openAfterSeconds=120)
    assert (await of(api, "OOMKilled"))["effective"] == {"openAfterSeconds": 60, "resolveAfterSeconds": 600, "severity": "low"}
    near = (await of(api, "OOMKilled", "?cluster=production"))["effective"]
    assert near == {"openAfterSeconds": 120, "resolveAfterSeconds": 600, "severity": "low"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"openAfterSeconds": -1}, 422),
        ({"openAfterSeconds": 10**9}, 422),
        ({"resolveAfterSeconds": 5}, 422),
        ({"severity": "loud"}, 422),
        ({"namespace": "Not A Namespace"}, 422),
        ({"cluster": "nowhere", "enabled": False}, 422),
        ({"colour": "red"}, 422),
        ({"thresholds": {"restartsPerHour": 5}}, 422),
        ({"thresholds": {"": 5}}, 422),
        ({"thresholds": {str(number): None for number in range(21)}}, 422),
        ({"thresholds": [5]}, 422),
        ({"thresholds": {"nothing": None}}, 200),
        ({}, 200),
    ],
)
async def test_what_cannot_be_set(api: Api, change: dict[str, Any], status: int) -> None:
    assert (await tune(api, **change)).status_code == status


RESTARTS = "FrequentRestarts"


async def in_force(api: Api, query: str = "") -> dict[str, float]:
    return {one["name"]: one["value"] for one in (await of(api, RESTARTS, query))["thresholds"]}


async def test_a_type_lists_its_thresholds_with_what_they_may_be(api: Api) -> None:
    hourly = (await of(api, RESTARTS))["thresholds"][0]
    assert hourly == {
        "name": "restartsPerHour",
        "description": "This many restarts within an hour are too many",
        "default": 3,
        "value": 3,
        "min": 3,
        "max": 100,
        "whole": True,
        "unit": "restarts",
    }
    assert (await of(api, "OOMKilled"))["thresholds"] == []


async def test_thresholds_are_set_one_by_one_and_the_nearer_wins(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await tune(api, RESTARTS, thresholds={"restartsPerHour": 5, "restartsPerDay": 9})
    await tune(api, RESTARTS, cluster="production", thresholds={"restartsPerHour": 7})
    assert await in_force(api) == {"restartsPerHour": 5, "restartsPerDay": 9, "longRunSeconds": 600}
    assert await in_force(api, "?cluster=production") == {"restartsPerHour": 7, "restartsPerDay": 9, "longRunSeconds": 600}
    answer = await tune(api, RESTARTS, thresholds={"restartsPerDay": None, "longRunSeconds": 900}, severity="low")
    set_there = {one.get("cluster"): one["thresholds"] for one in answer.json()["tunings"]}
    assert set_there == {None: {"restartsPerHour": 5, "longRunSeconds": 900}, cluster_id: {"restartsPerHour": 7}}
    await tune(api, RESTARTS, thresholds=None, severity=None)
    await tune(api, RESTARTS, cluster="production", thresholds={"restartsPerHour": None})
    assert (await of(api, RESTARTS))["tunings"] == []


@pytest.mark.parametrize(
    ("kind", "given", "code", "say"),
    [
        (RESTARTS, {"restartsPerHour": 2}, "threshold_out_of_range", "of FrequentRestarts may be 3 to 100 restarts, whole"),
        (
            RESTARTS,
            {"restartsPerHour": 3.5},
            "threshold_out_of_range",
            "of FrequentRestarts may be 3 to 100 restarts, whole",
        ),
        ("NodePodCapacity", {"fullFrom": 95}, "threshold_out_of_range", "fullFrom of NodePodCapacity may be 0.5 to 0.99 share"),
        ("NodePodCapacity", {"full": 0.9}, "unknown_threshold", "NodePodCapacity has no threshold full; it has: fullFrom"),
        ("OOMKilled", {"full": 0.9}, "unknown_threshold", "OOMKilled has no threshold full; it has: none"),
        (RESTARTS, {"restartsPerHour": "5"}, "invalid_body", ""),
        (RESTARTS, {"restartsPerHour": True}, "invalid_body", ""),
    ],
)
async def test_a_threshold_that_may_not_be_so_is_refused_with_what_may(
    api: Api, kind: str, given: dict[str, Any], code: str, say: str
) -> None:
    answer = await tune(api, kind, thresholds=given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert say in answer.text
    [error] = answer.json()["errors"]
    assert error["field"] == f"thresholds.{next(iter(given))}"
    assert (await of(api, kind))["tunings"] == []


async def test_risks_are_switched_on_for_the_organisation(api: Api) -> None:
    answer = await api("PATCH", "/v1/detectors", json={"riskChecks": True})
    assert (answer.status_code, answer.json()) == (200, {"riskChecks": True, "severityShifts": []})
    assert (await of(api, "ImageTagLatest"))["enabled"] is True
    assert (await api.get("/v1/detectors?q=latest")).json()["riskChecks"] is True


async def shift(api: Api, *, key: str = "", **change: Any) -> httpx2.Response:
    return await api("PATCH", "/v1/detectors", json=change, key=key)


async def test_the_severity_of_all_types_is_shifted_where_it_is_said(api: Api) -> None:
    cluster_id = await api.new_cluster("lab")
    await shift(api, severityShift=1, namespace="payments")
    answer = await shift(api, severityShift=-1, cluster="lab")
    assert answer.status_code == 200, answer.text
    set_there = [(one.get("cluster"), one.get("namespace"), one["severityShift"]) for one in answer.json()["severityShifts"]]
    assert set_there == [(None, "payments", 1), (cluster_id, None, -1)]
    assert (await api.get("/v1/detectors")).json()["severityShifts"] == answer.json()["severityShifts"]
    assert (await of(api, "OOMKilled"))["tunings"] == [], "it is no setting of a type"
    assert (await attempt(api, CRASHING, cluster="lab")).json()["findings"][0]["severity"] == "medium"
    assert (await attempt(api, CRASHING)).json()["findings"][0]["severity"] == "high"
    mine = await api.new_key(clusters={await api.new_cluster("mine")})
    assert [one.get("namespace") for one in (await api.get("/v1/detectors", key=mine)).json()["severityShifts"]] == ["payments"]
    await shift(api, severityShift=None, namespace="payments")
    answer = await shift(api, severityShift=None, cluster="lab", riskChecks=True)
    assert answer.json() == {"riskChecks": True, "severityShifts": []}
    assert (await shift(api)).json() == answer.json(), "what is not given stays"


@pytest.mark.parametrize(
    "change",
    [
        {"severityShift": 2},
        {"severityShift": "up"},
        {"severityShift": True},
        {"severityShift": 1.0},
        {"severityShift": 1, "cluster": "nowhere"},
        {"severityShift": 1, "namespace": "Not A Namespace"},
        {"severity": "low"},
    ],
)
async def test_what_is_no_shift(api: Api, change: dict[str, Any]) -> None:
    answer = await shift(api, **change)
    assert answer.status_code == 422, answer.text
    assert (await api.get("/v1/detectors?q=oom")).json()["severityShifts"] == []


async def test_readers_read_and_admins_write(api: Api) -> None:
    reader = await api.new_key(scopes={"issues:read"})
    assert (await api.get("/v1/detectors", key=reader)).status_code == 200
    assert (await tune(api, key=reader, enabled=False)).json()["code"] == "missing_scope"
    assert (await api("PATCH", "/v1/detectors", json={"riskChecks": True}, key=reader)).status_code == 403
    nobody = await api.new_key(scopes={"keys:read"})
    assert (await api.get("/v1/detectors", key=nobody)).status_code == 403


async def test_a_key_of_one_cluster_tunes_that_one_alone(api: Api) -> None:
    mine, other = await api.new_cluster("mine"), await api.new_cluster("other")
    await tune(api, cluster="other", enabled=False)
    key = await api.new_key(clusters={mine})
    assert (await tune(api, key=key, enabled=False)).json()["code"] == "beyond_own_clusters"
    assert (await tune(api, key=key, cluster=other, enabled=False)).json()["code"] == "unknown_cluster"
    answer = await tune(api, key=key, cluster="mine", enabled=False)
    assert [one["cluster"] for one in answer.json()["tunings"]] == [mine], "what is set for others is not shown"


async def test_another_organisation_has_its_own(api: Api) -> None:
    await tune(api, enabled=False)
    other = await another_organisation(api)
    key = await api.new_key(maker=other)
    assert (await api.get("/v1/detectors/OOMKilled", key=key)).json()["enabled"] is True


async def test_what_was_set_goes_with_its_cluster(api: Api) -> None:
    cluster_id = await api.new_cluster("production")
    await tune(api, cluster="production", enabled=False)
    assert (await api("DELETE", f"/v1/clusters/{cluster_id}")).status_code == 200
    assert (await of(api, "OOMKilled"))["tunings"] == []


# --- trying


async def test_a_pasted_pod_is_judged_and_explained(api: Api) -> None:
    answer = await attempt(api, CRASHING)
    assert answer.status_code == 200, answer.text
    assert [(one["type"], one["shownBy"]) for one in answer.json()["findings"]] == [("CrashLoopBackOff", "Pod/shop/api-1")]
    near = verdict(answer, "CrashLoopBackOff")
    assert near["verdict"] == "open"
    assert not any(gate["holdsBack"] for gate in near["gates"])


async def test_the_gate_that_held_back_is_named(api: Api) -> None:
    going = CRASHING | {"metadata": CRASHING["metadata"] | {"deletionTimestamp": NOON}}  # type: ignore[operator]
    answer = await attempt(api, [going])
    assert answer.json()["findings"] == []
    near = verdict(answer, "CrashLoopBackOff")
    assert near["verdict"] == "heldBack"
    assert {"gate": "G1", "holdsBack": True, "asks": "it is being deleted"} in near["gates"]


async def test_tuning_holds_for_what_is_tried(api: Api) -> None:
    await tune(api, "CrashLoopBackOff", enabled=False)
    answer = await attempt(api, CRASHING)
    assert (answer.json()["findings"], verdict(answer, "CrashLoopBackOff")["verdict"]) == ([], "off")


async def test_thresholds_hold_for_what_is_tried(api: Api) -> None:
    status = {"startTime": "2026-01-14T22:00:00Z", "active": 1}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "report", "namespace": "shop"}, "spec": {}, "status": status}
    [finding] = (await attempt(api, job)).json()["findings"]
    assert (finding["type"], finding["facts"]["patienceSeconds"]) == ("JobNotCompleted", 43200)
    await tune(api, "JobNotCompleted", thresholds={"patienceSeconds": 86400})
    assert (await attempt(api, job)).json()["findings"] == []
    told = {"optral.ai/detectors": "JobNotCompleted.patienceSeconds=10h"}
    [finding] = (await attempt(api, job | {"metadata": job["metadata"] | {"annotations": told}})).json()["findings"]  # type: ignore[operator]
    assert finding["facts"]["patienceSeconds"] == 36000


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(json.dumps(CRASHING), id="JSON text"),
        pytest.param({"kind": "List", "apiVersion": "v1", "items": [CRASHING]}, id="a List"),
        pytest.param(
            {"kind": "PodList", "apiVersion": "v1", "items": [{k: v for k, v in CRASHING.items() if k != "kind"}]}, id="a PodList"
        ),
        pytest.param("---\n" + json.dumps(CRASHING) + "\n---\n", id="YAML documents"),
        pytest.param([SECRET, CRASHING], id="beside a Secret"),
    ],
)
async def test_whatever_it_is_pasted_as(api: Api, given: Any) -> None:
    answer = await attempt(api, given)
    assert answer.status_code == 200, answer.text
    assert [one["type"] for one in answer.json()["findings"]] == ["CrashLoopBackOff"]


async def test_yaml_times_and_numbers_are_what_they_look_like(api: Api) -> None:
    text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: old\n  deletionTimestamp: 2026-01-15T11:00:00Z\n  labels: {1: 2}\n"
    answer = await attempt(api, text)
    assert [(one["type"], one["subject"]) for one in answer.json()["findings"]] == [("NamespaceTerminating", "Namespace/old")]


async def test_secrets_are_dropped_and_never_come_back(api: Api) -> None:
    listed = {"kind": "List", "apiVersion": "v1", "items": [SECRET, {"kind": "SecretList", "apiVersion": "v1", "metadata": {}}]}
    answer = await attempt(api, listed)
    assert (answer.json()["objects"], answer.json()["secretsDropped"]) == (0, 2)
    assert "aHVudGVyMg" not in answer.text
    spoken = json.loads(json.dumps(CRASHING).replace("back-off", "password=hunter2-hunter2"))
    assert "hunter2" not in (await attempt(api, spoken)).text


async def test_kinds_nobody_watches_are_counted(api: Api) -> None:
    answer = await attempt(api, [{"apiVersion": "example.com/v1", "kind": "Shop", "metadata": {"name": "x"}}, {"kind": 5}])
    assert (answer.json()["ignored"], answer.json()["unreadable"]) == ({"Shop": 1}, 1)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("a: &x [1]\nb: *x\n", "unreadable_objects"),
        ("{not: [json", "unreadable_objects"),
        ("just words", "unreadable_objects"),
        ("", "no_objects"),
        ([], "no_objects"),
        ([{"kind": "Pod"}] * 501, "too_many_objects"),
        ("[" * 100 + "]" * 100, "unreadable_objects"),
        (7, "invalid_body"),
        (None, "invalid_body"),
    ],
)
async def test_what_cannot_be_tried(api: Api, given: Any, code: str) -> None:
    answer = await attempt(api, given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_tests_risk_checks_on_request(api: Api) -> None:
    assert "NakedPod" in {one["type"] for one in (await attempt(api, CRASHING, includeRisk=True)).json()["findings"]}


ODD = (None, 1, 1.5, True, "", "x", [], ["Pod"], {}, {"a": "b"}, [[1]], "Secret", "List")


@pytest.mark.parametrize("field", ["kind", "apiVersion", "metadata", "items", "spec", "status"])
async def test_pasted_objects_of_odd_types_are_read_or_refused(api: Api, field: str) -> None:
    sound = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "b"}, "spec": {}, "status": {}}
    for odd in ODD:
        for given in ([sound | {field: odd}], {"apiVersion": "v1", "kind": "PodList", "items": [sound | {field: odd}, odd]}):
            answer = await attempt(api, given)
            assert answer.status_code in (200, 422), (given, answer.text)


async def test_an_attempt_changes_nothing_so_its_contract_has_no_idempotency_key() -> None:
    with_key = {path for path, of in DOCUMENT["paths"].items() if "Idempotency-Key" in json.dumps(of.get("post", {}))}
    assert "/v1/clusters" in with_key and "/v1/detectors/test" not in with_key


@pytest.mark.parametrize(
    ("type_", "kind", "need"), [("CPUThrottled", POD_USAGE, "metrics"), ("WorkloadSlow", WORKLOAD_TRAFFIC, "prometheus")]
)
async def test_a_type_that_reads_measurements_says_whether_agents_report_them(api: Api, type_: str, kind: Kind, need: str) -> None:
    cluster_id = await api.new_cluster("a")

    async def sight() -> tuple[str, list[str]]:
        listed = (await api.get(f"/v1/detectors?cluster={cluster_id}")).json()["detectors"]
        return next((one["sees"], one["blindTo"]) for one in listed if one["type"] == type_)

    assert await sight() == ("no", [need])
    marks = [
        KindMark(kind.id, Phase.SNAPSHOT_BEGIN, "g1"),
        KindMark(kind.id, Phase.SNAPSHOT_END, "g1", "", 0),
        KindMark(kind.id, Phase.LIVE, "g1"),
    ]
    await api.store.write(actor.system(api.org), lambda tx: [reports.mark(tx, cluster_id, mark) for mark in marks])
    assert await sight() == ("yes", [])
