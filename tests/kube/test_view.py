from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from optral.kube import owners, view
from optral.kube.changes import ObjectChange, Op
from optral.kube.objects import KubeObject
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef
from tests.detectors.build import NOON, deployment, event, make, owned_by, pod, replica_set, status
from tests.support.examples import examples

Changed = tuple[ObjectChange, KubeObject | None]


def upsert(obj: KubeObject) -> Changed:
    return ObjectChange(Op.UPSERT, obj.kind, obj.uid, obj.namespace or "", obj.name, "2", b"{}"), obj


def delete(obj: KubeObject) -> Changed:
    return ObjectChange(Op.DELETE, obj.kind, obj.uid, obj.namespace or "", obj.name, "2", b""), None


def again(obj: KubeObject, **more: object) -> KubeObject:
    """A newer pod with the same uid."""
    return pod(status(), name=obj.name, meta={"uid": obj.uid}, **more)  # type: ignore[arg-type]


def names(things: object) -> list[str]:
    return sorted(obj.name for obj in things)  # type: ignore[attr-defined]


def test_an_overlay_shows_its_changes_and_the_base_does_not() -> None:
    kept, gone, moved = (pod(status(), name=name) for name in ("kept", "gone", "moved"))
    base = view.of([kept, gone, moved])
    fresh = pod(status(), name="fresh")
    overlay = base.with_changes([delete(gone), upsert(again(moved, spec={"nodeName": "node-2"})), upsert(fresh)])
    assert names(overlay.all("Pod")) == ["fresh", "kept", "moved"]
    assert names(base.all("Pod")) == ["gone", "kept", "moved"]
    assert (overlay.count("Pod"), base.count("Pod")) == (3, 3)
    assert names(overlay.pods_on("node-1")) == ["fresh", "kept"]
    assert names(overlay.pods_on("node-2")) == ["moved"]
    assert overlay.by_name("Pod", "shop", "gone") is None
    assert base.by_name("Pod", "shop", "gone") is gone
    assert overlay.previous("Pod", gone.uid) is gone
    assert overlay.get("Pod", gone.uid) is None


def test_absorbing_moves_the_base() -> None:
    first, second = pod(status(), name="a"), pod(status(), name="b")
    base = view.of([first])
    base.absorb(base.with_changes([delete(first), upsert(second)]))
    assert names(base.all("Pod")) == ["b"]
    assert names(base.pods_on("node-1")) == ["b"]
    assert base.by_name("Pod", "shop", "a") is None


def test_an_overlay_of_another_or_an_earlier_view_is_refused() -> None:
    base = view.of([])
    first, second = base.with_changes([upsert(pod())]), base.with_changes([upsert(pod(name="b"))])
    base.absorb(first)
    for stale in (first, second, ClusterView().with_changes([])):
        with pytest.raises(ValueError, match="does not stand"):
            base.absorb(stale)
    assert base.count("Pod") == 1


def test_the_last_change_of_an_object_wins_also_over_two_overlays() -> None:
    one = pod(status(), name="a")
    base = view.of([])
    overlay = base.with_changes([upsert(one), delete(one)]).with_changes([upsert(again(one, spec={"nodeName": "node-9"}))])
    assert names(overlay.pods_on("node-9")) == ["a"]
    assert overlay.pods_on("node-1") == []
    base.absorb(overlay)
    assert names(base.pods_on("node-9")) == ["a"]


def test_a_namesake_may_come_before_the_old_one_goes() -> None:
    old, new = pod(status(), name="db-0"), pod(status(), name="db-0")
    base = view.of([old])
    base.absorb(base.with_changes([upsert(new)]))
    base.absorb(base.with_changes([delete(old)]))
    assert base.by_name("Pod", "shop", "db-0") is new


def test_lookups_forget_what_an_object_no_longer_is() -> None:
    service = make("Service", name="api")
    piece = make("EndpointSlice.discovery.k8s.io", name="api-x", meta={"labels": {"kubernetes.io/service-name": "api"}})
    base = view.of([service, piece])
    other = make("EndpointSlice.discovery.k8s.io", name="api-x", meta={"uid": piece.uid, "labels": {"kubernetes.io/service-name": "web"}})
    assert names(base.slices_of(owners.ref(service))) == ["api-x"]
    base.absorb(base.with_changes([upsert(other)]))
    assert base.slices_of(owners.ref(service)) == []


