"""A control plane that means harm: forged, stale, replayed, oversized and out-of-bounds commands. None changes anything."""

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from optral.agent.commands import policy
from optral.agent.commands.policy import READ_ONLY
from optral.terms import ids
from optral.terms.verbs import WRITES
from optral.wire.agent.v1 import tunnel_pb2 as pb
from tests.agent.commanding import EVERYTHING, Agent, again, message, name
from tests.support.changes import TARGET, WRITES as WRITE_PARAMS
from tests.support.kubedouble import KubeDouble

ATTACKS = 5000
PROBE = {"check": "tcp", "kind": "Service", "namespace": "shop", "name": "web", "port": 80}


@pytest.mark.parametrize(
    ("verb", "params", "code"),
    [
        pytest.param("exec", {"command": ["sh"]}, "UNSUPPORTED", id="no shell"),
        pytest.param("apply", {"manifest": "x"}, "UNSUPPORTED", id="no manifest"),
        pytest.param("patch", TARGET, "INVALID", id="no free patch"),
        pytest.param("patch", {**TARGET, "field": "env", "value": "x"}, "INVALID", id="no field outside the table"),
        pytest.param("patch", {**TARGET, "field": "replicas", "value": 101}, "POLICY_DENIED", id="replicas as with scale"),
        pytest.param("patch", {**TARGET, "field": "toleration", "value": "a=b:NoSchedule"}, "POLICY_DENIED", id="a taint not listed"),
        pytest.param("patch", {**TARGET, "kind": "Secret", "field": "replicas", "value": 1}, "INVALID", id="no field of a Secret"),
        pytest.param("", {}, "UNSUPPORTED", id="no verb"),
        pytest.param("restart", {**TARGET, "kind": "Secret"}, "INVALID", id="a kind that cannot be restarted"),
        pytest.param("restart", {**TARGET, "kind": "ClusterRoleBinding"}, "INVALID", id="RBAC"),
        pytest.param("restart", {**TARGET, "name": "../../../../api/v1/secrets/x"}, "INVALID", id="a path for a name"),
        pytest.param("restart", {**TARGET, "name": "api?dryRun=All"}, "INVALID", id="a query in a name"),
        pytest.param("restart", {**TARGET, "namespace": "shop/pods"}, "INVALID", id="a path for a namespace"),
        pytest.param("restart", {**TARGET, "namespace": "kube-system"}, "POLICY_DENIED", id="kube-system"),
        pytest.param("restart", {**TARGET, "namespace": "optral"}, "POLICY_DENIED", id="the agent's own namespace"),
        pytest.param("restart", {**TARGET, "namespace": "billing"}, "POLICY_DENIED", id="another namespace"),
        pytest.param("restart", {**TARGET, "extra": 1}, "INVALID", id="a field too many"),
        pytest.param("scale", {**TARGET, "replicas": 10**9}, "INVALID", id="a billion replicas"),
        pytest.param("scale", {**TARGET, "replicas": 101}, "POLICY_DENIED", id="more than the policy's replicas"),
        pytest.param("scale", {**TARGET, "replicas": "5"}, "INVALID", id="a number in quotes"),
        pytest.param("setImage", {**TARGET, "container": "api", "image": "evil/api:1"}, "INVALID", id="another repository"),
        pytest.param("setImage", {**TARGET, "container": "api", "tag": "1@sha256:0"}, "INVALID", id="a digest in a tag"),
        pytest.param("setImage", {**TARGET, "container": "api", "tag": "../evil:1"}, "INVALID", id="a path in a tag"),
        pytest.param("setImage", {**TARGET, "container": "api"}, "INVALID", id="no version at all"),
        pytest.param("rerunJob", {"namespace": "shop", "name": "report", "manifest": {}}, "INVALID", id="a Job of one's own"),
        pytest.param("setResources", {**TARGET, "container": "api", "limits": {"memory": "1Ei; rm"}}, "INVALID", id="no quantity"),
        pytest.param(
            "setResources", {**TARGET, "container": "api", "limits": {"ephemeral-storage": "1Gi"}}, "INVALID", id="another resource"
        ),
        pytest.param("get", {"kind": "Secret", "namespace": "shop", "name": "db"}, "UNSUPPORTED", id="Secrets are not read"),
        pytest.param("get", {"kind": "Role.rbac.authorization.k8s.io", "namespace": "shop", "name": "x"}, "UNSUPPORTED", id="nor roles"),
        pytest.param("get", {"kind": "Pod", "name": "x"}, "INVALID", id="a pod without a namespace is a list"),
        pytest.param("get", {"kind": "Node", "namespace": "shop", "name": "x"}, "INVALID", id="a node with one"),
        pytest.param("logs", {"namespace": "shop", "pod": "api-1", "tailLines": 10**6}, "INVALID", id="a million lines"),
        pytest.param("probe", PROBE, "POLICY_DENIED", id="a connection that the policy does not list"),
        pytest.param("probe", {**PROBE, "address": "169.254.169.254"}, "INVALID", id="a connection to an address"),
        pytest.param("probe", {**PROBE, "kind": "Node", "name": "n1"}, "INVALID", id="a connection to a node"),
    ],
)
async def test_what_no_verb_allows_never_reaches_the_api_server(
    double: KubeDouble, tmp_path: Path, verb: str, params: dict[str, Any], code: str
) -> None:
    async with Agent(double, tmp_path) as agent:
        end = await agent.do(verb, **params)
    assert (name(end), end.code) == ("REJECTED", code), end
    assert double.requests == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        pytest.param({"fence": 7}, "STALE_FENCE", id="of another session"),
        pytest.param({"fence": 0}, "STALE_FENCE", id="of none"),
        pytest.param({"expires_in_ms": 0}, "EXPIRED", id="too late"),
        pytest.param({"params_json": b"x" * (64 * 1024 + 1)}, "INVALID", id="too large"),
        pytest.param({"params_json": b"[" * 60_000}, "INVALID", id="a bomb of brackets"),
        pytest.param({"params_json": b"\xff\xfe"}, "INVALID", id="no text"),
        pytest.param({"uid": "u" * 100}, "INVALID", id="a precondition too long"),
    ],
)
async def test_a_frame_that_is_not_in_order_is_refused(double: KubeDouble, tmp_path: Path, changed: dict[str, Any], code: str) -> None:
    command = message("restart", **TARGET)
    async with Agent(double, tmp_path) as agent:
        agent.say(again(command, attempt=1, **changed))
        end = await agent.end_of(command.command_id)
    assert end is not None
    assert (name(end), end.code) == ("REJECTED", code)
    assert double.requests == []


