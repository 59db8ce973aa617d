import pytest

from optral.kube.objects import KubeObject
from optral.terms.severity import Severity
from tests.detectors.build import at, condition, deployment, make, only, owned_by, pod, status, when

TYPE = "ServiceNoEndpoints"


def service(selector: dict[str, str] | None = None, ago: float = 3000, **spec: object) -> KubeObject:
    return make("Service", name="api", ago=ago, spec={"selector": {"app": "api"} if selector is None else selector, **spec})


def slice_of(owner: KubeObject, *ready: bool | None, changed: str = "") -> KubeObject:
    meta = {"labels": {"kubernetes.io/service-name": owner.name}, "ownerReferences": owned_by(owner)}
    if changed:
        meta["annotations"] = {"endpoints.kubernetes.io/last-change-trigger-time": changed}
    endpoints = [{"addresses": ["192.0.2.1"], "conditions": {} if state is None else {"ready": state}} for state in ready]
    return make("EndpointSlice.discovery.k8s.io", name=f"{owner.name}-x", meta=meta, endpoints=endpoints)


def unready(**more: object) -> KubeObject:
    return pod(status(ready=False), conditions=[condition("Ready", "False", ago=400)], **more)  # type: ignore[arg-type]


def test_unready_pods_open_it_after_two_minutes() -> None:
    shown = service()
    [finding] = only(TYPE, shown, slice_of(shown, False), unready(), deployment(available=0))
    assert (finding.facts["case"], finding.facts["matchingPods"]) == ("podsNotReady", 1)
    assert (finding.since, finding.opens_at) == (when(400), when(280))
    assert finding.facts["workloads"] == ["Deployment/shop/api", "Pod/shop/api-5d4f9c-x1"]


@pytest.mark.parametrize(
    ("selector", "labels", "says"),
    [
        ({"app": "api", "tier": "web"}, {"app": "api", "tier": "back"}, "it selects tier=web, but the pods have tier=back"),
        ({"app": "api", "tier": "web"}, {"app": "api"}, "it selects tier=web, but the pods have no label tier"),
        ({"application": "api"}, {"app": "api"}, "it selects application=api, but the pods have no label application"),
        ({"app": "apii"}, {"app": "api"}, "it selects app=apii, but the pods have app=api"),
    ],
)
def test_a_selector_that_misses_by_one_label_opens_it_at_once(selector: dict[str, str], labels: dict[str, str], says: str) -> None:
    shown = service(selector)
    [finding] = only(TYPE, shown, slice_of(shown), pod(status(), labels=labels))
    assert finding.facts["case"] == "selectorMismatch"
    assert (finding.since, finding.opens_at, finding.is_onset_unknown) == (when(3000), when(3000 - 60), True)
    assert finding.title.endswith(says)


def test_a_selector_that_was_changed_is_dated_by_the_change() -> None:
    """The Service is much older than its failure."""
    meta = {"managedFields": [{"manager": "kubectl", "time": at(3000)}, {"manager": "kubectl-edit", "time": at(90)}]}
    shown = make("Service", name="api", ago=3000, meta=meta, spec={"selector": {"app": "apii"}})
    [finding] = only(TYPE, shown, slice_of(shown), pod(status(), labels={"app": "api"}))
    assert (finding.since, finding.is_onset_unknown) == (when(90), False)


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(lambda s: [slice_of(s, True)], id="one endpoint is ready"),
        pytest.param(lambda s: [slice_of(s, None)], id="an endpoint that does not say is ready"),
        pytest.param(lambda s: [], id="its slices have not been seen"),
        pytest.param(lambda s: [slice_of(s), deployment(replicas=0, available=0)], id="scaled to zero"),
    ],
)
def test_a_service_that_is_served_or_rightly_empty_is_no_issue(around: object) -> None:
    shown = service()
    assert only(TYPE, shown, *around(shown)) == []  # type: ignore[operator]


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(service(type="ExternalName"), id="external"),
        pytest.param(service({}), id="no selector"),
        pytest.param(
            make(
                "Service",
                name="api",
                meta={"annotations": {"control-plane.alpha.kubernetes.io/leader": "x"}},
                spec={"selector": {"a": "b"}},
            ),
            id="leader election",
        ),
    ],
)
def test_services_that_need_no_endpoints(shown: KubeObject) -> None:
    assert only(TYPE, shown, slice_of(shown)) == []


def test_the_last_change_recorded_in_the_slice_dates_it() -> None:
    shown = service()
    [finding] = only(TYPE, shown, slice_of(shown, changed="2026-03-02T11:58:30Z"))
    assert (finding.since, finding.facts["case"]) == (when(90), "nothingSelected")


