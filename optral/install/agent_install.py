"""The command that connects a cluster, complete: address, pin and a one-use token are in it. Those with the Helm chart: install_methods.py.

The manifest grants reading of exactly the kinds of kube/kinds.py and of pods' logs, never Secrets, and get and patch of one named Secret
of the agent's own, where it keeps its key and certificate. That Secret is in the manifest without data: applying it again leaves what is
in it. The token has a Secret too, so it is in no process list inside the cluster. Nothing in it lets the agent change anything else.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from optral.clusters.enrollment_service import EnrollmentToken
from optral.install import agent_rbac, install_methods
from optral.install.addresses import Addresses, AddressWarning

METHODS = ("helm", "kubectl", "argocd", "flux", "local")
NAMESPACE = "optral"
NAME = "optral-agent"
TOKEN_SECRET = "optral-agent-enrollment"  # noqa: S105 - the name of a Secret
IDENTITY_SECRET = "optral-agent-identity"  # noqa: S105 - the same as in agent/connection/identity.py
HEALTH_PORT = 8081
_PATIENCE = {"timeoutSeconds": 10, "failureThreshold": 6}  # a node under load must not restart its agent
_SELECTOR = {"app.kubernetes.io/name": NAME}  # never more: it cannot be changed in an existing Deployment
_LABELS = {**_SELECTOR, "app.kubernetes.io/component": "agent", "app.kubernetes.io/part-of": "optral"}


@dataclass(frozen=True, slots=True)
class Installation:
    """`command` is complete; `manifest` is the YAML for those who keep such things in a repository.

    The manifest of kubectl contains the token; those of Argo CD and Flux do not.
    """

    method: str
    command: str
    manifest: str | None
    token: EnrollmentToken
    warnings: tuple[AddressWarning, ...] = ()


def render(method: str, *, addresses: Addresses, token: EnrollmentToken) -> Installation:
    """The installation for a method of `METHODS`; the addresses must be set, and for all but local the image."""
    server, warnings = str(addresses.public_url), addresses.warnings(is_local=method == "local")
    if method == "local":
        parts = ["optral", "agent", "--server", ",".join(addresses.urls), "--ca-pin", addresses.ca_pin, "--token", token.token]
        return Installation(method, shlex.join(parts), None, token, warnings)
    if method == "helm":
        values = _values(addresses, {"token": token.token})
        return Installation(
            method,
            install_methods.helm(server=server, values=values, namespace=NAMESPACE),
            None,
            token,
            (*warnings, *addresses.chart_warnings()),
        )
    if method in ("argocd", "flux"):
        text = getattr(install_methods, method)(
            server=server, values=_values(addresses, {"existingSecret": TOKEN_SECRET}), namespace=NAMESPACE
        )
        command = install_methods.with_token_secret(token.token, text, namespace=NAMESPACE)
        return Installation(method, command, text, token, warnings)
    text = manifest(
        server=",".join(addresses.urls),
        ca_pin=addresses.ca_pin,
        token=token.token,
        image=str(addresses.agent_image),
        pull_secrets=addresses.image_pull_secrets,
    )
    return Installation(method, f"kubectl apply -f - <<'OPTRAL'\n{text}OPTRAL", text, token, warnings)


@dataclass(frozen=True, slots=True)
class FleetInstallation:
    """How a fleet token is used in each cluster: `command` contains the token; `values` and `application_set` do not and can go to Git."""

    command: str
    values: str
    application_set: str
    warnings: tuple[AddressWarning, ...]


def render_fleet(*, addresses: Addresses, token: str, is_named: bool, waits: bool) -> FleetInstallation:
    """`is_named`: each agent proposes the name of its cluster. `waits`: agents wait for approval, longer than Helm would."""
    server = str(addresses.public_url)
    without_token = {"existingSecret": TOKEN_SECRET}
    arguments = [*([] if waits else ["--wait"]), *(['--set-string enrollment.clusterName="$CLUSTER_NAME"'] if is_named else [])]
    named = {**without_token, **({"clusterName": "{{.name}}"} if is_named else {})}
    return FleetInstallation(
        command=install_methods.helm(server=server, values=_values(addresses, {"token": token}), namespace=NAMESPACE, arguments=arguments),
        values=yaml.safe_dump(
            _values(addresses, {**without_token, **({"clusterName": "CLUSTER_NAME"} if is_named else {})}), sort_keys=False, width=200
        ),
        application_set=install_methods.application_set(server=server, values=_values(addresses, named), namespace=NAMESPACE),
        warnings=(*addresses.warnings(is_local=False), *addresses.chart_warnings()),
    )


def _values(addresses: Addresses, enrollment: dict[str, str]) -> dict[str, Any]:
    return install_methods.chart_values(
        urls=addresses.urls,
        ca_pin=addresses.ca_pin,
        image=str(addresses.agent_image),
        pull_secrets=addresses.image_pull_secrets,
        enrollment=enrollment,
    )


def manifest(*, server: str, ca_pin: str, token: str, image: str, pull_secrets: Sequence[str] = ()) -> str:
    """The agent as Kubernetes YAML. `server` is what `--server` takes: one URL, or several with commas between them."""
    objects = [
        _namespace(),
        _service_account(),
        _secret(TOKEN_SECRET, {"token": token}),
        _secret(IDENTITY_SECRET, None),
        *_read_access(),
        *_own_secret_access(),
        _deployment(server, ca_pin, image, pull_secrets),
    ]
    return yaml.safe_dump_all(objects, sort_keys=False, explicit_start=True, width=200)


def base() -> str:
    """The agent for Kustomize: address and pin come from the ConfigMap optral-agent, the token from a Secret that is not in the base."""
    deployment = _deployment("", "", NAME, ())
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container |= {"args": ["agent"], "envFrom": [{"configMapRef": {"name": NAME}}]}
    objects = [_namespace(), _service_account(), _secret(IDENTITY_SECRET, None), *_read_access(), *_own_secret_access(), deployment]
    return "# Generated by make contracts; change it with an overlay (docs/install/agent.md).\n" + yaml.safe_dump_all(
        objects, sort_keys=False, explicit_start=True, width=200
    )


def _meta(*, namespaced: bool = True) -> dict[str, Any]:
    return {"name": NAME, **({"namespace": NAMESPACE} if namespaced else {}), "labels": dict(_LABELS)}


def _namespace() -> dict[str, Any]:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}  # not the agent's: the server may live here too
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def _service_account() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _meta()}


def _secret(name: str, content: dict[str, str] | None) -> dict[str, Any]:
    text = {} if content is None else {"stringData": content}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {**_meta(), "name": name}, "type": "Opaque", **text}


def _read_access() -> list[dict[str, Any]]:
    return [
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": _meta(namespaced=False),
            "rules": agent_rbac.read_rules(),
        },
        _binding("ClusterRoleBinding", "ClusterRole", namespaced=False),
    ]


def _own_secret_access() -> list[dict[str, Any]]:
    rules = agent_rbac.identity_rules(IDENTITY_SECRET)
    return [
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": _meta(), "rules": rules},
        _binding("RoleBinding", "Role", namespaced=True),
    ]


def _binding(kind: str, role: str, *, namespaced: bool) -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": _meta(namespaced=namespaced),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
    }


def _deployment(server: str, ca_pin: str, image: str, pull_secrets: Sequence[str]) -> dict[str, Any]:
    pod = {
        "serviceAccountName": NAME,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "fsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(server, ca_pin, image)],
        **({"imagePullSecrets": [{"name": name} for name in pull_secrets]} if pull_secrets else {}),
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _meta(),
        "spec": {
            "replicas": 1,
            "strategy": {"type": "Recreate"},  # two agents with one identity would only take the session from each other
            "selector": {"matchLabels": dict(_SELECTOR)},
            "template": {"metadata": {"labels": dict(_LABELS)}, "spec": pod},
        },
    }


def _container(server: str, ca_pin: str, image: str) -> dict[str, Any]:
    return {
        "name": "agent",
        "image": image,
        "args": ["agent", "--server", server, "--ca-pin", ca_pin],
        "env": [
            {"name": "OPTRAL_AGENT_HEALTH_LISTEN", "value": f"0.0.0.0:{HEALTH_PORT}"},
            {"name": "OPTRAL_AGENT_TOKEN", "valueFrom": {"secretKeyRef": {"name": TOKEN_SECRET, "key": "token", "optional": True}}},
            {"name": "OPTRAL_AGENT_NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        ],
        "ports": [{"name": "health", "containerPort": HEALTH_PORT}],
        "livenessProbe": {"httpGet": {"path": "/livez", "port": "health"}, "initialDelaySeconds": 5, "periodSeconds": 20, **_PATIENCE},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "health"}, "periodSeconds": 5, "timeoutSeconds": 5},
        "resources": {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - the agent's only writable folder
    }