async def test_a_replayed_command_is_answered_and_not_done(double: KubeDouble, tmp_path: Path) -> None:
    command = message("restart", **TARGET)
    async with Agent(double, tmp_path) as agent:
        for attempt in range(1, 20):
            agent.say(again(command, attempt=attempt))
            assert await agent.end_of(command.command_id) is not None
        forged = message("scale", **TARGET, replicas=0, command_id=command.command_id)
        agent.say(forged)
        end = await agent.end_of(command.command_id)
    assert double.changes == 1
    assert end is not None
    assert (name(end), end.code) == ("REJECTED", "INVALID"), "the same id with another content"


async def test_an_id_that_is_none_is_not_even_answered(double: KubeDouble, tmp_path: Path) -> None:
    async with Agent(double, tmp_path) as agent:
        for command_id in ("", "cmd_", "cmd_../../x", "x" * 5000):
            agent.say(again(message("restart", **TARGET), attempt=1, command_id=command_id))
        assert agent.commands.next_report() is None
    assert double.requests == []


async def test_a_flood_is_refused_beyond_a_few(double: KubeDouble, tmp_path: Path) -> None:
    double.gate.clear()
    async with Agent(double, tmp_path) as agent:
        commands = [message("get", kind="Deployment", namespace="shop", name="api") for _ in range(500)]
        for command in commands:
            agent.say(command)
        busy = 0
        while (report := agent.commands.next_report()) is not None:
            busy += report.code == "BUSY"
    assert busy == 500 - 16


