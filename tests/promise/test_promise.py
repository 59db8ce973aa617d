"""Every row of the public promise, asked of a running Optral from outside. docs/promise.md names the test of each row.

One demo serves all. What takes a minute by its nature (a runbook's verification, an agent's silence) is begun by the first tests and
waited for by the last.
"""

import base64
import json
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import openapi_spec_validator
import pytest
import yaml
from playwright.async_api import Page, expect

from tests.promise.world import EMAIL, ESTABLISHED, LISTEN, PASSWORD, World, demo, kubernetes, sockets
from tests.support.chromium import launched
from tests.support.platform import kill, until

pytestmark = pytest.mark.slow

PROMISED_FIELDS = ["id", "type", "severity", "status", "cluster", "resource", "namespace", "detectedAt", "hasAnalysis"]
PROMISED_EVENTS = {
    *("issue.created", "issue.resolved", "issue.updated", "cluster.online", "cluster.offline"),
    *("runbook.started", "runbook.completed", "analysis.ready"),
}
PROMISED_OPERATIONS = {
    "/v1/clusters": {"get", "post"},
    "/v1/clusters/{cluster_id}": {"get", "patch", "delete"},
    "/v1/issues": {"get"},
    "/v1/issues/{issue_id}": {"get", "patch"},
    "/v1/issues/{issue_id}/analyze": {"post"},
    "/v1/runbooks": {"get", "post"},
    "/v1/runbooks/{runbook_id}": {"get"},
    "/v1/runbooks/{runbook_id}/execute": {"post"},
    "/v1/resources": {"get"},
    "/v1/resources/{resource_id}": {"get"},
    "/v1/events/stream": {"get"},
}
RATE_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
OFFLINE_S = 45  # without a word an agent is lost after this


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with demo(tmp_path_factory.mktemp("promise")) as made:
        yield made


class Repair(NamedTuple):
    """A bad image tag rolled back: the dry run, and the execution that was approved."""

    dry_run: dict[str, Any]
    execution_id: str


@pytest.fixture(scope="module")
def repair(world: World) -> Repair:
    issue = world.issue("ImagePullBackOff")
    path = f"/v1/runbooks/{world.runbook('rollback-workload')['id']}/execute"
    body = {"issueId": issue["id"], "parameters": {"namespace": "payments", "name": "ledger"}}
    dry_run = world.call("POST", f"{path}?wait=20", json=body | {"dryRun": True})
    execution = world.ask("POST", path, json=body | {"reason": "the new tag does not exist"})
    assert execution.status_code == 202, execution.text
    where = execution.headers["Location"]
    ready = until(lambda: _ready(world.call("GET", where)), within_s=20, what="a plan to approve")
    decision = {"reason": "seen", "confirm": "ledger", "planHash": ready["plan"]["hash"]}
    world.call("POST", f"{where}/approve", json=decision)
    return Repair(dry_run, execution.json()["id"])


def _ready(execution: dict[str, Any]) -> dict[str, Any] | None:
    return execution if execution["approval"]["ready"] else None


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with kubernetes(tmp_path_factory.mktemp("kubernetes")) as path:
        yield path


def connect(world: World, kubeconfig: Path, name: str) -> str:
    """A new cluster whose agent runs and is online; its id."""
    cluster_id = str(world.platform.create_cluster(name)["id"])
    world.platform.start_agent(cluster_id, kubeconfig)
    log = world.platform.log(f"agent-{cluster_id}")
    until(lambda: world.call("GET", f"/v1/clusters/{cluster_id}")["status"] == "online", within_s=40, what=f"{name} to be online", log=log)
    return cluster_id


@pytest.fixture(scope="module")
def lost(world: World, kubeconfig: Path) -> str:
    """The id of a cluster whose agent was online and was killed without a word."""
    cluster_id = connect(world, kubeconfig, "lost")
    world.platform.kill_agent(cluster_id)
    return cluster_id


