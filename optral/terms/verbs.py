"""The closed list of what an agent may be asked to do: verbs that read, and verbs that change one object.

Server and agent share it, so neither can name what the other does not know. No shell, no exec, no raw manifest; never env, command,
securityContext, serviceAccountName or volumes. Every text that ends up in an address of the API server has a pattern here. The roles an
agent needs (`permissions`) are read from the same list.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta

from optral.terms import fields
from optral.terms.errors import Invalid
from optral.terms.probes import Check

MAX_PARAMS_BYTES = 64 * 1024
MAX_RESULT_BYTES = 1024 * 1024
MAX_LOG_BYTES = 1024 * 1024
MAX_REPLICAS = fields.MAX_REPLICAS
MAX_DRAIN_S = 270
MAX_MEASURED = 20  # pods or nodes whose usage one command reads
MAX_LOG_LINES = 2000
MAX_LOG_SOURCES = 40  # containers whose logs one command reads
MAX_NAMESPACES = 32  # that an agent names in its capabilities as those in which it may write; it may write in more

# `\Z` and not `$`, which also fits before a newline at the end.
_LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z"
_SUBDOMAIN = r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\Z"
_TAG = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z"
_DIGEST = r"^sha(256:[a-f0-9]{64}|512:[a-f0-9]{128})\Z"
_NANOS = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z\Z"
_QUANTITY = r"^[0-9]{1,15}(\.[0-9]{1,9})?(m|k|K|Ki|M|Mi|G|Gi|T|Ti)?\Z"

Namespace = Annotated[str, Meta(pattern=_LABEL, max_length=63)]
Name = Annotated[str, Meta(pattern=_SUBDOMAIN, max_length=253)]
ContainerName = Annotated[str, Meta(pattern=_LABEL, max_length=63)]
KindName = Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z]{1,62}(\.[a-z0-9.-]{1,200})?\Z")]
Host = Annotated[str, Meta(pattern=r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\.[a-z]([-a-z0-9]{0,61}[a-z0-9])?\Z", max_length=253)]
Uid = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{0,64}\Z")]
Quantity = Annotated[str, Meta(pattern=_QUANTITY)]
Tag = Annotated[str, Meta(pattern=_TAG)]
Digest = Annotated[str, Meta(pattern=_DIGEST)]
Workload = Literal["Deployment", "StatefulSet", "DaemonSet"]
Scalable = Literal["Deployment", "StatefulSet"]
Patchable = Literal[
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "HorizontalPodAutoscaler",
    "Service",
    "PersistentVolumeClaim",
    "ResourceQuota",
    "Job",
]


class Params(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """Base of every verb's parameters."""

    @property
    def target(self) -> tuple[str, str, str]:
        """(kind, namespace, name) of the object meant; the namespace is empty for cluster-scoped ones."""
        raise NotImplementedError


class Get(Params, frozen=True, kw_only=True):
    """`kind` is `Pod` or `Deployment.apps`."""

    kind: KindName
    name: Name
    namespace: Namespace | Literal[""] = ""

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class Events(Params, frozen=True, kw_only=True):
    """Kubernetes Events about one object; `uid` narrows to this very one."""

    kind: KindName
    name: Name
    namespace: Namespace | Literal[""] = ""
    uid: Uid = ""

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class LogSource(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """One container of a pod, and how far its log is known.

    `after`: only lines later than this time, as the container runtime stamped them, and the first `seen` lines of that very time are known.
    `restarts`: how often the container had restarted then; lines of a run that has ended since are read too.
    """

    pod: Name
    container: ContainerName | Literal[""] = ""
    after: Annotated[str, Meta(pattern=_NANOS)] | Literal[""] = ""
    seen: Annotated[int, Meta(ge=0, le=MAX_LOG_LINES)] = 0
    restarts: Annotated[int, Meta(ge=0, le=2**31)] | None = None


class Logs(Params, frozen=True, kw_only=True):
    """The end of a container's log. `container` empty: the pod's only or first one. `previous`: of the run before its last restart.

    With `sources`: of these containers together, each line with its time; the first of them is of `pod`. Agents with the capability
    `logs.v2` can do that.
    """

    namespace: Namespace
    pod: Name
    container: ContainerName | Literal[""] = ""
    previous: bool = False
    tail_lines: Annotated[int, Meta(ge=1, le=MAX_LOG_LINES)] = 500
    since_seconds: Annotated[int, Meta(ge=1, le=30 * 24 * 3600)] | None = None
    limit_bytes: Annotated[int, Meta(ge=1, le=MAX_LOG_BYTES)] = 256 * 1024
    sources: Annotated[tuple[LogSource, ...], Meta(max_length=MAX_LOG_SOURCES)] = ()

    def __post_init__(self) -> None:
        if self.sources and (self.sources[0].pod != self.pod or self.container):
            raise ValueError("pod must be that of the first source, and container is named by each source")

    @property
    def target(self) -> tuple[str, str, str]:
        return "Pod", self.namespace, self.pod


class Metrics(Params, frozen=True, kw_only=True):
    """What pods of one namespace, or nodes, use now: a `PodUsage` or `NodeUsage` of each, as the agent reports them by itself."""

    kind: Literal["Pod", "Node"] = "Pod"
    namespace: Namespace | Literal[""] = ""
    names: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MAX_MEASURED)]

    def __post_init__(self) -> None:
        if (self.kind == "Pod") != bool(self.namespace):
            raise ValueError("namespace is required for pods, and nodes have none")

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.names[0]


