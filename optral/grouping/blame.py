"""Who may be to blame for an ailment: for every type, the objects it hangs together with and the types on them that can cause it.

Detectors name what they suspect themselves (`Finding.suspects`); here is what follows from the type alone. Adding a relation is one line in
a table, or one small function in `_OF_TYPE`. What a rule yields is only a charge: grouping still asks for an ailment of that type on that
object, and for the order in time.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from optral.detectors import CATALOG, gates, suspects
from optral.detectors.detector import Effect
from optral.grouping import callers
from optral.grouping.model import Ailment, Shown
from optral.grouping.scene import Charge, Scene
from optral.kube import owners, selectors
from optral.kube.objects import (
    APIService,
    DaemonSet,
    HorizontalPodAutoscaler,
    HTTPRoute,
    Node,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    Service,
    ValidatingWebhookConfiguration,
    condition,
    kind_id_of,
)
from optral.kube.objects.policy import MutatingWebhookConfiguration, WebhookConfiguration
from optral.kube.view import ClusterView
from optral.terms.refs import ObjectRef

MAX_PODS = 50  # of one workload, asked where they are
MAX_SELECTED = 500  # pods of a namespace, asked whether a budget covers them

NODE_DOWN = CATALOG.with_effect(Effect.NODE_DOWN)
NODE_SHORT = CATALOG.with_effect(Effect.NODE_PRESSURE)
CLAIMS = CATALOG.with_effect(Effect.CLAIM_UNBOUND)
CONTAINER = frozenset(CATALOG.ranks)
PODS = CATALOG.with_effect(Effect.POD_DOWN)
"""What keeps single pods from existing, starting, running or being ready."""
ABSENCE = CATALOG.with_effect(Effect.NO_PODS)
SHORTFALLS = CATALOG.with_effect(Effect.REPLICAS_MISSING)
"""How a workload looks from outside when its pods are in trouble."""
WORKLOAD = PODS | ABSENCE | SHORTFALLS | CLAIMS
ENTRANCES = CATALOG.with_effect(Effect.SERVICE_DOWN)
DNS, SANDBOX = "ClusterDNSUnavailable", "FailedCreatePodSandBox"

_NODE_TYPES = {  # what happens to pods when their node fails them, and which of its ailments do it
    **dict.fromkeys(
        ("ReadinessProbeFailed", "LivenessProbeFailed", "StartupProbeFailed", "PodNotReady", "PodStuckTerminating", "InitContainerStuck"),
        NODE_DOWN,
    ),
    **dict.fromkeys(
        ("FailedCreatePodSandBox", "PodFailed", "CreateContainerError", "ImageInspectError", "FailedMount", "FailedAttachVolume"),
        NODE_DOWN | NODE_SHORT,
    ),
    "FrequentRestarts": NODE_DOWN,
    "Evicted": NODE_SHORT,
}
_NODE_ABOVE = {  # on one node: who explains whom
    "NodeReadinessFlapping": frozenset({"NodeNotReady", "NodeProblem", "NodeRuntimeFault"}),
    "NodeNotReady": frozenset({"NodeProblem", "NodeNetworkUnavailable"}),
    "NodeRuntimeFault": frozenset({"NodeNotReady", "NodeProblem", "NodeDiskPressure"}),
    "Evicted": NODE_SHORT,
    "PodStuckTerminating": NODE_DOWN,
    "FailedCreatePodSandBox": NODE_DOWN,
}
_PULL_BY_NODE = frozenset({"diskFull", "hostUnknown", "unreachable"})
_LOST_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.kubernetes.io/network-unavailable")
_PRESSURE_TAINTS = ("node.kubernetes.io/memory-pressure", "node.kubernetes.io/disk-pressure", "node.kubernetes.io/pid-pressure")
_UNNAMED_TAINT = "taint"
_CLAIM_BLOCKERS = frozenset({"claimUnbound", "claimNotFound", "volumeMissing"})
_METRICS = "metrics.k8s.io"
_FAR_SUSPECTS = frozenset({"GenerationMismatch", "CronJobMissedSchedule", "ServiceTargetPortMismatch"})
"""Types whose suspects are too many: not every part of the control plane makes them, and no crash makes a port wrong."""
_WEBHOOKS = (ValidatingWebhookConfiguration, MutatingWebhookConfiguration)
_CNI_PATHS = ("/etc/cni/net.d", "/opt/cni/bin")

Rule = Callable[[Scene, Ailment, Shown], Iterable[Charge]]


def charges(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """Everyone charged with what one object shows of an ailment; the ailment itself may be among them."""
    if ailment.type not in _FAR_SUSPECTS:
        for suspect in shown.suspects:
            yield from _on(scene, suspect.ref, suspect.types, suspect.relation)
    yield from _same_container(scene, ailment, shown)
    if (types := _node_types(ailment)) and (pod := scene.pod(shown.ref)) is not None and pod.spec.node_name:
        yield from _on(scene, suspects.node_ref(pod.spec.node_name, scene.view), types, "runs on")
    if ailment.subject.kind == Node.kind and (above := _NODE_ABOVE.get(ailment.type)):
        yield from _on(scene, ailment.subject, above, "is on")
    for rule in _OF_TYPE.get(ailment.type, ()):
        yield from rule(scene, ailment, shown)


def _on(scene: Scene, ref: ObjectRef, types: Iterable[str], relation: str, *, timeless: bool = False) -> Iterator[Charge]:
    wanted = CATALOG.expand(frozenset(types))
    for cause in scene.on(ref, wanted):
        yield Charge(cause, relation, timeless)


# --- pods


def _node_types(ailment: Ailment) -> frozenset[str]:
    if ailment.type == "ImagePullBackOff":
        return NODE_DOWN | NODE_SHORT if ailment.facts.get("cause") in _PULL_BY_NODE else frozenset()
    return _NODE_TYPES.get(ailment.type, frozenset())


def _same_container(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """One issue for one container of one revision, even when its replicas are at different stages of the same trouble."""
    if ailment.type in CATALOG.catch_alls:
        stronger = [one for one in scene.on(ailment.subject, PODS) if one.type != ailment.type]
    elif ailment.part is not None and ailment.type in CONTAINER:
        ranks = CATALOG.ranks
        stronger = [
            one for one in scene.on(ailment.subject, CONTAINER) if one.part == ailment.part and ranks[one.type] < ranks[ailment.type]
        ]
    else:
        return
    mine = _revision(scene, shown) if stronger else ""
    for cause in stronger:
        if any(_revision(scene, other) == mine for other in cause.shown):
            yield Charge(cause, "is the same container as", is_timeless=True)


def _revision(scene: Scene, shown: Shown) -> str:
    pod = scene.pod(shown.ref)
    labels = pod.labels if pod is not None else {}
    return labels.get("pod-template-hash") or labels.get("controller-revision-hash") or ""


def _failed_scheduling(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    blockers = [str(one) for one in ailment.facts.get("blockers") or ()]
    pod = scene.pod(shown.ref)
    if pod is not None and any(blocker.partition(":")[0] in _CLAIM_BLOCKERS for blocker in blockers):
        for suspect in suspects.claims_of(pod, scene.view):
            yield from _on(scene, suspect.ref, suspect.types, suspect.relation)
    resources = [blocker.partition(":")[2] for blocker in blockers if blocker.startswith("insufficient:")]
    if pod is not None and any(scene.is_too_big(pod, resource) for resource in resources):
        return  # it would not fit if every node were well
    for node, types in _repelling(scene, blockers):
        yield from _on(scene, owners.ref(node), types, "is kept away from")
    yield from _on(scene, ailment.subject, {"Preempted"}, "lost its place, as says")


def _repelling(scene: Scene, blockers: Iterable[str]) -> Iterator[tuple[Node, frozenset[str]]]:
    """Nodes whose failure repels pods by a taint. A scheduler may say only that there are taints: then the nodes say which."""
    for blocker in blockers:
        name, _, what = blocker.partition(":")
        if name not in ("taint", "nodeGone"):
            continue
        for key in (*_LOST_TAINTS, *_PRESSURE_TAINTS):
            if blocker in (_UNNAMED_TAINT, "nodeGone") or what.startswith(key):
                types = NODE_DOWN if key in _LOST_TAINTS else NODE_SHORT
                yield from ((node, types) for node in scene.view.nodes_tainted(key))


def _claims(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    if (pod := scene.pod(shown.ref)) is not None:
        for suspect in suspects.claims_of(pod, scene.view):
            yield from _on(scene, suspect.ref, suspect.types, suspect.relation)


def _unscheduled(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    if (pod := scene.pod(shown.ref)) is not None:
        yield from _scheduler_of(scene, pod)


def _scheduler_of(scene: Scene, pod: Pod) -> Iterator[Charge]:
    if not pod.spec.node_name and condition(pod.status.conditions, "PodScheduled") is None:
        for cause in scene.of_type("SchedulerUnavailable"):
            if cause.part in (None, pod.spec.scheduler_name or "default-scheduler"):
                yield Charge(cause, "waits for")


def _network_plugin(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """Pod networks are set up by a DaemonSet that mounts the node's CNI directories; its pod on this very node must be in trouble."""
    pod = scene.pod(shown.ref)
    name = pod.spec.node_name if pod is not None else shown.ref.name if shown.ref.kind == Node.kind else ""
    if not name or not scene.has(WORKLOAD):
        return
    for plugin in _network_plugins(scene):
        for cause in scene.on(plugin, WORKLOAD):
            if cause.type in SHORTFALLS | ABSENCE or any(_is_on(scene, one, name) for one in cause.shown):
                yield Charge(cause, "gets its network from")


