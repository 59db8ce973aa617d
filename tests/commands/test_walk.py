"""A command's whole way: row, frame, agent, API server, and back; over real TLS, on both engines."""

import asyncio
from typing import Any

import pytest

from optral.access import service as access
from optral.agent.commands.policy import READ_ONLY
from optral.commands.model import State
from optral.flows import commands as flow
from optral.terms.errors import Refused
from optral.terms.verbs import WRITES
from tests.commands.conftest import API, POD, Platform
from tests.support.kubedouble import path_of

RESTART = {"kind": "Deployment", "namespace": "shop", "name": "api"}
RAISE = {**RESTART, "container": "api", "limits": {"memory": "256Mi"}}


async def test_a_log_is_read_and_redacted(platform: Platform) -> None:
    platform.kube.logs[("api-1", "api", False)] = (
        b"starting\ndb password=cnry-log-11\ntoken ghp_abcdefghijklmnopq\nrstuvwxyz0123456789 end\n"
    )
    async with platform.agent():
        command = await platform.ask("logs", namespace="shop", pod="api-1")
    assert command.state is State.SUCCEEDED, command
    assert command.result is not None
    assert (command.result["container"], command.result["lines"], command.result["podUid"]) == ("api", 4, "uid-pod")
    assert "starting" in command.result["text"]
    for secret in ("cnry-log-11", "ghp_abcdefghijklmnopq", "rstuvwxyz0123456789"):
        assert secret not in command.result["text"]


async def test_a_long_log_comes_on_a_stream_of_its_own(platform: Platform) -> None:
    lines = [f"line {number} " + "x" * 400 for number in range(1500)]
    platform.kube.logs[("api-1", "api", False)] = "\n".join(lines).encode()
    async with platform.agent():
        command = await platform.ask("logs", namespace="shop", pod="api-1", tailLines=2000, limitBytes=1024 * 1024)
    assert command.result is not None
    assert command.result["text"].splitlines() == lines
    assert command.result["outputBytes"] == len(command.result["text"]) > 512 * 1024
    assert command.result["truncated"] is False


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param({"pod": "gone"}, "NOT_FOUND", id="no such pod"),
        pytest.param({"pod": "api-1", "container": "nginx"}, "CONTAINER_NOT_FOUND", id="no such container"),
        pytest.param({"pod": "api-1", "previous": True}, "NO_PREVIOUS", id="no earlier run"),
        pytest.param({"pod": "waits"}, "NOT_STARTED", id="never started"),
        pytest.param({"pod": "lost"}, "KUBELET_UNREACHABLE", id="the node is away"),
    ],
)
async def test_a_log_that_cannot_be_had_says_why(platform: Platform, asked: dict[str, Any], code: str) -> None:
    for name in ("waits", "lost"):
        platform.kube.put(
            path_of("pods", name, group="v1"), {"metadata": {"name": name}, "spec": {"nodeName": "n1", "containers": [{"name": "api"}]}}
        )
    platform.kube.log_errors["waits"] = (400, 'container "api" in pod "waits" is waiting to start: trying and failing to pull image')
    platform.kube.log_errors["lost"] = (500, "Get https://n1:10250/containerLogs/shop/lost/api: dial tcp: i/o timeout")
    async with platform.agent():
        command = await platform.ask("logs", namespace="shop", **asked)
    assert (command.state, command.code) == (State.FAILED, code), command
    assert command.message


