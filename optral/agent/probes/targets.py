"""Where a probe may go: looked up at the API server by the name of a Service or pod, never taken from the request.

A Service counts only if it leads to pods that it selects, and to nothing else: endpoints written by hand may point anywhere. Pods in the
network of their node are refused, since their address is that of the kubelet. A port counts only if an object of the cluster names it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import msgspec

from optral.agent.commands.commands_common import Failure, Tools, failed, failure_of, fetch, path_of, rejected, tree_of
from optral.kube import calls, objects, ports, selectors, settings
from optral.kube.kinds import BY_ID
from optral.kube.objects import Pod, Service
from optral.kube.objects.pods import TERMINAL_PHASES
from optral.kubeapi.client import ApiError, ApiUnreachable
from optral.terms.verbs import Probe

MAX_PODS = 100  # of one Service, all of which are read
MAX_SERVICES = 500  # of one namespace, searched for one that names a port
MAX_PATH = 200
_HTTPS_PORT = 443


class ProbeAddress(NamedTuple):
    """`address` is known, or `name` must be resolved first. `path` and `is_tls` are of an HTTP check."""

    address: str = ""
    name: str = ""
    port: int = 0
    path: str = "/"
    is_tls: bool = False
    is_external: bool = False


async def find(tools: Tools, params: Probe) -> ProbeAddress:
    """The place that a probe means. Raises `Failure`: TARGET_DENIED for what must not be probed, NOT_FOUND, NOT_STARTED."""
    tree = tree_of(await fetch(tools, path_of(BY_ID[params.kind], params.namespace, params.name)))
    if params.host:
        return _external(tree, params)
    return await (_service(tools, tree, params) if params.kind == "Service" else _pod(tools, tree, params))


def denied(why: str) -> Failure:
    return rejected("TARGET_DENIED", f"this target is not probed: {why}")


# --- Services


async def _service(tools: Tools, tree: dict[str, Any], params: Probe) -> ProbeAddress:
    service = cast(Service, _typed("Service", tree))
    if service.spec.type == "ExternalName":
        raise denied(f"Service {params.name} is of type ExternalName")
    if not service.spec.selector:
        raise denied(f"Service {params.name} has no selector, so its endpoints may lead anywhere")
    name = f"{params.name}.{params.namespace}.svc"
    if params.check == "dns":
        return ProbeAddress(name=name)
    port = next((one for one in service.spec.ports if one.port == params.port and ports.protocol(one) == ports.TCP), None)
    if port is None:
        raise denied(f"Service {params.name} has no TCP port {params.port}")
    if service.is_headless or not service.spec.cluster_ip:
        raise denied(f"Service {params.name} has no address of its own; probe one of its pods")
    await _check_backends(tools, service, params)
    is_tls = "https" in (port.name, str(port.target_port)) or port.port == _HTTPS_PORT
    return ProbeAddress(address=service.spec.cluster_ip, name=name, port=port.port, is_tls=is_tls)


async def _check_backends(tools: Tools, service: Service, params: Probe) -> None:
    """Raises `Failure` unless all endpoints of the Service are pods that it selects, in the network of pods."""
    base = f"/api/v1/namespaces/{params.namespace}/pods"
    selector = ",".join(f"{key}={value}" for key, value in sorted(service.spec.selector.items()))
    pods = await _listed(tools, base, {"labelSelector": selector, "limit": str(MAX_PODS)})
    if len(pods) >= MAX_PODS:
        raise denied(f"Service {params.name} selects {MAX_PODS} pods or more; probe one of them")
    own: set[str] = set()
    for pod in pods:
        if _is_in_network_of_node(pod):
            raise denied(f"Service {params.name} selects pods in the network of their node")
        own |= _addresses_of(pod)
    slices = f"/apis/discovery.k8s.io/v1/namespaces/{params.namespace}/endpointslices"
    found = await _listed(tools, slices, {"labelSelector": f"kubernetes.io/service-name={params.name}", "limit": str(MAX_PODS)})
    if len(found) >= MAX_PODS or any(address not in own for address in _endpoints(found)):
        raise denied(f"Service {params.name} has endpoints that are not its pods")


def _endpoints(slices: Iterable[dict[str, Any]]) -> Iterable[str]:
    for one in slices:
        for endpoint in _dicts(one.get("endpoints")):
            yield from (str(address) for address in endpoint.get("addresses") or ())


# --- pods


async def _pod(tools: Tools, tree: dict[str, Any], params: Probe) -> ProbeAddress:
    if _is_in_network_of_node(tree):
        raise denied(f"pod {params.name} is in the network of its node")
    status = _map(tree.get("status"))
    if not (address := str(status.get("podIP") or "")) or status.get("phase") in TERMINAL_PHASES:
        raise failed("NOT_STARTED", f"the pod {params.name} has no address: it has not started, or has ended")
    pod = cast(Pod, _typed("Pod", tree))
    assert params.port is not None
    if not (_names_port(pod, params.port) or await _is_target(tools, pod, params)):
        raise denied(f"no container, probe or Service names port {params.port} of pod {params.name}")
    path, is_tls = _http_of(pod, params.port)
    return ProbeAddress(address=address, port=params.port, path=path, is_tls=is_tls)


def _names_port(pod: Pod, port: int) -> bool:
    declared = {one.container_port for one in ports.declared(pod) if ports.protocol(one) == ports.TCP}
    probed = {ports.named(pod, one) if isinstance(one, str) else one for one in ports.probed(pod)}
    return port in declared | probed


async def _is_target(tools: Tools, pod: Pod, params: Probe) -> bool:
    """Whether a Service of the namespace sends to this port of the pod."""
    found = await _listed(tools, f"/api/v1/namespaces/{params.namespace}/services", {"limit": str(MAX_SERVICES)})
    for service in (cast(Service, _typed("Service", one)) for one in found):
        selector = service.spec.selector
        if selector and selectors.matches(selector, pod.metadata.labels):
            targets = (ports.target(service, one.port, pod) for one in service.spec.ports if ports.protocol(one) == ports.TCP)
            if params.port in targets:
                return True
    return False


def _http_of(pod: Pod, port: int) -> tuple[str, bool]:
    """The path that the kubelet asks on this port, and whether by HTTPS; `/` where no probe says."""
    for container in ports.serving(pod):
        for probe in (container.readiness_probe, container.liveness_probe, container.startup_probe):
            if probe is None or (get := probe.http_get) is None:
                continue
            asked = ports.named(pod, get.port) if isinstance(get.port, str) else get.port
            if asked == port:
                return (get.path if _is_plain(get.path) else "/"), get.scheme.upper() == "HTTPS"
    return "/", port == _HTTPS_PORT


def _is_plain(path: str) -> bool:
    return path.startswith("/") and len(path) <= MAX_PATH and path.isascii() and path.isprintable() and " " not in path and "?" not in path


def _is_in_network_of_node(pod: dict[str, Any]) -> bool:
    status = _map(pod.get("status"))
    hosts = {status.get("hostIP"), *(one.get("ip") for one in _dicts(status.get("hostIPs")))} - {None, ""}
    return _map(pod.get("spec")).get("hostNetwork") is True or bool(_addresses_of(pod) & hosts)


def _addresses_of(pod: dict[str, Any]) -> set[str]:
    status = _map(pod.get("status"))
    return {str(ip) for ip in (status.get("podIP"), *(one.get("ip") for one in _dicts(status.get("podIPs")))) if ip}


# --- hosts outside


def _external(tree: dict[str, Any], params: Probe) -> ProbeAddress:
    """The host and port as the pod's own environment has them."""
    named = [
        call
        for container in _dicts(_map(tree.get("spec")).get("containers"))
        for call in calls.of_container(calls.decode_container(container))
        if call.setting.field == settings.ENV and call.host == params.host
    ]
    if not named:
        raise denied(f"the environment of pod {params.name} does not name {params.host}")
    if params.check == "dns":
        return ProbeAddress(name=params.host, is_external=True)
    implied = {_HTTPS_PORT} if any(call.port is None and call.setting.text.startswith("https://") for call in named) else set()
    if params.port not in {call.port for call in named} | implied:
        raise denied(f"the environment of pod {params.name} does not name port {params.port} of {params.host}")
    return ProbeAddress(name=params.host, port=cast(int, params.port), is_tls=params.port == _HTTPS_PORT, is_external=True)


# --- reading


async def _listed(tools: Tools, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
    try:
        raw = await tools.client.get(path, params=query)
    except (ApiError, ApiUnreachable) as error:
        raise failure_of(error) from error
    try:
        tree = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise failed("API_ERROR", "the API server's answer cannot be read") from error
    return _dicts(_map(tree).get("items"))


def _typed(kind: str, tree: dict[str, Any]) -> objects.KubeObject:
    return objects.decode(kind, msgspec.json.encode(tree))


def _map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
