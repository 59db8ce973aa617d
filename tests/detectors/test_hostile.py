"""Objects that nobody should send: fields that are missing, null, of another type, huge or made to harm. No detector may raise, and a
healthy object with one damaged field is still a healthy object."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, strategies as st

from optral import detectors
from optral.detectors import wording
from optral.detectors.finding import Finding
from optral.kube import objects
from optral.kube.kinds import BY_ID, is_discovered
from optral.kube.objects import KubeObject, kind_id_of
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from tests.detectors import build, healthy
from tests.detectors.build import NOON
from tests.support import broken
from tests.support.examples import examples, some

Manifest = dict[str, Any]
Path = tuple[str | int, ...]
LATER = NOON + timedelta(minutes=30)
GONE: Any = object()
CLUSTER = healthy.cluster()
UNFIT: dict[type, tuple[Any, ...]] = {
    str: (GONE, None, 7, [], {}, ["x"], True),
    bool: (GONE, None, "no", [], {}, 7),
    int: (GONE, None, "many", [], {}, 1e400, True),
    list: (GONE, None, {}, "x", 7, [None], [7, "x", []]),
    dict: (GONE, None, [], "x", 7, {"x": None}),
}
HARMFUL = (-1, 2**63 - 1, -(2**63), 2**200, 1e308, "", "\u0000", "\ud800", "x" * 5_000, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
           "\u202egnp", "$(rm -rf /)", "{{7*7}}", "1e999999", "9" * 400, "*/0 * * * *", [None] * 20, {"": {"": {"": []}}})  # fmt: skip
MEANT = {
    # Kubernetes leaves a count out when it is zero: no number there is a number, and says that nothing is available.
    *(("Deployment", f"status.{count}") for count in ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")),
    *(("StatefulSet", f"status.{count}") for count in ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")),
    *(("DaemonSet", f"status.{count}") for count in ("numberAvailable", "numberReady", "updatedNumberScheduled")),
    *(("PodDisruptionBudget", f"status.{count}") for count in ("currentHealthy", "disruptionsAllowed")),
    # Nothing there is how it is written that nobody has taken care of the object yet, or that there is no endpoint.
    *((kind, "status") for kind in ("Pod", "Deployment", "StatefulSet", "Gateway", "HTTPRoute")),
    ("Gateway", "status.conditions"), ("HTTPRoute", "status.parents"), ("HTTPRoute", "status.parents.0"),
    ("EndpointSlice", "endpoints"), ("EndpointSlice", "endpoints.0"),
    # Without a target the Service's own port is meant.
    ("Service", "spec.ports.0.targetPort"),
}  # fmt: skip


def kind_of(manifest: Manifest) -> str:
    return kind_id_of(manifest["apiVersion"], manifest["kind"])


def decoded_as(original: Manifest, manifest: Manifest) -> tuple[str, KubeObject]:
    """The damaged object under the name by which the API server lists it."""
    meta = original["metadata"]
    raw = json.dumps(manifest).encode("utf-8", "surrogatepass")
    kind = kind_of(original)
    return kind, objects.decode(kind, raw, uid=meta["uid"], namespace=meta.get("namespace", ""), name=meta["name"])


HEALTHY = [decoded_as(manifest, manifest) for manifest in CLUSTER]
BASE = ClusterView()
BASE.load(HEALTHY)


def judged(kind: str, obj: KubeObject, *, now: datetime = LATER) -> list[Finding]:
    """All findings, risks apart, when one object of the healthy cluster is this; fails when a detector raised."""
    reference = ObjectRef(kind, obj.namespace, obj.name, obj.uid)
    examination = detectors.examine(BASE.with_changes([(reference, obj)]), [reference], now=now, include_risk=True)
    assert examination.failures == {}
    for finding in examination.findings:
        check(finding)
    return [finding for finding in examination.findings if finding.category != "risk"]


def check(finding: Finding) -> None:
    """Whatever it says can be stored, sent and shown."""
    assert finding.title
    assert len(finding.title) <= wording.MAX_TITLE
    json.dumps(dict(finding.facts), allow_nan=False).encode("utf-8")
    assert datetime(1970, 1, 1, tzinfo=UTC) <= finding.since <= LATER + timedelta(days=3700)


def paths(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place in a manifest with what is there; the names and the identity of the object are the sender's to say."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        place = (*at, key)
        if place not in (("apiVersion",), ("kind",), ("metadata", "uid"), ("metadata", "name"), ("metadata", "namespace")):
            yield place, inner
            yield from paths(inner, place)


def damaged(manifest: Manifest, path: Path, value: Any) -> Manifest:
    made = copy.deepcopy(manifest)
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return made


def is_meant(manifest: Manifest, path: Path) -> bool:
    return (manifest["kind"], ".".join(map(str, path))) in MEANT


def test_the_cluster_is_healthy_and_has_every_kind_a_detector_looks_at() -> None:
    examination = detectors.examine_all(BASE, now=LATER, include_risk=True)
    assert [finding.type for finding in examination.findings if finding.category != "risk"] == []
    assert examination.failures == {}
    looked_at = {kind for detector in detectors.DETECTORS for kind in detector.looks_at} - {"Event"}
    assert looked_at - {kind for kind, _ in HEALTHY} == set()
    assert {kind for kind, _ in HEALTHY if not is_discovered(kind)} <= set(BY_ID)


@pytest.mark.parametrize(
    "number", range(len(CLUSTER)), ids=lambda number: f"{CLUSTER[number]['kind']}-{CLUSTER[number]['metadata']['name']}"
)
def test_one_damaged_field_makes_no_issue(number: int) -> None:
    manifest, accused = CLUSTER[number], []
    damages = [(path, value, unfit) for path, value in paths(manifest) for unfit in UNFIT[type(value)]]
    for path, value, unfit in some(damages):
        if not is_meant(manifest, path) and not (unfit is True and isinstance(value, bool)):
            found = judged(*decoded_as(manifest, damaged(manifest, path, unfit)))
            accused += [f"{'.'.join(map(str, path))} = {'gone' if unfit is GONE else unfit!r}: {one.type}" for one in found]
    assert accused == []


@pytest.mark.parametrize(
    "number", range(len(CLUSTER)), ids=lambda number: f"{CLUSTER[number]['kind']}-{CLUSTER[number]['metadata']['name']}"
)
def test_no_value_anywhere_makes_a_detector_raise(number: int) -> None:
    manifest = CLUSTER[number]
    for number, (path, _) in some(enumerate(paths(manifest))):
        for value in islice(cycle(HARMFUL), number, number + 5):  # all of them everywhere take a minute
            judged(*decoded_as(manifest, damaged(manifest, path, value)))


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20) | st.sampled_from(HARMFUL),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SICK = [one for one in broken.objects(workloads=10, each=5) if one["kind"] in ("Pod", "Event", "Deployment", "ReplicaSet")]


@examples(100, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_sick_objects_with_several_damaged_fields_raise_nothing(data: st.DataObject) -> None:
    """Objects that have something to say take detectors further in than healthy ones."""
    chosen = data.draw(st.lists(st.sampled_from(range(len(SICK))), min_size=1, max_size=12, unique=True))
    made = []
    for number in chosen:
        manifest = SICK[number]
        for path, _ in data.draw(st.lists(st.sampled_from(list(paths(manifest))), max_size=4)):
            try:
                manifest = damaged(manifest, path, data.draw(junk))
            except (KeyError, IndexError, TypeError):
                continue  # an earlier damage took the place away
        made.append(decoded_as(SICK[number], manifest))
    view = ClusterView()
    view.load([*HEALTHY, *made])
    examination = detectors.examine_all(view, now=datetime.fromisoformat(broken.ago(0)), include_risk=True)
    assert examination.failures == {}


@examples(200, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(sorted(BY_ID)), body=junk, reason=st.sampled_from(sorted(detectors.BY_TYPE)), message=junk)
def test_what_is_no_object_at_all_raises_nothing(kind: str, body: Any, reason: str, message: Any) -> None:
    raw = json.dumps({"metadata": body, "spec": body, "status": body, "reason": reason, "message": message}).encode()
    view = ClusterView()
    view.load([*HEALTHY, (kind, objects.decode(kind, raw, uid="uid-junk", namespace="shop", name="junk"))])
    assert detectors.examine_all(view, now=LATER, include_risk=True).failures == {}


@examples(200, derandomize=True)
@given(data=st.data())
def test_events_that_say_anything_accuse_no_healthy_object(data: st.DataObject) -> None:
    """An Event is a claim; an object that shows nothing of it is well."""
    reasons = sorted(set().union(*(detector.event_reasons for detector in detectors.DETECTORS)) | {"Failed", "BackOff"})
    about = data.draw(st.sampled_from([obj for kind, obj in HEALTHY if kind in ("Pod", "Service", "Deployment.apps")]))
    reason, ago = data.draw(st.sampled_from(reasons)), data.draw(st.integers(-(10**6), 10**6))
    told = build.event(about, reason, data.draw(st.text(max_size=80)), ago=ago)
    view = ClusterView()
    view.load([*HEALTHY, ("Event", told)])
    examination = detectors.examine_all(view, now=NOON)
    assert examination.failures == {}
