"""What was captured when an issue opened, over HTTP: for who may read logs, and on record."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from optral.analysis import model, service as analyses
from optral.analysis.model import CapturedLog
from optral.store.transaction import Transaction
from optral.terms import actor as actors, ids
from tests.api.conftest import Api
from tests.api.seeds import finding, observe

POD = "api-7d4f8b9c6-xk2lm"


def around(at: str) -> str:
    """What was around an issue, as it is kept."""
    about = {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": POD}
    times = {"firstTimestamp": at, "lastTimestamp": at, "count": 7}
    event = {"metadata": {"uid": "e1"}, "involvedObject": about, "type": "Warning", "reason": "BackOff", "message": "back-off", **times}
    diff = [{"path": "spec.template.spec.containers[app].image", "op": "replace", "from": "shop/api:1.4.1", "to": "shop/api:1.4.2"}]
    change = {"kind": "Deployment.apps", "namespace": "shop", "name": "api", "at": at, "manager": "kubectl", "diff": diff}
    return msgspec.json.encode({"events": [event], "changes": [change]}).decode()


async def captured(api: Api, *, text: str = "one\nOutOfMemoryError\n", more: tuple[CapturedLog, ...] = ()) -> tuple[str, str]:
    """(issue, cluster) with a log of the run before, one that is still wanted, and what was around."""
    cluster_id = await api.new_cluster("production")
    await observe(api, cluster_id, finding("api", api=api))
    issue_id = str((await api.get("/v1/issues")).json()["issues"][0]["id"])
    await keep(api, issue_id, cluster_id, text=text, more=more)
    return issue_id, cluster_id


async def keep(api: Api, issue_id: str, cluster_id: str, *, text: str, more: tuple[CapturedLog, ...] = ()) -> None:
    now = api.clock.now()
    wish = log_of(issue_id, cluster_id, captured_at=now, due_at=now)
    held = model.fetched(model.fetching(log_of(issue_id, cluster_id, previous=True), now=now), text=text, truncated=True, now=now)
    body = around(now.isoformat().replace("+00:00", "Z"))

    def job(tx: Transaction) -> None:
        analyses.save_logs(tx, [held, wish, *more])
        analyses.keep_surroundings(tx, issue_id, cluster_id=cluster_id, body=body)

    await api.store.write(actors.system(api.org), job)


def log_of(issue_id: str, cluster_id: str, **members: Any) -> CapturedLog:
    known: Mapping[str, Any] = {"namespace": "shop", "pod": POD, "container": "app", "previous": False, "captured_at": None}
    return CapturedLog(cluster_id=cluster_id, issue_id=issue_id, **{**known, **members})


async def readings(api: Api) -> list[str]:
    return [one["target"] for one in (await api.get("/v1/audit?action=captured.read")).json()["audit"]]


async def test_logs_events_and_changes_are_given_as_they_were(api: Api) -> None:
    issue_id, _ = await captured(api)
    now = api.clock.now().isoformat().replace("+00:00", "Z")
    api.clock.advance(3600)
    assert (await api.get(f"/v1/issues/{issue_id}/captured")).json() == {
        "logs": [
            {
                "namespace": "shop",
                "pod": POD,
                "container": "app",
                "previous": True,
                "state": "captured",
                "capturedAt": now,
                "bytes": 21,
                "truncated": True,
                "text": "one\nOutOfMemoryError\n",
            },
            {
                "namespace": "shop",
                "pod": POD,
                "container": "app",
                "previous": False,
                "state": "wanted",
                "capturedAt": now,
                "bytes": 0,
                "truncated": False,
                "text": "",
            },
        ],
        "events": [
            {
                "kind": "Pod",
                "namespace": "shop",
                "name": POD,
                "type": "Warning",
                "reason": "BackOff",
                "message": "back-off",
                "source": "",
                "count": 7,
                "firstAt": now,
                "lastAt": now,
            }
        ],
        "changes": [
            {
                "kind": "Deployment",
                "namespace": "shop",
                "name": "api",
                "at": now,
                "manager": "kubectl",
                "diff": [
                    {"path": "spec.template.spec.containers[app].image", "op": "replace", "from": "shop/api:1.4.1", "to": "shop/api:1.4.2"}
                ],
            }
        ],
        "surroundingsAt": now,
        "stale": True,
    }


async def test_what_did_not_come_says_why(api: Api) -> None:
    issue_id, cluster_id = await captured(api)
    now = api.clock.now()
    failed = model.not_fetched(log_of(issue_id, cluster_id), "there was no earlier run", now=now, for_good=True)
    dropped = model.not_fetched(log_of(issue_id, cluster_id, previous=True), model.UNWANTED, now=now, for_good=True)
    await api.store.write(actors.system(api.org), lambda tx: analyses.save_logs(tx, [failed, dropped]))
    logs = (await api.get(f"/v1/issues/{issue_id}/captured")).json()["logs"]
    assert {(one["state"], one["reason"]) for one in logs} == {("failed", "there was no earlier run"), ("dropped", model.UNWANTED)}


async def test_an_issue_of_which_nothing_was_captured_has_empty_lists(api: Api) -> None:
    await observe(api, await api.new_cluster("production"), finding("api", api=api))
    issue_id = (await api.get("/v1/issues")).json()["issues"][0]["id"]
    assert (await api.get(f"/v1/issues/{issue_id}/captured")).json() == {"logs": [], "events": [], "changes": [], "stale": True}
    assert await readings(api) == [], "nobody's words were read"


async def test_who_has_it_already_gets_304_and_what_is_new_has_another_tag(api: Api) -> None:
    issue_id, cluster_id = await captured(api)
    path = f"/v1/issues/{issue_id}/captured"
    tag = (await api.get(path)).headers["etag"]
    assert (await api.get(path, headers={"If-None-Match": tag})).status_code == 304
    assert await readings(api) == [issue_id], "a reading leaves one record, and what was not sent leaves none"
    api.clock.advance(1)
    await keep(api, issue_id, cluster_id, text="another run\n")
    fresh = await api.get(path, headers={"If-None-Match": tag})
    assert (fresh.status_code, fresh.json()["logs"][0]["text"]) == (200, "another run\n")
    assert fresh.headers["etag"] != tag


async def test_who_waits_for_a_log_reads_nothing_and_leaves_no_record(api: Api) -> None:
    issue_id, _ = await captured(api)
    path = f"/v1/issues/{issue_id}/captured"
    told = (await api.get(path + "?text=false")).json()
    assert [(one["state"], one["text"], one["bytes"]) for one in told["logs"]] == [("captured", "", 21), ("wanted", "", 0)]
    assert await readings(api) == []
    assert told["events"] == (await api.get(path)).json()["events"]
    assert (await api.get(path + "?text=no")).status_code == 400


async def test_it_takes_what_reading_logs_takes(api: Api) -> None:
    issue_id, _ = await captured(api)
    path = f"/v1/issues/{issue_id}/captured"
    for scopes in ({"issues:read", "resources:read"}, {"logs:read"}):
        answer = await api.get(path, key=await api.new_key(scopes=scopes))
        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope"), scopes
    both = {"issues:read", "logs:read"}
    assert (await api.get(path, key=await api.new_key(scopes=both))).status_code == 200
    elsewhere = await api.new_key(scopes=both, clusters={await api.new_cluster("elsewhere")})
    assert (await api.get(path, key=elsewhere)).status_code == 404
    for nothing in (ids.new("iss"), ids.new("res"), "x"):
        assert (await api.get(f"/v1/issues/{nothing}/captured")).status_code == 404


async def test_an_answer_is_bounded(api: Api) -> None:
    issue_id, cluster_id = await captured(api)
    later = api.clock.now() + timedelta(seconds=1)
    many = [
        model.fetched(log_of(issue_id, cluster_id, pod=f"api-{n:02}", captured_at=later), text="x" * 100_000, truncated=False, now=later)
        for n in range(30)
    ]
    await api.store.write(actors.system(api.org), lambda tx: analyses.save_logs(tx, many))
    answer = await api.get(f"/v1/issues/{issue_id}/captured")
    logs = answer.json()["logs"]
    assert [(one["bytes"], one["truncated"]) for one in logs] == [(64 * 1024, True)] * 20
    assert (await api.get(f"/v1/issues/{issue_id}/captured?page=2")).status_code == 400