HASHED = {"app": "api", "pod-template-hash": "5d4f9c"}
CRON = make("CronJob.batch", name="report")
ROLLOUT = make("Rollout.argoproj.io", name="api", meta={"uid": "r"})


def _pod_of(kind: str, api_version: str, name: str, labels: dict[str, str] | None = None) -> KubeObject:
    reference = {"kind": kind, "apiVersion": api_version, "name": name, "uid": "x", "controller": True}
    return pod(meta={"ownerReferences": [reference]}, labels=labels)


@pytest.mark.parametrize(
    ("shown", "others", "expected"),
    [
        pytest.param(pod(name="bare"), [], "Pod/shop/bare", id="bare pod"),
        pytest.param(_pod_of("Node", "v1", "node-1"), [], "Node/node-1", id="static pod"),
        pytest.param(_pod_of("DaemonSet", "apps/v1", "agent"), [], "DaemonSet/shop/agent", id="daemon set"),
        pytest.param(_pod_of("StatefulSet", "apps/v1", "db"), [], "StatefulSet/shop/db", id="stateful set"),
        pytest.param(_pod_of("Thing", "example.com/v1", "x"), [], "Thing/shop/x", id="an unknown controller"),
        pytest.param(
            _pod_of("ReplicaSet", "apps/v1", "api-5d4f9c", HASHED), [], "Deployment/shop/api", id="replica set not seen, by its hash"
        ),
        pytest.param(
            _pod_of("ReplicaSet", "apps/v1", "api-5d4f9c", {"rollouts-pod-template-hash": "5d4f9c"}),
            [],
            "Rollout/shop/api",
            id="rollout, by hash",
        ),
        pytest.param(_pod_of("ReplicaSet", "apps/v1", "lonely"), [], "ReplicaSet/shop/lonely", id="replica set without a hash"),
        pytest.param(_pod_of("Job", "batch/v1", "report-29384720"), [], "CronJob/shop/report", id="job not seen, by its minute"),
        pytest.param(_pod_of("Job", "batch/v1", "migrate"), [], "Job/shop/migrate", id="job of its own"),
    ],
)
def test_finds_the_workload_people_know(shown: KubeObject, others: list[KubeObject], expected: str) -> None:
    assert str(view.of([shown, *others]).workload_of(shown)) == expected


def test_the_real_owner_wins_over_the_guess() -> None:
    lonely = replica_set(name="api-5d4f9c")
    shown = pod(owner=lonely, labels=HASHED)
    assert str(view.of([shown, lonely]).workload_of(shown)) == "ReplicaSet/shop/api-5d4f9c"
    job = make("Job.batch", name="by-hand", meta={"ownerReferences": owned_by(CRON)})
    run = pod(meta={"ownerReferences": owned_by(job)})
    assert str(view.of([job, run]).workload_of(run)) == "CronJob/shop/report"
    of_rollout = replica_set(ROLLOUT)
    assert view.of([of_rollout]).workload_of(pod(owner=of_rollout)).name == "api"


def test_pods_of_finds_them_before_and_after_their_replica_set() -> None:
    top = deployment()
    between = replica_set(top)
    shown = pod(owner=between, labels=HASHED)
    stranger = pod(name="other")
    for things in ([shown, stranger], [shown, between, stranger], [shown, between, top, stranger]):
        assert names(view.of(things).pods_of(ObjectRef("Deployment.apps", "shop", "api"))) == [shown.name]


def test_events_are_bounded_per_object_and_by_age() -> None:
    shown = pod()
    base = view.of([shown])
    base.absorb(base.with_changes([upsert(event(shown, "Unhealthy", ago=4000 - n)) for n in range(30)]))
    assert len(base.events_of(shown.uid)) == view.MAX_EVENTS_PER_OBJECT
    fresh = event(shown, "Failed", ago=10)
    base.absorb(base.with_changes([upsert(fresh)]), now=NOON)
    assert [kept.uid for kept in base.events_of(shown.uid)] == [fresh.uid]
    assert base.forget_events(before=NOON + timedelta(hours=1)) == 1
    assert base.events_of(shown.uid) == []


