import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, strategies as st

from optral import detectors
from optral.detectors import gates
from optral.detectors.finding import Finding
from optral.kube import objects, owners
from optral.kube.changes import ObjectChange, Op
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from tests.detectors.build import (
    NOON,
    condition,
    container,
    deployment,
    event,
    make,
    owned_by,
    pod,
    replica_set,
    status,
    terminated,
    view_of,
    waiting,
    when,
)
from tests.support.examples import examples

ROOT = Path(__file__).parents[2]
CRASHING = status(state=waiting("CrashLoopBackOff"), last=terminated(ago=9), restarts=3)


def examine(view: ClusterView, *touched: KubeObject) -> detectors.Examination:
    return detectors.examine(view, [owners.ref(obj) for obj in touched], now=NOON)


@pytest.mark.parametrize("detector", detectors.DETECTORS, ids=lambda detector: detector.type)
def test_every_detector_has_a_page_a_test_and_a_place_in_the_registry(detector: detectors.Detector) -> None:
    page = (ROOT / detector.page).read_text()
    assert page.startswith(f"# {detector.type}\n")
    for heading in ("## What it means", "## What Optral looks at", "## False alarms avoided", "## What to do"):
        assert heading in page
    area, module = detector.detect.__module__.split(".")[-2:]
    assert (ROOT / "tests" / "detectors" / area / f"test_{module}.py").exists()
    assert detectors.BY_TYPE[detector.type] is detector
    assert detector.resolve_after_s >= 60


def test_every_page_is_about_a_detector() -> None:
    pages = {page.stem for page in (ROOT / "docs" / "detectors").glob("*.md")} - {"README"}
    assert pages == set(detectors.BY_TYPE)


def test_a_pod_is_examined_for_itself() -> None:
    shown = pod(CRASHING)
    examination = examine(view_of(shown), shown)
    assert [finding.type for finding in examination.findings] == ["CrashLoopBackOff"]
    assert examination.examined == {shown.uid}


def test_a_deleted_object_is_examined_and_nothing_is_found() -> None:
    gone = ObjectRef("Pod", "shop", "api", "uid-gone")
    examination = detectors.examine(ClusterView(), [gone], now=NOON)
    assert (examination.findings, examination.examined) == ((), {"uid-gone"})


def test_an_event_examines_what_it_is_about_and_only_if_a_detector_reads_it() -> None:
    shown = pod(status())
    relevant, idle, lost = event(shown, "Unhealthy"), event(shown, "Pulled"), event(make("Pod", name="other"), "Unhealthy")
    view = view_of(shown, relevant, idle, lost)
    assert examine(view, relevant).examined == {shown.uid}
    assert examine(view, idle).examined == frozenset()
    assert examine(view, lost).examined == frozenset()


def test_an_endpoint_slice_examines_its_service_also_when_it_goes() -> None:
    service = make("Service", name="api", spec={"selector": {"app": "api"}})
    piece = make("EndpointSlice.discovery.k8s.io", name="api-x", meta={"labels": {"kubernetes.io/service-name": "api"}})
    view = view_of(service, piece)
    assert service.uid in examine(view, piece).examined
    gone = ObjectChange(Op.DELETE, piece.kind, piece.uid, "shop", piece.name, "9", b"")
    assert service.uid in examine(view.with_changes([(gone, None)]), piece).examined


def test_a_deployment_examines_its_unready_pods_and_its_services() -> None:
    top = deployment()
    between = replica_set(top)
    ready = pod(status(), name="api-1", owner=between, conditions=[condition("Ready")])
    broken = pod(CRASHING, name="api-2", owner=between)
    service, other = (make("Service", name=name, spec={"selector": {"app": name}}) for name in ("api", "other"))
    view = view_of(top, between, ready, broken, service, other)
    assert examine(view, top).examined == {top.uid, broken.uid, service.uid}
    assert examine(view, between).examined == {between.uid, top.uid, broken.uid}


def test_a_thousand_failing_pods_do_not_make_every_status_change_a_thousand_examinations() -> None:
    top = deployment(replicas=200, available=0)
    between = replica_set(top, replicas=200)
    pods = [pod(CRASHING, name=f"api-{n}", owner=between) for n in range(200)]
    assert len(examine(view_of(top, between, *pods), top).examined) <= 60


def test_a_run_that_succeeds_examines_the_earlier_runs_of_its_cron_job() -> None:
    cron = make("CronJob.batch", name="report")
    first, second = (make("Job.batch", name=f"report-{n}", meta={"ownerReferences": owned_by(cron)}) for n in (1, 2))
    assert examine(view_of(cron, first, second), second).examined >= {first.uid, second.uid}


