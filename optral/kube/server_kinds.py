"""Kinds of servers: which one a log line, an image, a port or the name of a setting is about, and which servers of a namespace are of it.

Addresses often come from Secrets that nobody may read. What is left is the kind (a driver writes "Too many connections" of MySQL alone)
and the names around it. A Service is a server of a kind by the image of its pods, else by its port: its name alone does not suffice,
except that of an alias (ExternalName), which has neither.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, cast

from optral.kube import images, selectors
from optral.kube.cluster import Cluster
from optral.kube.objects import Pod, Service, TemplateSpec
from optral.kube.objects.templates import EnvSource


class ServerKind(NamedTuple):
    """`words` name it, `generic` words may; `messages` are how drivers and the server itself write about it."""

    name: str
    words: frozenset[str]
    generic: frozenset[str]
    ports: frozenset[int]
    messages: re.Pattern[str]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _kind(name: str, words: str, generic: str, ports: tuple[int, ...], messages: str) -> ServerKind:
    pattern = re.compile(messages, re.IGNORECASE)
    return ServerKind(name, _set(words), _set(generic), frozenset(ports), pattern)


KINDS = (
    _kind(
        "PostgreSQL",
        "pg postgres postgresql postgis timescaledb spilo",
        "db database sql",
        (5432,),
        r"\bpq: |psycopg|asyncpg|\bpgx|\bpgconn|npgsql|postgres|PSQLException|\bPG::\w|too many clients already"
        r"|too many connections for (?:role|database)|remaining connection slots"
        r"|pg_hba\.conf|\bcannot execute \w[\w ]{1,40} in a read-only transaction|password authentication failed for user \""
        r"|the database system is |\(SQLSTATE \w{5}\)|could not (?:extend|write) (?:file|block)",
    ),
    _kind(
        "MySQL",
        "mysql mariadb percona galera",
        "db database sql",
        (3306, 33060),
        r"mysql|mariadb|ER_CON_COUNT|\btoo many connections\b(?! for )|--(?:super-)?read-only option|Access denied for user '[^']{0,80}'@"
        r"|Communications link failure|SQLSTATE\[HY000\]|\bERROR 1\d{3}\b|\bError 1\d{3}\b|the table '\S{1,120}' is full",
    ),
    _kind("MongoDB", "mongo mongodb", "db database", (27017,), r"mongo|NotWritablePrimary|\bnot (?:primary|master)\b"),
    _kind(
        "Redis",
        "redis valkey keydb",
        "cache",
        (6379,),
        r"redis|jedis|lettuce|READONLY You can't write|max number of clients reached|OOM command not allowed|MISCONF|NOAUTH|WRONGPASS"
        r"|CLUSTERDOWN",
    ),
    _kind("RabbitMQ", "rabbit rabbitmq amqp", "mq broker queue", (5672, 5671), r"rabbit|amqp|\bpika\b|ACCESS_REFUSED|\bBunny::"),
    _kind(
        "Kafka", "kafka redpanda", "broker", (9092, 9093), r"kafka|NotLeader|UNKNOWN_TOPIC_OR_PARTITION|NotEnoughReplicas|bootstrap broker"
    ),
    _kind(
        "Elasticsearch",
        "elastic elasticsearch opensearch",
        "es search",
        (9200,),
        r"elastic|opensearch|cluster_block_exception|flood[- ]stage|read-only-allow-delete|index read-only|CircuitBreakingException",
    ),
    _kind("Oracle", "oracle", "db database", (1521,), r"\bORA-\d{4,5}|\bTNS:|oracle\.jdbc"),
    _kind("SQL Server", "mssql sqlserver", "db database sql", (1433,), r"mssql|SqlClient|SQLServerException|\bLogin failed for user '"),
    _kind("Cassandra", "cassandra scylla scylladb", "db database", (9042,), r"cassandra|datastax|NoHostAvailable"),
    _kind("ClickHouse", "clickhouse", "db database", (8123,), r"clickhouse"),
    _kind("etcd", "etcd", "", (2379,), r"etcdserver|etcdclient"),
    _kind("ZooKeeper", "zookeeper", "", (2181,), r"zookeeper|KeeperErrorCode"),
    _kind("NATS", "nats", "mq broker queue", (4222,), r"\bnats: "),
    _kind("Memcached", "memcached memcache", "cache", (11211,), r"memcache"),
)
_ANSWERED = re.compile(
    r"duplicate (?:key|entry)|violates (?:[\w-]+ ){1,2}constraint|constraint fails|syntax error|error in your SQL syntax|deadlock"
    r"|out of range|could not serialize|lock wait timeout|value too long|data too long|cannot be null|division by zero|canceling statement"
    r"|invalid input (?:syntax|value)|WRONGTYPE|SQLSTATE\W{0,3}(?:2[123]|40)\w{3}\b",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CLIENTS = _set("""
    admin adminer agent backup beat bouncer cli client commander connect consumer dashboard dashboards exporter insight kibana logstash
    metrics migrate migrations migrator operator pgadmin pgbouncer phpmyadmin producer proxy registry schema sync tools ui worker""")
"""Words of images that use such a server, and are none."""
_COMMON = _set("""
    access addr address admin api app application auth bootstrap broker brokers cert cluster config conn connection conninfo cred credential
    credentials creds data datasource default dev dsn endpoint env follower for headless host hostname http internal jdbc key leader local
    main master name of pass passwd password port primary prod production pwd read replica ro root rw secret secrets server servers service
    settings slave spring staging string svr svc test the token uri url user username value write""")
_OF_KINDS = frozenset[str]().union(*(kind.words | kind.generic for kind in KINDS))


_SHARED = _set("data dbs databases storage infra infrastructure middleware shared common platform backend backends messaging persistence")
"""Words of namespaces that hold the servers of others."""


def words(text: str) -> set[str]:
    """The words of a name: `order`, `mysql` and `host` of `ORDER_MYSQL_HOST` and of `orderMysqlHost`."""
    return set(_WORDS.findall(_CAMEL.sub("_", text).lower()))


def are_alike(one: str, other: str) -> bool:
    """Whether two words name the same kind of server: `pg` and `postgres`, `db` and `mysql`."""
    return any({one, other} <= kind.words | kind.generic for kind in KINDS)


@lru_cache(2048)
def in_text(text: str) -> frozenset[str]:
    """The kinds that a log line is about; none where it is not known."""
    return frozenset(kind.name for kind in KINDS if kind.messages.search(text) is not None)


def is_answer(text: str) -> bool:
    """Whether a line reports what a server answered to a statement: it was reached, and accepted the credentials."""
    return _ANSWERED.search(text) is not None


def in_names(names: Iterable[str]) -> frozenset[str]:
    """The kinds that names of settings and of Secrets say in so many words."""
    found = {word for name in names for word in words(name)}
    return frozenset(kind.name for kind in KINDS if kind.words & found)


def may_mean(kinds: Collection[str], names: Collection[str], port: int | None) -> bool:
    """Whether an address with this port, which these names belong to, may be that of a server of these kinds."""
    meant = in_names(names) | {kind.name for kind in KINDS if port in kind.ports}
    if meant:
        return not meant.isdisjoint(kinds)
    found = {word for name in names for word in words(name)}
    return port is None or any(kind.generic & found for kind in KINDS if kind.name in kinds)


@lru_cache(1024)
def of_image(image: str) -> frozenset[str]:
    """The kinds of server that an image is."""
    found = words("/".join(images.repository(image).split("/")[-2:]))
    return frozenset[str]() if found & _CLIENTS else frozenset(kind.name for kind in KINDS if kind.words & found)


class Server(NamedTuple):
    """A server of a namespace: the Services that lead to it, its pods, and what it may be; by its image, else only by its port."""

    services: tuple[Service, ...]
    pods: tuple[Pod, ...]
    kinds: frozenset[str]
    is_by_image: bool

    def leads_to(self, labels: Mapping[str, str]) -> bool:
        """Whether it is the workload whose pods have these labels."""
        return any(selectors.matches(service.spec.selector, labels) for service in self.services)

    @property
    def own_words(self) -> set[str]:
        """The words by which its name differs from those of others of its kind."""
        labels = (pod.metadata.labels.get("app.kubernetes.io/instance", "") for pod in self.pods[:1])
        return distinctive((*(service.name for service in self.services), *labels))


def may_hold_servers(namespace: str) -> bool:
    """Whether the name of a namespace says that several applications share what runs there, or that servers of these kinds do."""
    return bool(words(namespace) & (_OF_KINDS | _SHARED))


def distinctive(names: Iterable[str]) -> set[str]:
    """The words of names that are neither a kind of server nor words of every setting: `orders` of `ORDERS_DB_HOST`."""
    return {word for name in names for word in words(name) if len(word) > 1} - _OF_KINDS - _COMMON


def in_namespace(cluster: Cluster, namespace: str) -> list[Server]:
    """The servers of these kinds that a namespace has, by the name of their first Service."""
    services = [cast(Service, one) for one in cluster.all_in(namespace, Service.kind)]
    likely = sorted((one for one in services if _may_be(one)), key=lambda one: one.name)
    pods = [cast(Pod, one) for one in cluster.all_in(namespace, Pod.kind)] if likely else []
    found: list[Server] = []
    for service in likely:
        behind = tuple(pod for pod in pods if not pod.is_terminal and selectors.matches(service.spec.selector, pod.metadata.labels))
        by_image = _by_image(service, behind)
        if kinds := by_image or _by_port(service) or _by_alias(service):
            _join(found, Server((service,), behind, kinds, bool(by_image)))
    return found


def _join(found: list[Server], server: Server) -> None:
    """Several Services may lead to one server: to its leader, to its replicas, to each pod by name."""
    uids = {pod.uid for pod in server.pods}
    for place, other in enumerate(found):
        if any(pod.uid in uids for pod in other.pods):
            pods = {pod.uid: pod for pod in (*other.pods, *server.pods)}
            is_by_image = other.is_by_image or server.is_by_image
            found[place] = Server((*other.services, *server.services), tuple(pods.values()), other.kinds | server.kinds, is_by_image)
            return
    found.append(server)


def _may_be(service: Service) -> bool:
    return bool(_by_port(service) or words(service.name) & _OF_KINDS or _by_alias(service))


def _by_port(service: Service) -> frozenset[str]:
    ports = {port.port for port in service.spec.ports}
    return frozenset(kind.name for kind in KINDS if kind.ports & ports)


def _by_alias(service: Service) -> frozenset[str]:
    """What an alias without a port may be, by the names on both of its sides: nothing else is known of it."""
    if service.spec.type != "ExternalName" or service.spec.ports:
        return frozenset()
    named = words(service.name)
    return in_names((service.name, service.spec.external_name)) or frozenset(kind.name for kind in KINDS if kind.generic & named)


def _by_image(service: Service, pods: Collection[Pod]) -> frozenset[str]:
    """Without the images of sidecars: only what the port or the name of the Service may mean as well."""
    named = words(service.name)
    may_be = _by_port(service) | {kind.name for kind in KINDS if (kind.words | kind.generic) & named}
    return may_be & frozenset[str]().union(*(of_image(container.image) for pod in pods for container in pod.spec.containers))


def kinds_meant(line: str, names: Collection[str]) -> frozenset[str]:
    """The kinds that a line is about; where it does not say, those that the names of a container's settings say."""
    said, named = in_text(line), in_names(names)
    return (said & named) or said or named


def closest(servers: list[Server], names: Collection[str]) -> list[Server]:
    """The server whose name shares most with these names; all of them where none does, or several do."""
    wanted = distinctive(names)
    shared = [len(wanted & one.own_words) for one in servers]
    best = [one for one, count in zip(servers, shared, strict=True) if count and count == max(shared)]
    return best if len(best) == 1 else servers


def names_of(template: TemplateSpec) -> tuple[str, ...]:
    """The names of the variables, keys, Secrets and ConfigMaps that the containers of a template read."""
    found: dict[str, None] = {}
    for container in (*template.containers, *template.init_containers):
        for variable in container.env:
            source = variable.value_from or EnvSource()
            for key in (source.secret_key_ref, source.config_map_key_ref):
                found.update(dict.fromkeys((variable.name, key.key, key.name) if key is not None else ()))
        for whole in container.env_from:
            found.update(dict.fromkeys(ref.name for ref in (whole.secret_ref, whole.config_map_ref) if ref is not None))
    return tuple(found)