class Probe(Params, frozen=True, kw_only=True):
    """Whether the agent's pod can reach something: a port of a Service or of a pod, the name of a Service, or a `host` outside of the
    cluster that the environment of this very pod names. Never an address: the agent looks that up by itself.
    """

    check: Check
    kind: Literal["Service", "Pod"]
    namespace: Namespace
    name: Name
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    host: Host | Literal[""] = ""

    def __post_init__(self) -> None:
        if (self.check == "dns") != (self.port is None):
            raise ValueError("port is required, except for dns, which has none")
        if self.host and self.kind != "Pod":
            raise ValueError("host needs the pod whose environment names it")
        if self.check == "dns" and self.kind == "Pod" and not self.host:
            raise ValueError("dns needs a Service, or a pod and a host that its environment names")

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class Restart(Params, frozen=True, kw_only=True):
    """Replace the workload's pods as its own update strategy says."""

    kind: Workload
    namespace: Namespace
    name: Name

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class Scale(Params, frozen=True, kw_only=True):
    kind: Scalable
    namespace: Namespace
    name: Name
    replicas: Annotated[int, Meta(ge=0, le=MAX_REPLICAS)]

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class Amounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Kubernetes quantities; what is absent stays as it is."""

    cpu: Quantity | None = None
    memory: Quantity | None = None


class SetResources(Params, frozen=True, kw_only=True):
    kind: Workload
    namespace: Namespace
    name: Name
    container: ContainerName
    limits: Amounts | None = None
    requests: Amounts | None = None

    def __post_init__(self) -> None:
        if not any(amount is not None for amounts in (self.limits, self.requests) if amounts for amount in (amounts.cpu, amounts.memory)):
            raise ValueError("limits or requests must name cpu or memory")

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class SetImage(Params, frozen=True, kw_only=True):
    """Another tag or digest of the image that a container has. The repository is no parameter, so it cannot be changed."""

    kind: Workload
    namespace: Namespace
    name: Name
    container: ContainerName
    tag: Tag | None = None
    digest: Digest | None = None

    def __post_init__(self) -> None:
        if self.tag is None and self.digest is None:
            raise ValueError("tag or digest is required")

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class Patch(Params, frozen=True, kw_only=True):
    """Another value of one field of the closed table in `fields.py`; nothing else of an object can be patched.

    `key` and `container` say which entry is meant, where a row needs them. `remove` takes away what `key` (of a selector) or `value` (a
    toleration) names.
    """

    kind: Patchable
    namespace: Namespace
    name: Name
    field: Annotated[str, Meta(max_length=64)]
    value: fields.Value | None = None
    container: ContainerName | Literal[""] = ""
    key: Annotated[str, Meta(max_length=317)] = ""
    remove: bool = False

    def __post_init__(self) -> None:
        fields.check(self.row, value=self.value, remove=self.remove, container=self.container, key=self.key)

    @property
    def row(self) -> fields.Field:
        return fields.find(self.kind, self.field)

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class Rollback(Params, frozen=True, kw_only=True):
    """Give a workload the pod template of an earlier revision; None: the one before the present."""

    namespace: Namespace
    name: Name
    kind: Workload = "Deployment"
    to_revision: Annotated[int, Meta(ge=1)] | None = None

    @property
    def target(self) -> tuple[str, str, str]:
        return self.kind, self.namespace, self.name


class DeletePod(Params, frozen=True, kw_only=True):
    namespace: Namespace
    name: Name

    @property
    def target(self) -> tuple[str, str, str]:
        return "Pod", self.namespace, self.name


class Evict(Params, frozen=True, kw_only=True):
    """As `deletePod`, but only when the PodDisruptionBudgets of the pod allow it."""

    namespace: Namespace
    name: Name

    @property
    def target(self) -> tuple[str, str, str]:
        return "Pod", self.namespace, self.name


class RerunJob(Params, frozen=True, kw_only=True):
    """Create a Job like one that failed, which stays as it is. `of_cron_job` allows it for a run of a CronJob, beside its schedule."""

    namespace: Namespace
    name: Name
    of_cron_job: bool = False

    @property
    def target(self) -> tuple[str, str, str]:
        return "Job", self.namespace, self.name


class RenewCertificate(Params, frozen=True, kw_only=True):
    """Let cert-manager issue a certificate again, as `cmctl renew` does: by a condition in the status of its Certificate."""

    namespace: Namespace
    name: Name

    @property
    def target(self) -> tuple[str, str, str]:
        return "Certificate", self.namespace, self.name


class Cordon(Params, frozen=True, kw_only=True):
    """Of `cordon` and of `uncordon`."""

    node: Name

    @property
    def target(self) -> tuple[str, str, str]:
        return "Node", "", self.node


class Drain(Params, frozen=True, kw_only=True):
    """Cordon a node and evict its pods, and wait at most `timeout_seconds` until they are gone."""

    node: Name
    delete_empty_dir_data: bool = False
    evict_bare_pods: bool = False
    timeout_seconds: Annotated[int, Meta(ge=10, le=MAX_DRAIN_S)] = 240

    @property
    def target(self) -> tuple[str, str, str]:
        return "Node", "", self.node


class Permission(NamedTuple):
    """What RBAC must allow: a verb of the API server on a resource; `subresource` may be empty."""

    verb: str
    group: str
    resource: str
    subresource: str = ""

    @property
    def on(self) -> str:
        """The resource as people write it: `deployments.apps`, `pods/eviction`."""
        return self._resource + (f".{self.group}" if self.group else "")

    @property
    def rule(self) -> dict[str, list[str]]:
        """The rule of a Role that grants it."""
        return {"apiGroups": [self.group], "resources": [self._resource], "verbs": [self.verb]}

    @property
    def _resource(self) -> str:
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


class Missing(NamedTuple):
    """A permission that an agent does not have; `namespace` is empty for one of the whole cluster."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""

    @property
    def permission(self) -> Permission:
        return Permission(*self[:4])

    def __str__(self) -> str:
        return f"{self.verb} {self.permission.on}" + (f" in {self.namespace}" if self.namespace else " in the whole cluster")


