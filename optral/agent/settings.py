"""Every setting of the agent: an option of `optral agent`, and where it has one, its variable. docs/agent-settings.md is made of them."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


def _option(text: str, name: str = "", *, env: str = "", **more: Any) -> dict[str, Any]:
    """The help text, the option if it is not the field's name, its variable, and what typer's `Option` takes besides."""
    return {"help": text, "name": name, "envvar": env or None, **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """What the command of an agent takes; without a policy file the agent changes nothing."""

    server_url: str = field(
        metadata=_option("URL of the server; separate several with commas, tried in order.", "--server", env="OPTRAL_SERVER", metavar="URL")
    )
    ca_pin: str = field(default="", metadata=_option("Hash of the server's CA key.", env="OPTRAL_CA_PIN", metavar="sha256:…"))
    token_file: Path | None = field(default=None, metadata=_option("File with the enrollment token (or set OPTRAL_AGENT_TOKEN)."))
    token: str = field(default="", metadata=_option("Enrollment token, for testing.", env="OPTRAL_AGENT_TOKEN", show_default=False))
    kubeconfig: Path | None = field(default=None, metadata=_option("Run outside the cluster with this kubeconfig; omit inside a cluster."))
    context: str | None = field(default=None, metadata=_option("Context of the kubeconfig; defaults to the current context."))
    state_dir: Path | None = field(default=None, metadata=_option("Directory for the key, the certificate and the journal of changes."))
    policy: Path | None = field(
        default=None,
        metadata=_option(
            "Policy file (YAML) of allowed changes; nothing can be changed without it.", env="OPTRAL_AGENT_POLICY", metavar="FILE"
        ),
    )
    watch_namespace: str = field(
        default="",
        metadata=_option("Watch only this namespace; defaults to the whole cluster.", env="OPTRAL_AGENT_WATCH_NAMESPACE", metavar="NAME"),
    )
    cluster_name: str = field(
        default="",
        metadata=_option(
            "Cluster name, used if the name pattern of the fleet token contains {name}.", env="OPTRAL_AGENT_CLUSTER_NAME", metavar="NAME"
        ),
    )
    health_listen: str | None = field(
        default=None,
        metadata=_option("Serve /livez and /readyz here; off by default.", env="OPTRAL_AGENT_HEALTH_LISTEN", metavar="HOST:PORT"),
    )
    metrics: bool = field(
        default=True, metadata=_option("Read the metrics of the kubelets.", "--metrics/--no-metrics", env="OPTRAL_AGENT_METRICS")
    )
    metrics_every_s: float = field(
        default=60,
        metadata=_option(
            "Read each kubelet this often.", "--metrics-every", env="OPTRAL_AGENT_METRICS_EVERY", metavar="SECONDS", min=1, max=600
        ),
    )
    kubelet_tls: str = field(
        default="verify",
        metadata=_option(
            "How to check the certificates of kubelets: verify (signed by the cluster's CA), skip, or a file with their CA.",
            env="OPTRAL_AGENT_KUBELET_TLS",
            metavar="MODE",
        ),
    )
    prometheus_url: str = field(
        default="", metadata=_option("Read this Prometheus; off by default.", env="OPTRAL_AGENT_PROMETHEUS_URL", metavar="URL")
    )
    prometheus_token_file: Path | None = field(
        default=None,
        metadata=_option("File with the bearer token for Prometheus.", env="OPTRAL_AGENT_PROMETHEUS_TOKEN_FILE", metavar="FILE"),
    )
    prometheus_ca_file: Path | None = field(
        default=None, metadata=_option("File with the CA of Prometheus.", env="OPTRAL_AGENT_PROMETHEUS_CA_FILE", metavar="FILE")
    )
    prometheus_tenant: str = field(
        default="",
        metadata=_option("Tenant of Prometheus, sent as X-Scope-OrgID (Mimir).", env="OPTRAL_AGENT_PROMETHEUS_TENANT", metavar="NAME"),
    )
    log_signs: bool = field(
        default=True,
        metadata=_option(
            "Sample the logs of running containers for lines that show a failure.",
            "--log-signs/--no-log-signs",
            env="OPTRAL_AGENT_LOG_SIGNS",
        ),
    )
    log_sign_requests: int = field(
        default=120,
        metadata=_option(
            "How many logs to sample per minute, in the whole cluster.",
            env="OPTRAL_AGENT_LOG_SIGN_REQUESTS",
            metavar="NUMBER",
            min=1,
            max=3000,
        ),
    )
    certificate_probes: bool = field(
        default=True,
        metadata=_option(
            "Check hourly which certificates Services present, if the policy allows probes.",
            "--certificate-probes/--no-certificate-probes",
            env="OPTRAL_AGENT_CERTIFICATE_PROBES",
        ),
    )
    log_reads: int = field(
        default=4,
        metadata=_option("How many requests for logs to answer at once.", env="OPTRAL_AGENT_LOG_READS", metavar="NUMBER", min=1, max=8),
    )
    node: str = field(
        default="",
        metadata=_option("Node of the agent's pod, included in probe results.", env="OPTRAL_AGENT_NODE", metavar="NAME"),
    )
    identity_secret: str = field(
        default="optral-agent-identity",
        metadata=_option(
            "Secret that stores the agent's key and certificate, inside a cluster.", env="OPTRAL_AGENT_IDENTITY_SECRET", metavar="NAME"
        ),
    )


def document() -> str:
    """The page docs/agent-settings.md; a test keeps the file equal to it."""
    rows = []
    for one in fields(AgentSettings):
        about = one.metadata
        name = about["name"] or f"--{one.name.replace('_', '-')}"
        variable = f"`{about['envvar']}`" if about["envvar"] else ""
        default = "" if one.default in ("", None) or not isinstance(one.default, str | int | float) else f"`{str(one.default).lower()}`"
        rows.append(f"| `{name}` | {variable} | {default} | {about['help']} |")
    return _PAGE + "\n".join(rows) + "\n"


_PAGE = """# Settings of the agent

`optral agent` reads its settings from options, or from the environment where the table names a variable; an option wins. In a pod the
chart and the manifest set the variables from [their values](install/agent.md). What the agent may read and change is not a setting: the
[policy file](agent.md) says it.

| option | variable | default | what it is |
|---|---|---|---|
"""
