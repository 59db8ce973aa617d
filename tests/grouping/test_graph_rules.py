"""Every rule of the catalog of grouping, and its counterpart: what only looks like it stays apart."""

from dataclasses import replace
from typing import Any

import pytest

from optral.detectors.finding import Suspect
from optral.grouping import graph, model
from optral.grouping.model import AffectedObject, Failure
from optral.kube import owners
from optral.kube.objects import KubeObject
from optral.terms.refs import ObjectRef
from tests.detectors import build
from tests.grouping.graphs import HERE, arranged, calling, failing, node, ref, roots, unready


def test_rule_1_only_pods_of_that_node_hang_under_it() -> None:
    down, workload = node(), build.deployment("api")
    here, there = unready(workload, "api-1"), unready(workload, "api-2", on="node-2")
    both = [failing("NodeNotReady", down), failing("ReadinessProbeFailed", workload, here, there, part="api")]
    assert roots(both, down, workload, here, there) == ["NodeNotReady/node-1", "ReadinessProbeFailed/api/api"], "one is on a healthy node"
    alone = [failing("NodeNotReady", down), failing("ReadinessProbeFailed", workload, here, part="api")]
    assert roots(alone, down, workload, here) == ["NodeNotReady/node-1"]


@pytest.mark.parametrize(
    ("symptom", "ago", "is_symptom"),
    [
        ("ReadinessProbeFailed", 299, True),
        ("FailedCreatePodSandBox", 100, True),
        ("FailedAttachVolume", 100, True),
        ("Evicted", 100, False),  # pressure evicts, silence does not
        ("OOMKilled", 100, False),
        ("ImagePullBackOff", 100, False),
        ("ReadinessProbeFailed", 300 + 119, True),
        ("ReadinessProbeFailed", 300 + 121, False),  # began before its cause
    ],
)
def test_rule_1_what_a_silent_node_does_to_pods(symptom: str, ago: float, is_symptom: bool) -> None:
    down, workload = node(), build.deployment("api")
    pod = unready(workload, "api-1", ago=ago)
    found = [failing("NodeNotReady", down, ago=300), failing(symptom, workload, pod, part="api", ago=ago, cause="notFound")]
    assert (len(roots(found, down, workload, pod)) == 1) is is_symptom


def test_rule_1_pressure_takes_evictions() -> None:
    short, workload = node(ready="True"), build.deployment("api")
    pod = build.pod(name="api-1", owner=workload, phase="Failed", pod_status={"reason": "Evicted"})
    found = [failing("NodeDiskPressure", short, ago=300), failing("Evicted", short, pod, ago=100)]
    assert roots(found, short, workload, pod) == ["NodeDiskPressure/node-1"]


@pytest.mark.parametrize(("count", "known"), [(2, ["NodeNotReady/node-0"]), (1, ["NodeNotReady/node-0"])])
def test_rule_1_half_of_the_nodes_are_one_failure_of_the_cluster(count: int, known: list[str]) -> None:
    nodes = [node(f"node-{number}", ready="Unknown" if number < count else "True") for number in range(4)]
    found = [failing("NodeNotReady", one, ago=300 - place, status="Unknown", reason="x") for place, one in enumerate(nodes[:count])]
    assert roots(found, *nodes) == known
    assert len(roots([*found, failing("NodeNotReady", nodes[3], status="False", reason="cni")], *nodes)) == 2, "down for another reason"


def test_rule_2_two_revisions_that_fail_are_two_failures() -> None:
    workload = build.deployment("api")
    old = unready(workload, "api-a", labels={"pod-template-hash": "old"})
    new = unready(workload, "api-b", labels={"pod-template-hash": "new"})
    found = [
        failing("OOMKilled", workload, old, part="api"),
        failing("ImagePullBackOff", workload, new, part="api", image="x", cause="notFound"),
    ]
    assert len(roots(found, workload, old, new)) == 2


