"""The commands beside a recommended action, and what an agent says that it does not do."""

from typing import Any

import pytest

from optral.runbooks.builtin import builtin
from optral.runbooks.executions import ability, kubectl
from optral.runbooks.language.definition import Definition
from optral.terms import verbs

WEB = {"kind": "Deployment", "namespace": "shop", "name": "web"}
API = WEB | {"container": "api"}
IN_SHOP = {"namespace": "shop", "name": "web"}
PATCH = "kubectl -n shop patch"
COMMANDS: dict[str, tuple[dict[str, Any], str | None]] = {
    "raise-memory-limit": (API | {"limit": "1Gi"}, "kubectl -n shop set resources deployment/web -c api --limits=memory=1Gi"),
    "raise-cpu-limit": (API | {"limit": "2"}, "kubectl -n shop set resources deployment/web -c api --limits=cpu=2"),
    "restart-workload": (WEB, "kubectl -n shop rollout restart deployment/web"),
    "rollback-workload": (WEB | {"toRevision": 3}, "kubectl -n shop rollout undo deployment/web --to-revision=3"),
    "scale-workload": (WEB | {"replicas": 3}, "kubectl -n shop scale deployment/web --replicas=3"),
    "delete-pod": ({"namespace": "shop", "pod": "web-1"}, "kubectl -n shop delete pod web-1"),
    "evict-pod": (
        {"namespace": "shop", "pod": "web-1"},
        """echo '{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web-1", "namespace": "shop"}}' """
        "| kubectl create --raw /api/v1/namespaces/shop/pods/web-1/eviction -f -",
    ),
    "cordon-node": ({"node": "n1"}, "kubectl cordon n1"),
    "uncordon-node": ({"node": "n1"}, "kubectl uncordon n1"),
    "drain-node": ({"node": "n1", "deleteEmptyDirData": True}, "kubectl drain n1 --ignore-daemonsets --delete-emptydir-data"),
    "suspend-cronjob": (IN_SHOP, PATCH + """ cronjob/web --type=merge -p '{"spec":{"suspend":true}}'"""),
    "resume-cronjob": (IN_SHOP, PATCH + """ cronjob/web --type=merge -p '{"spec":{"suspend":false}}'"""),
    "set-hpa-bounds": (
        IN_SHOP | {"bound": "maxReplicas", "replicas": 9},
        PATCH + """ hpa/web --type=merge -p '{"spec":{"maxReplicas":9}}'""",
    ),
    "expand-volume": (
        IN_SHOP | {"size": "20Gi"},
        PATCH + """ pvc/web --type=merge -p '{"spec":{"resources":{"requests":{"storage":"20Gi"}}}}'""",
    ),
    "raise-quota": (
        IN_SHOP | {"resource": "limits.memory", "value": "8Gi"},
        PATCH + """ resourcequota/web --type=merge -p '{"spec":{"hard":{"limits.memory":"8Gi"}}}'""",
    ),
    "set-service-selector": (
        IN_SHOP | {"key": "app", "value": "web"},
        PATCH + """ service/web --type=merge -p '{"spec":{"selector":{"app":"web"}}}'""",
    ),
    "set-target-port": (
        IN_SHOP | {"port": "80", "targetPort": 8080},
        PATCH + """ service/web --type=strategic -p '{"spec":{"ports":[{"port":80,"targetPort":8080}]}}'""",
    ),
    "set-port-protocol": (
        IN_SHOP | {"port": "53/UDP", "protocol": "TCP"},
        PATCH + """ service/web --type=strategic -p '{"spec":{"ports":[{"port":53,"protocol":"TCP"}]}}'""",
    ),
    "set-request": (
        API | {"field": "requests.cpu", "value": "100m"},
        PATCH + " deployment/web --type=strategic -p "
        """'{"spec":{"template":{"spec":{"containers":[{"name":"api","resources":{"requests":{"cpu":"100m"}}}]}}}}'""",
    ),
    "set-pull-secret": (
        WEB | {"secret": "registry"},
        PATCH + """ deployment/web --type=strategic -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"registry"}]}}}}'""",
    ),
    "set-probe": (
        API | {"field": "readinessProbe.periodSeconds", "value": 5},
        PATCH + " deployment/web --type=strategic -p "
        """'{"spec":{"template":{"spec":{"containers":[{"name":"api","readinessProbe":{"periodSeconds":5}}]}}}}'""",
    ),
    "set-probe-path": (
        API | {"field": "readinessProbe.path", "value": "/ready"},
        PATCH + " deployment/web --type=strategic -p "
        """'{"spec":{"template":{"spec":{"containers":[{"name":"api","readinessProbe":{"httpGet":{"path":"/ready"}}}]}}}}'""",
    ),
    "renew-certificate": (IN_SHOP, "cmctl renew web -n shop"),
    "fix-image-tag": (API | {"tag": "2"}, None),  # the command needs the image's name; the analysis has it, and gives an edit
    "rerun-job": (IN_SHOP, None),  # kubectl creates Jobs from CronJobs alone
    "restart-job": (IN_SHOP, None),  # waits between its two changes
    "collect-diagnostics": (WEB, None),
    "report-finalizers": (WEB, None),
    "report-released-volume": ({"name": "pv-1"}, None),
}


