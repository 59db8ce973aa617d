"""Addresses in what people write into templates (`env`, `args`), and the Services they may mean.

Only what can be nothing but an address counts: `host:port`, `scheme://host`, `name.namespace.svc…`, and the word in a variable such as
`STORE_HOST` or `PGHOST`, whose port stands in `STORE_PORT` or `PGPORT`. Any other single word may be anything, and the redactor masks it
anyway. What a name means is a question for the cluster (`ClusterView`): `a.b` is Service `a` of namespace `b`, pod `a` of Service `b` here,
or a host out there.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

MAX_TEXT = 4000
MAX_FOUND = 40
_LABEL = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TOKENS = re.compile(r"[^\s,;'\"()\[\]{}<>|=]+")
_HOST = re.compile(rf"({_LABEL}(?:\.[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?){{0,8}})\.?(?::([0-9]{{1,5}}))?", re.ASCII)
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}:)?([a-z][a-z0-9+.-]{0,20})://", re.ASCII)
_OF_SERVERS = "(?:_|^(?:PG|MYSQL|REDIS|MONGO|RABBITMQ|AMQP|KAFKA|DB|DATABASE|SMTP))"  # a mere HOST is where the program itself listens
HOST_NAME = f"{_OF_SERVERS}(HOST(?:NAME)?)$"
PORT_NAME = f"{_OF_SERVERS}(PORT)$"
_OF_HOST, _OF_PORT = re.compile(HOST_NAME), re.compile(PORT_NAME)
_NUMBER = re.compile(r"[0-9]{1,5}", re.ASCII)
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


def written(settings: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Address]]:
    """The addresses in the settings of one container, (name, text) each, with the name of the setting they stand in."""
    known = list(settings)
    ports = {name: int(text) for name, text in known if _OF_PORT.search(name) and _NUMBER.fullmatch(text) and 1 <= int(text) <= 65535}
    for name, text in known:
        found = found_in(text)
        yield from ((name, address) for address in found)
        ending = _OF_HOST.search(name) if not found else None
        if ending is not None and text != "localhost" and _HOST.fullmatch(text) is not None:
            yield name, Address(text, ports.get(name[: ending.start(1)] + "PORT"))


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