def test_rule_3_one_issue_for_one_container_and_two_for_two() -> None:
    workload = build.deployment("api")
    pods = [unready(workload, f"api-{number}") for number in range(3)]
    found = [
        failing("LivenessProbeFailed", workload, pods[0], part="api"),
        failing("CrashLoopBackOff", workload, pods[1], part="api", exitCode=1),
        failing("PodNotReady", workload, pods[2]),
        failing("CrashLoopBackOff", workload, pods[1], part="proxy", exitCode=1),
    ]
    assert roots(found, workload, *pods) == ["CrashLoopBackOff/api/proxy", "LivenessProbeFailed/api/api"]


@pytest.mark.parametrize(
    ("blockers", "is_symptom"), [(["claimUnbound"], True), (["claimNotFound:data"], True), (["insufficient:cpu"], False)]
)
def test_rule_4_a_claim_holds_up_scheduling(blockers: list[str], is_symptom: bool) -> None:
    workload = build.deployment("db", available=0)
    claim = build.make("PersistentVolumeClaim", name="data", status={"phase": "Pending"})
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}
    pod = build.pod(name="db-1", owner=workload, phase="Pending", spec={"nodeName": "", "volumes": [volume]})
    found = [
        failing("PersistentVolumeClaimPending", claim, ago=400),
        failing("FailedScheduling", workload, pod, blockers=blockers),
        failing("DeploymentReplicasUnavailable", workload),
    ]
    expected = ["PersistentVolumeClaimPending/data"] if is_symptom else ["FailedScheduling/db", "PersistentVolumeClaimPending/data"]
    assert roots(found, workload, claim, pod) == expected


def test_rule_4_claims_of_a_class_that_is_missing_share_it() -> None:
    claims = [build.make("PersistentVolumeClaim", name=f"c{number}") for number in range(3)]
    missing = [
        failing("PersistentVolumeClaimPending", one, ago=100 - n, storageClass="fast", storageClassExists=False)
        for n, one in enumerate(claims)
    ]
    assert roots(missing, *claims) == ["PersistentVolumeClaimPending/c0"]
    each = [
        failing("PersistentVolumeClaimPending", one, storageClass="fast", storageClassExists=True, reason="VolumeMismatch", claim=one.name)
        for one in claims
    ]
    assert len(roots(each, *claims)) == 3, "the class is there: each has its own reason"


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({"cause": "quotaExceeded", "named": "compute"}, 1),
        ({"cause": "limitRange"}, 1),
        ({"cause": "podSecurity", "named": "restricted"}, 1),
        ({"cause": "webhookFailed", "named": "w.example"}, 1),
        ({"cause": "webhookDenied", "named": "w.example", "message": 'webhook "w" denied the request: the image has no digest'}, 1),
        ({"cause": "serviceAccountMissing", "named": "robot"}, 1),
        ({"cause": "invalid"}, 2),
        ({"cause": "unknown"}, 2),
    ],
)
def test_rule_5_workloads_that_are_refused_alike_are_one_failure(facts: dict[str, Any], count: int) -> None:
    workloads = [build.deployment("app1"), build.deployment("app2")]
    found = [failing("FailedCreate", one, **facts) for one in workloads]
    assert len(roots(found, *workloads)) == count
    elsewhere = build.deployment("app3", namespace="other")
    if facts["cause"] in ("quotaExceeded", "limitRange", "podSecurity", "serviceAccountMissing"):
        assert len(roots([*found, failing("FailedCreate", elsewhere, **facts)], *workloads, elsewhere)) == 2, (
            "another namespace, another rule"
        )


