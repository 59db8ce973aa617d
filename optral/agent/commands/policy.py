"""What this agent is willing to do, whatever the control plane says: a file beside it, which nothing that comes down the tunnel can change.

Without a file it reads and changes nothing. With one it changes what the file names, and never kube-system and namespaces like it, nor its
own namespace; Secrets and RBAC are outside what any verb can name. The file is read again when it changes; one that cannot be read means
read-only, with one clear line in the log.

    allowWrites: true
    namespaces: [shop, shop-staging]      # or ["*"]: all but the protected
    verbs: [restart, rollback]            # all that work inside namespaces when absent; cordon and uncordon only when named
    maxReplicas: 20
    taints: [dedicated=batch:NoSchedule]  # taints that patch may let workloads tolerate; none when absent
    reads: [get, events, logs, logSigns, metrics, prometheus]   # the default; probe and probe.external only when named
    logSignsExclude: [payments]           # namespaces whose logs are not sampled
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from optral.terms.errors import Misconfigured
from optral.terms.fields import is_taint
from optral.terms.verbs import MAX_NAMESPACES, READS, VERBS, WRITES, Params, Patch, Probe, Scale, Verb

PROTECTED = frozenset({"kube-system", "kube-public", "kube-node-lease"})
MAX_BYTES = 64 * 1024
METRICS = "metrics"
"""What stands among the reads for the metrics of the kubelets: the command, and what the agent collects by itself."""
PROMETHEUS = "prometheus"
"""What stands among the reads for the organization's Prometheus, of which only local settings say where it is."""
LOG_SIGNS = "logSigns"
"""What stands among the reads for the logs that the agent samples by itself, of which only lines that show a failure leave the cluster."""
PROBE, PROBE_EXTERNAL = "probe", "probe.external"
"""Probes open connections, and those to hosts outside of the cluster leave it: neither is done unless a file names it."""
READABLE = READS | {PROMETHEUS, LOG_SIGNS, PROBE_EXTERNAL}
DEFAULT_READS = READABLE - {PROBE, PROBE_EXTERNAL}
NAMESPACED_WRITES = frozenset(name for name in WRITES if VERBS[name].is_namespaced)
log = structlog.get_logger()


