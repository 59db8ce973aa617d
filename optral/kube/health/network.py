"""Health of networking: Gateway API, cert-manager, Istio, Cilium, Contour, Gloo, Knative, Traefik-like routes and DNS."""

from optral.kube.health import lexicon
from optral.kube.health.model import Health, Reported, State, Tree, items, number, part, text
from optral.kube.health.rules import Rule, condition, failing, of_members, phase, unless, worst

_WAITING = frozenset({"Pending", "Waiting", "Reconciling", "Scheduled"})


def _attached(one: Reported) -> State | None:
    """What one condition of a route, listener or policy says: it must be accepted, programmed and resolve its references."""
    if one.type in ("Conflicted", "PartiallyInvalid", "Overridden"):
        return State.DEGRADED if one.status == "True" and one.type != "Overridden" else None
    if one.type not in ("Accepted", "Programmed", "ResolvedRefs"):
        return None
    if one.status == "True":
        return State.HEALTHY
    return (
        State.DEGRADED if one.status == "False" and one.reason not in _WAITING and not lexicon.names_work(one.reason) else State.PROGRESSING
    )


_ROUTE: tuple[Rule, ...] = (of_members("status", "parents", bad=_attached),)
_POLICY: tuple[Rule, ...] = (of_members("status", "ancestors", bad=_attached),)
_GATEWAY: tuple[Rule, ...] = (
    condition("Accepted", true=None, moving="Pending Waiting"),
    condition("ResolvedRefs", true=None),
    condition("Programmed", true=None, moving="Pending Waiting"),
    of_members("status", "listeners", bad=_attached),
)
_KNATIVE: tuple[Rule, ...] = (condition("Ready"),)
_ACME: tuple[Rule, ...] = (phase("state", bad="invalid errored expired", moving="pending processing ready", good="valid"),)
_GLOO: dict[str | int, State] = {
    **dict.fromkeys(("Pending", 0), State.SUSPENDED),
    **dict.fromkeys(("Accepted", 1), State.HEALTHY),
    **dict.fromkeys(("Rejected", 2, "Warning", 3), State.DEGRADED),
}


def _gloo(tree: Tree) -> Health | None:
    """The enum is written as a number or as a word, for one controller or for each controller namespace."""
    statuses = part(tree, "status", "statuses")
    of_all = list(statuses.values()) if isinstance(statuses, dict) else [tree["status"]]
    found = []
    for status in of_all:
        state = _GLOO.get(text(status, "state") or number(status, "state") or 0 if part(status, "state") is not None else "")
        if state is not None:
            found.append(Health(state, "status.state", str(part(status, "state"))[:64], text(status, "reason")[:512]))
    return worst(found)


def _istio_messages(tree: Tree) -> Health | None:
    """What the analysis of Istio wrote into the status."""
    for message in items(tree, "status", "validationMessages"):
        if text(message, "level").upper() == "ERROR":
            return Health(
                State.DEGRADED, "status.validationMessages", text(message, "type", "name")[:128], text(message, "documentationUrl")[:512]
            )
    return None


_SOLO_KINDS = ("Gateway", "MatchableHttpGateway", "MatchableTcpGateway", "RouteOption", "RouteTable", "VirtualHostOption", "VirtualService")

RULES: dict[str, tuple[Rule, ...]] = {
    "GatewayClass.gateway.networking.k8s.io": (condition("Accepted", moving="Pending Waiting"),),
    "Gateway.gateway.networking.k8s.io": _GATEWAY,
    "ListenerSet.gateway.networking.k8s.io": _GATEWAY,
    "HTTPRoute.gateway.networking.k8s.io": _ROUTE,
    "GRPCRoute.gateway.networking.k8s.io": _ROUTE,
    "TLSRoute.gateway.networking.k8s.io": _ROUTE,
    "TCPRoute.gateway.networking.k8s.io": _ROUTE,
    "UDPRoute.gateway.networking.k8s.io": _ROUTE,
    "BackendTLSPolicy.gateway.networking.k8s.io": _POLICY,
    "*.gateway.envoyproxy.io": _POLICY,
    "Certificate.cert-manager.io": (
        condition("Issuing", true=State.PROGRESSING, false=None, bad="Failed"),
        condition("Ready", moving="Issuing Pending DoesNotExist MissingData"),
    ),
    "CertificateRequest.cert-manager.io": (
        failing("Denied", "InvalidRequest"),
        condition("Ready", moving="Pending"),
    ),
    "Issuer.cert-manager.io": (condition("Ready"),),
    "ClusterIssuer.cert-manager.io": (condition("Ready"),),
    "Order.acme.cert-manager.io": _ACME,
    "Challenge.acme.cert-manager.io": _ACME,
    "*.networking.istio.io": (_istio_messages, unless("Reconciled")),
    "IstioOperator.install.istio.io": (phase("status", bad="ERROR ACTION_REQUIRED", moving="NONE UPDATING RECONCILING", good="HEALTHY"),),
    "Istio.sailoperator.io": (
        condition("Reconciled", true=None),
        condition("Ready", moving="IstiodNotReady"),
    ),
    "CiliumNetworkPolicy.cilium.io": (unless("Valid", "cilium.io/PolicyValid"),),
    "CiliumClusterwideNetworkPolicy.cilium.io": (unless("Valid", "cilium.io/PolicyValid"),),
    "HTTPProxy.projectcontour.io": (phase("currentStatus", bad="invalid orphaned", good="valid", moving="NotReconciled"),),
    "ExtensionService.projectcontour.io": (condition("Valid"),),
    "*.serving.knative.dev": _KNATIVE,
    "*.eventing.knative.dev": _KNATIVE,
    "*.messaging.knative.dev": _KNATIVE,
    "*.sources.knative.dev": _KNATIVE,
    "*.operator.knative.dev": (condition("InstallSucceeded", true=None, false=State.PROGRESSING), condition("Ready")),
    **{f"{kind}.gateway.solo.io": (_gloo,) for kind in _SOLO_KINDS},
    "*.gloo.solo.io": (_gloo,),
    "IngressController.operator.openshift.io": (
        failing("Degraded"),
        condition("Available"),
    ),
    "Route.route.openshift.io": (
        of_members(
            "status", "ingress", bad=lambda one: State.DEGRADED if (one.type, one.status) == ("Admitted", "False") else State.HEALTHY
        ),
    ),
    "TigeraStatus.operator.tigera.io": (
        failing("Degraded"),
        condition("Available", false=State.PROGRESSING),
    ),
    "NodeNetworkConfigurationPolicy.nmstate.io": (
        failing("Degraded"),
        condition("Available", false=State.PROGRESSING, unknown=State.PROGRESSING),
    ),
    "NodeNetworkConfigurationEnactment.nmstate.io": (failing("Failing"),),
}
