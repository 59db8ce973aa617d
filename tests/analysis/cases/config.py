"""Containers that cannot be created from their configuration."""

from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import case, one_pod, row
from tests.analysis.cluster import World, container, deployment, event, node, obj, pod, replica_set, state, template, waiting


def config(message: str, **more: Any) -> tuple[World, Explanation]:
    return one_pod("CreateContainerConfigError", state(now=waiting("CreateContainerConfigError", message)), **more)


@case("missing_config_map", "api")
def needs_a_config_map() -> tuple[World, Explanation]:
    near = obj("v1", "ConfigMap", "api-settings", data={"level": "info"})
    return config('configmap "api-setings" not found', extra=(near,))


row("missing_secret", "api", "needs_a_secret", lambda: config('secret "api-login" not found'))


@case("missing_key", "api")
def needs_a_key() -> tuple[World, Explanation]:
    here = obj("v1", "ConfigMap", "api-settings", data={"log_level": "info"})
    return config("couldn't find key log_levle in ConfigMap orders/api-settings", extra=(here,))


row("missing_key", "api", "needs_a_key_of_a_secret", lambda: config("couldn't find key api-key in Secret orders/payments-credentials"))


def mounted(message: str, *volumes: Any, extra: tuple[Any, ...] = ()) -> tuple[World, Explanation]:
    web = deployment(of=template(container(), volumes=list(volumes)))
    owner = replica_set(web)
    stuck = pod(owner, status={"phase": "Pending", "containerStatuses": [state(now=waiting("ContainerCreating"))]})
    world = World([web, owner, stuck, node(), *extra, event(stuck, "FailedMount", message)])
    return world, world.ask("FailedMount", stuck, owner=web)


@case("missing_key", "api")
def mounts_a_key_that_is_not_there() -> tuple[World, Explanation]:
    here = obj("v1", "ConfigMap", "api-settings", data={"app.yml": "x"})
    other = {"name": "cache", "emptyDir": {}}
    volume = {"name": "conf", "configMap": {"name": "api-settings", "items": [{"key": "app.yaml", "path": "app.yaml"}]}}
    words = 'MountVolume.SetUp failed for volume "conf" : configmap references non-existent config key: app.yaml'
    return mounted(words, other, volume, extra=(here,))


@case("missing_key", "api")
def mounts_a_key_of_a_secret_among_others() -> tuple[World, Explanation]:
    sources = [{"configMap": {"name": "api-settings"}}, {"secret": {"name": "api-login", "items": [{"key": "token", "path": "token"}]}}]
    words = 'MountVolume.SetUp failed for volume "all" : references non-existent secret key: token'
    return mounted(words, {"name": "all", "projected": {"sources": sources}})


@case("run_as_root_conflict", "api")
def must_not_be_root() -> tuple[World, Explanation]:
    return config("container has runAsNonRoot and image will run as root")


@case("run_as_root_conflict", "api")
def is_to_run_as_root_and_must_not() -> tuple[World, Explanation]:
    return config('container\'s runAsUser breaks non-root policy (pod: "api-1-x", container: api)')


@case("run_as_root_conflict", "api")
def names_a_user_that_the_kubelet_cannot_verify() -> tuple[World, Explanation]:
    return config("container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root")


def start(type_: str, message: str, **more: Any) -> tuple[World, Explanation]:
    return one_pod(type_, state(now=waiting(type_, message)), **more)


@case("command_not_found", "api")
def starts_what_is_not_in_the_image() -> tuple[World, Explanation]:
    spec, before = container(command=["/bin/srv"]), container(command=["/bin/server"])
    return start("RunContainerError", 'exec: "/bin/srv": stat /bin/srv: no such file or directory', spec=spec, before=before)


row("permission_denied", "api", "starts_what_may_not_run", lambda: start("RunContainerError", 'exec: "/app/run.sh": permission denied'))


@case("invalid_mount", "api")
def mounts_a_file_on_a_directory() -> tuple[World, Explanation]:
    return start("CreateContainerError", 'error mounting "/etc/app": not a directory')


@case("working_directory_invalid", "api")
def works_in_a_file() -> tuple[World, Explanation]:
    words = "error during container init: mkdir /etc/passwd: not a directory: unknown"
    return start("RunContainerError", words, spec=container(workingDir="/etc/passwd"))


