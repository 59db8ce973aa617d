"""The order in which objects of the network and of storage arrive, and go, changes no answer."""

from typing import Any

import pytest

from optral import detectors
from optral.kube.changes import Op
from optral.kube.objects import KubeObject
from tests.detectors.arrival import World, properties, summary
from tests.detectors.build import condition, config, container, deployment, event, make, owned_by, pod, status, terminated, waiting
from tests.detectors.network.things import caller, files, reader, server, service
from tests.detectors.pods.test_log_failures import logs, sign

Thing = KubeObject
NETWORKING, GATEWAY = "networking.k8s.io", "gateway.networking.k8s.io"


def world() -> list[KubeObject]:
    """A failure of every type of network and storage, and the objects that each depends on."""
    return [*_services(), *_entrances(), *_policies(), *_stale(), *_storage()]


def _services() -> list[KubeObject]:
    named = service("api", {"port": 80, "targetPort": "htp"})
    asked = service("cart", selector={"app": "cart"})
    cart = server(name="cart-1", labels={"app": "cart"})
    callers = [caller("cart:81", "one"), caller("cart:81", "two"), caller("apii:80", "slip"), caller("db:5432", "lost")]
    broad = service("front", selector={"team": "front"})
    mixed = [
        server(name="front-1", labels={"team": "front"}, box={"image": "r.example/front:1"}),
        server({"name": "sql", "containerPort": 5432}, name="stray-1", labels={"team": "front"}, box={"image": "r.example/sql:1"}),
    ]
    balanced = [
        service("lb", type="LoadBalancer", selector={}),
        service("lb2", type="LoadBalancer", selector={}, told={"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}),
    ]
    proxy = caller("gate:80", "proxy")
    inside = server(name="proxy-1", labels={"app": "proxy"}, meta={"ownerReferences": owned_by(proxy)})
    report = logs(inside, sign("dependency", "dial tcp gate:80: connection refused", host="gate", port="80"))
    gate = [service("gate", selector={"app": "gate"}), server(name="gate-1", labels={"app": "gate"}), proxy, inside, report]
    deaf = caller("api:80", "deaf", pod={"dnsPolicy": "Default"})
    broad_config = config({"app.yaml": "cart_url: http://cart:81\nslip_url: http://apii:80\n"})
    callers += [reader("three", **files()), broad_config]
    return [named, server(), asked, cart, *callers, deployment("db"), broad, *mixed, *balanced, *gate, deaf]


def _entrances() -> list[KubeObject]:
    paths = [{"path": "/", "backend": {"service": {"name": name, "port": {"number": 80}}}} for name in ("apy", "cart")]
    ingress = make(
        f"Ingress.{NETWORKING}",
        name="web",
        spec={"ingressClassName": "ngnix", "rules": [{"http": {"paths": paths}}], "tls": [{"secretName": "web-tls"}]},
    )
    default = make(f"Ingress.{NETWORKING}", name="plain", spec={"rules": []})
    nginx = make(f"IngressClass.{NETWORKING}", name="nginx", namespace=None)
    complaint = event(ingress, "Rejected", "secret web-tls does not exist", ago=100)
    gateway_class = make(f"GatewayClass.{GATEWAY}", name="envoy", namespace=None)
    gateway = make(
        f"Gateway.{GATEWAY}", name="edge", spec={"gatewayClassName": "envoy"}, status={"conditions": [condition("Programmed", "Unknown")]}
    )
    route = make(
        f"HTTPRoute.{GATEWAY}",
        name="web",
        spec={"parentRefs": [{"name": "edge"}], "rules": [{"backendRefs": [{"name": "cart", "port": 80}]}]},
    )
    meshed = [
        make(f"{kind}.networking.istio.io", name=name, spec=spec)
        for kind, name, spec in (
            ("VirtualService", "cart", {"hosts": ["cart"], "http": [{"route": [{"destination": {"host": "cart", "subset": "v2"}}]}]}),
            ("DestinationRule", "cart", {"host": "cart", "subsets": [{"name": "v2", "labels": {"version": "v2"}}]}),
        )
    ]
    empty = service("empty", selector={"app": "nobody"})
    piece = make(
        f"EndpointSlice.discovery.{'k8s.io'}", name="empty-x", meta={"labels": {"kubernetes.io/service-name": "empty"}}, endpoints=[]
    )
    hooked = {"name": "check", "clientConfig": {"service": {"namespace": "shop", "name": "empty"}}}
    hooks = make("ValidatingWebhookConfiguration.admissionregistration.k8s.io", name="check", namespace=None, webhooks=[hooked])
    certificate = make(
        "Certificate.cert-manager.io", name="web", spec={"secretName": "web-tls"}, status={"conditions": [condition("Ready", "False")]}
    )
    return [ingress, default, nginx, complaint, gateway_class, gateway, route, *meshed, empty, piece, hooks, certificate]


def _policies() -> list[KubeObject]:
    top = caller("cart:80", "shut")
    inside = server(name="shut-1", labels={"app": "shut"}, ready=False, since=600, meta={"ownerReferences": owned_by(top)})
    chosen = {"podSelector": {"matchLabels": {"app": "cart"}}, "policyTypes": ["Ingress"]}
    strict = make(f"NetworkPolicy.{NETWORKING}", name="strict", ago=900, spec=chosen)
    other = make(
        f"NetworkPolicy.{NETWORKING}",
        name="other",
        ago=900,
        spec=chosen | {"ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 1}]}]},
    )
    return [top, inside, strict, other, *_omitted()]


def _omitted() -> list[KubeObject]:
    """A workload whose pod is ready and logs that a policy, which admits a labeled namespace, keeps it from the Service that it calls."""
    top = caller("vault:80", "clerk")
    ready = server(name="clerk-1", labels={"app": "clerk"}, meta={"ownerReferences": owned_by(top)})
    report = logs(ready, sign("dependency", "dial tcp vault:80: i/o timeout", host="vault", port="80"))
    chosen = {"from": [{"namespaceSelector": {"matchLabels": {"team": "audit"}}}]}
    guard = make(
        f"NetworkPolicy.{NETWORKING}",
        name="guard",
        ago=900,
        spec={"podSelector": {"matchLabels": {"app": "vault"}}, "policyTypes": ["Ingress"], "ingress": [chosen]},
    )
    behind = server(name="vault-1", labels={"app": "vault"})
    return [top, ready, report, service("vault", selector={"app": "vault"}), behind, guard, make("Namespace", name="shop", namespace=None)]


def _stale() -> list[KubeObject]:
    """Services whose written endpoints name a pod that is gone, and an address of a node's range that no pod has."""
    node = make("Node", name="node-7", namespace=None, spec={"podCIDRs": ["10.244.7.0/24"]})
    runs = server(name="runs-1", labels={"app": "runs"}, spec={"nodeName": "node-7"}, pod_status={"podIP": "10.244.7.20"})
    named = {"addresses": ["10.9.9.9"], "nodeName": "node-7", "targetRef": {"kind": "Pod", "name": "runs-0", "uid": "gone"}}
    slices = [
        make(
            "EndpointSlice.discovery.k8s.io", name=f"{name}-x", meta={"labels": {"kubernetes.io/service-name": name}}, endpoints=[endpoint]
        )
        for name, endpoint in (("ledger", named), ("queue", {"addresses": ["10.244.7.99"]}))
    ]
    return [node, runs, *slices, service("ledger", selector={}), service("queue", selector={})]


def _storage() -> list[KubeObject]:
    def mounting(name: str, claim: str, **more: object) -> KubeObject:
        return pod(
            name=name,
            phase="Pending",
            spec={"nodeName": "", "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}]},
            **more,
        )  # type: ignore[arg-type]

    absent = mounting("a", "absent", conditions=[condition("PodScheduled", "False", message='persistentvolumeclaim "absent" not found')])
    lost = make("PersistentVolumeClaim", name="lost", spec={"volumeName": "pv"}, status={"phase": "Lost"})
    failed = make("PersistentVolume", name="pv", namespace=None, status={"phase": "Failed"})
    stuck = make("PersistentVolumeClaim", name="stuck", status={"phase": "Bound", "conditions": [condition("FileSystemResizePending")]})
    user = server(name="user-1", labels={"app": "user"}, spec={"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "stuck"}}]})
    last = terminated(ago=60, message="no space left on device")
    full = pod(
        status(state=waiting("CrashLoopBackOff"), last=last, restarts=3),
        name="full-1",
        containers=[container()],
        spec={"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]},
    )
    node = make("Node", name="node-1", namespace=None, status={"conditions": [condition("Ready"), condition("DiskPressure", "False")]})
    return [absent, lost, failed, stuck, user, full, node]


WORLD = World(world())


def test_the_world_has_a_failure_of_nearly_every_type() -> None:
    own = {one.type for area in (detectors.network, detectors.storage) for one in area.DETECTORS}
    elsewhere = {"PersistentVolumeClaimPending", "PersistentVolumeReleased", "CertificateExpiring"}
    assert own - WORLD.types_found() == elsewhere


test_the_order_of_arrival_changes_no_answer, test_findings_of_deleted_objects_end = properties(WORLD)


def test_a_rule_that_moves_to_another_host_affects_the_routes_of_both() -> None:
    route = {"hosts": ["cart"], "http": [{"route": [{"destination": {"host": "cart", "subset": "v2"}}]}]}
    subsets = [{"name": "v2", "labels": {"app": "cart"}}]
    served = server(name="cart-1", labels={"app": "cart"})
    rule = make("DestinationRule.networking.istio.io", name="cart", spec={"host": "cart", "subsets": subsets}, meta={"uid": "rule"})
    moved = make("DestinationRule.networking.istio.io", name="cart", spec={"host": "orders", "subsets": subsets}, meta={"uid": "rule"})
    mesh = World(
        [
            service("cart", selector={"app": "cart"}),
            service("orders", selector={"app": "orders"}),
            served,
            make("VirtualService.networking.istio.io", name="cart", spec=route),
            rule,
        ],
        types={"MeshRouteInvalid"},
    )
    view = mesh.whole()
    answers = mesh.answers(view)
    assert answers == {}
    for version, types in ((moved, {"MeshRouteInvalid"}), (rule, set())):
        mesh.move(view, version, Op.UPSERT, answers)
        assert {kind for found in answers.values() for kind, *_ in found} == types


def test_a_policy_of_an_addon_and_the_label_of_a_namespace_may_let_a_caller_in() -> None:
    cluster = [obj for obj in _omitted() if obj.kind != "LogSigns.logs.optral.io"]
    home = next(obj for obj in cluster if obj.kind == "Namespace")
    guarded = World(cluster, types={"NetworkPolicyBlocks"})
    view = guarded.whole()
    answers = guarded.answers(view)
    assert len(answers) == 1
    addon = make("CiliumNetworkPolicy.cilium.io", name="extra")
    guarded.move(view, addon, Op.UPSERT, answers)
    assert answers == {}
    guarded.move(view, addon, Op.DELETE, answers)
    assert len(answers) == 1
    guarded.move(
        view, make("Namespace", name="shop", namespace=None, meta={"uid": home.uid, "labels": {"team": "audit"}}), Op.UPSERT, answers
    )
    assert answers == {}


CONFIGS = [
    {"API_URL": "http://api:80"},
    {"API_URL": "http://apii:80"},
    {"API_URL": "http://api:81"},
    {"API_URL": "http://api.other:80"},
    {"API_HOST": "api", "API_PORT": "81"},
    {"app.yaml": "api_url: http://apii:80\n"},
    {"OTHER": "x"},
]


@pytest.mark.parametrize("box", [{"envFrom": [{"configMapRef": {"name": "app"}}]}, files()], ids=["variables", "files"])
def test_a_changed_config_map_examines_all_that_its_addresses_alter(box: dict[str, Any]) -> None:
    """Its readers, and the Services, policies and routes that they call or called."""
    only_dns = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}]}
    shut = make(f"NetworkPolicy.{NETWORKING}", name="shut", ago=900, spec=only_dns)
    top, astray = reader(**box), reader("astray", dns="Default", **box)
    pods = [
        server(),
        server(name="web-1", labels={"app": "web"}, ready=False, since=600, meta={"ownerReferences": owned_by(top)}),
    ]
    route = {"hosts": ["api"], "http": [{"route": [{"destination": {"host": "api", "subset": "v2"}}]}]}
    rule = {"host": "api", "subsets": [{"name": "v1", "labels": {"version": "v1"}}]}
    routes = [
        make("VirtualService.networking.istio.io", name="api", spec=route),
        make("DestinationRule.networking.istio.io", name="api", spec=rule),
    ]
    apart = make("Namespace", name="other", namespace=None)
    world = World(
        [top, astray, *pods, shut, *routes, apart, service(), service("db", namespace="other"), caller("api:81", "two")],
        compared=lambda found: (*summary(found), str(found.facts)),
    )
    view = world.whole()
    answers = world.answers(view)
    seen = set()
    for data in (*CONFIGS, *reversed(CONFIGS)):
        world.move(view, config(data), Op.UPSERT, answers)
        assert answers == world.answers(view), data
        seen |= {kind for found in answers.values() for kind, *_ in found}
    assert seen >= {"ServiceMissing", "ServiceTargetPortMismatch", "NetworkPolicyBlocks", "MeshRouteInvalid", "ServiceNameUnresolvable"}
    world.move(view, config(data), Op.DELETE, answers)
    assert answers == world.answers(view)


def test_a_service_examines_the_callers_that_know_it_from_a_config_map_only() -> None:
    far = config({"API_URL": "http://api.other.svc:81"})
    world = World([reader(envFrom=[{"configMapRef": {"name": "app"}}]), far, service("db", namespace="other"), service("x")])
    view = world.whole()
    answers = world.answers(view)
    for port in (80, 81, 80):
        world.move(view, service("api", {"port": port}, namespace="other", meta={"uid": "api"}), Op.UPSERT, answers)
        assert answers == world.answers(view), port


def _absent() -> list[KubeObject]:
    """Callers of every kind of absent name, and what decides about each."""
    hosts = {
        "typo": "postgres://db.dta.svc:5432",
        "slip": "bd.data.svc:5432",
        "alone": "orders-db:5432",
        "wrong": "orders-db.archive.svc:5432",
        "none": "http://cart.data.svc:80",
        "alias": "store:5432",
        "short": "cart.data:9000",
        "nowhere": "http://cart.nowhere.svc:80",
        "mesh": "more.data.svc:80",
    }
    callers = [caller(address, name, ago=600) for name, address in hosts.items()]
    apart = [service(name, {"port": 5432}, namespace="data") for name in ("db", "orders-db")]
    spaces = [make("Namespace", name=name, namespace=None) for name in ("shop", "data", "dta")]
    entry = make("ServiceEntry.networking.istio.io", name="more", spec={"hosts": ["more.data.svc.cluster.local", "cart"]})
    aliased = {"selector": {}, "ports": [], "type": "ExternalName", "externalName": "bd.data.svc.cluster.local"}
    own = [
        service("store", **aliased),
        service("x"),
        service("orders-db", {"port": 1}, namespace="archive"),
        deployment("cart", namespace="data"),
    ]
    return [*callers, *apart, *spaces, entry, *own, service("cart", {"port": 9000}, namespace="data")]


ABSENT = World(_absent(), types={"ServiceMissing"})


test_an_absent_name_and_the_order_of_arrival, test_an_absent_name_and_what_is_deleted = properties(ABSENT)
