"""What a container may do beyond its own purpose: on the host, as root, through the kernel."""

from collections.abc import Callable
from datetime import datetime

from optral.detectors.detector import About
from optral.detectors.policy import references
from optral.detectors.risk.common import Find, check, containers
from optral.kube.objects import KubeObject, TemplateContainer, TemplateSpec
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

_DANGEROUS = frozenset(
    {"ALL", "SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "SYS_BOOT", "DAC_READ_SEARCH", "BPF", "MAC_ADMIN"}
)


def _pod(has: Callable[[TemplateSpec], bool], what: str) -> Find:
    def find(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
        return [what] if has(references.template_of(workload)) else []

    return find


def _host_paths(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
    return [volume.host_path.path for volume in references.template_of(workload).volumes if volume.host_path is not None]


def _is_privileged(container: TemplateContainer, spec: TemplateSpec) -> bool:
    return container.security_context.privileged


def _may_be_root(container: TemplateContainer, spec: TemplateSpec) -> bool:
    own, pods = container.security_context, spec.security_context
    user = own.run_as_user if own.run_as_user is not None else pods.run_as_user
    refuses = own.run_as_non_root if own.run_as_non_root is not None else pods.run_as_non_root
    return user == 0 or (user is None and not refuses)


def _may_escalate(container: TemplateContainer, spec: TemplateSpec) -> bool:
    return container.security_context.allow_privilege_escalation is not False


def _may_write(container: TemplateContainer, spec: TemplateSpec) -> bool:
    return container.security_context.read_only_root_filesystem is not True


def _has_dangerous(container: TemplateContainer, spec: TemplateSpec) -> bool:
    added = {name.upper().removeprefix("CAP_") for name in container.security_context.capabilities.add}
    return bool(added & _DANGEROUS)


def _is_unconfined(container: TemplateContainer, spec: TemplateSpec) -> bool:
    profile = container.security_context.seccomp_profile or spec.security_context.seccomp_profile
    return profile is None or profile.type == "Unconfined"


_M = Severity.MEDIUM
HOST_NETWORK = check(
    titles.HostNetwork,
    _pod(lambda s: s.host_network, "hostNetwork"),
    about=About.WORKLOAD,
    module=__name__,
    severity=_M,
)
HOST_PID = check(
    titles.HostPID,
    _pod(lambda s: s.host_pid, "hostPID"),
    about=About.WORKLOAD,
    module=__name__,
    severity=_M,
)
HOST_IPC = check(
    titles.HostIPC,
    _pod(lambda s: s.host_ipc, "hostIPC"),
    about=About.WORKLOAD,
    module=__name__,
    severity=_M,
)
HOST_PATH = check(
    titles.HostPath,
    _host_paths,
    about=About.WORKLOAD,
    module=__name__,
    severity=_M,
)
PRIVILEGED = check(
    titles.Privileged,
    containers(_is_privileged, with_init=True),
    about=About.WORKLOAD,
    module=__name__,
    severity=_M,
)
ROOT = check(
    titles.RunAsRoot,
    containers(_may_be_root, with_init=True),
    about=About.WORKLOAD,
    module=__name__,
)
ESCALATION = check(
    titles.PrivilegeEscalation,
    containers(_may_escalate, with_init=True),
    about=About.WORKLOAD,
    module=__name__,
)
WRITABLE = check(
    titles.WritableRootFS,
    containers(_may_write, with_init=True),
    about=About.WORKLOAD,
    module=__name__,
)
CAPABILITIES = check(
    titles.DangerousCapabilities,
    containers(_has_dangerous, with_init=True),
    about=About.WORKLOAD,
    module=__name__,
    severity=_M,
)
SECCOMP = check(
    titles.SeccompMissing,
    containers(_is_unconfined, with_init=True),
    about=About.WORKLOAD,
    module=__name__,
)