def test_events_are_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MAX_EVENTS", 5)
    things = [pod(name=f"p{n}") for n in range(9)]
    base = view.of([event(obj, "Failed") for obj in things])
    assert base.count("Event") == 5
    assert base.events_of(things[0].uid) == []
    assert len(base.events_of(things[8].uid)) == 1


_ops = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(["gone", "node-1", "node-2"]), st.sampled_from(["x", "y"]), st.sampled_from(["", "data"])),
    max_size=12,
)


def _version(number: int, node: str, name: str, claim: str) -> Changed:
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}] if claim else []
    obj = pod(name=f"{name}{number}", meta={"uid": f"u{number}"}, spec={"nodeName": node, "volumes": volumes})
    return delete(obj) if node == "gone" else upsert(obj)


def _answers(seen: ClusterView) -> tuple[object, ...]:
    nodes = [names(seen.pods_on(node)) for node in ("node-1", "node-2")]
    by_name = [seen.by_name("Pod", "shop", f"{name}{number}") is not None for name in "xy" for number in range(5)]
    return (
        names(seen.all("Pod")),
        seen.count("Pod"),
        nodes,
        names(seen.pods_with_claim("shop", "data")),
        names(seen.pods_in("shop")),
        by_name,
    )


@examples(100)
@given(batches=st.lists(_ops, max_size=4))
def test_overlays_and_moved_views_answer_as_one_built_at_once(batches: list[list[tuple[int, str, str, str]]]) -> None:
    base = view.of([])
    truth: dict[str, KubeObject] = {}
    for batch in batches:
        before, changes = _answers(base), [_version(*operation) for operation in batch]
        overlay = base.with_changes(changes)
        for change, obj in changes:
            truth.pop(change.uid, None)
            if obj is not None:
                truth[change.uid] = obj
        assert _answers(base) == before
        assert _answers(overlay) == _answers(view.of(list(truth.values())))
        base.absorb(overlay)
        assert _answers(base) == _answers(overlay)


NETWORKING, GATEWAY = "networking.k8s.io", "gateway.networking.k8s.io"


def _claim(name: str, storage_class: str | None) -> KubeObject:
    return make("PersistentVolumeClaim", name=name, spec={"storageClassName": storage_class} if storage_class is not None else {})


def _ingress(name: str, class_name: str = "", *services: str) -> KubeObject:
    paths = [{"path": "/", "backend": {"service": {"name": service}}} for service in services]
    spec = {"rules": [{"http": {"paths": paths}}]} | ({"ingressClassName": class_name} if class_name else {})
    return make(f"Ingress.{NETWORKING}", name=name, spec=spec)


def _route(name: str, gateway: dict[str, str], backend: dict[str, str]) -> KubeObject:
    return make(f"HTTPRoute.{GATEWAY}", name=name, spec={"parentRefs": [gateway], "rules": [{"backendRefs": [backend]}]})


def _caller(name: str, address: str, kind: str = "Deployment.apps", namespace: str = "shop") -> KubeObject:
    template = {"spec": {"containers": [{"name": "c", "env": [{"name": "ADDR", "value": address}]}]}}
    return make(kind, name=name, namespace=namespace, spec={"template": template})


def _volume(name: str, namespace: str, claim: str) -> KubeObject:
    return make("PersistentVolume", name=name, namespace=None, spec={"claimRef": {"namespace": namespace, "name": claim}})


