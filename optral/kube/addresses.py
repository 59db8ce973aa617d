"""Addresses in a text, and the Services that a host may mean. Which settings of a container hold addresses is in `calls.py`.

Only unambiguous addresses count: `host:port`, `scheme://host`, `name.namespace.svc…`. Which Service a host means depends on
the cluster: `a.b` is Service `a` of namespace `b`, pod `a` of Service `b` in this namespace, or a host outside the cluster.
"""

import re
from functools import lru_cache
from typing import NamedTuple

MAX_TEXT = 4000
MAX_FOUND = 40
_LABEL = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TOKENS = re.compile(r"[^\s,;'\"()\[\]{}<>|=]+")
_HOST = re.compile(rf"({_LABEL}(?:\.[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?){{0,8}})\.?(?::([0-9]{{1,5}}))?", re.ASCII)
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}:)?([a-z][a-z0-9+.-]{0,20})://", re.ASCII)
_ORACLE = re.compile(r"^jdbc:oracle:thin:[^@\s]*@(?://)?([a-z0-9.-]{1,253}):(\d{1,5})(?:[:/]|$)", re.ASCII)
_FIELD_START = r"(?i:^|[;\s'\"])(?i:"
_HOST_FIELD = re.compile(
    _FIELD_START + r"host|server|data source|addr(?:ess)?)\s*=\s*['\"]?([a-z0-9][a-z0-9.:,-]*)(?=['\";\s]|$)", re.ASCII
)
_PORT_FIELD = re.compile(_FIELD_START + r"port)\s*=\s*['\"]?(\d{1,5})(?=['\";\s]|$)", re.ASCII)
_OF_SERVERS = "(?:_|^(?:PG|MYSQL|REDIS|MONGO|RABBITMQ|AMQP|KAFKA|DB|DATABASE|SMTP))"  # HOST alone is where the program itself listens
HOST_NAME = f"{_OF_SERVERS}(HOST(?:NAME)?)$"
PORT_NAME = f"{_OF_SERVERS}(PORT)$"
_PORT_SETTING = re.compile(PORT_NAME)
_WORDS = (
    "UR[IL]|DSN|HOST(?:NAME)?|ADDR(?:ESS)?|ENDPOINTS?|SERVERS?|BROKERS?|JDBC|CONN(?:ECTION)?(?:STRING)?|CONNECT|BOOTSTRAP|UPSTREAMS?"
    "|BACKENDS?"
)
TECHNOLOGIES = (
    "DATABASE|DB|DATASOURCE|SQL|PG|POSTGRES(?:QL)?|MYSQL|MARIADB|MONGO(?:DB)?|REDIS|AMQP|RABBIT(?:MQ)?|KAFKA|ELASTIC(?:SEARCH)?|NATS"
    "|SMTP|LDAP"
)
ADDRESS_SETTING = re.compile(rf"(?:^|[^A-Z])(?:{_WORDS}|PORT)(?:$|[^A-Z])")
"""Names in capitals of variables and keys that hold the address of a server, or a part of it."""
SERVER_SETTING = re.compile(rf"(?:^|[^A-Z])(?:{_WORDS}|{TECHNOLOGIES})(?:$|[^A-Z])")
"""Names in capitals of variables and Secrets that hold the address or the credentials of a server."""
_NOT_HOSTS = frozenset({"file", "unix", "s3", "gs", "oci", "docker", "arn", "docker-pullable", "containerd", "passthrough", "xds"})


class Address(NamedTuple):
    """A host and, where it is written, a port (1 to 65535)."""

    host: str
    port: int | None


class ServiceName(NamedTuple):
    namespace: str
    name: str


@lru_cache(8192)
def found_in(text: str) -> tuple[Address, ...]:
    """The addresses in a text, each once, in order; at most forty, out of its first four thousand characters."""
    if ":" not in text and ".svc" not in text:
        return ()
    found: dict[Address, None] = {}
    for token in _TOKENS.findall(text[:MAX_TEXT]):
        address = _address(token.rstrip(":"))  # as in `dial tcp store:5432: connection refused`
        if address is not None:
            found[address] = None
            if len(found) >= MAX_FOUND:
                break
    return tuple(found)


@lru_cache(8192)
def in_setting(text: str) -> tuple[Address, ...]:
    """The addresses in the value of a setting: as `found_in`, and those of connection strings (`host=db port=5432`, `Server=db,1433`)."""
    return connection(text) or found_in(text)


def connection(text: str) -> tuple[Address, ...]:
    """The hosts in a connection string that is no URL; empty for any other text."""
    if len(text) > MAX_TEXT or (":" not in text and "=" not in text):
        return ()
    if (oracle := _ORACLE.search(text)) is not None:
        return _checked(oracle.group(1), oracle.group(2))
    if (hosts := _HOST_FIELD.search(text)) is None:
        return ()
    port = _PORT_FIELD.search(text)
    named = [host.strip().removeprefix("tcp:") for host in hosts.group(1).split(",")]
    if len(named) == 2 and named[1].isdecimal():  # `Server=db,1433`
        return _checked(named[0], named[1])
    return tuple(found for host in named for found in _checked(host, port.group(1) if port else None))


def _checked(host: str, port: str | None) -> tuple[Address, ...]:
    if not is_host(host) or (port is not None and not 1 <= int(port) <= 65535):
        return ()
    return (Address(host, int(port) if port is not None else None),)


def is_host(text: str) -> bool:
    """Whether a text is a host name without a port, and not the pod itself."""
    match = _HOST.fullmatch(text)
    return match is not None and match.group(2) is None and text != "localhost"


def is_port_setting(name: str) -> bool:
    """Whether a setting of this name, in the form of a variable, holds the port of a server."""
    return _PORT_SETTING.search(name) is not None


def _address(token: str) -> Address | None:
    scheme = _SCHEME.match(token)
    if scheme is not None and scheme.group(1) in _NOT_HOSTS:
        return None
    rest = token[scheme.end() :] if scheme is not None else token
    host_part = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    match = _HOST.fullmatch(host_part)
    if match is None or match.group(1) == "localhost":
        return None
    host, port = match.group(1), int(match.group(2)) if match.group(2) else None
    if port is not None and not 1 <= port <= 65535:
        return None
    if scheme is None and port is None and not _is_cluster_name(host):
        return None
    return Address(host, port)


def _is_cluster_name(host: str) -> bool:
    return ".svc" in host and "svc" in host.split(".")[2:4]


def services(host: str, namespace: str) -> tuple[ServiceName, ...]:
    """The Services that a host may mean for a pod of this namespace, likeliest first; empty for what can only be another kind of host."""
    labels = host.split(".")
    if len(labels) == 1:
        return (ServiceName(namespace, host),)
    if len(labels) == 2:
        return (ServiceName(labels[1], labels[0]), ServiceName(namespace, labels[1]))
    if labels[2] == "svc":
        return (ServiceName(labels[1], labels[0]),)
    if len(labels) > 3 and labels[3] == "svc":
        return (ServiceName(labels[2], labels[1]),)
    return ()


def is_service_of(host: str, namespace: str) -> bool:
    """Whether a host can only mean a Service of this namespace: a single word, or a name that ends in this namespace or in `.svc…`."""
    found = services(host, namespace)
    return bool(found) and found[0].namespace == namespace


def namespace_in(host: str) -> str | None:
    """The namespace in a Service's full name (`….svc…`); None where the host may be something else."""
    return services(host, "")[0].namespace if _is_cluster_name(host) and services(host, "") else None
