"""Two stacks whose programs read the addresses of their servers from Secrets: a bakery on MariaDB, and a fleet on PostgreSQL and Redis."""

from dataclasses import dataclass, field, replace
from typing import Any

from optral.analysis.model import Explanation
from tests.analysis.cases.base import row
from tests.analysis.cluster import (
    Json,
    World,
    at,
    container,
    deployment,
    ended,
    node,
    obj,
    pod,
    replica_set,
    service,
    state,
    template,
    waiting,
)

SAVED = at(600)


def server(
    name: str,
    image: str,
    port: int,
    *,
    minutes: float = 600,
    ready: bool = True,
    service_name: str = "",
    container_port: int | None = None,
    **spec: Any,
) -> list[Json]:
    """A StatefulSet with one pod behind a Service."""
    of = template(container(name, image=image, ports=[{"containerPort": port}], **spec), labels={"app": name})
    counts = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas"), 1)
    owner = obj("apps/v1", "StatefulSet", name, spec={"template": of}, status=counts, metadata={"creationTimestamp": at(minutes)})
    status = {"containerStatuses": [state(name, ready=ready, now={"running": {"startedAt": at(minutes)}})]}
    one = pod(owner, f"{name}-0", ready=ready, status=status, metadata={"creationTimestamp": at(minutes), "labels": {"app": name}})
    return [owner, one, service(service_name or name, selector={"app": name}, ports=[{"port": port, "targetPort": port}])]