@case("security_profile_unavailable", "api")
def names_a_seccomp_profile_that_is_not_on_its_node() -> tuple[World, Explanation]:
    path = "/var/lib/kubelet/seccomp/profiles/audit.json"
    words = f'failed to create containerd container: cannot load seccomp profile "{path}": open {path}: no such file or directory'
    profile = {"type": "Localhost", "localhostProfile": "profiles/audit.json"}
    return start("CreateContainerError", words, spec=container(securityContext={"seccompProfile": profile}))


@case("security_profile_unavailable", "api")
def names_an_apparmor_profile_that_is_not_loaded() -> tuple[World, Explanation]:
    words = "failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found deny-write"
    return start("CreateContainerError", words)


@case("security_profile_unavailable", "api")
def has_a_node_without_the_parser_of_apparmor() -> tuple[World, Explanation]:
    words = (
        "failed to create containerd container: load apparmor profile /tmp/cri-containerd.apparmor.d1: "
        'parser error(""): exec: "apparmor_parser": executable file not found in $PATH'
    )
    return start("CreateContainerError", words)


SHIM = "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
INIT = "runc create failed: unable to start container process: error during container init: "


@case("device_unavailable", "api")
def needs_a_device_that_cdi_does_not_know() -> tuple[World, Explanation]:
    words = "could not apply required modification to OCI specification: error modifying OCI spec: failed to inject CDI devices: "
    return start("RunContainerError", f"{SHIM}{words}unresolvable CDI devices gpu.test/card=0: unknown")


@case("device_unavailable", "api")
def needs_a_driver_that_is_not_loaded() -> tuple[World, Explanation]:
    hook = "error running hook #0: error running hook: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy'\n"
    driver = "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: "
    return start("RunContainerError", f"{SHIM}{INIT}{hook}{driver}no such file or directory: unknown")


@case("runtime_hook_failed", "api")
def has_a_hook_that_is_not_on_its_node() -> tuple[World, Explanation]:
    return start("RunContainerError", f"{SHIM}{INIT}error running hook #1: fork/exec /usr/bin/net-hook: no such file or directory: unknown")


@case("lifecycle_hook_failed", "api")
def waits_for_its_post_start_hook() -> tuple[World, Explanation]:
    spec = container(lifecycle={"postStart": {"exec": {"command": ["/srv/register.sh"]}}})
    return one_pod("RunContainerError", state(now=waiting("PostStartHookError", "PostStartHook failed")), spec=spec)


@case("disk_full", "api")
def finds_no_space_on_the_disk_of_its_node() -> tuple[World, Explanation]:
    path = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/4f2a/config.json"
    return start("RunContainerError", f"failed to create containerd task: write {path}: no space left on device")


row("stale_container", "api", "finds_its_name_taken", lambda: start("CreateContainerError", 'name "api_0" is reserved for "4f2a"'))


def mount(*events: tuple[str, str], extra: tuple[Any, ...] = (), **spec: Any) -> tuple[World, Explanation]:
    web = deployment(of=template(container(), **spec))
    owner = replica_set(web)
    failing = pod(owner, status={"phase": "Pending", "containerStatuses": [state(now=waiting("ContainerCreating"))]})
    world = World([web, owner, failing, node(), *(event(failing, *told) for told in events), *extra])
    return world, world.ask("FailedMount", failing, owner=web)


@case("missing_secret", "api")
def mounts_a_secret_that_is_not_there() -> tuple[World, Explanation]:
    return mount(("FailedMount", 'MountVolume.SetUp failed for volume "tls" : secret "api-tls" not found'))


@case("volume_attach_failed", "api")
def waits_for_a_disk_that_another_machine_uses() -> tuple[World, Explanation]:
    error = "rpc error: code = FailedPrecondition desc = The disk is already in use by 'node-2'"
    return mount(("FailedAttachVolume", f'AttachVolume.Attach failed for volume "pv-1" : {error}'))


@case("volume_attach_failed", "api")
def waits_for_a_volume_that_another_node_holds() -> tuple[World, Explanation]:
    return mount(("FailedAttachVolume", 'Multi-Attach error for volume "pv-1" Volume is already used by pod(s) db-0'))


@case("volume_mount_failed", "api")
def waits_for_a_mount() -> tuple[World, Explanation]:
    return mount(("FailedMount", "Unable to attach or mount volumes: unmounted volumes=[data]: timed out waiting for the condition"))
