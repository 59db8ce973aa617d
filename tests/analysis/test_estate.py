"""Applications nobody had in mind when the rules were written: what is proposed can be done, and names what it is about."""

from typing import Any

import pytest

from optral.analysis.model import Explanation
from tests.analysis.cases import estate, platform
from tests.analysis.cases.estate import crashes, labelled, well
from tests.analysis.cluster import World, deployment, obj, pod, service, template


@pytest.mark.parametrize(
    ("ask", "title"),
    [
        (estate.calls_what_somebody_scaled_to_nothing, "Scale broker to 1"),
        (estate.is_kept_out_by_a_policy_of_what_it_calls, "Allow courier in NetworkPolicy broker-private"),
        (estate.may_not_ask_for_names, "Allow port 53 in NetworkPolicy courier-egress"),
        (estate.has_a_heap_beyond_its_limit, "Set the heap limit well below the container's limit"),
        (estate.has_a_heap_beyond_its_limit, "Raise the memory limit of catalogue to 2.5Gi"),
        (estate.writes_into_an_image_that_may_only_be_read, "Mount an emptyDir where it writes, or make its root file system writable"),
        (estate.has_filled_its_claim, "Expand the claim recorder-data, or delete data in it"),
        (estate.has_an_old_password, "Correct Secret billing-db, then restart"),
        (platform.names_a_pull_secret_that_is_not_there, "Create the pull secret atelier-registry, or correct its name"),
        (platform.has_its_volume_in_another_zone, "Add a node where volume pvc-7c is available, or restore its data elsewhere"),
        (platform.asks_for_less_than_the_least, "Request at least 100m of cpu, or change the LimitRange"),
        (platform.has_an_unknown_time_zone, "Change the time zone Europe/Berlim to Europe/Berlin"),
        (platform.offers_tls_without_a_certificate, "Create the Secret portal-tls with a certificate and its key"),
        (platform.may_not_be_spread_unevenly, "Make room in the zone with the fewest of its pods, or make the spread a preference"),
    ],
)
def test_proposes_what_an_operator_would_do(ask: object, title: str) -> None:
    _, found = ask()  # type: ignore[operator]
    assert title in [one["title"] for one in found.body["recommendedActions"]]


def test_cites_the_last_error_of_a_job() -> None:
    _, found = estate.cannot_migrate()
    assert any("already exists" in one["excerpt"] or "migration failed" in one["excerpt"] for one in found.body["evidence"])


def test_quotes_what_a_policy_objects_to() -> None:
    _, found = platform.is_denied_by_a_cluster_policy()
    assert "label team is required" in (found.root_cause or {})["explanation"]


@pytest.mark.parametrize(
    "peer",
    [
        {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "courier"}}},
        {"podSelector": {}},
        {"ipBlock": {"cidr": "10.0.0.0/8"}},
        {"namespaceSelector": {}, "podSelector": {"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "Exists"}]}},
    ],
    ids=["by name", "everybody", "by address", "of any namespace"],
)
def test_names_no_policy_that_lets_the_caller_in(peer: object) -> None:
    spec = {"podSelector": {"matchLabels": labelled("broker")}, "policyTypes": ["Ingress"], "ingress": [{"from": [peer]}]}
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "broker-private", spec=spec)
    words = "connection to broker:5672 failed: Connection timed out"
    _, found = crashes("courier", words, *well("broker", port=5672), policy, env=[{"name": "BROKER", "value": "broker:5672"}])
    assert "network_policy_blocks" not in [one["id"] for one in found.body["hypotheses"]]


def test_does_not_call_a_service_another_name_for_a_like_beginning() -> None:
    words = "dial tcp: lookup archive-cache on 10.96.0.10:53: no such host"
    _, found = crashes("journal", words, *well("archive-postgres", port=5432), env=[{"name": "CACHE_HOST", "value": "archive-cache"}])
    assert found.cause_id == "service_missing"


LATE = "connection to broker:5672 failed: Connection timed out"
LOST = "dial tcp: lookup broker on 10.96.0.10:53: read udp 10.1.4.9:40155->10.96.0.10:53: i/o timeout"
ELSEWHERE = {"podSelector": {"matchLabels": labelled("console")}}


@pytest.mark.parametrize("on_node", ["courier", "broker"])
@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"podSelector": {"matchLabels": labelled("broker")}, "policyTypes": ["Ingress"], "ingress": [{"from": [ELSEWHERE]}]}, LATE),
        ({"podSelector": {"matchLabels": labelled("courier")}, "policyTypes": ["Egress"], "egress": [{"to": [ELSEWHERE]}]}, LATE),
    ],
    ids=["in", "out"],
)
def test_holds_no_policy_against_pods_on_the_network_of_their_node(on_node: str, spec: Any, words: str) -> None:
    """Their packets carry the address of the node: policies select no such pod, and a peer's labels do not name it."""
    assert "network_policy_blocks" not in causes_named(spec, words, on_node=on_node)
    assert "network_policy_blocks" in causes_named(spec, words)