def by_keys(secret: str, prefix: str, *keys: str) -> dict[str, Any]:
    """Variables of single keys: `ORDERS_DB_HOST` from key `host` of the Secret."""
    return {"env": [{"name": f"{prefix}_{key.upper()}", "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}} for key in keys]}


def by_secret(secret: str) -> dict[str, Any]:
    """All keys of the Secret as variables."""
    return {"envFrom": [{"secretRef": {"name": secret}}]}


@dataclass
class Stack:
    """`clients` are the settings of each program; those in `failing` crash with the line, without one they leave no log."""

    servers: list[Json]
    clients: dict[str, dict[str, Any]]
    failing: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    specs: dict[str, Json] = field(default_factory=dict)
    extra: list[Json] = field(default_factory=list)
    code: int = 1
    present: dict[tuple[str, str], str] = field(default_factory=dict)

    def world(self) -> World:
        world = World([*self.servers, *self.extra], present=self.present)
        world.objects += [node(name) for name in sorted({"node-1", *self.nodes.values()})]
        for name, settings in self.clients.items():
            fails = name in self.failing
            of = template(
                container(name, image=f"registry.test/team/{name}:3.1", **settings), labels={"app": name}, **self.specs.get(name, {})
            )
            owner = deployment(
                name, of=of, metadata={"creationTimestamp": SAVED}, status={"replicas": 1, "readyReplicas": 0 if fails else 1}
            )
            revision = replica_set(owner, minutes_ago=600)
            last = ended(self.code, ran_minutes=0.5) if fails else None
            now = waiting("CrashLoopBackOff") if fails else {"running": {"startedAt": at(300)}}
            status = {"containerStatuses": [state(name, ready=not fails, restarts=5 if fails else 0, now=now, last=last)]}
            started = {"creationTimestamp": at(12 if fails else 300), "labels": {"app": name}}
            one = pod(revision, f"{name}-x", ready=not fails, status=status, metadata=started, node=self.nodes.get(name, "node-1"))
            world.objects += [owner, revision, one]
            if self.failing.get(name):
                world.logs[(f"{name}-x", name)] = f"starting {name}\n{self.failing[name]}\n"
        return world

    def outcome(self, name: str, type_: str = "CrashLoopBackOff") -> tuple[World, Explanation]:
        world = self.world()
        owner, failing = (next(one for one in world.objects if one["metadata"]["name"] == which) for which in (name, f"{name}-x"))
        return world, world.ask(type_, failing, owner=owner, container=name)

    def ask(self, name: str, type_: str = "CrashLoopBackOff") -> Explanation:
        return self.outcome(name, type_)[1]


BAKERY = ("flour", "oven", "till", "delivery", "recipes", "loyalty")
FLEET = ("routes", "drivers", "billing", "telemetry")
MARIADB = "docker.io/bitnami/mariadb:11.4"
CNPG = "ghcr.io/cloudnative-pg/postgresql:16.4"


def bakery(**more: Any) -> Stack:
    """Each program reads all keys of a Secret of its own; the database has three Services."""
    replicas = [service(f"stock-{role}", selector={"app": "stock"}, ports=[{"port": 3306}]) for role in ("primary", "secondary")]
    databases = [*server("stock", MARIADB, 3306), *replicas]
    return Stack(more.pop("servers", databases), more.pop("clients", {name: by_secret(f"{name}-mariadb") for name in BAKERY}), **more)


def fleet(**more: Any) -> Stack:
    """Each program reads single keys of a Secret of its own; a cache stands beside the database."""
    servers = [*server("fleet-pg", CNPG, 5432, service_name="fleet-pg-rw"), *server("fleet-cache", "valkey/valkey:8", 6379)]
    clients = {name: by_keys(f"{name}-pg-app", f"{name.upper()}_PG", "host", "port", "user", "password", "dbname") for name in FLEET}
    return Stack(more.pop("servers", servers), more.pop("clients", clients), **more)


def best(found: Explanation) -> tuple[str, str, float]:
    """Cause, object and confidence of the answer."""
    if found.root_cause is None:
        return "", "", 0.0
    return found.root_cause["id"], found.root_cause["subject"]["name"], found.confidence


TOO_MANY = 'SQLException: Data source rejected establishment of connection, message from server: "Too many connections"'
CLIENTS = "FATAL:  sorry, too many clients already"
FROZEN = "ERROR 1290 (HY000): The MariaDB server is running with the --read-only option so it cannot execute this statement"
MAY_NOT_WRITE = "psycopg2.errors.ReadOnlySqlTransaction: cannot execute INSERT in a read-only transaction"
STOPPING = "FATAL:  the database system is shutting down"
UNLINKED = "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure"
NO_DSN = "pq: could not connect to the server: Connection refused"
FULL = "dependency_connections_exhausted"
DOWN = "dependency_unavailable"


def changed_secret(name: str, *, minutes: float) -> Json:
    written = [{"manager": "kubectl", "operation": "Update", "time": at(minutes)}]
    return obj("v1", "Secret", name, metadata={"creationTimestamp": at(600), "managedFields": written})


def two_of(kind: str) -> list[Json]:
    """Two servers of one kind, whose names no setting has."""
    image, port = (MARIADB, 3306) if kind == "mariadb" else ("postgres:17", 5432)
    return [*server(f"ledger-{kind}", image, port), *server(f"archive-{kind}", image, port)]


def _row(name: str, cause: str, subject: str, stack: Stack, *, first: str) -> None:
    row(cause, subject, name, lambda: stack.outcome(first))


def _all(line: str, names: tuple[str, ...]) -> dict[str, str]:
    return dict.fromkeys(names, line)


for where, make, names, line, failed, subject in (
    ("bakery", bakery, BAKERY, TOO_MANY, UNLINKED, "stock"),
    ("fleet", fleet, FLEET, CLIENTS, NO_DSN, "fleet-pg"),
):
    itself = {("fleet-pg-0", "fleet-pg"): f"[81] {line}\n" * 4, ("stock-0", "stock"): f"[81] {line}\n" * 4}
    _row(f"no client of the {where} gets a connection", FULL, subject, make(failing=_all(line, names)), first=names[0])
    _row(f"one client of the {where} gets no connection", FULL, subject, make(failing=_all(line, names[:1])), first=names[0])
    _row(f"no client of the {where} reaches its database", DOWN, subject, make(failing=_all(failed, names)), first=names[0])
    two = {name: settings for name, settings in make().clients.items() if name in names[:2]}
    _row(f"two clients of the {where} reach no database", DOWN, subject, make(clients=two, failing=_all(failed, names[:2])), first=names[0])
    _row(f"the database of the {where} reports it, too", FULL, subject, make(failing=_all(line, names[:1]), present=itself), first=names[0])
    alone, client = make(failing=_all(failed, names[:1])), names[0]
    _row(f"one client of the {where} fails alone", "wrong_address_in_secret", client, alone, first=client)
    silent = make(failing=_all("", names[:1]))
    _row(f"one client of the {where} leaves no log", "wrong_setting_in_secret", client, silent, first=client)
    secret = changed_secret(f"{client}-mariadb" if where == "bakery" else f"{client}-pg-app", minutes=13)
    _row(f"a Secret of the {where} was changed", "wrong_address_in_secret", client, replace(alone, extra=[secret]), first=client)
    _row(
        f"a Secret of the {where} was changed without a log",
        "wrong_setting_in_secret",
        client,
        replace(silent, extra=[secret]),
        first=client,
    )
    words = make(failing=_all("[mysql2] pool closed" if where == "bakery" else "asyncpg pool closed", names[:1]))
    _row(f"one client of the {where} ends with its driver", "wrong_setting_in_secret", client, words, first=client)
    policy: Json = {"dnsPolicy": "Default"} if where == "bakery" else {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["1.1.1.1"]}}
    slow = "SocketTimeoutException: Connect timed out"
    for log, one in (("", ""), (slow, " with a log")):
        own_dns = make(failing={client: log}, specs={client: policy})
        single = replace(own_dns, clients={client: own_dns.clients[client]})
        _row(f"one client of the {where} has DNS of its own{one}", "dns_policy_wrong", client, own_dns, first=client)
        _row(f"the only client of the {where} has DNS of its own{one}", "dns_policy_wrong", client, single, first=client)
    _row(f"the {where} has nobody to ask", FULL, names[0], make(failing=_all(line, names[:1]), servers=[]), first=names[0])
    _row(f"a line names the database of the {where}", FULL, subject, make(failing=_all(f"{line} ({subject}:1)", names[:1])), first=names[0])

for kind, line in (("mariadb", TOO_MANY), ("postgres", CLIENTS)):
    programs = tuple(f"{kind}-{name}" for name in ("reader", "writer"))
    servers, own = two_of(kind), {(f"ledger-{kind}-0", f"ledger-{kind}"): f"[81] {line}\n" * 4}
    read = {name: by_secret("login") for name in programs}
    written = {name: {"env": [{"name": "DB_HOST", "value": f"ledger-{kind}"}]} for name in programs}
    _row(f"one of two {kind}s", FULL, f"archive-{kind}", Stack(servers, read, _all(line, programs)), first=programs[0])
    _row(
        f"one of two {kind}s reports it", FULL, f"ledger-{kind}", Stack(servers, read, _all(line, programs), present=own), first=programs[0]
    )
    _row(f"the {kind} of the address", FULL, f"ledger-{kind}", Stack(servers, written, _all(line, programs[:1])), first=programs[0])
    port = 3306 if kind == "mariadb" else 5432
    away = obj("v1", "Service", f"ledger-{kind}", namespace="data", spec={"ports": [{"port": port}], "selector": {"app": "ledger"}})
    there = [obj("v1", "Namespace", "data", namespace=None), away]
    three = {name: by_secret("login") for name in (*programs, f"{kind}-cleaner")}
    _row(f"the {kind} of another namespace", FULL, f"ledger-{kind}", Stack(there, three, _all(line, tuple(three))), first=programs[0])
    one = Stack(there, three, _all(line, programs[:1]))
    _row(f"the {kind} of another namespace has no connection for one", FULL, f"ledger-{kind}", one, first=programs[0])
    named = Stack(there, {name: by_secret("ledger-login") for name in three}, _all(line, programs[:1]))
    _row(f"the {kind} of another namespace that the Secret names", FULL, f"ledger-{kind}", named, first=programs[0])