async def test_thousands_of_attacks_change_nothing(double: KubeDouble, tmp_path: Path) -> None:
    rng = random.Random(20)
    allowed = policy.of(["shop"], ["restart"])
    seen: set[str] = set()
    async with Agent(double, tmp_path, allowed=allowed) as agent:
        for _ in range(ATTACKS):
            command = _attack(rng)
            agent.say(command)
            while (report := agent.commands.next_report()) is not None:
                assert name(report) == "REJECTED" or report.code == "POLICY_DENIED", report
                seen.add(report.code)
    assert double.requests == []
    assert {"UNSUPPORTED", "INVALID", "POLICY_DENIED", "STALE_FENCE", "EXPIRED"} <= seen


@pytest.mark.parametrize("verb", sorted(WRITES))
async def test_read_only_means_read_only(double: KubeDouble, tmp_path: Path, verb: str) -> None:
    async with Agent(double, tmp_path, allowed=READ_ONLY) as agent:
        for is_dry in (False, True):
            end = await agent.do(verb, dry_run=is_dry, **WRITE_PARAMS[verb])
            assert (name(end), end.code) == ("REJECTED", "POLICY_DENIED")
    assert double.requests == []


async def test_without_a_disk_nothing_is_changed(double: KubeDouble) -> None:
    async with Agent(double, None, allowed=EVERYTHING) as agent:
        end = await agent.do("restart", **TARGET)
    assert (name(end), end.code, double.changes) == ("REJECTED", "POLICY_DENIED", 0)


def _attack(rng: random.Random) -> pb.Command:
    """Something that must not be done: each has at least one thing wrong with it."""
    if rng.random() < 0.3:  # well said, and out of bounds
        out_of_bounds = [
            ("restart", {**TARGET, "namespace": rng.choice(["kube-system", "billing", "optral"])}),
            ("scale", {**TARGET, "replicas": 0}),
            ("cordon", {"node": "n1"}),
            ("deletePod", {"namespace": "shop", "name": "api-1"}),
        ]
        if rng.random() < 0.2:
            return message("restart", expires_in_ms=0, **TARGET)
        verb, params = rng.choice(out_of_bounds)
        return message(verb, attempt=rng.choice([1, 2]), age_ms=rng.choice([0, 2**40]), dry_run=rng.random() < 0.5, **params)
    verb = rng.choice([*sorted(WRITES), "exec", "apply", "RESTART", "restart\x00", "logs", "probe"])
    namespace = rng.choice(["kube-system", "kube-public", "kube-node-lease", "optral", "billing", "", "shop\n", "../shop", "SHOP", "*"])
    params: dict[str, Any] = {
        "kind": rng.choice(["Deployment", "Secret", "Role", "ClusterRole", "Namespace", "Node"]),
        "namespace": namespace,
        "name": rng.choice(["api", "a/b", "a%2Fb", "..", "api?x=1", "", "x" * 300]),
    }
    if rng.random() < 0.3:
        params[rng.choice(["replicas", "node", "container", "limits", "env", "command", "securityContext", "$patch"])] = rng.choice(
            [-1, 10**12, "x", None, {"memory": "-1"}, ["sh", "-c", "id"]]
        )
    raw = msgspec.json.encode(params)
    if rng.random() < 0.1:
        raw = rng.choice([b"", b"null", b"[]", b"{", raw * 3000, b'{"kind":"Deployment","kind":"Secret"}', b"\x00"])
    return pb.Command(
        command_id=ids.new("cmd"),
        attempt=rng.choice([0, 1, 2, 2**31]),
        fence=rng.choice([1, 1, 1, 0, 2, 2**60]),
        verb=verb,
        params_json=raw,
        expires_in_ms=rng.choice([0, 1, 30_000, 2**31]),
        timeout_s=rng.choice([0, 10, 2**31]),
        dry_run=rng.random() < 0.2,
        age_ms=rng.choice([0, 2**60]),
        uid=rng.choice(["", "x", "u" * 5000]),
    )