MISSING = "missingPermissions"
"""Under this name the result of a dry run lists each `Missing`."""


class Verb(NamedTuple):
    """One thing that may be asked. `permissions` by the target's kind, all of them needed; `*` for any kind that is watched.

    `risk`: the least one of `risks.py`; `least_risk` knows more. `is_idempotent`: after a crash in its middle it may simply be done again.
    `timeout_s`: how long a step with it may take.
    """

    name: str
    risk: str
    is_idempotent: bool
    params: type[Params]
    permissions: Mapping[str, tuple[Permission, ...]]
    timeout_s: int = 60

    @property
    def is_write(self) -> bool:
        return self.risk != "readOnly"

    @property
    def is_namespaced(self) -> bool:
        """Whether its targets live in namespaces."""
        return "Node" not in self.permissions


KUBELET_METRICS = (Permission("get", "", "nodes", "metrics"), Permission("get", "", "nodes", "stats"))
"""What a kubelet asks for before it hands out its metrics, to the agent by itself or for the verb `metrics`. Never `nodes/proxy`, which
also allows running commands in containers."""
PLURALS: Mapping[str, str] = {"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}
_PATCH = {kind: (Permission("patch", "apps", plural),) for kind, plural in PLURALS.items()}
_SCALABLE = {kind: _PATCH[kind] for kind in ("Deployment", "StatefulSet")}
_REVISIONS = (Permission("list", "apps", "controllerrevisions"),)  # those of a Deployment are ReplicaSets, which every agent reads
_ROLLBACK = {kind: needed if kind == "Deployment" else needed + _REVISIONS for kind, needed in _PATCH.items()}
_PATCHABLE = _PATCH | {
    "CronJob": (Permission("patch", "batch", "cronjobs"),),
    "Job": (Permission("patch", "batch", "jobs"),),
    "HorizontalPodAutoscaler": (Permission("patch", "autoscaling", "horizontalpodautoscalers"),),
    "Service": (Permission("patch", "", "services"),),
    "PersistentVolumeClaim": (Permission("patch", "", "persistentvolumeclaims"),),
    "ResourceQuota": (Permission("patch", "", "resourcequotas"),),
}
_NODE = {"Node": (Permission("patch", "", "nodes"),)}
_EVICT = Permission("create", "", "pods", "eviction")
_CERTIFICATE = Permission("patch", "cert-manager.io", "certificates", "status")
_READ = {"*": (Permission("get", "*", "*"),)}

ALL: tuple[Verb, ...] = (
    Verb("get", "readOnly", True, Get, _READ),
    Verb("events", "readOnly", True, Events, {"*": (Permission("list", "", "events"),)}),
    Verb("logs", "readOnly", True, Logs, {"Pod": (Permission("get", "", "pods", "log"),)}),
    Verb("metrics", "readOnly", True, Metrics, {"Pod": KUBELET_METRICS[:1], "Node": KUBELET_METRICS[:1]}),
    Verb("probe", "readOnly", True, Probe, {"Service": (Permission("get", "", "services"),), "Pod": (Permission("get", "", "pods"),)}),
    Verb("restart", "low", True, Restart, _PATCH),
    Verb("scale", "low", True, Scale, _SCALABLE),
    Verb("setResources", "high", True, SetResources, _PATCH),
    Verb("setImage", "high", True, SetImage, _PATCH),
    Verb("patch", "low", True, Patch, _PATCHABLE),
    Verb("rollback", "high", False, Rollback, _ROLLBACK),
    Verb("rerunJob", "high", True, RerunJob, {"Job": (Permission("create", "batch", "jobs"),)}),
    Verb("renewCertificate", "high", False, RenewCertificate, {"Certificate": (_CERTIFICATE,)}),
    Verb("deletePod", "high", False, DeletePod, {"Pod": (Permission("delete", "", "pods"),)}),
    Verb("evict", "high", False, Evict, {"Pod": (_EVICT,)}),
    Verb("cordon", "low", True, Cordon, _NODE),
    Verb("uncordon", "low", True, Cordon, _NODE),
    Verb("drain", "destructive", True, Drain, {"Node": (*_NODE["Node"], _EVICT)}, timeout_s=300),
)
VERBS: Mapping[str, Verb] = {verb.name: verb for verb in ALL}
READS = frozenset(verb.name for verb in ALL if not verb.is_write)
WRITES = frozenset(verb.name for verb in ALL if verb.is_write)


def find(name: str) -> Verb:
    """The verb of this name. Raises `Invalid`."""
    if (verb := VERBS.get(name)) is None:
        raise Invalid("unknown_verb", say=f"unknown verb {name[:40]!r}; use one of {', '.join(VERBS)}")
    return verb


def least_risk(verb: Verb, values: Mapping[str, Any]) -> str:
    """The least risk of doing this with these values, as far as they are known. Without replicas, a workload does not respond any more."""
    if verb.name == "scale":
        return "high" if values.get("replicas") == 0 else verb.risk
    return fields.least_risk(values) if verb.name == "patch" else verb.risk


def read(verb: Verb, raw: bytes) -> Params:
    """A verb's parameters from JSON, every bound checked. Raises `Invalid`, which names the field."""
    if len(raw) > MAX_PARAMS_BYTES:
        raise Invalid("params_too_large", say=f"the parameters of {verb.name} are larger than {MAX_PARAMS_BYTES} bytes")
    try:
        return msgspec.json.decode(raw, type=verb.params)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _unfit(verb, error) from None


def check(verb: Verb, params: Mapping[str, Any] | Params) -> Params:
    """A verb's parameters from plain values or its own struct, every bound checked. Raises `Invalid`."""
    return read(verb, msgspec.json.encode(params))


def plain(params: Params) -> dict[str, Any]:
    """The parameters as JSON values; what has its default is left out."""
    answer: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(params))  # lists, not tuples: as they come back from the database
    return answer


def _unfit(verb: Verb, error: Exception) -> Invalid:
    text = str(error)[:300]
    field = text.partition("`$.")[2].partition("`")[0] if "`$." in text else ""
    return Invalid(
        "invalid_params",
        say=f"the parameters of {verb.name} are invalid: {text}",
        errors=[{"field": field or "params", "code": "invalid", "message": text}],
    )