async def test_get_and_events_are_redacted_like_the_inventory(platform: Platform) -> None:
    about = {"kind": "Deployment", "name": "api", "uid": "uid-api"}
    platform.kube.events = [
        {"metadata": {"name": "e1"}, "involvedObject": about, "message": "password=cnry-event-9", "lastTimestamp": "2026-01-02T00:00:00Z"},
        {"metadata": {"name": "e2"}, "involvedObject": {**about, "name": "other"}, "message": "another's"},
    ]
    async with platform.agent():
        got = await platform.ask("get", kind="Deployment", namespace="shop", name="api")
        told = await platform.ask("events", kind="Deployment", namespace="shop", name="api", uid="uid-api")
        secret = await platform.ask("get", kind="Secret", namespace="shop", name="api")
    assert got.result is not None and told.result is not None
    assert got.result["object"]["spec"]["replicas"] == 2
    assert "cnry-env-7f3a" not in str(got.result)
    assert [event["metadata"]["name"] for event in told.result["events"]] == ["e1"]
    assert "cnry-event-9" not in str(told.result)
    assert (secret.state, secret.code) == (State.REJECTED, "UNSUPPORTED")


async def test_a_dry_run_shows_the_difference_and_changes_nothing(platform: Platform) -> None:
    async with platform.agent():
        command = await platform.ask("setResources", dry_run=True, **RAISE)
    assert command.state is State.SUCCEEDED, command
    assert command.result is not None
    path = "spec.template.spec.containers[api].resources.limits.memory"
    assert command.result["diff"] == [{"path": path, "from": "128Mi", "to": "256Mi"}]
    assert (command.result["before"], command.result["after"]) == ({path: "128Mi"}, {path: "256Mi"})
    assert (command.result["uid"], command.result["managers"][0]["manager"]) == ("uid-api", "kubectl")
    assert command.result["resourceVersion"] == platform.kube.objects[API]["metadata"]["resourceVersion"]
    assert platform.kube.changes == 0


async def test_a_change_is_made_once_and_says_what_it_changed(platform: Platform) -> None:
    async with platform.agent():
        planned = await platform.ask("setResources", dry_run=True, **RAISE)
        assert planned.result is not None
        command = await platform.ask("setResources", if_uid="uid-api", if_version=planned.result["resourceVersion"], **RAISE)
    assert command.state is State.SUCCEEDED, command
    assert command.result is not None
    assert command.result["diff"] == planned.result["diff"]
    container = platform.kube.objects[API]["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"] == {"limits": {"memory": "256Mi"}}
    assert platform.kube.applied == {command.id: 1}
    asked = {"verb": "patch", "group": "apps", "resource": "deployments", "namespace": "shop", "name": "api"}
    assert platform.kube.reviews == [asked, asked]  # before the dry run, and before the change
    assert command.started_at is not None and command.received_at is not None


@pytest.mark.parametrize(
    ("verb", "params", "path", "seen"),
    [
        pytest.param(
            "restart", RESTART, API, lambda o: "kubectl.kubernetes.io/restartedAt" in o["spec"]["template"]["metadata"]["annotations"]
        ),
        pytest.param("scale", {**RESTART, "replicas": 5}, API, lambda o: o["spec"]["replicas"] == 5),
        pytest.param("rollback", {"namespace": "shop", "name": "api"}, API, lambda o: _image(o) == "shop/api:1"),
        pytest.param("rollback", {"namespace": "shop", "name": "api", "toRevision": 1}, API, lambda o: _image(o) == "shop/api:1"),
        pytest.param("cordon", {"node": "n1"}, "/api/v1/nodes/n1", lambda o: o["spec"]["unschedulable"] is True),
        pytest.param("uncordon", {"node": "n1"}, "/api/v1/nodes/n1", lambda o: "unschedulable" not in o["spec"]),
        pytest.param("deletePod", {"namespace": "shop", "name": "api-1"}, POD, lambda o: o is None),
    ],
)
async def test_every_write_does_what_it_says(platform: Platform, verb: str, params: dict[str, Any], path: str, seen: Any) -> None:
    _revisions(platform)
    if verb == "uncordon":
        platform.kube.objects["/api/v1/nodes/n1"]["spec"] = {"unschedulable": True}
    allowed = {"fixed_policy": _policy(WRITES)}
    async with platform.agent(**allowed):
        dry = await platform.ask(verb, dry_run=True, **params)
        assert platform.kube.changes == 0
        command = await platform.ask(verb, **params)
    assert (dry.state, command.state) == (State.SUCCEEDED, State.SUCCEEDED), (dry, command)
    assert dry.result is not None and command.result is not None
    assert dry.result["diff"] and command.result["diff"]
    assert platform.kube.changes == 1
    assert seen(platform.kube.objects.get(path))
    assert "cnry-env-7f3a" not in f"{dry.result} {command.result}"