def test_rule_6_a_full_cluster_is_one_failure_and_a_pod_that_fits_nowhere_another() -> None:
    nodes = [node(f"node-{number}", ready="True") for number in range(2)]
    workloads = [build.deployment(f"app{number}") for number in range(3)]

    def pending(workload: KubeObject, cpu: str) -> KubeObject:
        asks = build.container(resources={"requests": {"cpu": cpu}})
        return build.pod(name=f"{workload.name}-1", owner=workload, phase="Pending", containers=[asks], spec={"nodeName": ""})

    pods = [pending(workloads[0], "1"), pending(workloads[1], "500m"), pending(workloads[2], "64")]
    found = [failing("FailedScheduling", one, two, blockers=["insufficient:cpu"]) for one, two in zip(workloads, pods, strict=True)]
    assert roots(found, *nodes, *workloads, *pods) == ["FailedScheduling/app0", "FailedScheduling/app2"]
    wishes = [
        failing("FailedScheduling", one, two, blockers=["insufficient:cpu", "nodeSelector"])
        for one, two in zip(workloads, pods, strict=True)
    ]
    assert len(roots(wishes, *nodes, *workloads, *pods)) == 3, "each has a wish of its own"


def test_rule_6_a_cordon_holds_up_only_what_would_go_there() -> None:
    """The scheduler says of a closed node that it is closed, and not that the pod would not fit there either."""
    closed = node(ready="True", taints=["node.kubernetes.io/unschedulable"])
    top = build.deployment()
    waits = build.pod(name="api-1", owner=build.replica_set(top), phase="Pending", spec={"nodeName": ""})
    clauses = [{"blocker": "nodeSelector", "nodes": 1}, {"blocker": "cordoned", "nodes": 1}]
    suspect = Suspect(owners.ref(closed), "may not run on", frozenset({"NodeCordoned"}))
    for suspects, count in (((), 2), ((suspect,), 1)):
        found = [
            failing("NodeCordoned", closed, ago=400),
            failing("FailedScheduling", top, AffectedObject(ref(waits), suspects), blockers=["nodeSelector", "cordoned"], clauses=clauses),
        ]
        assert len(roots(found, closed, top, waits)) == count


@pytest.mark.parametrize(
    ("cause", "images", "count"),
    [
        ("unreachable", ["r.example/a:1", "r.example/b:1", "r.example/c:1"], 1),
        ("hostUnknown", ["r.example/a:1", "r.example/b:1"], 2),
        ("unreachable", ["r.example/a:1", "s.example/b:1", "t.example/c:1"], 3),
        ("rateLimited", ["nginx", "docker.io/redis:7", "library/alpine"], 1),
        ("denied", ["a/b:1", "c/d:1", "e/f:1"], 3),
        ("denied", ["r.example/a:1", "r.example/b:1", "r.example/c:1"], 1),
        ("notFound", ["r.example/a:1", "r.example/a:2", "r.example/b:1"], 3),
        ("notFound", ["r.example/a:1", "r.example/a:1"], 1),
    ],
)
def test_rule_7_a_registry_is_one_failure_and_a_missing_tag_its_own(cause: str, images: list[str], count: int) -> None:
    workloads = [build.deployment(f"app{number}") for number in range(len(images))]
    found = [failing("ImagePullBackOff", one, part="api", cause=cause, image=image) for one, image in zip(workloads, images, strict=True)]
    assert len(roots(found, *workloads)) == count


DATABASE = {"spec": {"selector": {"app": "db"}, "clusterIP": "10.96.7.7"}}


def _callers(*, made: float = 86400, log_lines: tuple[str, ...] = (), **facts: Any) -> tuple[list[KubeObject], list[Failure]]:
    """A database that went five minutes ago, and a workload that names it and has failed for four."""
    database, service = build.deployment("db", available=0), build.make("Service", name="db", **DATABASE)
    caller = build.deployment("api", spec={"template": calling("db.shop.svc.cluster.local:5432", "api")})
    gone, pod = (
        unready(database, "db-1", labels={"app": "db"}),
        unready(caller, "api-1", ago=240, meta={"creationTimestamp": build.at(made)}),
    )
    found = [
        failing("OOMKilled", database, gone, part="db", ago=300),
        failing("CrashLoopBackOff", caller, pod, part="app", ago=240, log_lines=log_lines, **({"exitCode": 1} | facts)),
    ]
    return [database, service, caller, gone, pod], found