def test_a_waiting_pod_examines_its_claims_and_its_controller() -> None:
    claim = make("PersistentVolumeClaim", name="data")
    between = replica_set()
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]
    waits = pod(phase="Pending", spec={"volumes": volumes}, owner=between)
    assert examine(view_of(claim, waits, between), waits).examined == {waits.uid, claim.uid, between.uid}


def test_look_again_is_the_next_moment_at_which_time_changes_an_answer() -> None:
    opening = pod(status(state=waiting("CreateContainerConfigError")), phase="Pending", ago=10)
    fading = pod(status(last=terminated(ago=60, reason="OOMKilled"), restarts=1))
    examination = examine(view_of(opening, fading), opening, fading)
    assert examination.look_again == {opening.uid: when(10 - 30), fading.uid: when(60 - 600)}


def test_examine_all_looks_at_every_object_of_the_detectors_kinds() -> None:
    things = [pod(CRASHING), deployment(), make("Node", name="n", namespace=None), make("Secret", name="s")]
    assert detectors.examine_all(view_of(*things), now=NOON).examined == {obj.uid for obj in things[:3]}


def test_a_detector_that_raises_is_counted_and_the_others_continue(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(obj: Any, view: ClusterView, *, now: datetime) -> Iterator[Finding]:
        raise ZeroDivisionError

    first, *others = detectors._WITHOUT_RISK.by_kind["Pod"]
    monkeypatch.setitem(detectors._WITHOUT_RISK.by_kind, "Pod", (replace(first, detect=broken), *others))
    shown = pod(CRASHING)
    examination = examine(view_of(shown), shown)
    assert [finding.type for finding in examination.findings] == ["CrashLoopBackOff"]
    assert examination.failures == {first.type: 1}
    assert examination.unexamined == {(shown.uid, first.type)}
    assert examination.look_again == {shown.uid: when(-60)}


def test_an_absurd_time_in_an_object_is_limited() -> None:
    shown = pod(
        status(state=waiting("CreateContainerConfigError")),
        phase="Pending",
        conditions=[],
        pod_status={"startTime": "0001-01-01T00:00:00Z"},
    )
    [finding] = examine(view_of(shown), shown).findings
    assert finding.since.year == 1970
    late = pod(
        status(state=waiting("CreateContainerConfigError")),
        phase="Pending",
        conditions=[],
        pod_status={"startTime": "9999-12-31T23:59:59Z"},
    )
    [finding] = examine(view_of(late), late).findings
    assert finding.opens_at.year == 2036


# --- Nothing a cluster sends makes a detector raise

_times = st.sampled_from(
    ["2026-03-02T11:59:00Z", "2026-03-02T11:40:00.123456Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "noon", None, 7]
)
_junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.just({}),
)
_words = st.sampled_from(
    [
        "",
        "CrashLoopBackOff",
        "OOMKilled",
        "ErrImagePull",
        "CreateContainerConfigError",
        "RunContainerError",
        "StartError",
        "ContainerCreating",
        "x" * 3000,
    ]
)
_ended = st.fixed_dictionaries(
    {},
    optional={"exitCode": st.one_of(st.integers(), _junk), "reason": _words, "startedAt": _times, "finishedAt": _times, "message": _words},
)
_state = st.one_of(
    st.fixed_dictionaries({"terminated": st.one_of(_ended, _junk)}),
    st.fixed_dictionaries({"waiting": st.fixed_dictionaries({"reason": _words, "message": st.one_of(_words, st.text())})}),
    st.fixed_dictionaries({"running": st.fixed_dictionaries({}, optional={"startedAt": _times})}),
    _junk,
)
_status = st.fixed_dictionaries(
    {"name": st.sampled_from(["api", "b", ""])},
    optional={"state": _state, "lastState": _state, "restartCount": st.one_of(st.integers(0, 9), _junk), "ready": _junk, "started": _junk},
)
_probe = st.dictionaries(st.sampled_from(["failureThreshold", "periodSeconds", "initialDelaySeconds", "httpGet", "exec"]), _junk)
_container = st.fixed_dictionaries(
    {"name": st.sampled_from(["api", "b"])},
    optional={
        "readinessProbe": _probe,
        "livenessProbe": _probe,
        "startupProbe": _probe,
        "resources": st.fixed_dictionaries({"limits": _junk}),
    },
)
_condition = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Ready", "PodScheduled", "Progressing", "ReplicaFailure", "Failed", "Available", "ContainersReady"]),
        "status": st.sampled_from(["True", "False", "Unknown", None]),
    },
    optional={
        "reason": st.sampled_from(
            ["Unschedulable", "ProgressDeadlineExceeded", "FailedCreate", "BackoffLimitExceeded", "KubeletNotReady", 5]
        ),
        "lastTransitionTime": _times,
        "message": st.one_of(st.text(), st.just("0/3 nodes are available: 1 , {, 2 Insufficient")),
    },
)
_owner = st.fixed_dictionaries(
    {}, optional={"kind": st.sampled_from(["ReplicaSet", "Job", "Node", 3]), "name": st.text(max_size=9), "uid": _junk, "controller": _junk}
)
_object = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "creationTimestamp": _times,
                "labels": st.one_of(st.dictionaries(st.text(max_size=4), _junk, max_size=3), _junk),
                "ownerReferences": st.lists(_owner, max_size=2),
                "generation": _junk,
            },
        ),
        "spec": st.fixed_dictionaries(
            {},
            optional={
                "containers": st.one_of(st.lists(_container, max_size=2), _junk),
                "selector": st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
                "replicas": st.one_of(st.integers(0, 5), _junk),
                "volumes": _junk,
            },
        ),
        "status": st.fixed_dictionaries(
            {},
            optional={
                "phase": st.sampled_from(["Pending", "Running", "Failed", 0]),
                "conditions": st.one_of(st.lists(_condition, max_size=4), _junk),
                "containerStatuses": st.lists(_status, max_size=3),
                "initContainerStatuses": st.lists(_status, max_size=2),
                "startTime": _times,
            },
        ),
    },
)
_KINDS = sorted({kind for detector in detectors.DETECTORS for kind in detector.looks_at})
_REASONS = sorted({reason for detector in detectors.DETECTORS for reason in detector.event_reasons})


