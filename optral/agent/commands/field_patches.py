"""The patch of one field of the closed table (`terms/fields.py`), worked out from the object as it is.

What a row says under `only` is checked here. Lists that the API server merges by name get one entry; others are sent whole, which is safe
because the patch is bound to the version that was read.
"""

from collections.abc import Callable, Mapping
from typing import Any

from optral.agent.commands.commands_common import failed
from optral.kube import ports
from optral.kube.quantities import BadQuantity, to_milli
from optral.kubeapi.client import MERGE_PATCH, STRATEGIC_PATCH
from optral.terms.fields import POD
from optral.terms.verbs import Patch

Spec = dict[str, Any]
_HANDLERS = ("httpGet", "tcpSocket", "grpc")


def content_type_of(params: Patch) -> str:
    """A strategic merge patch; of the ports of a Service, which it would merge by number without looking at the protocol, a plain one."""
    is_of_ports = params.kind == "Service" and params.field in ("targetPort", "protocol")
    return MERGE_PATCH if is_of_ports else STRATEGIC_PATCH


def spec_of(params: Patch, before: Mapping[str, Any]) -> Spec:
    """The `spec` of the patch. Raises `Failure` when the object is not as the row needs it."""
    spec = before.get("spec") or {}
    family = params.field.partition(".")[0]
    return _FAMILIES.get(family, _plain)(params, spec)


def find_container(pod: Mapping[str, Any], name: str, *, of: str) -> tuple[str, dict[str, Any]]:
    """The list a container is in, and the container: a patch that named one which is not there would add it. Raises `Failure`."""
    known: list[str] = []
    for field in ("containers", "initContainers"):
        for one in pod.get(field) or ():
            if isinstance(one, dict) and one.get("name") == name:
                return field, one
            known += [str(one.get("name"))] if isinstance(one, dict) else []
    raise failed("CONTAINER_NOT_FOUND", f"{of} has no container {name}; it has {', '.join(known) or 'none'}")


def _plain(params: Patch, _spec: Spec) -> Spec:
    """`replicas`, `minReplicas`, `maxReplicas`, `suspend`."""
    return {params.field: params.value}


def _resources(params: Patch, spec: Spec) -> Spec:
    kind, _, resource = params.field.partition(".")
    field, container = find_container(_pod(params, spec), params.container, of=params.name)
    return _in_pod(params, {field: [{"name": container["name"], "resources": {kind: {resource: params.value}}}]})


def _probe(params: Patch, spec: Spec) -> Spec:
    name, _, part = params.field.partition(".")
    field, container = find_container(_pod(params, spec), params.container, of=params.name)
    probe = container.get(name)
    if not isinstance(probe, dict):
        raise failed("NOT_FOUND", f"container {params.container} of {params.name} has no {name}; patch changes only a probe that exists")
    changed = {part: params.value}
    if part in ("path", "port"):
        changed = _handler(params, container, name, probe, part)
    return _in_pod(params, {field: [{"name": container["name"], name: changed}]})


def _handler(params: Patch, container: Mapping[str, Any], name: str, probe: Mapping[str, Any], part: str) -> Spec:
    handler = next((one for one in _HANDLERS if probe.get(one)), None)
    if handler is None or (part == "path" and handler != "httpGet"):
        needs = "httpGet" if part == "path" else "httpGet, tcpSocket or grpc"
        raise failed(
            "UNSUPPORTED", f"the {name} of {params.container} is of type {handler or 'exec'}; only one of type {needs} has a {part}"
        )
    if part == "port" and isinstance(params.value, str):
        _check_port(params, [] if handler == "grpc" else _port_names(container), name, handler)
    return {handler: {part: params.value}}


def _port_names(container: Mapping[str, Any]) -> list[str]:
    return [str(port.get("name")) for port in container.get("ports") or () if isinstance(port, dict) and port.get("name")]


def _check_port(params: Patch, declared: list[str], name: str, handler: str) -> None:
    if params.value not in declared:
        known = "a number" if handler == "grpc" else f"a number, or one of {', '.join(declared) or 'none'}"
        raise failed("INVALID", f"container {params.container} declares no port {params.value} for its {name}; use {known}")