def test_rule_8_a_caller_that_worked_until_its_database_went_is_a_symptom() -> None:
    things, found = _callers()
    assert roots(found, *things) == ["OOMKilled/db/db"]
    assert arranged(found, *things).parent_of["CrashLoopBackOff/api/app"].relation == "calls"


@pytest.mark.parametrize(
    ("made", "log_lines", "facts", "is_symptom"),
    [
        pytest.param(60, (), {}, False, id="it has never worked"),
        pytest.param(60, ("dial tcp db.shop.svc.cluster.local:5432: connection refused",), {}, True, id="its own words name the database"),
        pytest.param(60, ("dial tcp other.shop.svc.cluster.local:80: connection refused",), {}, False, id="its words name another"),
        pytest.param(60, ("dial tcp 10.96.7.7:5432: connect: connection refused",), {}, True, id="its words name the database's address"),
        pytest.param(60, ("dial tcp 10.0.7.7:5432: connect: connection refused",), {}, False, id="its words name another address"),
        pytest.param(60, ("Caused by: ConnectException: Connection refused",), {}, True, id="its words name nobody, as drivers do"),
        pytest.param(60, ("pool.py:12 connection refused",), {}, True, id="its words name nobody but a line of code"),
        pytest.param(60, ("connect to store.example.org:5432: connection refused",), {}, False, id="its words name a host elsewhere"),
        pytest.param(60, ("my-db: connection refused, see 127.0.0.1",), {}, False, id="its words name a longer name"),
        pytest.param(60, ("connect to localhost: connection refused",), {}, False, id="its words name its own pod"),
        pytest.param(86400, (), {"exitCode": 127}, False, id="the program does not exist"),
        pytest.param(86400, (), {"exitCode": 137}, False, id="it was killed"),
    ],
)
def test_rule_8_a_name_in_a_template_is_no_proof(made: float, log_lines: tuple[str, ...], facts: dict[str, Any], is_symptom: bool) -> None:
    things, found = _callers(made=made, log_lines=log_lines, **facts)
    assert (len(roots(found, *things)) == 1) is is_symptom


def test_rule_8_words_name_a_broken_service_whose_address_is_hidden() -> None:
    service = build.make("Service", name="store", **DATABASE)
    caller = build.deployment("api", spec={"template": calling("‹env:1›", "api")})
    pod = unready(caller, "api-1", ago=240)
    words = 'OperationalError: connection to server at "store" (10.0.0.1), port 5432 failed: Connection refused'
    found = [
        failing("ServiceNoEndpoints", service, ago=300, case="nothingSelected"),
        failing("ReadinessProbeFailed", caller, pod, part="app", ago=240, log_lines=(words,)),
    ]
    assert roots(found, service, caller, pod) == ["ServiceNoEndpoints/store"]
    other = replace(found[1], log_lines=(words.replace('"store"', '"store-2"'),))
    assert len(roots([found[0], other], service, caller, pod)) == 2


def test_rule_8_a_caller_that_failed_before_its_database_is_on_its_own() -> None:
    things, found = _callers()
    earlier = failing("CrashLoopBackOff", things[2], things[4], part="app", ago=3600, exitCode=1)
    assert len(roots([found[0], earlier], *things)) == 2


@pytest.mark.parametrize(("changed_ago", "count"), [(400, 1), (100, 2)])
def test_rule_8_a_policy_explains_the_pods_that_it_cut_off_however_late_its_issue_opens(changed_ago: float, count: int) -> None:
    """A container that crashes becomes unready again at each restart, so the issue of its policy opens late."""
    policy = build.make("NetworkPolicy.networking.k8s.io", name="store-in")
    caller = build.deployment()
    found = [
        failing("NetworkPolicyBlocks", policy, ago=10, workloads=[str(ref(caller))], policyChangedAt=build.at(changed_ago)),
        failing("CrashLoopBackOff", caller, ago=300, part="api", exitCode=1),
    ]
    assert len(roots(found, policy, caller)) == count


