"""Whom a workload calls: the addresses in its environment, its arguments and its ConfigMaps, and the Services they mean.

Only what is written in objects counts as an address. A log line may single one of them out, and may name a Service that exists; it never
gives an address of its own.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from optral.analysis import logs
from optral.analysis.case import Case, Container
from optral.analysis.snapshot import Thing
from optral.kube import addresses
from optral.kube.names import nearest

_ADDRESS = re.compile(
    r"^(?:(?:[a-z][a-z0-9+.-]*:){0,2}//)?(?:[^@/\s]*@)?([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(\d{1,5}))?"
    r"(?:(?:[/?;]| \[redacted:).*)?$"
)
_HAS_LETTERS = re.compile(r"[A-Za-z]")
_OF_HOST = re.compile(r"HOST(?:NAME)?$|(?:^|_)(?:HOST|HOSTNAME|ADDR|ADDRESS|URL|URI|ENDPOINT|SERVER|BROKERS?|UPSTREAM)(?:$|_)")
_OWN = frozenset({"HOSTNAME", "HOST", "BIND_ADDRESS", "LISTEN_ADDR", "SERVER_ADDRESS"})
_ARGUMENT = re.compile(r"^--?([A-Za-z][A-Za-z0-9_.-]*)=(\S+)$")
_SPOKEN = re.compile(r"(?:^|[\s'\"@/=(])([a-z0-9](?:[a-z0-9.-]{1,251}[a-z0-9])?)(?::|\s+(?:-p\s+)?)(\d{2,5})\b")
"""`nc -z store 6379`, `store:6379` and `pg_isready -h store -p 5432` in the words of a shell."""
_ROLES = (
    frozenset({"pg", "postgres", "postgresql", "db", "database", "sql"}),
    frozenset({"mysql", "mariadb", "db", "database", "sql"}),
    frozenset({"mongo", "mongodb", "db", "database"}),
    frozenset({"redis", "valkey", "cache"}),
    frozenset({"rabbit", "rabbitmq", "amqp", "mq", "broker", "queue"}),
    frozenset({"kafka", "broker"}),
    frozenset({"es", "elastic", "elasticsearch", "opensearch", "search"}),
    frozenset({"svc", "service", "server", "api"}),
)
"""Words by which one and the same thing is called."""
_PORT_NAMES = ("HOST", "HOSTNAME", "ADDR", "ADDRESS", "SERVER")
MAX_ADDRESSES = 60


class Address(NamedTuple):
    """An address somebody wrote down: where, what it says, and the Service it means."""

    variable: str
    host: str
    port: int | None
    service: Thing | None
    evidence_id: str


class _Written(NamedTuple):
    """A setting before anybody looked at it: its name, its value, and the object and path it stands in."""

    name: str
    value: str
    thing: Thing
    path: str


def of_container(case: Case, seen: Container) -> list[Address]:
    """Every address of a container that may mean a Service, in the order it is written; at most 60."""
    written = list(_settings(case, seen.pod, seen.spec_path))
    return _addresses(case, seen.pod.namespace or "", written)


def of_template(case: Case, workload: Thing, spec_path: str) -> list[Address]:
    """As `of_container`, of all containers of a template."""
    written: list[_Written] = []
    for index, _ in workload.indexed(f"{spec_path}.containers"):
        written += _settings(case, workload, f"{spec_path}.containers[{index}]")
    return _addresses(case, workload.namespace or "", written)


def _settings(case: Case, thing: Thing, base: str) -> Iterator[_Written]:
    for index, one in thing.indexed(f"{base}.env"):
        name, path = str(one.get("name") or ""), f"{base}.env[{index}]"
        if isinstance(value := one.get("value"), str):
            yield _Written(name, value, thing, path)
        source = one.get("valueFrom")
        chosen = source.get("configMapKeyRef") if isinstance(source, dict) else None
        if isinstance(chosen, dict):
            config = case.snap.find("ConfigMap", thing.namespace, str(chosen.get("name")))
            value = config.map("data").get(str(chosen.get("key"))) if config is not None else None
            if config is not None and isinstance(value, str):
                yield _Written(name, value, config, "data")
    for one in thing.many(f"{base}.envFrom"):
        chosen = one.get("configMapRef")
        config = case.snap.find("ConfigMap", thing.namespace, str(chosen.get("name"))) if isinstance(chosen, dict) else None
        for name, value in config.map("data").items() if config is not None else ():
            if isinstance(value, str) and config is not None:
                yield _Written(name, value, config, "data")
    for field in ("args", "command"):
        words: Any = thing.get(f"{base}.{field}")
        for index, word in enumerate(words if isinstance(words, list) else ()):
            if isinstance(word, str) and (match := _ARGUMENT.match(word)) is not None:
                yield _Written(match.group(1), match.group(2), thing, f"{base}.{field}[{index}]")
            elif isinstance(word, str) and " " in word:
                for spoken in _SPOKEN.finditer(word[:4000]):
                    if service_named(case, thing.namespace or "", spoken.group(1)) is not None:
                        yield _Written("command", f"{spoken.group(1)}:{spoken.group(2)}", thing, f"{base}.{field}[{index}]")


def _addresses(case: Case, namespace: str, written: list[_Written]) -> list[Address]:
    by_name = {one.name: one for one in written}
    parts = ((one, part.strip()) for one in written[:400] for part in one.value.split(",")[:8])
    found = (address for one, part in parts if (address := _address(case, namespace, one, part, by_name)) is not None)
    return list(islice(found, MAX_ADDRESSES))


def _address(case: Case, namespace: str, one: _Written, text: str, by_name: dict[str, _Written]) -> Address | None:
    match = _ADDRESS.match(text)
    if match is None or not _HAS_LETTERS.search(match.group(1)) or match.group(1) in ("localhost", "true", "false") or one.name in _OWN:
        return None
    host, port = match.group(1), int(match.group(2)) if match.group(2) else None
    evidence = [one]
    service = service_named(case, namespace, host)
    if port is None and (beside := _port_beside(one.name, by_name)) is not None:
        port, partner = beside
        evidence.append(partner)
    if service is None and port is None and not ("://" in text or _OF_HOST.search(one.name.upper())):
        return None
    return Address(one.name, host, port, service, _shown(case, evidence))


def _port_beside(name: str, by_name: dict[str, _Written]) -> tuple[int, _Written] | None:
    """The number in `STORE_PORT` for a host in `STORE_HOST`."""
    for ending in _PORT_NAMES:
        if name.upper().endswith("_" + ending):
            partner = by_name.get(name[: -len(ending)] + "PORT")
            if partner is not None and partner.value.isascii() and partner.value.isdigit() and len(partner.value) < 6:
                return int(partner.value), partner
    return None


def _shown(case: Case, written: list[_Written]) -> str:
    first = written[0]
    if len(written) == 1 and first.path != "data":
        return case.book.object(first.thing, first.path)
    said = ", ".join(f"{one.name}: {one.value}" for one in written)
    return case.book.relation(first.thing.ref, first.path.partition("[")[0], said)


def service_named(case: Case, namespace: str, host: str) -> Thing | None:
    """The Service that a host means for a pod of this namespace: the likeliest one that exists (`kube/addresses.py`)."""
    found = (case.snap.find("Service", name.namespace, name.name) for name in addresses.services(host, namespace))
    return next((service for service in found if service is not None), None)


def near_service(case: Case, namespace: str, address: Address) -> Thing | None:
    """The Service that is plainly meant: a name nearly the same, else the only one with this port whose name begins alike."""
    first = address.host.partition(".")[0]
    services = list(case.snap.all("Service", namespace))
    near = nearest(first, [one.name for one in services], at_most=3)
    if near is not None:
        return case.snap.find("Service", namespace, near)
    if len(same := [one for one in services if _is_called_alike(first, one.name)]) == 1:
        return same[0]
    if address.port is None:
        return None
    alike = [one for one in services if _has_port(one, address.port) and len(one.name) >= 4 and first.startswith(one.name[:4])]
    return alike[0] if len(alike) == 1 else None


def _is_called_alike(a: str, b: str) -> bool:
    """`store-pg` and `store-postgres`: the same parts but for words that mean the same."""
    left, right = a.split("-"), b.split("-")
    if a == b or len(left) != len(right) or len(left) < 2:
        return False
    return all(x == y or any({x, y} <= role for role in _ROLES) for x, y in zip(left, right, strict=True))


def _has_port(service: Thing, port: int) -> bool:
    return any(one.get("port") == port for one in service.many("spec.ports"))


def named_in(case: Case, namespace: str, line: str, *, but: Thing | None = None) -> list[Thing]:
    """The Services of a namespace that a line names by name or address, the longest name first; not those of `but` itself."""
    found = []
    for service in case.snap.all("Service", namespace):
        address = service.text("spec.clusterIP")
        is_named = len(service.name) >= 3 and logs.names(line, service.name)
        if (is_named or (len(address) > 6 and logs.names(line, address))) and (but is None or service.name != but.name):
            found.append(service)
    return sorted(found, key=lambda one: (-len(one.name), one.name))[:5]