class Policy(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The file's content, and `own_namespace` which is no part of it."""

    allow_writes: bool = False
    namespaces: tuple[str, ...] = ()
    verbs: tuple[str, ...] | None = None
    reads: tuple[str, ...] | None = None
    max_replicas: int = 100
    taints: tuple[str, ...] = ()
    log_signs_exclude: tuple[str, ...] = ()

    def refusal(self, verb: Verb, params: Params, *, own_namespace: str) -> str | None:
        """Why this is not done here; None when it may be."""
        if not verb.is_write:
            wanted = PROBE_EXTERNAL if isinstance(params, Probe) and params.host else verb.name
            return None if wanted in self.allowed_reads else f"the local policy does not list {wanted} under reads"
        if not self.allow_writes:
            return "Optral's agent is read-only in this cluster, so it cannot make this change"
        if verb.name not in self.writes():
            return f"the local policy does not allow {verb.name}"
        if (said := self._namespace_refusal(verb, params, own_namespace)) is not None:
            return said
        return self._value_refusal(params)

    def _value_refusal(self, params: Params) -> str | None:
        if isinstance(params, Patch) and params.field == "toleration" and params.value not in self.taints:
            return f"the local policy does not list {params.value} under taints"
        replicas = params.replicas if isinstance(params, Scale) else 0
        if isinstance(params, Patch) and params.row.is_replicas and isinstance(params.value, int):
            replicas = params.value
        return f"the local policy allows at most {self.max_replicas} replicas" if replicas > self.max_replicas else None

    def _namespace_refusal(self, verb: Verb, params: Params, own_namespace: str) -> str | None:
        if not verb.is_namespaced:
            return None
        namespace = params.target[1]
        if namespace in PROTECTED or namespace == own_namespace:
            return f"nothing is ever changed in {namespace}"
        if namespace not in self.namespaces and "*" not in self.namespaces:
            return f"the local policy does not list the namespace {namespace}"
        return None

    @property
    def allows_metrics(self) -> bool:
        """Whether the agent may read the metrics of the kubelets."""
        return METRICS in self.allowed_reads

    @property
    def allowed_reads(self) -> frozenset[str]:
        """Of `READABLE`, what the file lists, or what is allowed without a list."""
        return DEFAULT_READS if self.reads is None else frozenset(self.reads)

    @property
    def allows_prometheus(self) -> bool:
        """Whether the agent may read the Prometheus of its settings."""
        return PROMETHEUS in self.allowed_reads

    @property
    def allows_probes(self) -> bool:
        """Whether the agent may open connections to Services and pods."""
        return PROBE in self.allowed_reads

    @property
    def allows_log_signs(self) -> bool:
        """Whether the agent may sample logs by itself."""
        return LOG_SIGNS in self.allowed_reads and "logs" in self.allowed_reads

    def writes(self) -> frozenset[str]:
        """The write verbs that are allowed."""
        if not self.allow_writes:
            return frozenset()
        return NAMESPACED_WRITES if self.verbs is None else frozenset(self.verbs) & WRITES

    def capabilities(self) -> list[str]:
        """The capabilities that the control plane gets, so that it does not request what is refused. They change nothing: the agent refuses
        by itself."""
        told = [f"verb:{name}" for name in sorted((READS & self.allowed_reads) | self.writes())]
        if not self.allow_writes:
            return [*told, "read-only"]
        named = sorted(self.namespaces)[:MAX_NAMESPACES]
        return [*told, *(f"namespace:{name}" for name in named)]


READ_ONLY = Policy()


def load(path: Path) -> Policy:
    """Read a policy file. Raises `Misconfigured` with one line that names the file and what is wrong in it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Misconfigured("policy_unreadable", say=f"the policy {path} cannot be read: {error.strerror}") from error
    return parse(raw, where=str(path))


def parse(raw: bytes, *, where: str) -> Policy:
    """A policy from its YAML. Raises `Misconfigured`."""
    import yaml  # an agent that only reads has no policy, and this library takes 2 MiB

    try:
        if len(raw) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES} bytes")
        tree = yaml.safe_load(raw)
        policy = msgspec.convert({} if tree is None else tree, Policy)
    except (yaml.YAMLError, msgspec.MsgspecError, ValueError) as error:
        raise Misconfigured("policy_invalid", say=f"the policy {where} is invalid: {' '.join(str(error).split())[:300]}") from error
    _check(policy, where)
    return policy


def _check(policy: Policy, where: str) -> None:
    for field, given, known in (("verbs", policy.verbs, WRITES), ("reads", policy.reads, READABLE)):
        if unknown := sorted(set(given or ()) - known):
            raise Misconfigured("policy_invalid", say=f"the policy {where}: {field} allows {', '.join(sorted(known))}, not {unknown[0]!r}")
    if unfit := [taint for taint in policy.taints if not is_taint(taint)]:
        raise Misconfigured(
            "policy_invalid", say=f"the policy {where}: {unfit[0]!r} under taints is not a taint such as key=value:NoSchedule"
        )
    if PROBE_EXTERNAL in policy.allowed_reads and PROBE not in policy.allowed_reads:
        raise Misconfigured("policy_invalid", say=f"the policy {where}: reads lists {PROBE_EXTERNAL} without {PROBE}")
    if policy.allow_writes and not policy.namespaces and policy.writes() & NAMESPACED_WRITES:
        raise Misconfigured("policy_invalid", say=f"the policy {where} allows writes but lists no namespaces")


def of(namespaces: Sequence[str], verbs: Sequence[str] | None = None) -> Policy:
    """A policy that allows writes in these namespaces. Raises `Misconfigured`."""
    policy = Policy(allow_writes=True, namespaces=tuple(namespaces), verbs=None if verbs is None else tuple(verbs))
    _check(policy, "of the options")
    return policy


class PolicyFile:
    """The policy in force: the file's, read again when it changed, or a fixed one."""

    def __init__(self, path: Path | None = None, *, fixed: Policy = READ_ONLY, own_namespace: str = "") -> None:
        self._path, self._policy, self.own_namespace = path, fixed, own_namespace
        self._seen: object = None
        if path is not None:
            self._policy = load(path)
            self._seen = self._stamp()

    def now(self) -> Policy:
        """The current policy."""
        if self._path is not None and (stamp := self._stamp()) != self._seen:
            self._seen = stamp
            self._policy = self._reload(self._path)
        return self._policy

    def refusal(self, verb: Verb, params: Params) -> str | None:
        """Why this is not done here; None when it may be."""
        return self.now().refusal(verb, params, own_namespace=self.own_namespace)

    def _reload(self, path: Path) -> Policy:
        try:
            policy = load(path)
        except Misconfigured as error:
            log.error("the policy cannot be used; nothing is changed until it can", reason=error.say)
            return READ_ONLY
        log.info("the policy was read again", writes=sorted(policy.writes()), namespaces=list(policy.namespaces))
        return policy

    def _stamp(self) -> object:
        assert self._path is not None
        try:
            status = self._path.stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size, status.st_ino)