def _toleration(params: Patch, spec: Spec) -> Spec:
    """The list as a whole, which has no names to merge by."""
    wanted = _tolerated(str(params.value))
    kept = [toleration for toleration in _pod(params, spec).get("tolerations") or () if toleration != wanted]
    return _in_pod(params, {"tolerations": kept if params.remove else [*kept, wanted]})


def _tolerated(taint: str) -> dict[str, str]:
    pair, _, effect = taint.rpartition(":")
    key, equals, value = pair.partition("=")
    return (
        {"key": key, "operator": "Equal", "value": value, "effect": effect}
        if equals
        else {"key": key, "operator": "Exists", "effect": effect}
    )


def _selector(params: Patch, spec: Spec) -> Spec:
    now = spec.get("selector") or {}
    if not now:
        raise failed("UNSUPPORTED", f"Service {params.name} has no selector, so its endpoints are kept by hand; patch does not add one")
    if not params.remove:
        return {"selector": {params.key: params.value}}
    if params.key not in now:
        raise failed("NOTHING_TO_DO", f"the selector of {params.name} has no label {params.key}; it has {', '.join(now)}")
    if len(now) == 1:
        raise failed(
            "UNSUPPORTED", f"{params.key} is the only label in the selector of {params.name}; without it, the Service has no endpoints"
        )
    return {"selector": {params.key: None}}


def _pull_secret(params: Patch, spec: Spec) -> Spec:
    """The API server merges the list by name."""
    named = [secret.get("name") for secret in _pod(params, spec).get("imagePullSecrets") or () if isinstance(secret, dict)]
    if params.remove and params.value not in named:
        known = ", ".join(map(str, named)) or "none"
        raise failed("NOTHING_TO_DO", f"{params.name} uses no pull secret {params.value}; it uses {known}")
    entry = {"name": params.value} | ({"$patch": "delete"} if params.remove else {})
    return _in_pod(params, {"imagePullSecrets": [entry]})


def _of_port(params: Patch, spec: Spec) -> Spec:
    """`targetPort` or `protocol` of one port of a Service."""
    number, _, protocol = params.key.partition("/")
    offered = [port for port in spec.get("ports") or () if isinstance(port, dict)]
    wanted = (int(number), protocol or ports.TCP)
    if not any(_served(one) == wanted for one in offered):
        known = ", ".join(f"{port}/{by}" for port, by in map(_served, offered)) or "none"
        raise failed("NOT_FOUND", f"Service {params.name} has no port {number}/{wanted[1]}; it has {known}")
    return {"ports": [one | {params.field: params.value} if _served(one) == wanted else one for one in offered]}


def _served(port: Mapping[str, Any]) -> tuple[Any, str]:
    return port.get("port"), port.get("protocol") or ports.TCP


def _storage(params: Patch, spec: Spec) -> Spec:
    now = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if now is None or _milli(params.value) <= _milli(now):
        raise failed("INVALID", f"PersistentVolumeClaim {params.name} requests {now} now; a volume can only become larger")
    return {"resources": {"requests": {"storage": params.value}}}


def _hard(params: Patch, spec: Spec) -> Spec:
    now = spec.get("hard") or {}
    if params.key not in now:
        known = ", ".join(now) or "none"
        raise failed("NOT_FOUND", f"ResourceQuota {params.name} does not limit {params.key}; it limits {known}, and patch adds no limit")
    return {"hard": {params.key: params.value}}


def _milli(value: Any) -> int:
    try:
        return to_milli(value)
    except BadQuantity as error:
        raise failed("INVALID", f"{value!r} is not a quantity") from error


def _pod(params: Patch, spec: Spec) -> Spec:
    found: Any = spec
    for step in POD[params.kind].split(".")[1:]:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _in_pod(params: Patch, made: Spec) -> Spec:
    for step in reversed(POD[params.kind].split(".")[1:]):
        made = {step: made}
    return made


_FAMILIES: Mapping[str, Callable[[Patch, Spec], Spec]] = {
    "limits": _resources,
    "requests": _resources,
    "livenessProbe": _probe,
    "readinessProbe": _probe,
    "startupProbe": _probe,
    "toleration": _toleration,
    "selector": _selector,
    "imagePullSecret": _pull_secret,
    "targetPort": _of_port,
    "protocol": _of_port,
    "storage": _storage,
    "hard": _hard,
}
