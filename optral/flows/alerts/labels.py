"""What the labels of an alert name. Pure.

Senders spell the same label in several ways: `pod`, `exported_pod` (Prometheus, when the scraped target has a label of that name too),
`pod_name` (older cAdvisor), `k8s.pod.name` (OpenTelemetry). A label with `exported_` describes the subject; the one without it then
describes the exporter that was scraped.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

_SEPARATOR = re.compile(r"[.\-]")
FORMS = ("exported_{}", "{}", "k8s_{}_name", "{}_name", "kubernetes_{}", "kubernetes_{}_name", "kube_{}")
NAMED = (
    ("deployment", "Deployment.apps"),
    ("statefulset", "StatefulSet.apps"),
    ("daemonset", "DaemonSet.apps"),
    ("cronjob", "CronJob.batch"),
    ("job_name", "Job.batch"),
    ("replicaset", "ReplicaSet.apps"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("horizontalpodautoscaler", "HorizontalPodAutoscaler.autoscaling"),
    ("hpa", "HorizontalPodAutoscaler.autoscaling"),
    ("poddisruptionbudget", "PodDisruptionBudget.policy"),
    ("resourcequota", "ResourceQuota"),
    ("ingress", "Ingress.networking.k8s.io"),
    ("httproute", "HTTPRoute.gateway.networking.k8s.io"),
    ("persistentvolume", "PersistentVolume"),
)
"""Labels that name an object of one kind. Not here: `job`, which Prometheus sets to the name of the scrape job."""
WORKLOAD_TYPES = {"deployment": "Deployment.apps", "statefulset": "StatefulSet.apps", "daemonset": "DaemonSet.apps"}


class Address(NamedTuple):
    """The host of `instance`, `target` or `url`; `is_ip` tells an IP address from a name."""

    host: str
    is_ip: bool


class Names:
    """The labels of one alert, read by what they mean."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = {_SEPARATOR.sub("_", name).lower(): value.strip() for name, value in labels.items() if value.strip()}

    def get(self, name: str) -> str | None:
        """The value of a label, in the first form in which it is there."""
        return next((value for form in FORMS if (value := self._labels.get(form.format(name)))), None)

    def exact(self, name: str) -> str | None:
        return self._labels.get(name)

    @property
    def namespace(self) -> str | None:
        return self.get("namespace")

    @property
    def address(self) -> Address | None:
        """Where the series was scraped, or what was probed."""
        for name in ("instance", "target", "url", "host"):
            if (value := self._labels.get(name)) and (found := address_in(value)) is not None:
                return found
        return None


def address_in(text: str) -> Address | None:
    """The host of `10.0.0.5:9100`, `https://shop.example.com/health` or `node-1`; None where there is none."""
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        return None
    return Address(host, _is_ip(host)) if host else None


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