def test_rule_9_without_a_scheduler_pods_wait_for_it() -> None:
    workload = build.deployment("api", replicas=1, available=0)
    pod = build.pod(name="api-1", owner=workload, phase="Pending", conditions=[], spec={"nodeName": ""})
    scheduler = build.pod(name="kube-scheduler-cp", namespace="kube-system")
    found = [
        failing("ControlPlaneUnhealthy", HERE, scheduler, ago=400, part="kube-scheduler", component="kube-scheduler"),
        failing("SchedulerUnavailable", HERE, pod, ago=300, part="default-scheduler"),
        failing("PodNotReady", workload, pod, ago=300),
        failing("DeploymentReplicasUnavailable", workload, ago=300),
    ]
    assert roots(found, workload, pod, scheduler) == ["ControlPlaneUnhealthy/cluster/kube-scheduler"]
    assert roots(found[1:], workload, pod) == ["SchedulerUnavailable/cluster/default-scheduler"]


@pytest.mark.parametrize(("name", "is_symptom"), [("node-1", True), ("node-2", False)])
def test_rule_9_a_network_plugin_explains_sandboxes_of_its_node(name: str, is_symptom: bool) -> None:
    volumes = [{"name": "cni", "hostPath": {"path": "/etc/cni/net.d"}}]
    plugin = build.make("DaemonSet.apps", name="net", namespace="kube-system", spec={"template": {"spec": {"volumes": volumes}}})
    workload = build.deployment("api")
    broken = unready(plugin, "net-1", on="node-1", namespace="kube-system")
    pod = unready(workload, "api-1", on=name)
    found = [
        failing("CrashLoopBackOff", plugin, broken, part="net", exitCode=1, ago=400),
        failing("FailedCreatePodSandBox", workload, pod, ago=300, cause="network"),
    ]
    assert (len(roots(found, plugin, workload, broken, pod)) == 1) is is_symptom


def test_rule_9_a_workload_lacks_the_pods_whose_sandboxes_its_node_cannot_make() -> None:
    workload, here = build.deployment("api", available=1, replicas=2), node(ready="True")
    pod = unready(workload, "api-1")
    found = [
        failing("FailedCreatePodSandBox", here, pod, ago=300, category="node"),
        failing("DeploymentProgressDeadlineExceeded", workload, ago=100),
    ]
    assert roots(found, workload, here, pod) == ["FailedCreatePodSandBox/node-1"]
    elsewhere = unready(workload, "api-2", on="node-2")
    assert len(roots(found, workload, here, pod, elsewhere)) == 2


def test_rule_10_the_runs_of_a_schedule_are_one_failure() -> None:
    cron = ObjectRef("CronJob.batch", "shop", "nightly")
    job = build.make("Job.batch", name="nightly-1")
    pod = unready(job, "nightly-1-x")
    found = [
        failing("ImagePullBackOff", cron, pod, part="run", cause="notFound", image="r.example/a:1"),
        failing("JobFailed", cron, job, ago=100),
        failing("JobNotCompleted", cron, job, ago=100),
        failing("CronJobMissedSchedule", cron, ago=50),
    ]
    assert roots(found, job, pod) == ["ImagePullBackOff/nightly/run"]


@pytest.mark.parametrize(("case", "count"), [("nameMissing", 1), ("numberUndeclared", 2)])
def test_a_port_by_a_name_that_nobody_has_leaves_no_endpoints(case: str, count: int) -> None:
    service = build.make("Service", name="api")
    found = [
        failing("ServiceNoEndpoints", service, ago=500, case="podsNotReady"),
        failing("ServiceTargetPortMismatch", service, ago=300, case=case),
    ]
    assert len(roots(found, service)) == count


