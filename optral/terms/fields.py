"""The closed table of what the verb `patch` may change: kind, field, and the rule for its value. What has no row here cannot be patched.

Server and agent check a value with the same row. What a row says under `only` depends on the object as it is, so the agent checks it
(`agent/commands/field_patches.py`). Source: Kubernetes API reference.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from optral.terms.risks import RISKS

Value = int | bool | str

MAX_REPLICAS = 1000
MAX_SECONDS = 24 * 3600
QUANTITY = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?(m|k|K|Ki|M|Mi|G|Gi|T|Ti)?", re.ASCII)
_PORT_NAME = re.compile(r"(?=[a-z0-9-]{1,15}\Z)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", re.ASCII)
_PREFIX = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_URL_PATH = re.compile(r"/[\x21-\x7e]{0,1023}", re.ASCII)
_SERVICE_PORT = re.compile(r"[0-9]{1,5}(/(TCP|UDP|SCTP))?", re.ASCII)
_SECRET = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


class Rule(NamedTuple):
    """What a value must be. `says` completes "must be …"; `fits` sees only its shape."""

    says: str
    fits: Callable[[Value], bool]
    is_removable: bool = False
    """Whether `remove` can take the place of a new value."""


class Key(NamedTuple):
    """Which of several entries is meant. `says` completes "key must be …"."""

    says: str
    fits: Callable[[str], bool]


class Field(NamedTuple):
    """One row: `path` as people write it, with `[container]` and `[key]` where the parameters of these names belong.

    `risk`: the least one of changing it (`risks.py`); `least_risk` knows more.
    """

    kind: str
    name: str
    path: str
    risk: str
    rule: Rule
    key: Key | None = None
    only: str = ""
    """What must be so of the object, as a sentence without its full stop."""

    @property
    def has_container(self) -> bool:
        return "[container]" in self.path

    @property
    def is_replicas(self) -> bool:
        """Whether the value is a number of pods, which the local policy limits."""
        return self.name in ("replicas", "minReplicas", "maxReplicas")


def _whole(least: int, most: int) -> Rule:
    def fits(value: Value) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

    return Rule(f"a whole number from {least} to {most}", fits)


def is_quantity(value: object) -> bool:
    """Whether this is a quantity as text, such as "256Mi"."""
    return isinstance(value, str) and QUANTITY.fullmatch(value) is not None


def is_label_key(text: str) -> bool:
    """Whether this can be the key of a label: a name, with a domain before it or not."""
    prefix, slash, name = text.rpartition("/")
    return _NAME.fullmatch(name) is not None and (not slash or _PREFIX.fullmatch(prefix) is not None)


def is_taint(value: object) -> bool:
    """Whether this is a taint as `kubectl taint` writes it: `key=value:Effect` or `key:Effect`."""
    if not isinstance(value, str):
        return False
    pair, _, effect = value.rpartition(":")
    key, equals, said = pair.partition("=")
    return effect in _EFFECTS and is_label_key(key) and (not equals or _NAME.fullmatch(said) is not None)


def _is_port(value: Value) -> bool:
    if isinstance(value, str):
        return _PORT_NAME.fullmatch(value) is not None
    return not isinstance(value, bool) and 1 <= value <= 65535


def _is_label_value(value: Value) -> bool:
    return isinstance(value, str) and (not value or _NAME.fullmatch(value) is not None)


def _is_path(value: Value) -> bool:
    return isinstance(value, str) and _URL_PATH.fullmatch(value) is not None


PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
RESOURCES = ("limits.cpu", "limits.memory", "requests.cpu", "requests.memory")
POD: Mapping[str, str] = {
    "Deployment": "spec.template.spec",
    "StatefulSet": "spec.template.spec",
    "DaemonSet": "spec.template.spec",
    "CronJob": "spec.jobTemplate.spec.template.spec",
}
"""Where each kind keeps the spec of its pods."""
_AMOUNT = Rule('a quantity such as "256Mi" or "500m"', is_quantity)
_PORT = Rule("a port number from 1 to 65535, or the name of a port", _is_port)
_PROBE: Mapping[str, tuple[Rule, str]] = {
    "path": (Rule('a path that begins with "/"', _is_path), "The probe exists and is of type httpGet"),
    "port": (_PORT, "The probe exists and is of type httpGet, tcpSocket or grpc; a name is one of the container's ports"),
    "initialDelaySeconds": (_whole(0, MAX_SECONDS), "The probe exists"),
    "periodSeconds": (_whole(1, MAX_SECONDS), "The probe exists"),
    "timeoutSeconds": (_whole(1, MAX_SECONDS), "The probe exists"),
    "successThreshold": (_whole(1, 100), "The probe exists"),
    "failureThreshold": (_whole(1, 10_000), "The probe exists"),
}
_TAINT = Rule('a taint such as "dedicated=batch:NoSchedule"', is_taint, is_removable=True)
_PULL_SECRET = Rule(
    "the name of a Secret", lambda value: isinstance(value, str) and _SECRET.fullmatch(value) is not None, is_removable=True
)
_SWITCH = Rule("true or false", lambda value: isinstance(value, bool))
_PROTOCOL = Rule("TCP, UDP or SCTP", lambda value: value in _PROTOCOLS)
_LABEL = Rule("the value of a label", _is_label_value, is_removable=True)
_LABEL_KEY = Key('the key of a label, such as "app.kubernetes.io/name"', is_label_key)
_SERVED = Key('a port of the Service, such as "80" or "53/UDP"', lambda text: _SERVICE_PORT.fullmatch(text) is not None)
_LIMITED = Key('an entry of the quota, such as "limits.memory" or "pods"', is_label_key)


def _rows() -> Iterator[Field]:
    for kind in ("Deployment", "StatefulSet"):
        yield Field(kind, "replicas", "spec.replicas", "low", _whole(0, MAX_REPLICAS), only="At most maxReplicas of the local policy")
    for kind, pod in POD.items():
        for name in RESOURCES:
            yield Field(kind, name, f"{pod}.containers[container].resources.{name}", "high", _AMOUNT)
        for probe in PROBES if kind != "CronJob" else ():
            for name, (rule, only) in _PROBE.items():
                yield Field(kind, f"{probe}.{name}", f"{pod}.containers[container].{probe}.{name}", "high", rule, only=only)
        yield Field(kind, "toleration", f"{pod}.tolerations", "high", _TAINT, only="The local policy lists the taint under taints")
        yield Field(kind, "imagePullSecret", f"{pod}.imagePullSecrets", "high", _PULL_SECRET)
    for name in ("minReplicas", "maxReplicas"):
        row = Field("HorizontalPodAutoscaler", name, f"spec.{name}", "low", _whole(1, MAX_REPLICAS))
        yield row._replace(only="At most maxReplicas of the local policy")
    yield Field(
        "Service", "selector", "spec.selector[key]", "high", _LABEL, _LABEL_KEY, "The Service has a selector, and keeps at least one label"
    )
    yield Field("Service", "targetPort", "spec.ports[key].targetPort", "high", _PORT, _SERVED, "The Service has the port")
    yield Field("Service", "protocol", "spec.ports[key].protocol", "high", _PROTOCOL, _SERVED, "The Service has the port")
    yield Field("PersistentVolumeClaim", "storage", "spec.resources.requests.storage", "high", _AMOUNT, only="Larger than now")
    yield Field("ResourceQuota", "hard", "spec.hard[key]", "high", _AMOUNT, _LIMITED, "The quota has the entry")
    yield Field("CronJob", "suspend", "spec.suspend", "low", _SWITCH)
    yield Field("Job", "suspend", "spec.suspend", "high", _SWITCH)  # suspending a Job deletes its pods


TABLE: tuple[Field, ...] = tuple(_rows())
BY_KIND_AND_NAME: Mapping[tuple[str, str], Field] = {(row.kind, row.name): row for row in TABLE}
KINDS: tuple[str, ...] = tuple(dict.fromkeys(row.kind for row in TABLE))


def find(kind: str, name: str) -> Field:
    """The row of a field. Raises `ValueError` with the fields that the kind has."""
    if (row := BY_KIND_AND_NAME.get((kind, name))) is None:
        known = ", ".join(row.name for row in TABLE if row.kind == kind)
        raise ValueError(f"patch does not change {name} of a {kind}; it changes {known or 'nothing there'}")
    return row


def least_risk(values: Mapping[str, Any]) -> str:
    """The least risk of a patch with these parameters. Where kind or field is not known, that of the rows that fit the other."""
    rows = [row for row in TABLE if values.get("kind") in (None, row.kind) and values.get("field") in (None, row.name)]
    found = ["high" if row.name == "replicas" and values.get("value") == 0 else row.risk for row in rows]
    return min(found, key=RISKS.index, default="high")


def check(row: Field, *, value: Value | None, remove: bool, container: str, key: str) -> None:
    """Raises `ValueError` unless the parameters fit the row."""
    if row.has_container != bool(container):
        raise ValueError(f"{row.name} {'needs' if row.has_container else 'takes no'} container")
    if (row.key is not None) != bool(key):
        raise ValueError(f"{row.name} {'needs' if row.key else 'takes no'} key")
    if row.key is not None and not row.key.fits(key):
        raise ValueError(f"key must be {row.key.says}")
    if remove and not row.rule.is_removable:
        raise ValueError(f"{row.name} cannot be removed, only changed")
    is_key_removal = remove and row.key is not None
    if is_key_removal != (value is None):
        raise ValueError("value is required, except to remove a key" if value is None else "value and remove exclude each other")
    if value is not None and not row.rule.fits(value):
        raise ValueError(f"value must be {row.rule.says}")