def test_post_runbook_execute_dry_run_answers_what_would_change(world: World, repair: Repair) -> None:
    assert repair.dry_run["dryRun"] is True
    assert repair.dry_run["status"] == "succeeded"
    (change,) = repair.dry_run["plan"]["diff"]
    assert change["path"] == "spec.template.spec.containers[ledger].image"
    assert change["from"] != change["to"]
    assert [step["state"] for step in repair.dry_run["steps"]] == ["skipped"]


def test_the_agent_opens_no_port_and_holds_a_tunnel_that_wants_a_certificate(
    world: World, kubeconfig: Path, lost: str, tmp_path: Path
) -> None:
    cluster_id = connect(world, kubeconfig, "edge")
    agent = world.platform.agents[cluster_id]
    open_now = sockets(agent.pid)
    assert [one for one in open_now if one[0] == LISTEN] == []
    assert world.tunnel_port in [remote for state, _, remote in open_now if state == ESTABLISHED]
    assert _greeting(world.tunnel_port) == b""
    assert _greeting(world.tunnel_port, _certificate(world, cluster_id, tmp_path)) != b""
    assert world.call("GET", f"/v1/clusters/{cluster_id}")["agent"]["certExpiresAt"].endswith("Z")
    kill(world.platform.agents.pop(cluster_id), signal.SIGTERM)


def _certificate(world: World, cluster_id: str, folder: Path) -> Path:
    """What the agent shows the tunnel, as one PEM file."""
    kept = json.loads((world.platform.folder / f"agent-{cluster_id}" / "identity.json").read_text())
    path = folder / "agent.pem"
    path.write_bytes(b"".join(base64.b64decode(kept[name]) for name in ("chain_pem", "key_pem")))
    return path


