"""What pods are made from: the templates inside workloads, as far as detectors judge them before a pod exists.

A ReplicaSet's template is a copy of its Deployment's, and a Deployment keeps ten of them: of those only names and images are read.
"""

import msgspec

from optral.kube.objects.base import Int, LabelSelector, Part
from optral.kube.objects.pods import ClaimSource, Container, ContainerPort

# --- containers -------------------------------------------------------------------------------------------------------------------


class NamedKey(Part, frozen=True):
    """A reference to a ConfigMap or Secret, or to one key of it."""

    name: str = ""
    key: str = ""
    optional: bool = False


class KeyPath(Part, frozen=True):
    """A key of a ConfigMap, and the path of its file in the volume."""

    key: str = ""
    path: str = ""


class ConfigFiles(NamedKey, frozen=True):
    """A ConfigMap as a volume: all keys, or these."""

    items: tuple[KeyPath, ...] = ()


class SecretFiles(Part, frozen=True):
    """A Secret as a volume: all keys, or these. Its content is never read."""

    secret_name: str = ""
    items: tuple[KeyPath, ...] = ()


class EnvSource(Part, frozen=True):
    config_map_key_ref: NamedKey | None = None
    secret_key_ref: NamedKey | None = None


class EnvVar(Part, frozen=True):
    """One variable; `value` is readable only where the redactor takes it for an address or a harmless setting."""

    name: str = ""
    value: str = ""
    value_from: EnvSource | None = None


class EnvFrom(Part, frozen=True):
    prefix: str = ""
    config_map_ref: NamedKey | None = None
    secret_ref: NamedKey | None = None


class Capabilities(Part, frozen=True):
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SeccompProfile(Part, frozen=True):
    type: str = ""


class SecurityContext(Part, frozen=True):
    """Of a container; None where the container leaves it to the pod or to the runtime."""

    privileged: bool = False
    allow_privilege_escalation: bool | None = None
    read_only_root_filesystem: bool | None = None
    run_as_non_root: bool | None = None
    run_as_user: Int | None = None
    capabilities: Capabilities = Capabilities()
    seccomp_profile: SeccompProfile | None = None


class TemplatePort(ContainerPort, frozen=True):
    host_port: Int = 0
    protocol: str = "TCP"


class VolumeMount(Part, frozen=True):
    name: str = ""
    sub_path: str = ""


class TemplateContainer(Container, frozen=True):
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFrom, ...] = ()
    ports: tuple[TemplatePort, ...] = ()
    volume_mounts: tuple[VolumeMount, ...] = ()
    security_context: SecurityContext = SecurityContext()


# --- the pod ----------------------------------------------------------------------------------------------------------------------


class HostPath(Part, frozen=True):
    path: str = ""


class ProjectedSource(Part, frozen=True):
    config_map: ConfigFiles | None = None
    secret: ConfigFiles | None = None


class ProjectedVolume(Part, frozen=True):
    sources: tuple[ProjectedSource, ...] = ()


class TemplateVolume(Part, frozen=True):
    name: str = ""
    config_map: ConfigFiles | None = None
    host_path: HostPath | None = None
    persistent_volume_claim: ClaimSource | None = None
    projected: ProjectedVolume | None = None
    secret: SecretFiles | None = None


class PodSecurityContext(Part, frozen=True):
    run_as_non_root: bool | None = None
    run_as_user: Int | None = None
    seccomp_profile: SeccompProfile | None = None


class SpreadConstraint(Part, frozen=True):
    topology_key: str = ""
    label_selector: LabelSelector | None = None


class Toleration(Part, frozen=True):
    """Tolerates the taints that it matches; no key with `Exists` matches every key, no effect every effect."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""


class PodAffinityTerm(Part, frozen=True):
    label_selector: LabelSelector | None = None
    topology_key: str = ""
    namespaces: tuple[str, ...] = ()


class AntiAffinityTerm(Part, frozen=True):
    """A preference; only that there is one is read."""


class PodAntiAffinity(Part, frozen=True):
    required: tuple[PodAffinityTerm, ...] = msgspec.field(default=(), name="requiredDuringSchedulingIgnoredDuringExecution")
    preferred: tuple[AntiAffinityTerm, ...] = msgspec.field(default=(), name="preferredDuringSchedulingIgnoredDuringExecution")


class Affinity(Part, frozen=True):
    pod_anti_affinity: PodAntiAffinity | None = None


class DnsConfig(Part, frozen=True):
    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()


class HostAlias(Part, frozen=True):
    hostnames: tuple[str, ...] = ()


class TemplateMetadata(Part, frozen=True):
    labels: dict[str, str] = {}


class TemplateSpec(Part, frozen=True):
    containers: tuple[TemplateContainer, ...] = ()
    init_containers: tuple[TemplateContainer, ...] = ()
    volumes: tuple[TemplateVolume, ...] = ()
    service_account_name: str = ""
    automount_service_account_token: bool | None = None
    priority_class_name: str = ""
    host_network: bool = False
    host_pid: bool = msgspec.field(default=False, name="hostPID")
    host_ipc: bool = msgspec.field(default=False, name="hostIPC")
    dns_policy: str = "ClusterFirst"
    dns_config: DnsConfig = DnsConfig()
    host_aliases: tuple[HostAlias, ...] = ()
    security_context: PodSecurityContext = PodSecurityContext()
    affinity: Affinity | None = None
    topology_spread_constraints: tuple[SpreadConstraint, ...] = ()
    tolerations: tuple[Toleration, ...] = ()


class Template(Part, frozen=True):
    metadata: TemplateMetadata = TemplateMetadata()
    spec: TemplateSpec = TemplateSpec()


# --- of a ReplicaSet --------------------------------------------------------------------------------------------------------------


class RevisionContainer(Part, frozen=True):
    name: str = ""
    image: str = ""


class RevisionPod(Part, frozen=True):
    containers: tuple[RevisionContainer, ...] = ()


class RevisionTemplate(Part, frozen=True):
    metadata: TemplateMetadata = TemplateMetadata()
    spec: RevisionPod = RevisionPod()