def definition(slug: str) -> Definition:
    return builtin.all_of_them()[builtin.id_of(slug)].definition


@pytest.mark.parametrize("slug", sorted(builtin.SLUGS))
def test_each_builtin_runbook_has_its_command(slug: str) -> None:
    given, command = COMMANDS[slug]
    assert kubectl.commands(definition(slug), given) == command


NO_COMMAND = {
    "setImage": "kubectl needs the name of the image, which the step does not have; the analysis gives an edit with it",
    "rerunJob": "kubectl creates Jobs from CronJobs alone",
}


def test_each_action_has_a_command_or_a_reason_for_none() -> None:
    assert kubectl.VERBS.keys() | NO_COMMAND.keys() == set(verbs.WRITES)
    assert not kubectl.VERBS.keys() & NO_COMMAND.keys()


@pytest.mark.parametrize(
    ("slug", "given"),
    [
        pytest.param("scale-workload", WEB, id="a value that a person decides"),
        pytest.param("set-probe", API | {"field": "readinessProbe.port", "value": 80}, id="a port, whose place depends on the probe"),
        pytest.param("set-target-port", IN_SHOP | {"port": "http", "targetPort": 8080}, id="a port by its name"),
    ],
)
def test_what_is_not_known_has_no_command(slug: str, given: dict[str, Any]) -> None:
    assert kubectl.commands(definition(slug), given) is None


READS = [f"verb:{name}" for name in verbs.READS]
OPERATES = [*READS, "verb:restart", "verb:scale", "namespace:shop"]


@pytest.mark.parametrize(
    ("capabilities", "changes", "code"),
    [
        pytest.param([*READS, "read-only"], [("restart", "shop")], "agent_read_only", id="read-only"),
        pytest.param([*READS, "read-only"], [("get", "shop")], None, id="a read"),
        pytest.param(OPERATES, [("restart", "shop")], None, id="allowed"),
        pytest.param(OPERATES, [("setImage", "shop")], "verb_not_allowed", id="another verb"),
        pytest.param(OPERATES, [("restart", "billing")], "namespace_not_allowed", id="another namespace"),
        pytest.param([*OPERATES, "namespace:*"], [("restart", "billing")], None, id="all namespaces"),
        pytest.param(
            [*OPERATES, *(f"namespace:{n}" for n in range(31))], [("restart", "billing")], None, id="more namespaces than it names"
        ),
        pytest.param([*OPERATES, "verb:cordon"], [("cordon", None)], None, id="a node"),
        pytest.param([], [("restart", "shop")], None, id="an agent that says nothing"),
        pytest.param([], [("restart", "kube-system")], "namespace_protected", id="a protected namespace"),
        pytest.param([*READS, *(f"namespace:{n}" for n in range(64))], [("restart", "shop")], None, id="not all of it is known"),
    ],
)
def test_what_an_agent_says_that_it_does_not_do(capabilities: list[str], changes: list[tuple[str, str | None]], code: str | None) -> None:
    found = ability.obstacle(capabilities, changes)
    assert (found and found.code) == code


def test_what_lets_an_agent_do_it() -> None:
    found = ability.obstacle([*READS, "read-only"], [("restart", "shop"), ("scale", "billing"), ("get", "other")])
    assert found is not None
    assert found.say == "Optral's agent is read-only in this cluster, so it cannot make this change"
    assert found.values == {"profile": "operate", "operate": {"namespaces": ["billing", "shop"]}}
    assert found.helm == ("--set", "profile=operate", "--set", "operate.namespaces={billing,shop}")
    assert found.up == ("optral", "up", "--allow-writes", "--namespaces", "billing,shop")
    node = ability.obstacle([*READS, "read-only"], [("drain", None)])
    assert node is not None
    assert (node.helm, node.up) == (("--set", "profile=operate", "--set", "operate.nodes=true", "--set", "operate.drain=true"), ())