@pytest.mark.parametrize(("port", "is_cause"), [(5672, False), (15672, True), ("amqp", True)])
def test_finds_the_policy_that_allows_the_caller_on_another_port(port: int | str, is_cause: bool) -> None:
    rule = {"from": [{"podSelector": {"matchLabels": labelled("courier")}}], "ports": [{"port": port, "protocol": "TCP"}]}
    spec = {"podSelector": {"matchLabels": labelled("broker")}, "policyTypes": ["Ingress"], "ingress": [rule]}
    assert ("network_policy_blocks" in causes_named(spec, LATE)) is is_cause


def test_finds_the_policy_that_allows_dns_in_the_wrong_namespace() -> None:
    to = {"to": [{"podSelector": {}}], "ports": [{"port": 53, "protocol": "UDP"}]}
    spec = {"podSelector": {"matchLabels": labelled("courier")}, "policyTypes": ["Egress"], "egress": [to]}
    assert "network_policy_blocks" in causes_named(spec, LOST)


def test_names_no_policy_for_dns_queries_from_the_network_of_a_node() -> None:
    to = {"to": [{"podSelector": {"matchLabels": labelled("broker")}}], "ports": [{"port": 5672, "protocol": "TCP"}]}
    spec = {"podSelector": {"matchLabels": labelled("courier")}, "policyTypes": ["Egress"], "egress": [to]}
    assert "network_policy_blocks" not in causes_named(spec, LOST, on_node="courier")
    assert "network_policy_blocks" in causes_named(spec, LOST)


def causes_named(spec: Any, words: str, *, on_node: str = "") -> list[str]:
    """The causes named for a caller under this policy, while the pods of one workload share the network of their node."""
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "narrow", spec=spec)
    env = [{"name": "BROKER", "value": "broker:5672"}]
    world, _ = crashes("courier", words, *well("broker", port=5672), policy, env=env, ran_s=130)
    for one in world.objects:
        if on_node and one["kind"] == "Pod" and one["metadata"]["name"].startswith(on_node):
            one["spec"]["hostNetwork"] = True
    return [one["id"] for one in world.again().body["hypotheses"]]


@pytest.mark.parametrize(
    ("line", "is_of_claim"),
    [
        ("write /data/wal: no space left on device", True),
        ("mkdir '/data': no space left on device", True),
        ("could not extend /data: No space left on device", True),
        ('could not write to file "pg_wal/xlogtemp.29": No space left on device', True),
        ("write /app/data/cache/x: no space left on device", False),
        ("write /var/lib/database/x: no space left on device", False),
        ("write /tmp/upload-1: no space left on device", False),
        ("write /data-old/x: no space left on device", False),
        ("write /data.bak/x: no space left on device", False),
    ],
)
def test_names_a_claim_only_where_the_line_mentions_it(line: str, is_of_claim: bool) -> None:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "recorder-data"}}]
    _, found = crashes("recorder", line, volumeMounts=[{"name": "data", "mountPath": "/data"}], of={"volumes": volumes})
    assert found.cause_id == "disk_full"
    told = [one["title"] for one in found.body["recommendedActions"]]
    assert ("Expand the claim recorder-data, or delete data in it" in told) == is_of_claim, told
    assert ("recorder-data" in (found.root_cause or {})["explanation"]) == is_of_claim


UNLOCK = "Mount an emptyDir where it writes, or make its root file system writable"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("open /app/cache/x: Read-only file system", UNLOCK),
        ("open /app/etc/config/x: Read-only file system", UNLOCK),
        ("open /etc/config.d/x: Read-only file system", UNLOCK),
        ("could not create lock file: Read-only file system", UNLOCK),
        ("open /etc/config/x: Read-only file system", "Mount the volume at /etc/config writable"),
    ],
)
def test_unlocks_what_the_refused_write_mentions(line: str, title: str) -> None:
    of = {"volumes": [{"name": "config", "persistentVolumeClaim": {"claimName": "press"}}]}
    mounts = [{"name": "config", "mountPath": "/etc/config", "readOnly": True}]
    _, found = crashes("press", line, volumeMounts=mounts, securityContext={"readOnlyRootFilesystem": True}, of=of)
    assert found.cause_id == "file_permission_denied"
    told = [one["title"] for one in found.body["recommendedActions"]]
    assert title in told
    assert len({"Mount the volume at /etc/config writable", UNLOCK} & set(told)) == 1


