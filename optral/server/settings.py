"""Every setting of the server: `OPTRAL_*` in the environment, or `optral.toml`, or an option of the command, in that order of weakness.

A bad value stops the start with one line that names the setting. Each field's description is its documentation (docs/settings.md is held
to it by a test). Secrets are never settings; settings name the files that hold them.
"""

import difflib
import ipaddress
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import quote, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from optral import __version__
from optral.kit import trace_export
from optral.kit.mappings import without_none
from optral.terms.errors import Misconfigured

FILE = "optral.toml"
_ADDRESS = re.compile(r"^(?P<host>\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+):(?P<port>\d{1,5})$")
_URL = re.compile(r"^https?://[^\s/?#@,]+/?$")
MAX_FALLBACK_URLS = 7  # an agent takes eight
_AGENT_ADDRESS = re.compile(r"^(?P<host>\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+)(:(?P<enroll>\d{1,5}),(?P<tunnel>\d{1,5}))?$")


class AgentAddress(NamedTuple):
    """Where agents dial: a host and two ports; a port of None follows the listener."""

    host: str
    enroll_port: int | None
    tunnel_port: int | None


class Settings(BaseSettings):
    """All settings with their defaults. Build with `load`, which turns what pydantic says into one line."""

    model_config = SettingsConfigDict(env_prefix="OPTRAL_", extra="forbid", frozen=True, toml_file=FILE)

    data_dir: Path = Field(Path("./optral-data"), description="Folder of the database and of the secrets made at the first start.")
    database_url: str | None = Field(None, description="postgresql://… for PostgreSQL 15 or newer; SQLite in the data folder when unset.")
    database_password_file: Path | None = Field(
        None, description="File with the password for OPTRAL_DATABASE_URL, which then contains none; for secrets that are mounted as files."
    )
    listen: str = Field("127.0.0.1:8080", description="REST API, event stream and documentation.")
    enroll_listen: str = Field("127.0.0.1:8443", description="Agents enroll here (server TLS).")
    tunnel_listen: str = Field("127.0.0.1:8444", description="Agents hold their tunnel here (mutual TLS).")
    metrics_listen: str | None = Field(
        None, description="Prometheus metrics at /metrics; off when unset. Keep it on loopback or a private network."
    )
    public_url: str | None = Field(None, description="The address people and agents use for the API, such as https://optral.example.com.")
    fallback_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Further URLs of this server or of other servers with its database (comma separated, at most 7). Every install command"
        " names them, and agents try them in this order when OPTRAL_PUBLIC_URL does not answer.",
    )
    agent_address: str | None = Field(
        None, description="HOST or HOST:ENROLL_PORT,TUNNEL_PORT that agents dial; the server certificate is made for this host."
    )
    tls_cert: Path | None = Field(None, description="Certificate chain (PEM) for the API listener; reloaded when it changes.")
    tls_key: Path | None = Field(None, description="Private key (PEM) of tls_cert.")
    insecure_http: bool = Field(False, description="Allow plain HTTP on an address that is not loopback.")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Networks (CIDR, comma separated) whose X-Forwarded-* headers are believed."
    )
    shutdown_delay: float = Field(
        1.0,
        ge=0,
        le=60,
        description="Seconds from a stop signal to the end of accepting; `/readyz` is 503 meanwhile, for load balancers to see.",
    )
    max_connections: int = Field(
        4096, ge=16, description="Connections that the API holds at once, fewer where the limit of open files (`ulimit -Hn`) is too low."
    )
    connections_per_address: int = Field(
        256,
        ge=8,
        description="Connections of one client address that may be silent, unfinished or idle; beyond that the one that has waited longest"
        " is closed. Networks in OPTRAL_TRUSTED_PROXIES are exempt.",
    )
    max_agent_connections: int = Field(
        4096, ge=16, description="Agents that the tunnel holds at once; each takes three open files, so a low limit allows fewer."
    )
    agent_connections_per_address: int = Field(
        1024,
        ge=8,
        description="Connections of one address to each agent listener before the agent has identified itself; raise it where more agents"
        " than that share one address and may connect at the same moment.",
    )
    trust_domain: str = Field("agents.optral.internal", description="SPIFFE trust domain of agent certificates; fixed at the first start.")
    image_registry: str | None = Field(
        None,
        pattern=r"^[a-z0-9][a-z0-9.-]*(:\d{1,5})?(/[a-z0-9][a-z0-9._-]*)*$",
        description="Registry, with a path if there is one, that holds Optral's images, such as registry.example.com/platform. The kubectl"
        f" installation then uses its optral-agent:{__version__}. There is no default; until this or OPTRAL_AGENT_IMAGE is set, the server"
        " gives no kubectl command.",
    )
    agent_image: str | None = Field(
        None,
        min_length=1,
        description="Container image of the agent under another name or tag, such as registry.example.com/mirror/agent:1.0. It must name a"
        " version or a digest.",
    )
    agent_image_digest: str | None = Field(
        None,
        pattern=r"^sha256:[0-9a-f]{64}$",
        description="Digest (`sha256:…`) that the agent's image must have; nodes then pull exactly this image.",
    )
    image_pull_secrets: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Names (comma separated) of Secrets in the agent's namespace with credentials for the registry. The kubectl"
        " installation refers to them and does not create them.",
    )
    pepper_file: Path | None = Field(
        None, description="File with the pepper that API keys are hashed with; made in the data folder when unset."
    )
    key_encryption_key_file: Path | None = Field(
        None, description="File with the key that seals the authorities' private keys; made in the data folder when unset."
    )
    ca_rotate_before_days: int = Field(
        365,
        ge=0,
        le=3000,
        description="Days before the CA expires at which the server rotates it by itself; 0: never.",
    )
    ca_warn_before_days: int = Field(90, ge=1, le=3000, description="Days before the CA expires at which warnings begin.")
    ca_rotation_hold_hours: int = Field(24, ge=0, le=24 * 90, description="Hours an automatic CA rotation stays in each phase at least.")
    ca_renew_seconds: int = Field(
        60, ge=1, le=86_400, description="Seconds over which agents spread their renewals when a CA rotation changes the CA that signs."
    )
    rate_limit_free: int = Field(60, ge=1, description="Requests a minute of an organization on the plan free.")
    rate_limit_team: int = Field(600, ge=1, description="Requests a minute of an organization on the plan team.")
    rate_limit_enterprise: int = Field(6000, ge=1, description="Requests a minute of an organization on the plan enterprise.")
    rate_limit_person: int = Field(1200, ge=1, description="Requests a minute of one signed-in person; apart from what keys may ask.")
    execution_approval_pods: int = Field(
        20, ge=0, description="An execution that replaces or removes more pods than this needs an approval, whatever its risk."
    )
    execution_max_pods: int = Field(200, ge=0, description="An execution that would replace or remove more pods than this is refused.")
    retention_kubernetes_events_hours: int = Field(24, ge=1, description="How long Kubernetes Events are kept.")
    retention_events_days: int = Field(7, ge=1, description="How long the event log is kept.")
    retention_events_rows: int = Field(1_000_000, ge=1000, description="How many events of an organization are kept at most.")
    retention_history_days: int = Field(30, ge=1, description="How long spec changes of resources are kept (at most 20 an object).")
    retention_issues_days: int = Field(180, ge=1, description="How long resolved issues are kept.")
    retention_audit_days: int = Field(400, ge=1, description="How long audit records are kept.")
    audit_anchor_file: Path | None = Field(
        None,
        description="File to which the newest hash of each organization's audit log is appended once an hour, for"
        " `optral audit verify --heads`. Keep it where nobody can change it who can change the database; off when unset.",
    )
    webhook_private_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Private networks (CIDR, comma separated) that webhooks may reach, also over plain HTTP; public ones need https."
    )
    webhook_uses_proxy: bool = Field(
        False,
        description="Send webhooks and connect to Slack through the proxy of HTTPS_PROXY, except to hosts in NO_PROXY. The proxy then"
        " resolves names and decides which addresses webhooks can reach.",
    )
    forge_private_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Private networks (CIDR, comma separated) in which forges may be, also over plain HTTP; public ones need https."
    )
    identity_private_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Private networks (CIDR, comma separated) in which identity providers may be, also over plain HTTP; public ones need"
        " https.",
    )
    smtp_host: str | None = Field(
        None,
        pattern=r"^(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+)$",
        description="Mail server (relay) that takes the server's e-mail; none is sent when unset. Needs OPTRAL_SMTP_FROM and"
        " OPTRAL_PUBLIC_URL.",
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of OPTRAL_SMTP_HOST: usually 587, with OPTRAL_SMTP_TLS=tls 465.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the connection to OPTRAL_SMTP_HOST is encrypted: it must become TLS after the greeting (`starttls`), is TLS from"
        " the start (`tls`), or is plain text (`none`), which a password is never sent over.",
    )
    smtp_from: str | None = Field(
        None,
        max_length=254,
        pattern=r"^[!-;=?A-~]{1,64}@[0-9A-Za-z.-]{1,189}$",
        description="Sender's address of all e-mail, such as optral@example.com. The relay must accept and sign (DKIM) it.",
    )
    smtp_username: str | None = Field(None, max_length=200, description="User of OPTRAL_SMTP_HOST; no sign-in when unset.")
    smtp_password_file: Path | None = Field(None, description="File with the password of OPTRAL_SMTP_USERNAME.")
    ai_provider: Literal["none", "openai", "anthropic", "ollama"] = Field(
        "none",
        description="Language model provider that ranks and explains findings where an organization enables it; needs optral[ai].",
    )
    ai_model: str | None = Field(None, max_length=200, description="The model's name, as its provider spells it.")
    ai_base_url: str | None = Field(
        None, description="Where the provider answers, for servers that speak as OpenAI or Anthropic do; the provider's own when unset."
    )
    ai_api_key_file: Path | None = Field(None, description="File with the provider's API key; none is needed for Ollama.")
    ai_input_price: Decimal | None = Field(
        None, ge=0, le=10_000, description="US dollars for a million input tokens; no cost is shown when unset."
    )
    ai_output_price: Decimal | None = Field(None, ge=0, le=10_000, description="US dollars for a million output tokens.")
    ai_requests: int = Field(8, ge=1, le=50, description="Requests to the model in one analysis, at most.")
    ai_tool_calls: int = Field(12, ge=0, le=100, description="Looks at the evidence that the model may take in one analysis.")
    ai_input_tokens: int = Field(60_000, ge=1000, le=2_000_000, description="Input tokens of one analysis, at most.")
    ai_output_tokens: int = Field(8_000, ge=500, le=200_000, description="Output tokens of one analysis, at most.")
    ai_seconds: int = Field(60, ge=1, le=300, description="How long the model may take for one analysis.")
    ai_cost: Decimal = Field(Decimal("0.25"), gt=0, description="US dollars that one analysis may cost; counts where prices are set.")
    ai_mask_names: bool = Field(
        False, description="Send tokens to the model in place of names of objects, namespaces, clusters and hosts, and of addresses."
    )
    ai_daily_tokens: int = Field(2_000_000, ge=0, description="Tokens (input and output) that an organization may use in a day (UTC).")
    ai_monthly_tokens: int = Field(
        0,
        ge=0,
        description="Tokens that the questions of one person with all API keys, and of one key, may use in a month (UTC); 0 for no limit.",
    )
    ai_daily_cost: Decimal = Field(
        Decimal(5), ge=0, description="US dollars that an organization may cost in a day; counts where prices are set."
    )
    log_format: Literal["text", "json"] = Field("text", description="Form of the log on stderr.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info",
        description="Least urgent lines that are logged. With `debug`, `loop.late` names the function that kept the event loop waiting.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("listen", "enroll_listen", "tunnel_listen", "metrics_listen")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and ((found := _ADDRESS.match(value)) is None or int(found["port"]) > 65535):
            raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080")
        return value

    @field_validator("agent_address")
    @classmethod
    def _is_agent_address(cls, value: str | None) -> str | None:
        if value is not None and _AGENT_ADDRESS.match(value) is None:
            raise ValueError("must be HOST or HOST:ENROLL_PORT,TUNNEL_PORT")
        return value

    @field_validator("public_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is not None and not _URL.match(value):
            raise ValueError("must be http:// or https:// with a host, and nothing after it")
        return value.rstrip("/") if value else None

    @field_validator("fallback_urls", mode="before")
    @classmethod
    def _are_urls(cls, value: Any) -> Any:
        items = [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
        if bad := [item for item in items if not _URL.match(item)]:
            raise ValueError(f"{bad[0]!r} must be http:// or https:// with a host, and nothing after it")
        if len(items) > MAX_FALLBACK_URLS:
            raise ValueError(f"an agent takes at most {MAX_FALLBACK_URLS} URLs beside OPTRAL_PUBLIC_URL")
        return tuple(dict.fromkeys(item.rstrip("/") for item in items))

    @field_validator("agent_image")
    @classmethod
    def _names_a_version(cls, value: str | None) -> str | None:
        if value is None or "@sha256:" in value:
            return value
        tag = value.rpartition("/")[2].partition(":")[2]
        if tag in ("", "latest"):
            raise ValueError("must end in a tag other than latest, or in a digest: otherwise nodes run whatever was pushed last")
        return value

    @field_validator("image_pull_secrets", mode="before")
    @classmethod
    def _are_names(cls, value: Any) -> Any:
        items = [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
        if bad := [item for item in items if not re.fullmatch(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", item)]:
            raise ValueError(f"{bad[0]!r} is not a name of a Secret")
        return tuple(items)

    @field_validator("trusted_proxies", "webhook_private_networks", "forge_private_networks", "identity_private_networks", mode="before")
    @classmethod
    def _are_networks(cls, value: Any) -> Any:
        items = [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
        for item in items:
            ipaddress.ip_network(item, strict=False)
        return tuple(items)

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        if self.fallback_urls and self.public_url is None:
            raise ValueError("OPTRAL_FALLBACK_URLS needs OPTRAL_PUBLIC_URL: the URL that agents try first")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("OPTRAL_TLS_CERT and OPTRAL_TLS_KEY go together: set both or none")
        if self.tls_cert is None and not self.insecure_http and not self.trusted_proxies and not is_loopback(self.listen):
            raise ValueError(
                "plain HTTP off loopback: set OPTRAL_TLS_CERT and OPTRAL_TLS_KEY, or OPTRAL_TRUSTED_PROXIES, or OPTRAL_INSECURE_HTTP=true"
            )
        return self

    @model_validator(mode="after")
    def _can_send(self) -> "Settings":
        if self.smtp_host is None:
            return self
        if self.smtp_from is None or self.public_url is None:
            raise ValueError("OPTRAL_SMTP_HOST needs OPTRAL_SMTP_FROM, and OPTRAL_PUBLIC_URL for the links in e-mail")
        if (self.smtp_username is None) != (self.smtp_password_file is None):
            raise ValueError("OPTRAL_SMTP_USERNAME and OPTRAL_SMTP_PASSWORD_FILE go together: set both or none")
        if self.smtp_tls == "none" and self.smtp_username is not None:
            raise ValueError("OPTRAL_SMTP_USERNAME needs TLS: set OPTRAL_SMTP_TLS to starttls or tls")
        return self

    @field_validator("ai_base_url")
    @classmethod
    def _is_model_url(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"^https?://[^\s/?#@]+(/[^\s?#]*)?$", value):
            raise ValueError("must be http:// or https:// with a host and perhaps a path, without a name or password")
        return value

    @model_validator(mode="after")
    def _has_a_model(self) -> "Settings":
        if self.ai_provider == "none":
            return self
        if not self.ai_model:
            raise ValueError("OPTRAL_AI_PROVIDER needs OPTRAL_AI_MODEL: the model's name, as the provider spells it")
        if self.ai_provider != "ollama" and self.ai_base_url is None and self.ai_api_key_file is None:
            raise ValueError(f"OPTRAL_AI_PROVIDER={self.ai_provider} needs OPTRAL_AI_API_KEY_FILE: a file with your key")
        if (self.ai_input_price is None) != (self.ai_output_price is None):
            raise ValueError("OPTRAL_AI_INPUT_PRICE and OPTRAL_AI_OUTPUT_PRICE go together: set both or none")
        return self

    @property
    def agent_image_reference(self) -> str | None:
        """The agent's image as a pod names it, with its digest if one is set."""
        image = self.agent_image or (f"{self.image_registry}/optral-agent:{__version__}" if self.image_registry else None)
        return f"{image}@{self.agent_image_digest}" if image and self.agent_image_digest and "@" not in image else image

    @property
    def dialled(self) -> AgentAddress | None:
        """`agent_address`, taken apart."""
        found = _AGENT_ADDRESS.match(self.agent_address) if self.agent_address else None
        if found is None:
            return None
        return AgentAddress(found["host"], *(int(port) if (port := found[name]) else None for name in ("enroll", "tunnel")))


def load(**given: Any) -> Settings:
    """Read the settings; `given` wins over the environment, and None there is not given.

    Raises `Misconfigured` with one line that names the first bad one.
    """
    _refuse_misspelt()
    try:
        return _with_password(Settings(**without_none(given)))
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise Misconfigured("bad_setting", say=f"OPTRAL_{name}: {reason}" if name else reason) from None
    except ValueError as error:  # a TOML file that cannot be read
        raise Misconfigured("bad_setting", say=f"{FILE}: {error}") from None


def _with_password(settings: Settings) -> Settings:
    """The settings, with the password of its file in the URL of the database."""
    if settings.database_password_file is None:
        return settings
    url = urlsplit(settings.database_url or "")
    name, at, host = url.netloc.rpartition("@")
    if not url.scheme.startswith("postgres") or not at or ":" in name:
        say = "OPTRAL_DATABASE_PASSWORD_FILE needs OPTRAL_DATABASE_URL as postgresql://USER@HOST/DATABASE, without a password"
        raise Misconfigured("bad_setting", say=say)
    password = read_password(settings.database_password_file, "OPTRAL_DATABASE_PASSWORD_FILE")
    complete = url._replace(netloc=f"{name}:{quote(password, safe='')}@{host}").geturl()
    return settings.model_copy(update={"database_url": complete})


def read_password(path: Path, setting: str) -> str:
    """The password in this file, without a trailing line break. Raises `Misconfigured`."""
    try:
        password = path.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise Misconfigured("bad_setting", say=f"{setting}: cannot read {path}: {reason}") from None
    if not password:
        raise Misconfigured("bad_setting", say=f"{setting}: {path} is empty")
    return password


def is_loopback(address: str) -> bool:
    """Tell whether HOST:PORT names this machine's loopback."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def document() -> str:
    """The page docs/settings.md; a test keeps the file equal to it."""
    rows = [f"| `OPTRAL_{name.upper()}` | {_default(field)} | {field.description} |" for name, field in Settings.model_fields.items()]
    return _PAGE + "\n".join(rows) + "\n" + _TRACES + trace_export.document()


_PAGE = """# Settings

The server reads its settings from the environment (`OPTRAL_*`), or from `optral.toml` in the folder it starts in (the same names in lower
case, without the prefix); an option of the command wins over both. A bad value stops the start with one line that names the setting.
Secrets are never settings: settings name the files that hold them.

| setting | default | what it is |
|---|---|---|
"""


_TRACES = """
## Traces

Traces are set up by environment variables of the OpenTelemetry specification, not in `optral.toml`; and need the extra
`traces`; [Send traces](how-to/traces.md) shows how. Other variables of the specification for OTLP exporters, batches, span limits and
resources also have their effect.

| variable | default | what it is |
|---|---|---|
"""


def _default(field: FieldInfo) -> str:
    return (
        "unset"
        if field.default is None or field.default == ()
        else f"`{str(field.default).lower() if field.default is False else field.default}`"
    )


def _refuse_misspelt() -> None:
    """A mistyped variable would be ignored in silence. Only near misses: Kubernetes puts OPTRAL_… variables of Services into containers."""
    known = [f"OPTRAL_{name.upper()}" for name in Settings.model_fields]
    for name in os.environ:
        if name.startswith("OPTRAL_") and name not in known and (near := difflib.get_close_matches(name, known, 1, 0.9)):
            raise Misconfigured("bad_setting", say=f"{name} is not a setting; did you mean {near[0]}?")