ASKS_FOR_ITS_RIGHTS = "POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
"""A POST that stores nothing: by its answer the agent chooses the custom kinds that it watches."""


async def test_an_agent_without_a_policy_changes_nothing(platform: Platform) -> None:
    asked = {
        "restart": RESTART,
        "scale": {**RESTART, "replicas": 0},
        "setResources": RAISE,
        "rollback": {"namespace": "shop", "name": "api"},
        "deletePod": {"namespace": "shop", "name": "api-1"},
        "cordon": {"node": "n1"},
        "uncordon": {"node": "n1"},
        "setImage": {**RESTART, "container": "api", "tag": "v2"},
        "patch": {**RESTART, "field": "replicas", "value": 2},
        "evict": {"namespace": "shop", "name": "api-1"},
        "drain": {"node": "n1"},
        "rerunJob": {"namespace": "shop", "name": "import"},
        "renewCertificate": {"namespace": "shop", "name": "web-tls"},
    }
    assert set(asked) == WRITES
    async with platform.agent(fixed_policy=READ_ONLY):
        for verb, params in asked.items():
            for is_dry in (False, True):
                command = await platform.ask(verb, dry_run=is_dry, **params)
                assert (command.state, command.code) == (State.REJECTED, "POLICY_DENIED"), command
    assert not [one for one in platform.kube.requests if not one.startswith(("GET", ASKS_FOR_ITS_RIGHTS))]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"if_uid": "uid-of-another"}, "PRECONDITION", id="another object of that name"),
        pytest.param({"if_version": "1"}, "PRECONDITION", id="an older version"),
        pytest.param({"name": "gone"}, "NOT_FOUND", id="no such object"),
        pytest.param({"container": "nginx"}, "CONTAINER_NOT_FOUND", id="a container it does not have is never added"),
        pytest.param({"namespace": "billing"}, "POLICY_DENIED", id="a namespace that is not listed"),
        pytest.param({"namespace": "kube-system"}, "POLICY_DENIED", id="kube-system"),
    ],
)
async def test_a_change_that_does_not_fit_is_not_made(platform: Platform, more: dict[str, Any], code: str) -> None:
    async with platform.agent():
        command = await platform.ask("setResources", **{**RAISE, **more})
    assert command.code == code, command
    assert command.state in (State.FAILED, State.REJECTED)
    assert platform.kube.changes == 0


async def test_what_the_role_does_not_allow_is_not_tried(platform: Platform) -> None:
    platform.kube.is_allowed = False
    async with platform.agent():
        command = await platform.ask("restart", **RESTART)
    assert (command.state, command.code) == (State.REJECTED, "RBAC_DENIED")
    assert not [one for one in platform.kube.requests if one.startswith("PATCH")]


async def test_an_object_that_moves_is_looked_at_again_unless_a_version_was_named(platform: Platform) -> None:
    moves = [0]

    def move(path: str) -> None:
        if moves[0] < 2:
            moves[0] += 1
            platform.kube.touch(path, replicas=moves[0])

    platform.kube.before_patch = move
    async with platform.agent():
        command = await platform.ask("restart", **RESTART)
        assert (command.state, platform.kube.changes) == (State.SUCCEEDED, 1), command
        moves[0] = 0
        bound = await platform.ask("restart", if_version=platform.kube.objects[API]["metadata"]["resourceVersion"], **RESTART)
    assert (bound.state, bound.code) == (State.FAILED, "PRECONDITION")
    assert platform.kube.changes == 1


