"""What a runbook does, as commands of kubectl that a person can copy. Nothing here runs them."""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optral.runbooks.language import controls, parameters
from optral.runbooks.language.definition import Definition
from optral.runbooks.language.parameters import Binding
from optral.terms import fields
from optral.terms.errors import Invalid

Values = Mapping[str, Any]
_RESOURCES = {"HorizontalPodAutoscaler": "hpa", "PersistentVolumeClaim": "pvc"}


def commands(made: Definition, given: Values) -> str | None:
    """The changes of a runbook with these parameters; None where kubectl has no equivalent, or a value is not known yet."""
    try:
        bound = parameters.bind(made, parameters.check(made, given, {}), {})
    except Invalid:
        return None
    return of_bindings(bound)


def of_bindings(bound: Sequence[Binding]) -> str | None:
    """The changes of these steps; None where kubectl has no equivalent."""
    if any(one.action.verb in controls.CONTROLS or one.action.condition for one in bound):
        return None
    lines = [_command(one.action.verb, one.values) for one in bound if one.action.is_write]
    return " && ".join(line for line in lines if line) if lines and all(lines) else None


def _command(verb: str, values: Values) -> str | None:
    words = VERBS[verb](values) if verb in VERBS else None
    return words if words is None or isinstance(words, str) else shlex.join(words)


def _kubectl(values: Values, *words: str) -> list[str]:
    return ["kubectl", *(["-n", values["namespace"]] if values.get("namespace") else []), *words]


def _object(values: Values) -> str:
    kind = str(values["kind"])
    return f"{_RESOURCES.get(kind, kind.lower())}/{values['name']}"


def _set_resources(values: Values) -> list[str]:
    given = {name: values[name] for name in ("limits", "requests") if values.get(name)}
    amounts = [f"--{name}={','.join(f'{one}={size}' for one, size in sizes.items())}" for name, sizes in given.items()]
    return _kubectl(values, "set", "resources", _object(values), "-c", values["container"], *amounts)


def _rollback(values: Values) -> list[str]:
    revision = [f"--to-revision={values['toRevision']}"] if values.get("toRevision") else []
    return _kubectl(values, "rollout", "undo", _object({"kind": "Deployment", **values}), *revision)


def _evict(values: Values) -> str:
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": values["name"], "namespace": values["namespace"]}}
    path = f"/api/v1/namespaces/{values['namespace']}/pods/{values['name']}/eviction"
    return f"echo {shlex.quote(json.dumps(eviction))} | {shlex.join(['kubectl', 'create', '--raw', path, '-f', '-'])}"


def _drain(values: Values) -> list[str]:
    flags = [("--delete-emptydir-data", "deleteEmptyDirData"), ("--force", "evictBarePods")]
    return ["kubectl", "drain", values["node"], "--ignore-daemonsets", *(flag for flag, name in flags if values.get(name))]


def _patch(values: Values) -> list[str] | None:
    """A patch of the one field. What depends on the object as it is (a probe's port, a taint) has no command that always fits."""
    row = fields.find(values["kind"], values["field"])
    if values.get("remove") or (body := _body(row, values)) is None:
        return None
    is_list = row.has_container or row.name in ("imagePullSecret", "targetPort", "protocol")
    kind = ["--type=strategic"] if is_list else ["--type=merge"]
    return _kubectl(values, "patch", _object(values), *kind, "-p", json.dumps(body, separators=(",", ":")))


def _body(row: fields.Field, values: Values) -> dict[str, Any] | None:
    value, key = values["value"], str(values.get("key", ""))
    if row.has_container:
        path, _, rest = row.path.partition(".containers[container].")
        if rest.endswith("Probe.port"):
            return None
        rest = rest.replace("Probe.path", "Probe.httpGet.path")
        return _nested(f"{path}.containers", [{"name": values["container"], **_nested(rest, value)}])
    if row.name == "imagePullSecret":
        return _nested(row.path, [{"name": value}])
    if row.name in ("targetPort", "protocol"):
        number = key.partition("/")[0]
        return {"spec": {"ports": [{"port": int(number), row.name: value}]}} if number.isdecimal() else None
    if row.name == "toleration":
        return None
    return _nested(row.path.removesuffix("[key]"), {key: value} if row.key else value)


def _nested(path: str, value: Any) -> dict[str, Any]:
    for name in reversed(path.split(".")):
        value = {name: value}
    made: dict[str, Any] = value
    return made


VERBS: Mapping[str, Callable[[Values], Sequence[str] | str | None]] = {
    "restart": lambda given: _kubectl(given, "rollout", "restart", _object(given)),
    "scale": lambda given: _kubectl(given, "scale", _object(given), f"--replicas={given['replicas']}"),
    "setResources": _set_resources,
    "patch": _patch,
    "rollback": _rollback,
    "renewCertificate": lambda given: ["cmctl", "renew", given["name"], "-n", given["namespace"]],
    "deletePod": lambda given: _kubectl(given, "delete", "pod", given["name"]),
    "evict": _evict,
    "cordon": lambda given: ["kubectl", "cordon", given["node"]],
    "uncordon": lambda given: ["kubectl", "uncordon", given["node"]],
    "drain": _drain,
}
