"""Install commands that use the agent's Helm chart, as this server serves it: Helm itself, Argo CD and Flux.

Values travel on standard input and the token of GitOps in a Secret beside the manifest: no token is in a process list, in a shell's
history of arguments, or in Git.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

import optral
from optral.install import agent_chart

NAME = "optral-agent"
TOKEN_SECRET = "optral-agent-enrollment"  # noqa: S105 - the name of a Secret
_IMAGE = re.compile(r"(?:(?P<registry>.+)/)?(?P<repository>[^/:@]+)(?::(?P<tag>[^@/]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?")


def chart_values(
    *, urls: Sequence[str], ca_pin: str, image: str, pull_secrets: Sequence[str], enrollment: Mapping[str, str]
) -> dict[str, Any]:
    """The values of the chart for this server; the first URL comes first."""
    url, *others = urls
    found = _IMAGE.fullmatch(image)
    parts = {name: text for name, text in found.groupdict().items() if text} if found is not None else {}
    return {
        "server": {"url": url, **({"fallbackUrls": others} if others else {}), "caPin": ca_pin},
        "enrollment": dict(enrollment),
        "image": parts,
        **({"imagePullSecrets": [{"name": name} for name in pull_secrets]} if pull_secrets else {}),
    }


def helm(*, server: str, values: Mapping[str, Any], namespace: str, arguments: Sequence[str] = ("--wait",)) -> str:
    """A complete command; it also upgrades an agent that is installed already."""
    more = "".join(f"{argument} " for argument in arguments)
    parts = [
        f"helm upgrade --install {NAME} {agent_chart.url(server)}",
        f"--namespace {namespace} --create-namespace {more}--values - <<'OPTRAL'",
    ]
    return " \\\n  ".join(parts) + f"\n{_yaml(values)}OPTRAL"


def argocd(*, server: str, values: Mapping[str, Any], namespace: str) -> str:
    """An Application of Argo CD with the served chart."""
    return _yaml(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": NAME, "namespace": "argocd"},
            "spec": _application(server, values, destination="https://kubernetes.default.svc", namespace=namespace),
        }
    )


def application_set(*, server: str, values: Mapping[str, Any], namespace: str) -> str:
    """An ApplicationSet that installs the served chart in every cluster that Argo CD manages."""
    return _yaml(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": NAME, "namespace": "argocd"},
            "spec": {
                "goTemplate": True,
                "goTemplateOptions": ["missingkey=error"],
                "generators": [{"clusters": {}}],
                "template": {
                    "metadata": {"name": NAME + "-{{.nameNormalized}}"},
                    "spec": _application(server, values, destination="{{.server}}", namespace=namespace),
                },
            },
        }
    )


def _application(server: str, values: Mapping[str, Any], *, destination: str, namespace: str) -> dict[str, Any]:
    return {
        "project": "default",
        "source": {
            "repoURL": _repository(server),
            "chart": agent_chart.NAME,
            "targetRevision": optral.__version__,
            "helm": {"valuesObject": dict(values)},
        },
        "destination": {"server": destination, "namespace": namespace},
        "syncPolicy": {
            "automated": {"prune": True},
            "syncOptions": ["CreateNamespace=true", "RespectIgnoreDifferences=true"],
        },
        # The agent keeps its key and certificate in this Secret.
        "ignoreDifferences": [{"kind": "Secret", "name": f"{NAME}-identity", "jsonPointers": ["/data"]}],
    }


def flux(*, server: str, values: Mapping[str, Any], namespace: str) -> str:
    """A HelmRepository and a HelmRelease of Flux with the served chart."""
    repository = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "HelmRepository",
        "metadata": {"name": "optral", "namespace": namespace},
        "spec": {"interval": "1h", "url": _repository(server)},
    }
    release = {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {
            "interval": "10m",
            "chart": {
                "spec": {
                    "chart": agent_chart.NAME,
                    "version": optral.__version__,
                    "sourceRef": {"kind": "HelmRepository", "name": "optral"},
                }
            },
            "values": dict(values),
        },
    }
    return _yaml(repository) + "---\n" + _yaml(release)


def with_token_secret(token: str, manifest: str, *, namespace: str) -> str:
    """Commands that create the token's Secret and apply the manifest, which itself holds no secret and can go to Git."""
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": TOKEN_SECRET, "namespace": namespace},
            "stringData": {"token": token},
        },
    ]
    secret = "---\n".join(_yaml(one) for one in objects)
    return f"kubectl apply -f - <<'OPTRAL'\n{secret}OPTRAL\nkubectl apply -f - <<'OPTRAL'\n{manifest}OPTRAL"


def _repository(server: str) -> str:
    return server.rstrip("/") + agent_chart.FOLDER


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, width=200)