async def test_nobody_waits_for_a_cluster_that_is_away(platform: Platform) -> None:
    with pytest.raises(Refused) as refusal:
        await platform.ask("logs", namespace="shop", pod="api-1")
    assert refusal.value.code == "cluster_offline"


async def test_a_command_that_was_queued_meanwhile_is_done_when_the_agent_comes(platform: Platform) -> None:
    command = await platform.enqueue("restart", **RESTART)
    async with platform.agent():
        ended = await platform.ended(command.id)
    assert (ended.state, platform.kube.changes) == (State.SUCCEEDED, 1)


async def test_a_command_is_cancelled_before_its_change_and_not_after(platform: Platform) -> None:
    platform.kube.gate.clear()
    async with platform.agent():
        command = await platform.enqueue("restart", **RESTART)
        await platform.kube.at_gate.wait()  # the change is on its way
        await platform.store.write(platform.actor, lambda tx: flow.cancel(tx, command.id, reason="stop"))
        await asyncio.sleep(0.3)
        platform.kube.gate.set()
        ended = await platform.ended(command.id)
    assert (ended.state, platform.kube.changes) == (State.SUCCEEDED, 1), "which side won is what the object says"
    waiting = await platform.enqueue("restart", **RESTART)
    cancelled = await platform.store.write(platform.actor, lambda tx: flow.cancel(tx, waiting.id, reason="stop"))
    assert cancelled.state is State.CANCELED
    async with platform.agent(token=""):
        await platform.ask("get", kind="Deployment", namespace="shop", name="api")
    assert platform.kube.changes == 1


async def test_two_changes_of_one_object_at_once_are_one_change(platform: Platform) -> None:
    platform.kube.gate.clear()
    async with platform.agent():
        first = await platform.enqueue("restart", **RESTART)
        await platform.kube.at_gate.wait()
        second = await platform.ask("scale", **RESTART, replicas=9)
        platform.kube.gate.set()
        ended = await platform.ended(first.id)
    assert (second.state, second.code) == (State.REJECTED, "BUSY")
    assert (ended.state, platform.kube.changes) == (State.SUCCEEDED, 1)


async def test_many_reads_at_once_all_come_back(platform: Platform) -> None:
    async with platform.agent():
        asked = [platform.ask("get", kind="Deployment", namespace="shop", name="api", wait_s=30) for _ in range(40)]
        ended = await asyncio.gather(*asked)
    assert {command.state for command in ended} == {State.SUCCEEDED}


async def test_a_change_is_audited_with_its_parameters(platform: Platform) -> None:
    async with platform.agent():
        command = await platform.ask("scale", **RESTART, replicas=3, origin="execution:exe_1")
    records = await platform.store.read(platform.actor, lambda tx: access.records_after(tx, 0))
    (record,) = [one for one in records if one.action == "command.scale"]
    assert record.target == command.id
    assert '"replicas":3' in record.detail


def _image(obj: dict[str, Any]) -> str:
    return str(obj["spec"]["template"]["spec"]["containers"][0]["image"])


def _policy(verbs: Any) -> Any:
    from optral.agent.commands import policy

    return policy.of(["shop"], sorted(verbs))


def _revisions(platform: Platform) -> None:
    for number in (1, 2):
        template = {
            "metadata": {"labels": {"app": "api", "pod-template-hash": f"h{number}"}},
            "spec": {
                "containers": [{"name": "api", "image": f"shop/api:{number}", "env": [{"name": "DB_PASSWORD", "value": "cnry-env-7f3a"}]}]
            },
        }
        meta = {
            "name": f"api-h{number}",
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
            "ownerReferences": [{"uid": "uid-api", "controller": True}],
        }
        platform.kube.put(path_of("replicasets", f"api-h{number}"), {"metadata": meta, "spec": {"template": template}})
