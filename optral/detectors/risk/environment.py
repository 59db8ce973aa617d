"""Variables and ConfigMaps. Values are redacted before they leave the cluster: their names are checked, and addresses are compared."""

import re
from collections import Counter
from datetime import datetime

from optral.detectors import gates
from optral.detectors.detector import About
from optral.detectors.network import calls
from optral.detectors.policy import references
from optral.detectors.risk.common import check
from optral.kube import addresses, settings
from optral.kube.objects import ConfigMap, KubeObject
from optral.kube.settings import Setting
from optral.kube.view import ClusterView
from optral.terms.en import titles
from optral.terms.severity import Severity

_SECRET = re.compile(r"(?:pass(?:word|wd|phrase)|secret|token|api[._-]?key|credentials?|private[._-]?key|access[._-]?key)$", re.IGNORECASE)


def _duplicates(workload: KubeObject, view: ClusterView, now: datetime) -> list[str]:
    """Names that are in `env` twice, and addresses that hide another address of the same variable in a ConfigMap."""
    configs = view.configs_of(workload.metadata.namespace) if workload.kind in calls.CALLERS else settings.none_known
    found = []
    for container in references.template_of(workload).containers:
        counts = Counter(variable.name for variable in container.env)
        found += [f"{container.name}: {name}" for name, count in counts.items() if count > 1]
        for variable in settings.environment(container, configs).values():
            hidden = next((one for one in variable.shadowed if counts[one.name] < 2 and _are_two_addresses(variable, one)), None)
            if hidden is not None:
                found.append(f"{container.name}: {variable.name} ({variable.source or 'env'} counts, not {hidden.source or 'env'})")
    return found


def _are_two_addresses(first: Setting, second: Setting) -> bool:
    are_addresses = all(addresses.in_setting(one.text) or addresses.is_host(one.text) for one in (first, second))
    return are_addresses and settings.differ(first, second)


def _readers(view: ClusterView, config: ConfigMap) -> list[KubeObject]:
    return view.readers_of(config.metadata.namespace, config.name)


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
    titles.DuplicateEnvKey,
    _duplicates,
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
    reached_from={ConfigMap.kind: _readers},
)
SECRET_IN_ENV = check(
    titles.SecretInEnv,
    _plain_secrets,
    about=About.WORKLOAD,
    module=__name__,
    severity=Severity.MEDIUM,
)
SECRET_IN_CONFIG = check(
    titles.SecretInConfigMap,
    _secret_keys,
    about=About.OBJECT,
    module=__name__,
    severity=Severity.MEDIUM,
    looks_at=(ConfigMap.kind,),
)
