"""The closed table of `patch`, row by row: what fits and what does not, on the server, in the agent and in the docs."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from optral.agent.commands import policy
from optral.api.pages import reference
from optral.terms import fields, verbs
from optral.terms.errors import Invalid
from optral.terms.fields import TABLE, Field
from optral.terms.verbs import Patch, Patchable

PATCH = verbs.find("patch")
TAINT = "dedicated=batch:NoSchedule"
QUANTITIES = (["250m", "1", "1.5", "512Mi", "2Ti"], ["", "-1", "1 Gi", "lots", 5, True, "1e3", "1Ei", "1Gi\n"])
SECONDS = ([1, 30, 86_400], [-1, 86_401, "30", 1.5, True, None])
REPLICAS = ([1, 1000], [-1, 1001, "3", True, None])
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "replicas": ([0, *REPLICAS[0]], REPLICAS[1]),
    "minReplicas": (REPLICAS[0], [0, *REPLICAS[1]]),
    "maxReplicas": (REPLICAS[0], [0, *REPLICAS[1]]),
    **dict.fromkeys((*fields.RESOURCES, "storage", "hard"), QUANTITIES),
    "path": (["/", "/healthz?full=1"], ["", "healthz", "/a b", "/a\n", "/" + "a" * 1024, 8080]),
    "port": ([1, 65535, "http", "my-port-2"], [0, 65536, "8080", "HTTP", "-a", "a--b", "a" * 16, True, None]),
    "targetPort": ([8080, "http"], [0, 65536, "8080", "a_b", True, None]),
    "initialDelaySeconds": ([0, *SECONDS[0]], SECONDS[1]),
    "periodSeconds": (SECONDS[0], [0, *SECONDS[1]]),
    "timeoutSeconds": (SECONDS[0], [0, *SECONDS[1]]),
    "successThreshold": ([1, 100], [0, 101, "1", True]),
    "failureThreshold": ([1, 10_000], [0, 10_001, "3", False]),
    "toleration": (
        [TAINT, "example.com/gpu:NoExecute", "a=b:PreferNoSchedule"],
        ["", "a=b", "a:Never", ":NoSchedule", "a=b c:NoExecute", 1],
    ),
    "selector": (["web", "", "a.b_c-d"], ["-a", "a b", "a" * 64, 1, True]),
    "imagePullSecret": (["regcred", "a.b-c"], ["", "A", "-a", "a/b", 1, True]),
    "protocol": (["TCP", "UDP", "SCTP"], ["tcp", "", "HTTP", 6, True]),
    "suspend": ([True, False], [0, 1, "true", None]),
}
KEYS: dict[str, tuple[str, list[str]]] = {
    "selector": ("app.kubernetes.io/name", ["", "a b", "/a", "A.B/c", "a/b/c", "$patch"]),
    "targetPort": ("80/TCP", ["", "http", "80/HTTP", "80/", "123456"]),
    "protocol": ("80/TCP", ["", "http", "53/HTTP", "53/"]),
    "hard": ("requests.nvidia.com/gpu", ["", "a b", "limits.memory\n"]),
}


def values_of(row: Field) -> tuple[list[Any], list[Any]]:
    return VALUES[row.name] if row.name in VALUES else VALUES[row.name.rpartition(".")[2]]


def params(row: Field, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": row.kind, "namespace": "shop", "name": "web", "field": row.name, "value": values_of(row)[0][0]}
    made |= {"container": "web"} if row.has_container else {}
    return made | ({"key": KEYS[row.name][0]} if row.key else {}) | more


def allowed(row: Field) -> list[dict[str, Any]]:
    made = [params(row, value=value) for value in values_of(row)[0]]
    if row.rule.is_removable and row.key:
        made += [{key: value for key, value in params(row, remove=True).items() if key != "value"}]
    return made + ([params(row, remove=True)] if row.rule.is_removable and not row.key else [])


def refused(row: Field) -> list[dict[str, Any]]:
    made = [params(row, value=value) for value in values_of(row)[1]]
    made += [params(row, field=f"{row.name}.env"), params(row, kind="Secret"), params(row, kind="ReplicaSet")]
    made += [params(row, container="" if row.has_container else "web")]
    made += [params(row, key=key) for key in KEYS[row.name][1]] if row.key else [params(row, key="x")]
    return made + ([] if row.rule.is_removable and not row.key else [params(row, remove=True)])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.kind} {row.name}")
def test_server_and_agent_take_what_the_row_allows_and_nothing_else(row: Field) -> None:
    for given in allowed(row):
        said = verbs.check(PATCH, given)
        assert isinstance(said, Patch) and said.row == row
        assert verbs.read(PATCH, msgspec.json.encode(given)) == said, "the agent reads what the server sends"
    for given in refused(row):
        with pytest.raises(Invalid):
            verbs.check(PATCH, given)
        with pytest.raises(Invalid):
            verbs.read(PATCH, msgspec.json.encode(given))


def test_each_kind_of_the_table_can_be_named_and_has_its_permission() -> None:
    assert set(get_args(Patchable)) == set(fields.KINDS) == set(PATCH.permissions)
    assert all(one.verb == "patch" and not one.subresource for each in PATCH.permissions.values() for one in each)


def test_the_page_shows_every_row() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/permissions.md").read_text()
    assert all(line in page for line in reference.patches())
    for row in TABLE:
        assert any(f"`{row.kind}`" in line and f"| `{row.name}` |" in line for line in reference.patches()), row


def test_no_row_reaches_what_a_pod_runs_or_may_do() -> None:
    words = {word for row in TABLE for word in row.path.replace("[", ".").replace("]", "").split(".")}
    runs = {"env", "envFrom", "command", "args", "image", "exec", "lifecycle", "volumes", "volumeMounts"}
    may = {"securityContext", "serviceAccountName", "hostNetwork", "nodeName", "externalName", "externalIPs", "metadata", "status"}
    assert words & (runs | may) == set()


@pytest.mark.parametrize(
    ("text", "given", "is_allowed"),
    [
        pytest.param("", {"field": "toleration", "value": TAINT}, False, id="no taint is listed"),
        pytest.param(f"taints: [{TAINT}]", {"field": "toleration", "value": TAINT}, True, id="the taint is listed"),
        pytest.param(f"taints: [{TAINT}]", {"field": "toleration", "value": "dedicated=batch:NoExecute"}, False, id="another effect"),
        pytest.param("maxReplicas: 4", {"field": "replicas", "value": 4}, True, id="as many replicas as allowed"),
        pytest.param("maxReplicas: 4", {"field": "replicas", "value": 5}, False, id="more replicas"),
        pytest.param("maxReplicas: 4", {"kind": "HorizontalPodAutoscaler", "field": "maxReplicas", "value": 5}, False, id="autoscaler"),
        pytest.param("maxReplicas: 4", {"field": "limits.cpu", "value": "5", "container": "web"}, True, id="no number of pods"),
    ],
)
def test_the_local_policy_limits_values(text: str, given: dict[str, Any], is_allowed: bool) -> None:
    read = policy.parse(f"allowWrites: true\nnamespaces: [shop]\n{text}".encode(), where="x")
    order = verbs.check(PATCH, {"kind": "Deployment", "namespace": "shop", "name": "web", **given})
    assert (read.refusal(PATCH, order, own_namespace="optral") is None) is is_allowed
