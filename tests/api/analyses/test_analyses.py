"""Analyses over HTTP: requested, waited for, read inline, rated."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from optral.flows.analysis.analyze import AnalysisWorker
from tests.api.conftest import Api
from tests.api.seeds import finding, objects, observe

KILLED: dict[str, Any] = {
    "spec": {"containers": [{"name": "app", "resources": {"limits": {"memory": "64Mi"}}}]},
    "status": {
        "phase": "Running",
        "containerStatuses": [
            {
                "name": "app",
                "restartCount": 2,
                "state": {"running": {}},
                "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-01-15T12:00:00Z"}},
            }
        ],
    },
}


async def seeded(api: Api) -> str:
    """An issue of a pod that was killed for memory."""
    cluster_id = await api.new_cluster("production")
    await observe(api, cluster_id, finding("api", api=api))
    KILLED["status"]["containerStatuses"][0]["lastState"]["terminated"]["finishedAt"] = api.clock.now().isoformat()
    await objects(api, cluster_id, "api-7d4f8b9c6-xk2lm", **KILLED)
    listed = await api.get("/v1/issues")
    return str(listed.json()["issues"][0]["id"])


@asynccontextmanager
async def working(api: Api) -> AsyncIterator[None]:
    task = asyncio.create_task(AnalysisWorker(api.store, api.clock).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_asks_waits_and_reads_inline(api: Api) -> None:
    issue = await seeded(api)
    before = await api.get(f"/v1/issues/{issue}")
    assert "analysis" not in before.json()
    async with working(api):
        answer = await api("POST", f"/v1/issues/{issue}/analyze?wait=10")
    assert answer.status_code == 202
    done = answer.json()
    assert (done["status"], done["rootCause"]["id"], done["issueId"]) == ("ready", "memory_limit_too_low", issue)
    assert answer.headers["location"] == f"/v1/analyses/{done['id']}"
    assert (await api.get(answer.headers["location"])).json() == done
    after = await api.get(f"/v1/issues/{issue}")
    assert after.json()["analysis"] == done
    assert after.json()["analysisId"] == done["id"]
    assert after.headers["etag"] != before.headers["etag"]
    listed = (await api.get("/v1/issues")).json()["issues"][0]
    assert listed["hasAnalysis"] is True
    assert "analysis" not in listed


async def test_answers_at_once_without_waiting_and_folds(api: Api) -> None:
    issue = await seeded(api)
    first = await api("POST", f"/v1/issues/{issue}/analyze", json={})
    again = await api("POST", f"/v1/issues/{issue}/analyze", json={"force": True})
    assert (first.status_code, first.json()["status"]) == (202, "queued")
    assert again.json()["id"] == first.json()["id"]
    assert "rootCause" not in first.json()
    listed = await api.get(f"/v1/issues/{issue}/analyses")
    assert [one["id"] for one in listed.json()["analyses"]] == [first.json()["id"]]
    assert listed.json()["total"] == 1


async def test_waits_no_longer_than_asked(api: Api) -> None:
    issue = await seeded(api)
    answer = await api("POST", f"/v1/issues/{issue}/analyze?wait=1")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


async def test_a_server_that_stops_waits_for_nobody(api: Api) -> None:
    issue = await seeded(api)
    api.services.stopping.set()
    begun = time.monotonic()
    answer = await api("POST", f"/v1/issues/{issue}/analyze?wait=20")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert time.monotonic() - begun < 10


async def test_the_same_key_gets_the_same_answer(api: Api) -> None:
    issue = await seeded(api)
    headers = {"Idempotency-Key": "once"}
    first = await api("POST", f"/v1/issues/{issue}/analyze", json={}, headers=headers)
    again = await api("POST", f"/v1/issues/{issue}/analyze", json={}, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/issues/iss_01jd3q4m6ve5jt8cmykq3rzm0a/analyze", {}, 404),
        ("POST", "/v1/issues/nonsense/analyze", {}, 404),
        ("GET", "/v1/issues/iss_01jd3q4m6ve5jt8cmykq3rzm0a/analyses", None, 404),
        ("GET", "/v1/analyses/ana_01jd3q4m6ve5jt8cmykq3rzm0a", None, 404),
        ("GET", "/v1/analyses/nonsense", None, 404),
        ("POST", "/v1/issues/iss_01jd3q4m6ve5jt8cmykq3rzm0a/analyze?wait=900", {}, 400),
        ("POST", "/v1/issues/iss_01jd3q4m6ve5jt8cmykq3rzm0a/analyze", {"engine": "x"}, 422),
    ],
)
async def test_refuses_what_cannot_be(api: Api, method: str, path: str, body: object, status: int) -> None:
    given: dict[str, Any] = {} if body is None else {"json": body}
    answer = await api(method, path, **given)
    assert answer.status_code == status, answer.text


async def test_needs_the_scope(api: Api) -> None:
    issue = await seeded(api)
    reader = await api.new_key(scopes={"issues:read"})
    assert (await api("POST", f"/v1/issues/{issue}/analyze", key=reader)).status_code == 403
    assert (await api.get(f"/v1/issues/{issue}/analyses", key=reader)).status_code == 200


AUTOMATIC = "/v1/automatic-analysis"


async def test_analyses_run_by_themselves_until_somebody_switches_them_off(api: Api) -> None:
    assert (await api.get(AUTOMATIC)).json() == {"enabled": True}
    for wanted in (False, False, True):
        assert (await api("PATCH", AUTOMATIC, json={"enabled": wanted})).json() == {"enabled": wanted}
        assert (await api.get(AUTOMATIC)).json() == {"enabled": wanted}
    done = (await api.get("/v1/audit?action=analysis.switch")).json()["audit"]
    assert [one["detail"] for one in done] == [{"isOn": True}, {"isOn": False}], "what is so already leaves no record"


async def test_a_key_that_reads_or_sees_some_clusters_only_does_not_switch(api: Api) -> None:
    reader = await api.new_key(scopes={"issues:read"})
    assert (await api("PATCH", AUTOMATIC, key=reader, json={"enabled": False})).status_code == 403
    limited = await api.new_key(scopes={"issues:read", "detectors:write"}, clusters={await api.new_cluster("prod")})
    answer = await api("PATCH", AUTOMATIC, key=limited, json={"enabled": False})
    assert (answer.status_code, answer.json()["code"]) == (403, "beyond_own_clusters")


async def test_an_analysis_with_less_evidence_says_so_and_the_issue_keeps_its_answer(api: Api) -> None:
    issue = await seeded(api)
    async with working(api):
        answer = (await api("POST", f"/v1/issues/{issue}/analyze?wait=10")).json()
        before = await api.get(f"/v1/issues/{issue}")
        running = {"phase": "Running", "containerStatuses": [{"name": "app", "restartCount": 3, "state": {"running": {}}}]}
        await objects(api, answer["clusterId"], "api-7d4f8b9c6-xk2lm", version="2", spec=KILLED["spec"], status=running)
        attempt = (await api("POST", f"/v1/issues/{issue}/analyze?wait=10")).json()
    assert (attempt["id"] != answer["id"], attempt["weakerThan"]) == (True, answer["id"])
    assert "the issue still shows that answer" in attempt["warnings"][0]
    after = await api.get(f"/v1/issues/{issue}")
    shown = after.json()["analysis"]
    assert (shown["id"], shown["rootCause"]) == (answer["id"], answer["rootCause"])
    assert (shown["attempt"]["id"], shown["attempt"]["trigger"]) == (attempt["id"], "manual")
    assert after.headers["etag"] != before.headers["etag"]
    listed = (await api.get(f"/v1/issues/{issue}/analyses")).json()["analyses"]
    assert [one.get("weakerThan") for one in listed] == [answer["id"], None]