@examples(150, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=_object,
    kind=st.sampled_from(_KINDS),
    reason=st.sampled_from(_REASONS),
    message=st.one_of(
        st.text(), st.sampled_from(["Container api failed liveness probe", "Readiness probe failed: x", "init was OOM-killed"])
    ),
    seen_at=_times,
    count=_junk,
)
def test_no_object_makes_a_detector_raise(body: dict[str, Any], kind: str, reason: str, message: str, seen_at: Any, count: Any) -> None:
    shown = objects.decode(kind, json.dumps(body).encode(), uid="u", namespace="shop", name="x")
    about = {"kind": kind.partition(".")[0], "apiVersion": f"{kind.partition('.')[2]}/v1" if "." in kind else "v1", "uid": "u"}
    told = {"involvedObject": about, "reason": reason, "message": message, "lastTimestamp": seen_at, "count": count}
    said = objects.decode("Event", json.dumps(told).encode(), uid="e", namespace="shop", name="x.1")
    view = view_of(shown, said)
    for examination in (detectors.examine_all(view, now=NOON), examine(view, shown, said)):
        assert not examination.failures
        for finding in examination.findings:
            json.dumps([finding.title, dict(finding.facts)], allow_nan=False).encode()
            assert finding.since.year >= 1970
            assert finding.opens_at >= finding.since


@examples(60)
@given(reason=st.text(max_size=30), message=st.text(max_size=60), times=st.integers(1, 10**6))
def test_no_event_alone_makes_a_healthy_pod_an_issue(reason: str, message: str, times: int) -> None:
    probes = {"livenessProbe": {"periodSeconds": 5}, "readinessProbe": {"periodSeconds": 5}}
    shown = pod(status(), containers=[container(**probes)])
    assert examine(view_of(shown, event(shown, reason, message, times=times)), shown).findings == ()


@pytest.mark.parametrize("detector", [one for one in detectors.DETECTORS if one.examines_healthy], ids=lambda detector: detector.type)
def test_a_type_that_judges_healthy_pods_judges_by_their_events_usage_or_logs(detector: detectors.Detector) -> None:
    """Healthy pods without either are not examined for it; so nothing else about a healthy pod may make it true."""
    assert detector.needs & {"events", "logs", "metrics"}
    probe = {"periodSeconds": 5, "failureThreshold": 1}
    for restarts in (0, 1, 30):
        last = terminated(ago=7200, code=137) if restarts else None
        boxes = [container(livenessProbe=probe, readinessProbe=probe, startupProbe=probe)]
        shown = pod(status(restarts=restarts, last=last), containers=boxes)
        assert gates.is_quiet(shown, now=NOON)
        assert detector.run(shown, view_of(shown), now=NOON) == []
