"""Each meaning of a report has a message that has it: an enumeration without one fails here."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from optral.kube import reports
from optral.kube.reports import (
    admission,
    autoscalers,
    containers,
    cron_jobs,
    images,
    load_balancers,
    namespaces,
    runtime,
    sandboxes,
    scheduler,
    volumes,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NODES = "0/3 nodes are available: "


def _schedule(schedule: str) -> StrEnum | None:
    found = cron_jobs.never_runs(schedule.partition("@")[0], schedule.partition("@")[2] or None, now=NOW)
    return None if found is None else found.fault


READERS: dict[type[StrEnum], tuple[Callable[[str], StrEnum | None], tuple[str, ...]]] = {
    admission.Kind: (
        lambda message: admission.rejection(message).kind,
        (
            'pods "api" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, limited: pods=4',
            'pods "api" is forbidden: failed quota: compute: must specify limits.memory for: api',
            'pods "api" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
            'pods "api" is forbidden: error looking up service account shop/api: serviceaccount "api" not found',
            'pods "api" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true',
            'Internal error occurred: failed calling webhook "check.test": context deadline exceeded',
            'admission webhook "check.test" denied the request: no owner',
            "pods \"api\" is forbidden: ValidatingAdmissionPolicy 'labels' with binding 'shop' denied request: no owner",
            'pods "api" is forbidden: unable to create new content in namespace shop because it is being terminated',
            'pods "api" is forbidden: no PriorityClass with name urgent was found',
            'pods "api" is forbidden: pod rejected: RuntimeClass "kata" not found',
            'Pod "api" is invalid: spec.containers: Required value',
            'pods "api" is forbidden: User "system:test" cannot create resource "pods"',
            "etcdserver: request timed out",
        ),
    ),
    autoscalers.Cause: (
        lambda report: autoscalers.inactive(*report.split(": ", 1)).cause,
        (
            "AmbiguousSelector: pods by selector app=api are controlled by multiple HPAs: [a b]",
            "InvalidSelector: the HPA target's scale is missing a selector",
            "FailedGetResourceMetric: failed to get cpu utilization: missing request for cpu in container api of Pod api-1",
            "FailedGetResourceMetric: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API",
            "FailedGetResourceMetric: unable to get metrics for resource cpu: no metrics returned from resource metrics API",
            "FailedUpdateStatus: odd",
        ),
    ),
    containers.RootRefusal: (
        containers.root_refusal,
        (
            'container\'s runAsUser breaks non-root policy (pod: "api-1", container: api)',
            "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root",
            "container has runAsNonRoot and image will run as root",
        ),
    ),
    cron_jobs.Fault: (_schedule, ("every day", "0 3 * * *@Mars/Olympus", "0 0 30 2 *")),
    images.Kind: (
        lambda message: images.pull_failure(message).name,
        (
            "toomanyrequests: You have reached your pull rate limit",
            "dial tcp: lookup registry.test: no such host",
            "no match for platform in manifest: not found",
            "SignatureValidationFailed: image signature validation failed",
            "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "write /var/lib/containerd/layer: no space left on device",
            "pull access denied, repository does not exist or may require authorization",
            "manifest unknown: not found",
            "couldn't parse image reference",
            "dial tcp 192.0.2.1:443: connect: connection refused",
            "odd",
        ),
    ),
    load_balancers.Failure: (load_balancers.FAILURES.get, tuple(load_balancers.FAILURES)),
    namespaces.Blocker: (namespaces.Blocker, tuple(namespaces.Blocker)),  # the condition is the meaning
    runtime.Failure: (
        runtime.start_failure,
        (
            "failed to generate apparmor spec opts: apparmor profile not found deny-write",
            "failed to inject CDI devices: unresolvable CDI devices gpu.test/card=0: unknown",
            "error running hook #0: error running hook: exit status 1",
            'exec: "serve": executable file not found in $PATH',
            'error mounting "/etc/app" to rootfs: not a directory',
            'exec: "/app/run.sh": permission denied',
            "exec /app: exec format error",
            'name "api_0" is reserved for "4f2a"',
            "container init was OOM-killed (memory limit too low?)",
            "write /run/containerd/config.json: no space left on device",
            "open /etc/app/settings: no such file or directory",
        ),
    ),
    sandboxes.Kind: (
        lambda message: sandboxes.failure(message).name,
        (
            'dial unix /run/containerd/containerd.sock: connect: "no such file or directory"',
            "failed to allocate for range 0: no IP addresses available in range set",
            "container runtime network not ready: cni plugin not initialized",
            'no runtime for "kata" is configured',
            'name "api" is reserved for "4f2a"',
            'plugin type="bridge" failed (add): cni failed',
            "context deadline exceeded",
            "odd",
        ),
    ),
    scheduler.Blocker: (
        lambda message: scheduler.clauses(message)[0].blocker,
        (
            f"{NODES}3 Insufficient cpu.",
            f"{NODES}3 Too many pods.",
            f"{NODES}3 node(s) had untolerated taint {{dedicated: gpu}}.",
            f"{NODES}3 node(s) didn't match Pod's node affinity/selector.",
            f"{NODES}3 node(s) didn't match pod anti-affinity rules.",
            f"{NODES}3 node(s) didn't match pod affinity rules.",
            f"{NODES}3 node(s) didn't match pod topology spread constraints.",
            f"{NODES}3 node(s) were unschedulable.",
            f"{NODES}3 node(s) had volume node affinity conflict.",
            f'{NODES}persistentvolumeclaim "data" not found.',
            f"{NODES}pod has unbound immediate PersistentVolumeClaims.",
            f"{NODES}3 node(s) didn't find available persistent volumes to bind.",
            f"{NODES}3 node(s) exceed max volume count.",
            f"{NODES}3 node(s) didn't have free ports for the requested pod ports.",
            "no nodes available to schedule pods",
            f"{NODES}3 node(s) not found.",
            f"{NODES}3 brand new reason.",
        ),
    ),
    volumes.Change: ({**volumes.ERRORS, **volumes.EVENTS, **volumes.STATUSES}.get, (*volumes.ERRORS, *volumes.EVENTS, *volumes.STATUSES)),
}
"""Enumeration → how a report is read, and reports, one for each meaning at least."""


def _enumerations() -> Iterator[type[StrEnum]]:
    for module in pkgutil.iter_modules(reports.__path__):
        for value in vars(importlib.import_module(f"{reports.__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum and value.__module__.endswith(module.name):
                yield value


@pytest.mark.parametrize(
    "meanings", list(_enumerations()), ids=lambda meanings: f"{meanings.__module__.rpartition('.')[2]}.{meanings.__name__}"
)
def test_each_meaning_has_a_report(meanings: type[StrEnum]) -> None:
    read, messages = READERS[meanings]
    found = {message: read(message) for message in messages}
    assert set(found.values()) == set(meanings), found
    if len(messages) == len(meanings):
        assert list(found.values()) == list(meanings)