def _greeting(port: int, certificate: Path | None = None) -> bytes:
    """What the tunnel's port says to a TLS client; nothing when it is refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    if certificate:
        context.load_cert_chain(certificate)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
        try:
            with context.wrap_socket(plain) as wrapped:
                wrapped.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
                return wrapped.recv(9)
        except (ssl.SSLError, ConnectionError):
            return b""


async def test_api_keys_are_made_in_the_dashboard_shown_once_and_used_as_bearer(world: World) -> None:
    assert world.person.get("/v1/me").is_success  # there is an account to sign in to
    async with launched() as browser:
        page = await browser.new_page()
        await _sign_in(page, world.url)
        await page.get_by_role("link", name="Settings").first.click()
        await page.get_by_role("link", name="API Keys").click()
        await page.get_by_role("button", name="Create API Key").first.click()
        await page.get_by_label("Name").fill("from the dashboard")
        await page.get_by_role("button", name="Create", exact=True).click()
        key = (await page.get_by_role("dialog", name="Store this key now").get_by_role("textbox").inner_text()).strip()
        await page.get_by_role("button", name="I have stored it").click()
        await expect(page.get_by_text("from the dashboard").first).to_be_visible()
        await page.reload()
        await expect(page.get_by_text("from the dashboard").first).to_be_visible()
        assert key not in await page.content()
    assert re.fullmatch(r"mht_[0-9A-Za-z]{46}", key)
    assert world.ask("GET", "/v1/issues", key=key).status_code == 200
    assert key not in world.ask("GET", "/v1/api-keys?pageSize=100").text
    assert world.ask("GET", "/v1/issues", key=key[:-1] + ("0" if key[-1] != "0" else "1")).status_code == 401


async def _sign_in(page: Page, url: str) -> None:
    page.set_default_timeout(20_000)
    await page.goto(f"{url}/issues")
    await page.get_by_label("Email").fill(EMAIL)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


def test_get_and_post_clusters_and_get_patch_and_delete_one(world: World) -> None:
    made = world.ask("POST", "/v1/clusters", json={"name": "plant", "labels": {"region": "north"}})
    assert made.status_code == 201
    assert made.json()["status"] == "pending"
    path = f"/v1/clusters/{made.json()['id']}"
    listed = world.call("GET", "/v1/clusters?pageSize=100")
    assert list(listed)[:4] == ["clusters", "total", "page", "pageSize"]
    assert {"demo", "plant"} <= {one["name"] for one in listed["clusters"]}
    assert world.call("GET", path)["labels"] == {"region": "north"}
    assert world.call("PATCH", path, json={"name": "plant-1"})["name"] == "plant-1"
    assert world.ask("DELETE", path).status_code == 200
    assert world.ask("GET", path).status_code == 404
    assert "plant-1" not in {one["name"] for one in world.call("GET", "/v1/clusters?pageSize=100")["clusters"]}


def test_get_issues_answers_the_fixed_envelope_and_nine_fields_in_their_order(world: World) -> None:
    world.issue("OOMKilled")
    answer = world.call("GET", "/v1/issues?cluster=demo&pageSize=100")
    assert list(answer)[:4] == ["issues", "total", "page", "pageSize"]
    assert (answer["page"], answer["pageSize"]) == (1, 100)
    assert answer["total"] == len(answer["issues"]) > 0
    for issue in answer["issues"]:
        assert list(issue)[:9] == PROMISED_FIELDS
        assert issue["id"].startswith("iss_")
        assert issue["cluster"] == "demo"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", issue["detectedAt"])
        assert isinstance(issue["hasAnalysis"], bool)
    assert world.call("GET", "/v1/issues")["pageSize"] == 20


@pytest.mark.parametrize(
    ("name", "value"), [("cluster", "demo"), ("severity", "high"), ("severity", "medium"), ("status", "open"), ("type", "OOMKilled")]
)
def test_get_issues_filters_by_cluster_severity_status_and_type(world: World, name: str, value: str) -> None:
    world.issue("OOMKilled")
    found = until(lambda: world.call("GET", f"/v1/issues?{name}={value}&pageSize=100")["issues"], within_s=150, what=f"{name}={value}")
    assert {issue[name] for issue in found} == {value}


def test_get_issues_refuses_a_filter_value_that_cannot_be(world: World) -> None:
    for query in ("severity=dreadful", "status=fine", "colour=red"):
        assert world.ask("GET", f"/v1/issues?{query}").status_code == 400
    for other in ("cluster=nowhere", "type=NoSuchType"):
        assert world.call("GET", f"/v1/issues?{other}")["total"] == 0


def test_get_issue_answers_it_with_its_analysis(world: World) -> None:
    path = f"/v1/issues/{world.issue('OOMKilled')['id']}"
    issue = until(lambda: _explained(world.call("GET", path)), within_s=150, what="an analysis")
    assert list(issue)[:9] == PROMISED_FIELDS
    assert issue["hasAnalysis"] is True
    analysis = issue["analysis"]
    assert analysis["rootCause"]["id"]
    assert 0 < analysis["confidence"] <= 1
    cited = {evidence for one in analysis["hypotheses"] for evidence in one["evidenceIds"]}
    assert cited
    assert cited <= {one["id"] for one in analysis["evidence"]}
    assert analysis["recommendedActions"][0]["runbook"] == "raise-memory-limit"
    for action in analysis["recommendedActions"]:
        assert "runbook" not in action or action["risk"] == world.runbook(action["runbook"])["risk"]


def _explained(issue: dict[str, Any]) -> dict[str, Any] | None:
    return issue if issue.get("analysis", {}).get("status") == "ready" else None


def test_post_issue_analyze_answers_202_with_a_location_and_waits(world: World) -> None:
    issue = world.issue("OOMKilled")
    answer = world.ask("POST", f"/v1/issues/{issue['id']}/analyze?wait=20")
    assert answer.status_code == 202
    assert answer.json()["status"] in ("ready", "inconclusive")
    assert world.call("GET", answer.headers["Location"])["issueId"] == issue["id"]


def test_patch_issue_acknowledges_and_resolves(world: World) -> None:
    """FailedScheduling opens a minute after the pod was created."""
    path = f"/v1/issues/{world.issue('FailedScheduling', within_s=150)['id']}"
    before = world.call("GET", path)
    acknowledged = world.call("PATCH", path, json={"status": "acknowledged"})
    assert acknowledged["status"] == "acknowledged"
    assert acknowledged["version"] > before["version"]
    resolved = world.call("PATCH", path, json={"status": "resolved"})
    assert resolved["status"] == "resolved"
    assert resolved["resolvedAt"].endswith("Z")
    assert world.ask("PATCH", path, json={"status": "gone"}).status_code in (400, 422)


RUNBOOK = """\
slug: look-at-orders
name: Look at orders
risk: readOnly
steps:
  - name: Read it
    action: get
    with: {kind: Deployment, namespace: shop, name: orders}