def _network_plugins(scene: Scene) -> list[ObjectRef]:
    ailing = {one.subject for kind in WORKLOAD for one in scene.of_type(kind) if one.subject.kind == DaemonSet.kind}
    return [ref for ref in sorted(ailing) if _mounts_cni(scene.view, ref)]


def _mounts_cni(view: ClusterView, ref: ObjectRef) -> bool:
    daemon = view.object_at(ref)
    if not isinstance(daemon, DaemonSet):
        return False
    return any(v.host_path is not None and v.host_path.path.startswith(_CNI_PATHS) for v in daemon.spec.template.spec.volumes)


def _is_on(scene: Scene, shown: Shown, node: str) -> bool:
    pod = scene.pod(shown.ref)
    return pod is not None and pod.spec.node_name == node


def _node_network(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    said = f"{ailment.facts.get('reason', '')} {ailment.facts.get('message', '')}".lower()
    if ailment.type == "NodeNetworkUnavailable" or "cni" in said or "network plugin" in said or "networkplugin" in said:
        yield from _network_plugin(scene, ailment, shown)


# --- workloads


def _children(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """A workload that lacks pods: because of what its pods show, what forbids them, or the nodes they are on."""
    for one in scene.on(ailment.subject, PODS | ABSENCE | CLAIMS):
        yield Charge(one, "counts the pods of", is_timeless=True)
    yield from _homeless(scene, ailment.subject)


def _homeless(scene: Scene, workload: ObjectRef) -> Iterator[Charge]:
    """The nodes that took the pods of a workload with them, if they took every one that is missing; and a scheduler that is gone."""
    if not scene.has(NODE_DOWN | NODE_SHORT | {"SchedulerUnavailable", SANDBOX}):
        return
    missing = [pod for pod in islice(scene.view.pods_of(workload), MAX_PODS) if not pod.is_ready and not gates.has_finished(pod)]
    found: list[Charge] = []
    for pod in missing:
        if pod.spec.node_name:
            types = NODE_DOWN | (NODE_SHORT if pod.status.phase == "Failed" else frozenset())
            of_this = list(_on(scene, suspects.node_ref(pod.spec.node_name, scene.view), types, "has pods on"))
            of_this += [Charge(one, "has pods on") for one in scene.shown_by(owners.ref(pod), {SANDBOX})]  # of the node, when two have it
        else:
            of_this = list(_scheduler_of(scene, pod))
            if not of_this and pod.metadata.deletion_timestamp is None:
                continue  # waits for a place: what it shows itself tells why
        if not of_this:
            return
        found.extend(of_this)
    yield from found


def _services_behind(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """A Service without endpoints whose selector is right: it has no more than its workloads have."""
    if ailment.facts.get("case") in ("selectorMismatch", "nothingSelected"):
        return
    for text in ailment.facts.get("workloads") or ():
        kind, _, rest = str(text).partition("/")
        namespace, _, name = rest.partition("/")
        for one in scene.on(ObjectRef(kind, namespace, name), WORKLOAD):
            yield Charge(one, "sends to the pods of", is_timeless=True)
        yield from _homeless(scene, ObjectRef(_FULL.get(kind, kind), namespace, name))
    for one in scene.on(ailment.subject, {"ServiceTargetPortMismatch"}):
        if one.facts.get("case") == "nameMissing":  # a port by a name that no container has leads nowhere
            yield Charge(one, "is", is_timeless=True)
    if shown.ref.namespace == "kube-system":
        yield from (Charge(one, "serves", is_timeless=True) for one in scene.of_type(DNS))


_FULL = {owners.DEPLOYMENT.partition(".")[0]: owners.DEPLOYMENT, "StatefulSet": "StatefulSet.apps", "DaemonSet": "DaemonSet.apps"}


def _dns(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """Cluster DNS is down because of its own pods, or because its Service selects none."""
    for ref in dict.fromkeys((shown.ref, ailment.subject, *_dns_workloads(scene.view))):
        for one in scene.on(ref, PODS | ABSENCE):
            yield Charge(one, "is served by", is_timeless=True)
        yield from _homeless(scene, ref)
    for one in scene.of_type("ServiceNoEndpoints"):
        if one.subject.namespace == "kube-system" and one.facts.get("case") in ("selectorMismatch", "nothingSelected"):
            yield Charge(one, "is reached through", is_timeless=True)


def _dns_workloads(view: ClusterView) -> list[ObjectRef]:
    kinds = (owners.DEPLOYMENT, DaemonSet.kind)
    found = [thing for kind in kinds for thing in view.workloads_in("kube-system", kind) if thing.labels.get("k8s-app") == "kube-dns"]
    return [owners.ref(thing) for thing in found] or [ObjectRef(owners.DEPLOYMENT, "kube-system", "coredns")]


def _of_dns(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """The shortfall of DNS itself, when nothing of its pods explains it, is the same as DNS being down."""
    if ailment.subject.namespace == "kube-system" and any(ailment.subject[:3] == ref[:3] for ref in _dns_workloads(scene.view)):
        yield from (Charge(one, "serves", is_timeless=True) for one in scene.of_type(DNS))


def _refusal(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """Who refuses a pod: the quota, the webhook, the namespace that is going."""
    cause, named, namespace = ailment.facts.get("cause"), str(ailment.facts.get("named") or ""), ailment.subject.namespace
    if cause in ("quotaExceeded", "limitsRequired"):
        yield from _on(scene, ObjectRef("ResourceQuota", namespace, named), {"ResourceQuotaExceeded"}, "is refused by")
    elif cause in ("webhookFailed", "webhookDenied"):
        for configuration in _configurations(scene.view, named):
            yield from _on(scene, configuration, {"WebhookUnavailable"}, "is refused by")
    elif cause == "namespaceTerminating":
        yield from _on(scene, ObjectRef("Namespace", None, namespace or ""), {"NamespaceTerminating"}, "is in")


def _configurations(view: ClusterView, webhook: str) -> list[ObjectRef]:
    return [
        owners.ref(thing)
        for kind in _WEBHOOKS
        for thing in view.all(kind.kind)
        if isinstance(thing, WebhookConfiguration) and any(one.name == webhook for one in thing.webhooks)
    ]


def _told_in_advance(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """A missing object that pods already wait for: the pods say the same."""
    names = {str(value) for value in ailment.facts.values() if isinstance(value, str)} | ({ailment.part} if ailment.part else set())
    for one in scene.on(ailment.subject, {"CreateContainerConfigError", "FailedMount", "FailedCreate", "FailedScheduling", *CLAIMS}):
        if any(str(one.facts.get(key)) in names for key in ("missingName", "named", "claim")):
            yield Charge(one, "is said by", is_timeless=True)


def _no_room(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """A Service that is missing, and a quota that says that just this one cannot be made."""
    name = ailment.subject.name if ailment.subject.kind == Service.kind else (ailment.part or "").removeprefix("Service/")
    for one in scene.of_type("ResourceQuotaExceeded"):
        is_of_services = one.subject.namespace == ailment.subject.namespace and one.facts.get("missingKind") == Service.kind
        if is_of_services and name in (one.facts.get("missing") or ()):
            yield Charge(one, "is refused by", is_timeless=True)


def _claim_not_made(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    for one in scene.on(ailment.subject, {"FailedCreate"}):
        yield Charge(one, "could not be made for")


def _volume(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    claim = scene.view.object_at(shown.ref)
    if isinstance(claim, PersistentVolumeClaim) and claim.spec.volume_name:
        yield from _on(scene, ObjectRef("PersistentVolume", None, claim.spec.volume_name), {"PersistentVolumeFailed"}, "is bound to")


def _schedule(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    yield from _on(scene, ailment.subject, {"JobNotCompleted", "CronJobInvalidSchedule"}, "is the schedule of")


# --- what rules over workloads


def _autoscaler(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    scaler = scene.view.object_at(shown.ref)
    if ailment.type == "HPAScalingInactive":
        for one in scene.of_type("APIServiceUnavailable"):
            if one.subject.name.endswith(_METRICS):
                yield Charge(one, "reads metrics from")
    if not isinstance(scaler, HorizontalPodAutoscaler):
        return
    target = scaler.spec.scale_target_ref
    ref = ObjectRef(kind_id_of(target.api_version, target.kind), scaler.namespace, target.name)
    if ailment.type in ("HPAScalingInactive", "HPAReplicasMismatch"):
        yield from _on(scene, ref, WORKLOAD, "scales")


def _budget(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """A budget that is not met: the pods it covers say why."""
    budget = scene.view.object_at(shown.ref)
    if not isinstance(budget, PodDisruptionBudget):
        return
    workloads: dict[ObjectRef, None] = {}
    for pod in islice(scene.view.pods_in(budget.metadata.namespace), MAX_SELECTED):
        if not pod.is_ready and selectors.fits(budget.spec.selector, pod.labels):
            workloads[scene.view.workload_of(pod)] = None
    for workload in workloads:
        for one in scene.on(workload, WORKLOAD):
            yield Charge(one, "protects the pods of", is_timeless=True)
        yield from _homeless(scene, workload)


def _webhook(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    configuration = scene.view.object_at(shown.ref)
    if isinstance(configuration, WebhookConfiguration):
        for one in configuration.webhooks:
            if (service := one.client_config.service) is not None:
                yield from _entrance(scene, ObjectRef("Service", service.namespace, service.name), "is answered by")


def _api_service(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    extension = scene.view.object_at(shown.ref)
    if isinstance(extension, APIService) and (service := extension.spec.service) is not None:
        yield from _entrance(scene, ObjectRef("Service", service.namespace, service.name), "is answered by")


def _entrance(scene: Scene, service: ObjectRef, relation: str) -> Iterator[Charge]:
    yield from _on(scene, service, ENTRANCES, relation)
    for workload in callers.ailing_behind(scene, service):
        yield from _on(scene, workload, WORKLOAD, relation)


def _backend(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    for one in scene.of_type("ServiceMissing"):
        if one.subject.namespace == ailment.subject.namespace and one.subject.name in _strings(ailment.facts):
            yield Charge(one, "sends to")


def _strings(facts: object) -> frozenset[str]:
    """Every text in the facts, two levels deep."""
    values = list(facts.values()) if isinstance(facts, dict) else []
    inner = chain.from_iterable(one if isinstance(one, (list, tuple)) else one.values() if isinstance(one, dict) else () for one in values)
    return frozenset(one for one in (*values, *inner) if isinstance(one, str))


def _route(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    route = scene.view.object_at(shown.ref)
    if isinstance(route, HTTPRoute):
        for parent in route.spec.parent_refs:
            gateway = ObjectRef("Gateway", parent.namespace or route.namespace, parent.name)
            yield from _on(scene, gateway, {"GatewayNotProgrammed"}, "is served by")


def _certificate(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    for kept in scene.view.certificates_of(ailment.subject.namespace or "", ailment.subject.name):
        yield from _on(scene, owners.ref(kept), {"CustomResourceNotReady"}, "is made by")


def _leftovers(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """A namespace that does not go: what is left in it, or an API that cannot be asked for what is left."""
    for one in scene.of_type("StuckFinalizer", "PodStuckTerminating"):
        if ailment.subject.name in (one.subject.namespace, one.shown[0].ref.namespace):
            yield Charge(one, "still holds", is_timeless=True)
    if "Discovery" in " ".join(_strings(dict(ailment.facts))):
        yield from (Charge(one, "waits for") for one in scene.of_type("APIServiceUnavailable"))


def _finalizer(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    yield from (Charge(one, "is", is_timeless=True) for one in scene.shown_by(shown.ref, {"PodStuckTerminating", "NamespaceTerminating"}))


def _component(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
    """A part of the control plane: its own pod says why."""
    for one in scene.shown_by(shown.ref, PODS):
        yield Charge(one, "is", is_timeless=True)
    for one in scene.of_type(*sorted(CONTAINER)):  # a Lease that is late says nothing of its holder
        if one.part is not None and one.part == ailment.part and (one.subject.kind == Node.kind or one.subject.namespace == "kube-system"):
            yield Charge(one, "is", is_timeless=True)
    if shown.ref.kind == Pod.kind and (pod := scene.pod(shown.ref)) is not None and pod.spec.node_name:
        yield from _on(scene, suspects.node_ref(pod.spec.node_name, scene.view), NODE_DOWN, "runs on")


def _by_component(component: str) -> Rule:
    def rule(scene: Scene, ailment: Ailment, shown: Shown) -> Iterator[Charge]:
        for one in scene.of_type("ControlPlaneUnhealthy"):
            if component in f"{one.part or ''} {one.subject.name} {one.facts.get('component', '')}":
                yield Charge(one, "is the work of")

    return rule


_APPLICATION: tuple[Rule, ...] = (callers.charges,)
_OF_TYPE: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys(SHORTFALLS, (_children, _of_dns)),
    **dict.fromkeys(callers.TYPES, _APPLICATION),
    "FailedScheduling": (_failed_scheduling,),
    "FailedMount": (_claims,),
    "FailedAttachVolume": (_claims,),
    "FailedCreatePodSandBox": (_network_plugin,),
    "PodNotReady": (_claims, _unscheduled),
    "FailedCreate": (_refusal,),
    "MissingReference": (_told_in_advance, _no_room),
    "ServiceAccountMissing": (_told_in_advance,),
    "ServiceMissing": (_no_room,),
    "PersistentVolumeClaimNotFound": (_claim_not_made,),
    "PersistentVolumeClaimLost": (_volume,),
    "CronJobMissedSchedule": (_schedule, _by_component("controller-manager")),
    "GenerationMismatch": (_by_component("controller-manager"),),
    "SchedulerUnavailable": (_by_component("scheduler"),),
    "ControlPlaneUnhealthy": (_component,),
    "NodeNotReady": (_node_network,),
    "NodeNetworkUnavailable": (_node_network,),
    "ServiceNoEndpoints": (_services_behind,),
    DNS: (_dns,),
    **dict.fromkeys(("HPAScalingInactive", "HPAUnableToScale", "HPAReplicasMismatch"), (_autoscaler,)),
    "PDBInsufficientHealthyPods": (_budget,),
    "WebhookUnavailable": (_webhook,),
    "APIServiceUnavailable": (_api_service,),
    "IngressBackendMissing": (_backend,),
    "RouteNotAccepted": (_route,),
    "TLSSecretMissing": (_certificate,),
    "CertificateExpiring": (_certificate,),
    "NamespaceTerminating": (_leftovers,),
    "StuckFinalizer": (_finalizer,),
}