def test_a_workload_scaled_up_from_zero_has_time_for_its_first_pods() -> None:
    shown = service()
    [finding] = only(TYPE, shown, slice_of(shown), deployment())
    assert (finding.facts["case"], finding.is_onset_unknown) == ("podsMissing", True)
    assert (finding.since, finding.opens_at) == (when(0), when(-120))


@pytest.mark.parametrize("door", ["", "scale"])
def test_a_stateful_set_without_pods_counts_from_its_last_change_or_scaling(door: str) -> None:
    shown = service(ago=9 * 86400)
    written = [
        {"manager": "kubectl", "subresource": door, "time": at(5000)},
        {"manager": "controller", "subresource": "status", "time": at(3)},
    ]
    spec = {"replicas": 3, "template": {"metadata": {"labels": {"app": "api"}}}}
    wanted = make("StatefulSet.apps", name="api", ago=9 * 86400, meta={"managedFields": written}, spec=spec)
    [finding] = only(TYPE, shown, slice_of(shown), wanted)
    assert (finding.since, finding.is_onset_unknown, finding.facts["case"]) == (when(5000), False, "podsMissing")


def test_a_workload_without_pods_counts_from_the_condition_of_its_deployment() -> None:
    shown = service()
    lacking = deployment(available=0, status={"conditions": [condition("Available", "False", ago=500)]})
    [finding] = only(TYPE, shown, slice_of(shown), lacking)
    assert (finding.since, finding.opens_at, finding.is_onset_unknown) == (when(500), when(380), False)


def test_a_service_behind_an_ingress_is_critical() -> None:
    shown = service()
    backend = {"service": {"name": "api", "port": {"number": 80}}}
    ingress = make("Ingress.networking.k8s.io", name="web", spec={"rules": [{"http": {"paths": [{"path": "/", "backend": backend}]}}]})
    [finding] = only(TYPE, shown, slice_of(shown), ingress, deployment())
    assert (finding.severity, finding.facts["ingresses"]) == (Severity.CRITICAL, ["web"])


def test_a_service_behind_a_route_or_a_webhook_is_critical() -> None:
    shown = service()
    rules = [{"backendRefs": [{"name": "api", "port": 80}]}]
    route = make("HTTPRoute.gateway.networking.k8s.io", name="web", spec={"rules": rules})
    webhook = {"name": "check", "clientConfig": {"service": {"namespace": "shop", "name": "api"}}}
    hooks = make("ValidatingWebhookConfiguration.admissionregistration.k8s.io", name="check", namespace=None, webhooks=[webhook])
    for entrance in (route, hooks):
        [finding] = only(TYPE, shown, slice_of(shown), entrance, deployment())
        assert finding.severity is Severity.CRITICAL


def test_its_candidate_causes_are_its_workloads_and_their_nodes() -> None:
    shown = service()
    [finding] = only(TYPE, shown, slice_of(shown, False), unready(), deployment(available=0))
    told = [(str(suspect.ref), suspect.relation) for suspect in finding.suspects]
    assert told == [
        ("Service/shop/api", "is"),
        ("Deployment/shop/api", "leads to"),
        ("Pod/shop/api-5d4f9c-x1", "leads to"),
        ("Node/node-1", "has pods on"),
    ]


def test_pods_that_are_ready_do_not_date_it() -> None:
    """The slices can be reported before the change of the selector that emptied them."""
    shown = service()
    [finding] = only(TYPE, shown, slice_of(shown), pod(status(), conditions=[condition("Ready", "True", ago=2000)]))
    assert (finding.since, finding.is_onset_unknown) == (when(2000), True)
    [finding] = only(TYPE, shown, slice_of(shown, changed=at(70)), pod(status(), conditions=[condition("Ready", "True", ago=2000)]))
    assert (finding.since, finding.is_onset_unknown) == (when(70), False)


def test_pods_that_are_ready_have_no_such_port() -> None:
    shown = service()
    [finding] = only(TYPE, shown, slice_of(shown), pod(status(), conditions=[condition("Ready", ago=400)]), deployment())
    assert finding.facts["case"] == "portMissing"
    assert finding.title.endswith("its pods are ready, but do not have its target port")


def test_labels_that_only_another_namespace_has() -> None:
    shown = service()
    [finding] = only(TYPE, shown, slice_of(shown), deployment(namespace="prod"))
    assert (finding.facts["case"], finding.facts["elsewhere"]) == ("nothingSelected", ["Deployment/prod/api"])


def test_a_rollout_keeps_its_time() -> None:
    shown = service()
    rolling = deployment(status={"conditions": [condition("Progressing", reason="ReplicaSetUpdated", ago=60)]})
    [finding] = only(TYPE, shown, slice_of(shown, False), unready(), rolling)
    assert finding.opens_at == when(60 - 600)
