"""Errors of the kubelet and the runtime in place of a log are distinguished from what a container wrote."""

import pytest

from optral.kube import logs

POD_LOG = "/var/log/pods/shop_api-7d4f_09be41c0-af2f-4e74-b2a6-fdb44525be14/api/3.log"


@pytest.mark.parametrize(
    "line",
    [
        "unable to retrieve container logs for containerd://61a93aa1",
        "unable to retrieve container logs for docker://6e2396b58f81ea5e",
        "unable to retrieve container logs for cri-o://",
        f'failed to try resolving symlinks in path "{POD_LOG}": lstat {POD_LOG}: no such file or directory',
        f'failed to open log file "{POD_LOG}": open {POD_LOG}: no such file or directory',
        f'failed to tail 200 lines of log file "{POD_LOG}": read {POD_LOG}: input/output error',
        f'failed to read log file "{POD_LOG}": input/output error',
        "failed to create fsnotify watcher: too many open files",
        'previous terminated container "api" in pod "api-7d4f" not found',
        'container "api" in pod "api-7d4f" is waiting to start: PodInitializing',
        'container "api" in pod "api-7d4f" is waiting to start - no logs yet',
        'container "api" in pod "api-7d4f" is not available',
        'container "api" in pod "api-7d4f" is terminated',
        'rpc error: code = NotFound desc = an error occurred when try to find container "61a9": not found',
        'failed to get container status "61a9": rpc error: code = NotFound desc = could not find container "61a9"',
        "Error: No such container: 61a93aa17bfb",
        "Error response from daemon: No such container: 61a93aa17bfb",
        'Get "https://10.0.0.7:10250/containerLogs/shop/api-7d4f/api": dial tcp 10.0.0.7:10250: connect: connection refused',
    ],
)
def test_an_error_of_the_kubelet_is_no_line_of_the_container(line: str) -> None:
    assert logs.without_refusal(line + "\n") == ("", line)
    assert logs.without_refusal(f"panic: boom\n{line}") == ("panic: boom\n", line)


@pytest.mark.parametrize(
    "line",
    [
        "dial tcp 10.0.0.7:5432: connect: connection refused",
        'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing"',
        "failed to open log file: open /data/app.log: permission denied",
        "ERROR unable to retrieve container list from the registry",
        'container "api" started',
        "",
    ],
)
def test_an_error_of_the_application_stays(line: str) -> None:
    assert logs.without_refusal(line) == (line, None)
