"""Whatever a network or storage object contains, no type raises, overflows, or reports something that cannot be stored."""

import json
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, strategies as st

from optral import detectors
from optral.kube import objects, owners
from optral.kube.changes import Op
from optral.kube.objects import KubeObject
from tests.detectors.arrival import World
from tests.detectors.build import NOON, at, condition, make, view_of
from tests.detectors.network.test_reach import WORLD
from tests.support.examples import examples

MORE = [
    make(
        "Certificate.cert-manager.io",
        name="old",
        spec={"secretName": "old-tls"},
        status={"notAfter": at(-86400), "renewalTime": at(7200), "conditions": [condition("Ready")]},
    ),
    make("PersistentVolumeClaim", name="waits", spec={"storageClassName": "fast"}, status={"phase": "Pending"}),
    make("StorageClass.storage.k8s.io", name="fast", namespace=None),
    make("ResourceQuota", name="q", status={"hard": {"services": "1"}}),
]
BODIES: list[tuple[KubeObject, dict[str, Any]]] = [(obj, json.loads(msgspec.json.encode(obj))) for obj in [*WORLD.things, *MORE]]
STRANGE = st.sampled_from(
    [None, "", 0, -1, 2**62, 2**70, 1.5, True, [], {}, [None], {"a": 1}, "x" * 5000, "80", "\u0000\ud800", "(", "ENOSPC",
     "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "noon", "False", "Lost", "Failed", "Released", "LoadBalancer", "UDP", "a.b.svc:70000"]
)  # fmt: skip
STEPS = st.lists(st.integers(0, 30), min_size=1, max_size=8)


def spoil(body: Any, steps: list[int], value: Any) -> Any:
    """The body with one value, at the place where these steps end, replaced."""
    if not steps or not isinstance(body, dict | list) or not body:
        return value
    if isinstance(body, list):
        place = steps[0] % len(body)
        return [spoil(one, steps[1:], value) if number == place else one for number, one in enumerate(body)]
    chosen = sorted(body)[steps[0] % len(body)]
    return {key: spoil(one, steps[1:], value) if key == chosen else one for key, one in body.items()}


@examples(150, suppress_health_check=[HealthCheck.too_slow])
@given(spoilt=st.lists(st.tuples(st.integers(0, len(BODIES) - 1), STEPS, STRANGE), min_size=1, max_size=12))
def test_no_object_makes_a_type_raise(spoilt: list[tuple[int, list[int], Any]]) -> None:
    bodies = [body for _, body in BODIES]
    for number, steps, value in spoilt:
        bodies[number] = spoil(bodies[number], steps, value)
    decoded = []
    for (obj, _), body in zip(BODIES, bodies, strict=True):
        raw = json.dumps(body).encode()
        decoded.append(objects.decode(obj.kind, raw, uid=obj.uid, namespace=obj.namespace or "", name=obj.name))
    view = view_of(*decoded)
    whole = detectors.examine_all(view, now=NOON, include_risk=True)
    assert not whole.failures
    assert not detectors.examine(view, [owners.ref(obj) for obj in decoded], now=NOON).failures
    for finding in whole.findings:
        json.dumps([finding.title, finding.part, dict(finding.facts)], allow_nan=False).encode("utf-8")
        assert finding.opens_at >= finding.since
        assert finding.expires_at is None or finding.expires_at > NOON
        assert len(finding.title) < 2000
        assert max(len(finding.subject.name), len(finding.part or "")) <= 253


OURS = World([obj for obj, _ in BODIES], types={one.type for area in (detectors.network, detectors.storage) for one in area.DETECTORS})
CHANGEABLE = st.sampled_from([number for number, (obj, _) in enumerate(BODIES) if obj.kind != "Event"])
FIXED = {"Pod": "spec", "EndpointSlice.discovery.k8s.io": "metadata"}  # what is never changed of them


@examples(100, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(st.tuples(CHANGEABLE, STEPS, STRANGE), min_size=1, max_size=6), is_undone=st.booleans())
def test_a_change_of_any_field_reaches_every_affected_object(changes: list[tuple[int, list[int], Any]], is_undone: bool) -> None:
    view = OURS.whole()
    answers = OURS.answers(view)
    for number, steps, value in changes:
        obj, body = BODIES[number]
        spoilt = spoil(body, steps, value)
        if obj.kind in FIXED and isinstance(spoilt, dict):
            spoilt = spoilt | {FIXED[obj.kind]: body[FIXED[obj.kind]]}
        raw = json.dumps(spoilt).encode()
        other = objects.decode(obj.kind, raw, uid=obj.uid, namespace=obj.namespace or "", name=obj.name)
        for version in (other, obj) if is_undone else (other,):
            OURS.move(view, version, Op.UPSERT, answers)
    assert answers == OURS.answers(view)


def test_a_ready_pod_that_loses_its_address_is_noticed() -> None:
    view = OURS.whole()
    answers = OURS.answers(view)
    obj, body = next((obj, body) for obj, body in BODIES if (obj.kind, obj.name) == ("Pod", "runs-1"))
    raw = json.dumps(body | {"status": body["status"] | {"podIP": ""}}).encode()
    other = objects.decode(obj.kind, raw, uid=obj.uid, namespace=obj.namespace or "", name=obj.name)
    OURS.move(view, other, Op.UPSERT, answers)
    assert answers == OURS.answers(view)