NETWORK = [
    _claim("fast", "fast"),
    _claim("bare", ""),
    _claim("unset", None),
    _volume("pv-1", "shop", "fast"),
    _volume("pv-2", "other", "fast"),
    _ingress("web", "nginx", "api"),
    _ingress("plain"),
    _route("near", {"name": "edge"}, {"name": "api"}),
    _route("far", {"name": "edge", "namespace": "infra"}, {"name": "api", "namespace": "prod"}),
    _route("bucket", {"name": "edge"}, {"name": "api", "kind": "Bucket"}),
    make(f"Gateway.{GATEWAY}", name="edge", spec={"gatewayClassName": "envoy"}),
    make(f"NetworkPolicy.{NETWORKING}", name="strict"),
    make(f"NetworkPolicy.{NETWORKING}", name="other", namespace="prod"),
    make("Certificate.cert-manager.io", name="web", spec={"secretName": "web-tls"}),
    _caller("one", "api:80"),
    _caller("two", "http://api.shop.svc:80/", "StatefulSet.apps", "prod"),
    _caller("three", "api.shop.svc.cluster.local", "DaemonSet.apps", "prod"),
    _caller("four", "api:80", namespace="prod"),
]
SERVICE = ObjectRef("Service", "shop", "api")


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        pytest.param(lambda v: v.volumes_of("shop", "fast"), ["pv-1"], id="volumes of a claim"),
        pytest.param(lambda v: v.ingresses_of_class("nginx"), ["web"], id="ingresses of a class"),
        pytest.param(lambda v: v.ingresses_of_class(""), ["plain"], id="ingresses of the default"),
        pytest.param(lambda v: v.ingresses_of(SERVICE), ["web"], id="ingresses of a service"),
        pytest.param(lambda v: v.routes_of(SERVICE), ["near"], id="routes of a service, not of a namesake"),
        pytest.param(lambda v: v.routes_of(ObjectRef("Service", "prod", "api")), ["far"], id="routes of a service elsewhere"),
        pytest.param(lambda v: v.routes_through(ObjectRef(f"Gateway.{GATEWAY}", "shop", "edge")), ["bucket", "near"], id="routes through"),
        pytest.param(lambda v: v.gateways_of_class("envoy"), ["edge"], id="gateways of a class"),
        pytest.param(lambda v: v.policies_in("shop"), ["strict"], id="policies of a namespace"),
        pytest.param(lambda v: v.certificates_of("shop", "web-tls"), ["web"], id="certificates in a secret"),
        pytest.param(lambda v: v.workloads_in("shop", "Certificate.cert-manager.io"), ["web"], id="certificates of a namespace"),
        pytest.param(lambda v: v.callers_of("shop", "api"), ["one", "three", "two"], id="callers of every kind and namespace"),
    ],
)
def test_finds_references_and_forgets_deleted_objects(ask: Callable[[ClusterView], list[KubeObject]], expected: list[str]) -> None:
    base = view.of(NETWORK)
    assert names(ask(base)) == expected
    overlay = base.with_changes([delete(obj) for obj in NETWORK])
    assert (ask(overlay), names(ask(base))) == ([], expected)
    base.absorb(overlay)
    assert ask(base) == []


def test_remembers_what_others_miss() -> None:
    gone, pods = make("Service", name="api"), pod(name="p")
    base = view.of([gone, pods])
    assert base.gone_since("Service", "shop", "api", now=NOON) is None  # it is there
    overlay = base.with_changes([delete(gone), delete(pods)])
    assert overlay.gone_since("Service", "shop", "api", now=NOON) == NOON
    base.absorb(overlay, now=NOON)
    later = NOON + timedelta(minutes=5)
    assert base.gone_since("Service", "shop", "api", now=later) == NOON
    assert base.with_changes([]).gone_since("Service", "shop", "api", now=later) == NOON
    assert base.gone_since("Pod", "shop", "p", now=later) is None  # nobody refers to a pod by its name
    assert base.gone_since("Service", "shop", "never", now=later) is None
    base.absorb(base.with_changes([upsert(make("Service", name="api"))]), now=later)
    assert base.gone_since("Service", "shop", "api", now=later) is None


def test_remembers_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "MAX_GONE", 2)
    services = [make("Service", name=f"s{n}") for n in range(4)]
    base = view.of(services)
    base.absorb(base.with_changes([delete(service) for service in services]), now=NOON)
    assert [base.gone_since("Service", "shop", f"s{n}", now=NOON) is None for n in range(4)] == [True, True, False, False]
