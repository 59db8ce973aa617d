import pytest

from optral.detectors.pods import create_container_error
from optral.kube.objects import KubeObject
from tests.detectors.build import found, pod, status, terminated, waiting, when

BACK_OFF = waiting("CrashLoopBackOff")
NO_FILE = 'exec: "run": executable file not found in $PATH: unknown'


def start_error(message: str = NO_FILE) -> dict[str, object]:
    return terminated(ago=9, reason="StartError", code=128, message=message)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(pod(status(state=waiting("CreateContainerError", "x")), phase="Pending"), ["CreateContainerError"], id="create"),
        pytest.param(pod(status(state=waiting("PreCreateHookError", "x")), phase="Pending"), ["CreateContainerError"], id="create hook"),
        pytest.param(pod(status(state=waiting("RunContainerError", "x"))), ["RunContainerError"], id="run"),
        pytest.param(pod(status(state=waiting("PostStartHookError", "x"))), ["RunContainerError"], id="start hook"),
        pytest.param(pod(status(state=start_error())), ["RunContainerError"], id="never ran, shown as terminated"),
        pytest.param(pod(status(state=BACK_OFF, last=start_error(), restarts=5)), ["RunContainerError"], id="never ran, in back-off"),
        pytest.param(pod(status(last=start_error(), restarts=5)), [], id="it runs now"),
        pytest.param(pod(status(state=BACK_OFF, last=terminated(ago=9), restarts=5)), ["CrashLoopBackOff"], id="it ran and crashed"),
    ],
)
def test_distinguishes_creating_starting_and_crashing(shown: KubeObject, expected: list[str]) -> None:
    assert [finding.type for finding in found(shown)] == expected


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (NO_FILE, "executableMissing"),
        ('exec: "/run.sh": permission denied', "permissionDenied"),
        ("exec /app: exec format error", "wrongArchitecture"),
        ("Are you trying to mount a directory onto a file: not a directory", "notADirectory"),
        ('the container name "k8s_api" is already in use', "nameInUse"),
        ("error during container init: mkdir /etc/hosts: not a directory: unknown", "unknown"),
        ("cannot allocate memory", "memoryTooLow"),
        ('exec: "apparmor_parser": executable file not found in $PATH: load apparmor profile /tmp/x', "securityProfile"),
        ("apparmor failed to apply profile: write /proc/self/attr/exec: permission denied", "securityProfile"),
        ("cannot load seccomp profile: open /profiles/audit.json: no such file or directory", "securityProfile"),
        ("error running hook #0: fork/exec /usr/bin/prepare: no such file or directory", "hook"),
        ("PostStartHook failed", "hook"),
        ("error running hook: exit status 1, stderr: nvidia-container-cli: initialization error: no such file or directory", "device"),
        ("failed to inject CDI devices: unresolvable CDI devices gpu.test/card=0", "device"),
        ("write /run/containerd/config.json: no space left on device", "diskFull"),
        ("open /etc/app/settings: no such file or directory", "fileMissing"),
        ("exec /entrypoint.sh: no such file or directory", "executableMissing"),
        ("mkdir /sys/fs/cgroup: device or resource busy", "unknown"),
        ("odd", "unknown"),
    ],
)
def test_reads_the_runtime_message(message: str, cause: str) -> None:
    assert create_container_error.cause_of(message)[0] == cause


def test_an_unknown_message_is_reported_without_the_prefixes_of_outer_layers() -> None:
    message = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
        'unable to start container process: error during container init: sysctl "net.odd" is not permitted here: unknown'
    )
    [finding] = found(pod(status(state=BACK_OFF, last=start_error(message=message), restarts=5)))
    assert finding.title == 'Pod shop/api-5d4f9c-x1 cannot start container api: sysctl "net.odd" is not permitted here'


def test_a_failed_start_does_not_restart_the_grace_period() -> None:
    [finding] = found(pod(status(state=BACK_OFF, last=start_error(), restarts=5), ago=120))
    assert finding.opens_at == when(120 - 30)