"""


def test_get_and_post_runbooks_and_get_one_with_recent_executions(world: World) -> None:
    made = world.ask("POST", "/v1/runbooks", json={"source": RUNBOOK})
    assert made.status_code == 201, made.text
    listed = world.call("GET", "/v1/runbooks?pageSize=100")
    assert list(listed)[:4] == ["runbooks", "total", "page", "pageSize"]
    assert {"look-at-orders", "raise-memory-limit", "rollback-workload"} <= {one["slug"] for one in listed["runbooks"]}
    path = f"/v1/runbooks/{made.json()['id']}"
    assert world.call("GET", path)["recentExecutions"] == []
    done = world.call("POST", f"{path}/execute?wait=20", json={"clusterId": "demo", "parameters": {}})
    assert done["status"] == "succeeded"
    assert [one["id"] for one in world.call("GET", path)["recentExecutions"]] == [done["id"]]


def test_get_resources_filters_by_cluster_kind_and_namespace(world: World) -> None:
    found = world.call("GET", "/v1/resources?cluster=demo&kind=Deployment&namespace=shop&pageSize=100")
    assert list(found)[:4] == ["resources", "total", "page", "pageSize"]
    assert found["total"] == len(found["resources"]) > 1
    assert {(one["cluster"], one["kind"], one["namespace"]) for one in found["resources"]} == {("demo", "Deployment", "shop")}
    for wider in ("cluster=demo&kind=Deployment", "cluster=demo&namespace=shop"):
        assert world.call("GET", f"/v1/resources?{wider}")["total"] > found["total"]
    assert world.call("GET", "/v1/resources?cluster=nowhere")["total"] == 0


def test_get_resource_answers_its_yaml_manifest(world: World) -> None:
    told = _manifest(world, "shop", "catalog")
    assert (told["apiVersion"], told["kind"], told["metadata"]["name"]) == ("apps/v1", "Deployment", "catalog")
    assert told["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] == "192Mi"


def _manifest(world: World, namespace: str, name: str) -> dict[str, Any]:
    """A Deployment as its YAML tells it."""
    listed = world.platform.all(f"/v1/resources?cluster=demo&kind=Deployment&namespace={namespace}", "resources")
    found = next(one for one in listed if one["name"] == name)
    return dict(yaml.safe_load(world.call("GET", f"/v1/resources/{found['id']}")["manifest"]))


def test_every_answer_tells_the_rate_limit(world: World) -> None:
    made = world.person.post("/v1/api-keys", json={"name": "slow", "scopes": ["issues:read"], "limitPerMinute": 2})
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    answers = {
        200: world.ask("GET", "/v1/issues"),
        401: httpx2.get(f"{world.url}/v1/issues"),
        404: world.ask("GET", "/v1/nothing"),
        405: world.ask("PUT", "/v1/issues"),
        415: world.ask("POST", "/v1/clusters", content="name: x", headers={"Content-Type": "text/plain"}),
        429: [world.ask("GET", "/v1/issues", key=key) for _ in range(3)][-1],
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        _assert_told(answer)
    assert answers[429].headers["X-RateLimit-Remaining"] == "0"
    assert int(answers[429].headers["Retry-After"]) > 0
    for path in ("/v1/events/stream", "/api/events"):
        with httpx2.stream("GET", world.url + path, headers={"Authorization": f"Bearer {world.platform.key}"}, timeout=60) as opening:
            assert opening.headers["Content-Type"].startswith("text/event-stream")
            _assert_told(opening)


def test_the_rate_limit_follows_the_plan(world: World) -> None:
    plan = world.ask("GET", "/v1/plan")
    assert int(plan.headers["X-RateLimit-Limit"]) == plan.json()["requestsPerMinute"]


def _assert_told(answer: httpx2.Response) -> None:
    limit, remaining, reset = (int(answer.headers[name]) for name in RATE_HEADERS)
    assert 0 <= remaining < limit
    assert reset > 1_700_000_000


def test_the_openapi_document_is_3_0_valid_and_complete(world: World) -> None:
    document = world.call("GET", "/v1/openapi.json")
    assert document["openapi"].startswith("3.0.")
    openapi_spec_validator.validate(document)
    for path, methods in PROMISED_OPERATIONS.items():
        assert methods <= set(document["paths"][path]), path
    operations = [operation for path in document["paths"].values() for operation in path.values() if "responses" in operation]
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert yaml.safe_load(world.ask("GET", "/v1/openapi.yaml").text) == document


def test_the_event_stream_and_its_alias_go_on_from_the_last_event_id(world: World) -> None:
    seen = until(lambda: world.stream.frames[:4] if len(world.stream.frames) >= 4 else None, within_s=150, what="four events")
    assert [one.id for one in seen] == sorted({one.id for one in seen})
    for path in ("/v1/events/stream", "/api/events"):
        again = _replay(world, path, after=seen[0].id, count=3)
        assert again == [(one.id, one.event, one.data) for one in seen[1:]]


def _replay(world: World, path: str, *, after: int, count: int) -> list[tuple[int, str, Any]]:
    headers = {"Authorization": f"Bearer {world.platform.key}", "Last-Event-ID": str(after)}
    found: list[tuple[int, str, Any]] = []
    fields: dict[str, str] = {}
    with httpx2.stream("GET", world.url + path, headers=headers, timeout=60) as answer:
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            fields[name] = value
            if not line and "data" in fields:
                found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
                fields = {}
            if len(found) == count:
                break
    return found


# From here on the tests wait for what the first ones began.


def test_the_namespace_of_an_issue_of_no_namespace_is_null(world: World) -> None:
    issue = world.issue("NodeNotReady", within_s=110)
    assert list(issue)[:9] == PROMISED_FIELDS
    assert issue["namespace"] is None


def test_post_runbook_execute_repairs_the_cluster_once_approved(world: World, repair: Repair) -> None:
    path = f"/v1/executions/{repair.execution_id}"
    ended = until(lambda: _ended(world.call("GET", path)), within_s=110, what="the execution to end", every_s=0.5)
    assert ended["status"] == "succeeded", ended
    assert ended["verification"]["status"] == "passed"
    runbook = world.call("GET", f"/v1/runbooks/{ended['runbook']['id']}")
    assert repair.execution_id in [one["id"] for one in runbook["recentExecutions"]]
    (change,) = repair.dry_run["plan"]["diff"]
    assert _image(world, "payments", "ledger") == change["to"]
    completed = world.stream.wait_for(lambda frame: frame.event == "runbook.completed" and repair.execution_id in frame.text, within_s=10)
    assert completed.data["status"] == "succeeded"


def _image(world: World, namespace: str, name: str) -> str:
    """The image that a Deployment's only container has now."""
    return str(_manifest(world, namespace, name)["spec"]["template"]["spec"]["containers"][0]["image"])


def _ended(execution: dict[str, Any]) -> dict[str, Any] | None:
    return execution if "finishedAt" in execution else None


def test_the_event_stream_carries_all_eight_types(world: World, repair: Repair, lost: str) -> None:
    world.stream.wait_for(lambda frame: frame.event == "cluster.online" and lost in frame.text, within_s=10)
    world.stream.wait_for(lambda frame: frame.event == "cluster.offline" and lost in frame.text, within_s=OFFLINE_S + 30)
    for event in sorted(PROMISED_EVENTS):
        world.stream.wait_for(lambda frame, event=event: frame.event == event, within_s=110)  # type: ignore[misc]
    assert world.call("GET", f"/v1/clusters/{lost}")["status"] == "offline"
