"""Variables and ConfigMaps. Values are redacted before they leave the cluster: only their names are checked."""

import re
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import About
from optral.detectors.policy import references
from optral.detectors.risk.common import check
from optral.kube.objects import ConfigMap, KubeObject
from optral.kube.view import ClusterView
from optral.terms.severity import Severity

_SECRET = re.compile(r"(?:pass(?:word|wd|phrase)|secret|token|api[._-]?key|credentials?|private[._-]?key|access[._-]?key)$", re.IGNORECASE)


def _duplicates(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
    found = []
    for container in references.template_of(workload).containers:
        names = [variable.name for variable in container.env]
        found += [f"{container.name}: {name}" for name in dict.fromkeys(names) if names.count(name) > 1]
    return found


def _plain_secrets(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
    spec = references.template_of(workload)
    return [
        f"{container.name}: {variable.name}"
        for container in (*spec.init_containers, *spec.containers)
        for variable in container.env
        if _SECRET.search(variable.name) and variable.value and not variable.value.startswith(("$(", "/"))
    ]


def _secret_keys(configuration: ConfigMap, view: ClusterView, now: datetime) -> list[str]:
    return [] if gates.is_kept_by_kubelet(configuration.name) else [key for key in configuration.data if _SECRET.search(key)]


DUPLICATE = check(
    "DuplicateEnvKey",
    "sets an environment variable twice; the last value wins",
    _duplicates,
    title="A container sets an environment variable twice",
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
)
SECRET_IN_ENV = check(
    "SecretInEnv",
    "has secrets in plain text in its pod template",
    _plain_secrets,
    title="A pod template contains a secret in plain text",
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
)
SECRET_IN_CONFIG = check(
    "SecretInConfigMap",
    "appears to contain secrets",
    _secret_keys,
    title="A ConfigMap contains a secret",
    about=About.OBJECT,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=(ConfigMap.kind,),
)