COPY = "Copy {} into an emptyDir at /etc/config with an init container, or write to another path"


@pytest.mark.parametrize("mount", [{}, {"readOnly": True}], ids=["plain", "read only"])
@pytest.mark.parametrize(
    ("volume", "what"),
    [
        ({"configMap": {"name": "press"}}, "ConfigMap press"),
        ({"secret": {"secretName": "press-tls"}}, "Secret press-tls"),
        ({"projected": {"sources": [{"configMap": {"name": "press"}}]}}, "volume config"),
        ({"downwardAPI": {"items": []}}, "volume config"),
        ({"image": {"reference": "registry.test/press:1"}}, "volume config"),
    ],
)
def test_proposes_a_copy_of_what_can_never_be_written_in_place(volume: Any, what: str, mount: Any) -> None:
    """The kubelet mounts these to be read only; neither a mount option nor a security context changes that."""
    found = refused_at("/etc/config", volume, mount)
    assert found.cause_id == "file_permission_denied"
    told = [one["title"] for one in found.body["recommendedActions"]]
    assert COPY.format(what) in told
    assert not {UNLOCK, "Mount the volume at /etc/config writable"} & set(told)


def test_proposes_to_let_a_volume_be_written_that_says_itself_it_may_not() -> None:
    found = refused_at("/data", {"persistentVolumeClaim": {"claimName": "press", "readOnly": True}}, {})
    assert "Remove readOnly from volume config of the pod" in [one["title"] for one in found.body["recommendedActions"]]


def test_knows_the_mounted_token_as_a_volume_too() -> None:
    found = refused_at("/var/run/secrets/kubernetes.io/serviceaccount", {"projected": {"sources": []}}, {"readOnly": True})
    told = [one["title"] for one in found.body["recommendedActions"]]
    assert UNLOCK not in told and any("or write to another path" in one for one in told), told


def refused_at(path: str, volume: Any, mount: Any) -> Explanation:
    """A container that may write nowhere but in its volumes, refused a write into this one."""
    of = {"volumes": [{"name": "config", **volume}]}
    mounts = [{"name": "config", "mountPath": path, **mount}]
    line = f"open {path}/x: Read-only file system"
    return crashes("press", line, volumeMounts=mounts, securityContext={"readOnlyRootFilesystem": True}, of=of)[1]


def test_gives_no_volume_to_the_user_that_was_refused_elsewhere() -> None:
    of = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}], "securityContext": {"runAsUser": 1000}}
    _, found = crashes("press", "open /opt/run/lock: permission denied", volumeMounts=[{"name": "data", "mountPath": "/data"}], of=of)
    assert found.cause_id == "file_permission_denied"
    assert not any("/data" in one["title"] for one in found.body["recommendedActions"])


SELECTED = {
    "by an expression": {"podSelector": {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["front"]}]}},
    "by a label the Service does not name": {"podSelector": {"matchLabels": {"tier": "front"}}},
}
PASSED_OVER = {
    "by an expression": {"podSelector": {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["front"]}]}},
    "by a label": {"podSelector": {"matchLabels": {"tier": "back"}}},
}


@pytest.mark.parametrize("spec", SELECTED.values(), ids=SELECTED)
def test_finds_the_policy_that_shuts_off_the_pods_behind_a_service(spec: Any) -> None:
    assert is_named(spec)


@pytest.mark.parametrize("spec", PASSED_OVER.values(), ids=PASSED_OVER)
def test_names_no_policy_that_selects_other_pods_than_those_behind_a_service(spec: Any) -> None:
    assert not is_named(spec)


def test_names_no_policy_for_a_service_whose_pods_share_the_network_of_their_node() -> None:
    assert not is_named({"podSelector": {}}, hostNetwork=True)


def is_named(spec: Any, **of: Any) -> bool:
    """Whether this policy is named as the cause for a Service that cannot be reached."""
    policy = obj("networking.k8s.io/v1", "NetworkPolicy", "none-shall-pass", spec=spec | {"policyTypes": ["Ingress"]})
    web = deployment("web", of=template(labels={"app": "web", "tier": "front"}))
    world = World([service("web", selector={"app": "web"}), web, pod(web, spec=of), policy])
    found = world.ask("NetworkPolicyBlocks", world.objects[0]).body["hypotheses"]
    return "network_policy_blocks" in [one["id"] for one in found]


def test_hears_the_complaint_of_those_that_a_policy_cuts_off() -> None:
    """Asked of the policy, it is as sure as when it is asked of the caller; without the caller's word, less."""
    world, found = estate.cuts_off_who_complains()
    assert found.confidence > 0.8
    world.logs = {}
    assert world.again().confidence < 0.7
