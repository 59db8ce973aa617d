"""Where the API server is and how to prove who we are: a kubeconfig context, or the service account of the pod we run in.

Certificates, tokens and token files are read here, in a few lines. Exec plugins and auth providers are left to `kubernetes_asyncio.config`,
which is imported only when a context needs one (it brings 30 MB of generated models along).
"""

import asyncio
import base64
import os
import ssl
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from optral.kit.proxies import proxy_for
from optral.terms.errors import Misconfigured

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
PLUGIN_TIMEOUT_S = 60  # a person may have to log in
PLUGIN_TOKEN_S = 60  # how long a plugin's answer is used; plugins keep their own cache for longer

Headers = Callable[[], Awaitable[dict[str, str]]]


async def _no_headers() -> dict[str, str]:
    return {}


@dataclass(slots=True, kw_only=True)
class Access:
    """One API server and one identity. `headers` is asked before each request, so that a rotated token is used at once."""

    server: str
    name: str  # what to call it in a log: the context, or "in-cluster"
    tls: ssl.SSLContext | bool = True
    server_hostname: str | None = None
    proxy: str | None = None
    headers: Headers = _no_headers
    forget: Callable[[], None] = field(default=lambda: None)  # called on 401: what was cached is wrong
    tls_for: "TlsFor" = field(default=lambda _ca: ssl.create_default_context())


TlsFor = Callable[[Path | None], ssl.SSLContext]
"""A TLS context with the same identity that trusts the CA of a file; without a file it verifies nothing."""


def load(kubeconfig: Path | None = None, context: str | None = None, *, environment: dict[str, str] | None = None) -> Access:
    """Find the API server: this kubeconfig, else the pod's service account, else KUBECONFIG or ~/.kube/config.

    Raises `Misconfigured` with one line that says what is missing.
    """
    env = dict(os.environ) if environment is None else environment
    if kubeconfig is None and context is None and "KUBERNETES_SERVICE_HOST" in env and (SERVICE_ACCOUNT / "token").exists():
        return in_cluster(env, SERVICE_ACCOUNT)
    return from_kubeconfig(_paths(kubeconfig, env), context)


def in_cluster(environment: dict[str, str], directory: Path) -> Access:
    """The service account of this pod. The token file is read again for each request: the kubelet rotates it."""
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment.get("KUBERNETES_SERVICE_PORT", "443")
    host = f"[{host}]" if ":" in host else host
    tls = ssl.create_default_context(cafile=str(directory / "ca.crt"))
    server = f"https://{host}:{port}"
    headers = _token_file(directory / "token")
    return Access(server=server, name="in-cluster", tls=tls, proxy=_proxy(server), headers=headers, tls_for=partial(_tls_for, {}))


def contexts(kubeconfig: Path | None = None) -> tuple[list[str], str | None]:
    """The names of all contexts, and the current one."""
    config = _merged(_paths(kubeconfig, dict(os.environ)))
    return [item["name"] for item in config["contexts"]], config["current-context"]


def from_kubeconfig(paths: list[Path], context: str | None) -> Access:
    """The access of one context (the current one when None). Raises `Misconfigured`."""
    config = _merged(paths)
    name = context or config["current-context"]
    if not name:
        raise Misconfigured("kubeconfig", say=f"{paths[0]} has no current context; choose one with --context")
    chosen = _named(config, "contexts", name, "context")
    cluster = _named(config, "clusters", chosen.get("cluster", ""), "cluster")
    user = _named(config, "users", chosen["user"], "user") if chosen.get("user") else {}
    server = str(cluster.get("server", ""))
    if urlsplit(server).scheme not in ("http", "https"):
        raise Misconfigured("kubeconfig", say=f"cluster {chosen.get('cluster')!r} of the kubeconfig has no usable server address")
    headers, forget = _identity(user, paths, name)
    return Access(
        server=server.rstrip("/"),
        name=name,
        tls=_tls(cluster, user) if server.startswith("https") else False,
        server_hostname=cluster.get("tls-server-name"),
        proxy=cluster.get("proxy-url") or _proxy(server),
        headers=headers,
        forget=forget,
        tls_for=partial(_tls_for, user),
    )


def _paths(kubeconfig: Path | None, env: dict[str, str]) -> list[Path]:
    if kubeconfig is not None:
        paths = [kubeconfig.expanduser().absolute()]
    elif env.get("KUBECONFIG"):
        paths = [Path(part).expanduser() for part in env["KUBECONFIG"].split(os.pathsep) if part]
    else:
        paths = [Path("~/.kube/config").expanduser()]
    found = [path for path in paths if path.is_file()]
    if not found:
        raise Misconfigured(
            "kubeconfig", say=f"no kubeconfig at {', '.join(map(str, paths))}, and this is not a pod; pass one with --kubeconfig"
        )
    return found


def _merged(paths: list[Path]) -> dict[str, Any]:
    """Several files become one: for each name the first file wins. Relative file names count from their own file."""
    import yaml  # a pod has no kubeconfig, and this library takes 2 MiB

    merged: dict[str, Any] = {"clusters": [], "contexts": [], "users": [], "current-context": None}
    for path in paths:
        try:
            config = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, UnicodeError, yaml.YAMLError) as error:
            raise Misconfigured("kubeconfig", say=f"{path} cannot be read as a kubeconfig: {_first_line(error)}") from error
        if config is None:
            continue
        if not isinstance(config, dict):
            raise Misconfigured("kubeconfig", say=f"{path} is not a kubeconfig")
        merged["current-context"] = merged["current-context"] or config.get("current-context")
        for section, inner in (("clusters", "cluster"), ("contexts", "context"), ("users", "user")):
            known = {item["name"] for item in merged[section]}
            for item in config.get(section) or []:
                if isinstance(item, dict) and isinstance(item.get("name"), str) and item["name"] not in known:
                    merged[section].append({"name": item["name"], inner: _absolute(item.get(inner) or {}, path.parent)})
    return merged