def test_one_missing_object_that_many_name_is_one_failure() -> None:
    workloads = [build.deployment(f"app{number}") for number in range(3)]
    found = [
        failing("CreateContainerConfigError", workloads[0], part="api", ago=90, missingKind="Secret", missingName="db"),
        failing("MissingReference", workloads[0], part="Secret/db", ago=300, kind="Secret", name="db"),
        failing("MissingReference", workloads[1], part="Secret/db", ago=200, kind="Secret", name="db"),
        failing("MissingReference", workloads[2], part="Secret/other", ago=200, kind="Secret", name="other"),
    ]
    assert roots(found, *workloads) == ["CreateContainerConfigError/app0/api", "MissingReference/app2/Secret/other"]


def test_a_cause_of_unknown_age_explains_whatever_came() -> None:
    down, workload = node(), build.deployment("api")
    pod = unready(workload, "api-1", ago=3600)
    found = [
        replace(failing("NodeNotReady", down, ago=0), is_onset_unknown=True),
        failing("ReadinessProbeFailed", workload, pod, part="api", ago=3600),
    ]
    assert roots(found, down, workload, pod) == ["NodeNotReady/node-1"]


@pytest.mark.parametrize(("words", "is_symptom"), [("pods is forbidden: User cannot list", True), ("panic", False)])
def test_a_refused_service_account_explains_only_who_says_so(words: str, is_symptom: bool) -> None:
    workload, account = build.deployment("api"), build.make("ServiceAccount", name="robot")
    pod = unready(workload, "api-1")
    found = [
        failing("RBACForbidden", account, part="list pods", asks="Deployment/shop/api"),
        failing("CrashLoopBackOff", workload, pod, part="api", exitCode=1, log_lines=(words,)),
    ]
    assert (len(roots(found, workload, account, pod)) == 1) is is_symptom


def test_what_only_coincides_stays_apart() -> None:
    """An init container that crashes and a wrong architecture, in two workloads that were changed in the same minute."""
    one, two = build.deployment("one"), build.deployment("two")
    pods = [unready(one, "one-1", ago=100), unready(two, "two-1", ago=100)]
    found = [
        failing("CrashLoopBackOff", one, pods[0], part="init", ago=100, exitCode=1),
        failing("CrashLoopBackOff", two, pods[1], part="app", ago=100, exitCode=1),
        failing("DeploymentReplicasUnavailable", one, ago=99),
        failing("DeploymentReplicasUnavailable", two, ago=99),
    ]
    assert roots(found, one, two, *pods) == ["CrashLoopBackOff/one/init", "CrashLoopBackOff/two/app"]


def test_a_risk_is_neither_cause_nor_symptom() -> None:
    workload = build.deployment("api")
    found = [failing("CrashLoopBackOff", workload, part="api"), failing("RequestsMissing", workload, part="api", category="risk")]
    assert not arranged(found, workload).parent_of


def test_what_a_detector_suspects_is_followed_only_to_the_types_it_names() -> None:
    workload, claim = build.deployment("api"), build.make("PersistentVolumeClaim", name="data")
    for type_, count in (("PersistentVolumeClaimLost", 1), ("StuckFinalizer", 2)):
        suspects = (Suspect(ref(claim), "mounts", frozenset({"PersistentVolumeClaimLost"})),)
        found = [failing(type_, claim, ago=400), failing("CreateContainerError", workload, part="api", suspects=suspects)]
        assert len(roots(found, workload, claim)) == count


def test_findings_of_one_examination_become_failures_by_fingerprint() -> None:
    top = build.deployment(available=0)
    pods = [
        build.pod(build.status(state=build.waiting("ImagePullBackOff", "not found")), name=f"api-{number}", owner=top, phase="Pending")
        for number in range(30)
    ]
    view = build.view_of(top, *pods)
    found = model.of_findings(build.found(top, *pods), "cls_1")
    arrangement = graph.arrange(found, view, now=build.NOON)
    [root] = arrangement.roots(found)
    assert (root.type, len(root.objects)) == ("ImagePullBackOff", model.MAX_OBJECTS)