def _absolute(part: dict[str, Any], directory: Path) -> dict[str, Any]:
    names = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
    return {key: str(directory / value) if key in names and value else value for key, value in part.items()}


def _named(config: dict[str, Any], section: str, name: str, inner: str) -> dict[str, Any]:
    for item in config[section]:
        if item["name"] == name:
            found: dict[str, Any] = item[inner]
            return found
    known = ", ".join(item["name"] for item in config[section]) or "none"
    raise Misconfigured("kubeconfig", say=f"the kubeconfig has no {inner} {name!r}; it has: {known}")


def _identity(user: dict[str, Any], paths: list[Path], context: str) -> tuple[Headers, Callable[[], None]]:
    extra = {"Impersonate-User": str(user["as"])} if user.get("as") else {}
    if user.get("exec") or user.get("auth-provider"):
        plugin = _Plugin(paths, context, extra)
        return plugin.headers, plugin.forget
    if user.get("tokenFile"):
        return _token_file(Path(user["tokenFile"]), extra), lambda: None
    if user.get("token"):
        extra = {"Authorization": f"Bearer {user['token']}", **extra}
    elif user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        extra = {"Authorization": f"Basic {base64.b64encode(pair).decode()}", **extra}

    async def headers() -> dict[str, str]:
        return extra

    return headers, lambda: None


def _token_file(path: Path, extra: dict[str, str] | None = None) -> Headers:
    async def headers() -> dict[str, str]:
        try:
            token = path.read_text("ascii").strip()  # noqa: ASYNC240 - a few hundred bytes of memory-backed file
        except (OSError, UnicodeError) as error:
            raise Misconfigured("token_file", say=f"the token file {path} cannot be read: {_first_line(error)}") from error
        return {"Authorization": f"Bearer {token}", **(extra or {})}

    return headers


class _Plugin:
    """Exec plugins and auth providers, asked through a kept library and remembered for a minute."""

    def __init__(self, paths: list[Path], context: str, extra: dict[str, str]) -> None:
        self._paths, self._context, self._extra = paths, context, extra
        self._lock = asyncio.Lock()
        self._header, self._until = "", 0.0

    def forget(self) -> None:
        self._until = 0.0

    async def headers(self) -> dict[str, str]:
        async with self._lock:
            if time.monotonic() >= self._until:
                self._header = await self._ask()
                self._until = time.monotonic() + PLUGIN_TOKEN_S
        return {"Authorization": self._header, **self._extra} if self._header else self._extra

    async def _ask(self) -> str:
        try:
            from kubernetes_asyncio.client import Configuration
            from kubernetes_asyncio.config import ConfigException, load_kube_config
        except ImportError:
            say = f"the kubeconfig context {self._context} uses an auth plugin; this image has none; use a token or a certificate"
            raise Misconfigured("no_auth_plugins", say=say) from None
        configuration = type.__call__(Configuration)
        try:
            async with asyncio.timeout(PLUGIN_TIMEOUT_S):
                await load_kube_config(
                    config_file=os.pathsep.join(map(str, self._paths)),
                    context=self._context,
                    client_configuration=configuration,
                    persist_config=False,
                )
        except (ConfigException, OSError, ValueError) as error:
            raise Misconfigured("auth_plugin", say=f"the auth plugin of context {self._context} failed: {_first_line(error)}") from error
        return str(configuration.api_key.get("BearerToken", ""))


def _tls(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    try:
        if cluster.get("certificate-authority-data"):
            tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode("ascii"))
        else:
            tls = ssl.create_default_context(cafile=cluster.get("certificate-authority"))
        if cluster.get("insecure-skip-tls-verify"):
            tls.check_hostname = False
            tls.verify_mode = ssl.CERT_NONE
        certificate, key = _pem(user, "client-certificate"), _pem(user, "client-key")
        if certificate and key:
            _load_pair(tls, certificate, key)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise Misconfigured("kubeconfig", say=f"a certificate of the kubeconfig cannot be used: {_first_line(error)}") from error
    return tls


def _tls_for(user: dict[str, Any], ca: Path | None) -> ssl.SSLContext:
    return _tls({"insecure-skip-tls-verify": True} if ca is None else {"certificate-authority": str(ca)}, user)


def _pem(user: dict[str, Any], name: str) -> bytes:
    if data := user.get(f"{name}-data"):
        return base64.b64decode(data)
    return Path(user[name]).read_bytes() if user.get(name) else b""


def _load_pair(tls: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    # OpenSSL through Python takes files only; the file is private and lives for this one call.
    with tempfile.NamedTemporaryFile(suffix=".pem") as pair:
        pair.write(certificate + b"\n" + key)
        pair.flush()
        tls.load_cert_chain(pair.name)


def _proxy(server: str) -> str | None:
    parts = urlsplit(server)
    return proxy_for(parts.hostname or "", scheme=parts.scheme)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
