"""Common lines of many languages and drivers, and what each of them means to grouping and to explanations alike."""

import re
from collections.abc import Iterable
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from optral.analysis.reading import logs
from optral.grouping import complaints
from optral.kube import log_records, log_signs, log_slots
from optral.kube.log_slots import SLOTS
from optral.kube.log_table import NOISE, SIGNS, Sign

DOWN = "dependency"
# (language or program, line, sign, hosts with ports that the line names)
LINES: list[tuple[str, str, str | None, list[tuple[str, int | None]]]] = [
    # --- Go
    ("go", "dial tcp 10.96.0.12:5432: connect: connection refused", DOWN, []),
    ("go", "dial tcp: lookup store on 10.96.0.10:53: no such host", DOWN, [("store", None)]),
    ("go", "dial tcp: lookup store on 10.96.0.10:53: server misbehaving", DOWN, [("store", None)]),
    ("go", "dial tcp: lookup store on 10.96.0.10:53: read udp 10.1.4.9:40155->10.96.0.10:53: i/o timeout", DOWN, [("store", None)]),
    ("go", "read tcp 10.1.1.1:33044->10.1.1.2:5432: read: connection reset by peer", DOWN, []),
    ("go", 'Get "http://api:8080/v1": context deadline exceeded (Client.Timeout exceeded while awaiting headers)', DOWN, [("api", 8080)]),
    ("go", "net/http: TLS handshake timeout", DOWN, []),
    ("go", "context deadline exceeded", None, []),
    ("go", "rpc error: code = Unavailable desc = connection error", DOWN, []),
    ("go", "rpc error: code = DeadlineExceeded desc = context deadline exceeded", DOWN, []),
    ("go", 'Get "https://api/": x509: certificate signed by unknown authority', "certificate", [("api", None)]),
    ("go", "failed to connect to `host=store user=app`: dial error (dial tcp 10.0.0.1:5432: connect: connection refused)", DOWN,
     [("store", None)]),
    ("go", "failed to connect to `host=store`: server error (FATAL: password authentication failed for user \"app\")", "credentials",
     [("store", None)]),
    ("go", "listen tcp :8080: bind: address already in use", "port", []),
    ("go", "http: Server closed", None, []),
    ("go", "dial unix /var/run/app.sock: connect: permission denied", "write", []),
    # --- Java
    ("java", "java.net.ConnectException: Connection refused (Connection refused)", DOWN, []),
    ("java", "java.net.UnknownHostException: store", DOWN, [("store", None)]),
    ("java", "java.net.NoRouteToHostException: No route to host (Host unreachable)", DOWN, []),
    ("java", "java.net.SocketTimeoutException: connect timed out", DOWN, []),
    ("java", "java.net.SocketTimeoutException: Read timed out", DOWN, []),
    ("java", "java.net.http.HttpConnectTimeoutException: HTTP connect timed out", DOWN, []),
    ("jdbc", "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure", DOWN, []),
    ("jdbc", "org.postgresql.util.PSQLException: The connection attempt failed.", DOWN, []),
    ("jdbc", "org.postgresql.util.PSQLException: Connection to store:5432 refused. Check that the hostname and port are correct", DOWN,
     [("store", 5432)]),
    ("jdbc", "java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms.", DOWN,
     []),
    ("jdbc", "java.sql.SQLException: Access denied for user 'app'@'10.0.0.1' (using password: YES)", "credentials", []),
    ("java", "io.lettuce.core.RedisConnectionException: Unable to connect to redis:6379", DOWN, [("redis", 6379)]),
    ("java", "com.mongodb.MongoSocketOpenException: Exception opening socket", DOWN, []),
    ("java", "com.mongodb.MongoTimeoutException: Timed out after 30000 ms while waiting for a server", DOWN, []),
    ("java", "io.grpc.StatusRuntimeException: UNAVAILABLE: io exception", DOWN, []),
    ("java", "io.grpc.StatusRuntimeException: DEADLINE_EXCEEDED: deadline exceeded after 4.99s", DOWN, []),
    ("kafka", "Connection to node -1 (kafka/10.0.0.1:9092) could not be established. Broker may not be available.", DOWN,
     [("kafka", 9092)]),
    ("kafka", "Bootstrap broker kafka:9092 (id: -1 rack: null) disconnected", DOWN, [("kafka", 9092)]),
    ("java", "javax.net.ssl.SSLHandshakeException: PKIX path building failed", "certificate", []),
    ("java", "Could not resolve placeholder 'store.url' in value \"${store.url}\"", "setting", []),
    # --- Python
    ("python", "ConnectionRefusedError: [Errno 111] Connection refused", DOWN, []),
    ("python", "socket.gaierror: [Errno -2] Name or service not known", DOWN, []),
    ("python", "socket.gaierror: [Errno -3] Temporary failure in name resolution", DOWN, []),
    ("psycopg", 'connection to server at "store" (10.0.0.1), port 5432 failed: Connection refused', DOWN, [("store", 5432)]),
    ("psycopg", 'psycopg2.OperationalError: could not translate host name "store" to address: Name or service not known', DOWN,
     [("store", None)]),
    ("psycopg", 'connection to server at "store" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "app"',
     "credentials", [("store", 5432)]),
    ("redis-py", "redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.", DOWN, [("redis", 6379)]),
    ("redis-py", "redis.exceptions.TimeoutError: Timeout connecting to server", DOWN, []),
    ("requests", "HTTPConnectionPool(host='api', port=80): Max retries exceeded with url: / (Caused by NewConnectionError(...))", DOWN,
     [("api", 80)]),
    ("requests", "requests.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "certificate", []),
    ("pymongo", "pymongo.errors.ServerSelectionTimeoutError: mongo:27017: timed out", DOWN, [("mongo", 27017)]),
    ("pymysql", "pymysql.err.OperationalError: (2003, \"Can't connect to MySQL server on 'db' (timed out)\")", DOWN, [("db", None)]),
    ("aiohttp", "Cannot connect to host api:80 ssl:default [Connect call failed ('10.0.0.1', 80)]", DOWN, [("api", 80)]),
    ("httpx", "httpx.ConnectError: All connection attempts failed", DOWN, []),
    ("httpx", "httpx.ConnectTimeout", DOWN, []),
    ("kafka-python", "kafka.errors.NoBrokersAvailable: NoBrokersAvailable", DOWN, []),
    # --- Node
    ("node", "Error: connect ECONNREFUSED 10.0.0.1:6379", DOWN, []),
    ("node", "Error: getaddrinfo ENOTFOUND store", DOWN, [("store", None)]),
    ("node", "Error: getaddrinfo EAI_AGAIN store.shop.svc.cluster.local", DOWN, [("store.shop.svc.cluster.local", None)]),
    ("node", "Error: read ECONNRESET", DOWN, []),
    ("node", "Error: connect ETIMEDOUT 10.0.0.1:443", DOWN, []),
    ("node", "Error: connect EHOSTUNREACH 10.0.0.1:443", DOWN, []),
    ("node", "Error: socket hang up", DOWN, []),
    ("node", "MongoServerSelectionError: connection timed out", DOWN, []),
    ("node", "MongoNetworkError: failed to connect to server [mongo:27017] on first connect", DOWN, [("mongo", 27017)]),
    ("node", "SequelizeConnectionRefusedError: connect ECONNREFUSED 10.0.0.1:5432", DOWN, []),
    ("node", "Error: self signed certificate in certificate chain", "certificate", []),
    ("node", "Error: listen EADDRINUSE: address already in use :::3000", "port", []),
    ("elasticsearch", "NoLivingConnectionsError: There are no living connections", DOWN, []),
    # --- Ruby
    ("ruby", 'Errno::ECONNREFUSED: Connection refused - connect(2) for "redis" port 6379', DOWN, [("redis", 6379)]),
    ("ruby", "SocketError: Failed to open TCP connection to api:80 (getaddrinfo: Name or service not known)", DOWN, [("api", 80)]),
    ("ruby", "Net::OpenTimeout: execution expired", DOWN, []),
    ("ruby", "PG::ConnectionBad: could not connect to server: Connection refused", DOWN, []),
    ("ruby", "Mysql2::Error::ConnectionError: Unknown MySQL server host 'db' (-2)", DOWN, [("db", None)]),
    # --- PHP
    ("php", "SQLSTATE[HY000] [2002] Connection refused", DOWN, []),
    ("php", "SQLSTATE[HY000] [2002] php_network_getaddresses: getaddrinfo for db failed: Name or service not known", DOWN, [("db", None)]),
    ("php", "cURL error 7: Failed to connect to api port 80: Connection refused", DOWN, [("api", 80)]),
    ("php", "cURL error 28: Operation timed out after 5000 milliseconds with 0 bytes received", DOWN, []),
    ("php", "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away", DOWN, []),
    ("php", "SQLSTATE[HY000] [1045] Access denied for user 'app'@'10.0.0.1'", "credentials", []),
    ("php", "SQLSTATE[HY000] [1049] Unknown database 'shop'", "schema", []),
    # --- .NET
    (".net", "System.Net.Http.HttpRequestException: Connection refused (api:80)", DOWN, [("api", 80)]),
    (".net", "System.Net.Sockets.SocketException (111): Connection refused", DOWN, []),
    (".net", "System.Net.Http.HttpRequestException: Name or service not known (api:80)", DOWN, [("api", 80)]),
    (".net", "Npgsql.NpgsqlException (0x80004005): Failed to connect to 10.0.0.1:5432", DOWN, []),
    (".net", "StackExchange.Redis.RedisConnectionException: It was not possible to connect to the redis server(s)", DOWN, []),
    (".net", "A network-related or instance-specific error occurred while establishing a connection to SQL Server.", DOWN, []),
    (".net", "The remote certificate is invalid according to the validation procedure", "certificate", []),
    # --- Rust
    ("rust", 'Error: Os { code: 111, kind: ConnectionRefused, message: "Connection refused" }', DOWN, []),
    ("rust", "error trying to connect: tcp connect error: Connection refused (os error 111)", DOWN, []),
    ("rust", "error trying to connect: dns error: failed to lookup address information: Name or service not known", DOWN, []),
    ("rust", "thread 'main' panicked: PoolTimedOut", DOWN, []),
    ("rust", "internal error: entered unreachable code", None, []),
    ("rust", "invalid peer certificate: UnknownIssuer", "certificate", []),
    # --- programs
    ("nginx", "connect() failed (111: Connection refused) while connecting to upstream", DOWN, []),
    ("nginx", "upstream timed out (110: Connection timed out) while reading response header from upstream", DOWN, []),
    ("nginx", 'host not found in upstream "api" in /etc/nginx/nginx.conf:12', DOWN, [("api", None)]),
    ("curl", "curl: (6) Could not resolve host: store", DOWN, [("store", None)]),
    ("curl", "curl: (7) Failed to connect to store port 80 after 1 ms: Could not connect to server", DOWN, [("store", 80)]),
    ("wget", "wget: bad address 'store'", DOWN, [("store", None)]),
    ("mysql", "ERROR 2003 (HY000): Can't connect to MySQL server on 'db' (111)", DOWN, [("db", None)]),
    ("zookeeper", "client is not connected", DOWN, []),
    ("consul", "failed to load config from http://config:8888: connection refused", "config", [("config", 8888)]),
    ("postgres", "FATAL: sorry, too many clients already", "full", []),
    ("redis", "NOAUTH Authentication required.", "credentials", []),
    ("redis", "READONLY You can't write against a read only replica.", "frozen", []),
    # --- lines that mean nothing of the kind
    ("spring", "WARN RoundRobinLoadBalancer : No servers available for service: orders", DOWN, [("orders", None)]),
    ("any", "Connected to redis:6379", None, [("redis", 6379)]),
    ("any", "connection pool of 10 created", None, []),
    ("any", "client disconnected: 10.0.0.7", None, []),
    ("any", "on_connect: 3 handlers registered", None, []),
    ("any", "write: broken pipe", None, []),
    ("any", "retrying in 5s", None, []),
    ("any", "panic: runtime error: index out of range", None, []),
    ("any", "GET /healthz 200 1ms", None, []),
]  # fmt: skip


IDS = [f"{who}: {line}"[:70] for who, line, *_ in LINES]


@pytest.mark.parametrize(("line", "sign"), [(line, sign) for _, line, sign, _ in LINES], ids=IDS)
def test_what_a_line_means(line: str, sign: str | None) -> None:
    assert [one.kind for one in logs.signs(f"start\n{line}\n")] == ([sign] if sign else [])
    is_down = bool(complaints.error_lines(f"start\n{line}\n"))
    assert is_down is (log_signs.DEPENDENCY in log_signs.of_line(line)), "grouping and explanations disagree"


@pytest.mark.parametrize(("line", "hosts"), [(line, hosts) for _, line, _, hosts in LINES], ids=IDS)
def test_which_hosts_a_line_names(line: str, hosts: list[tuple[str, int | None]]) -> None:
    assert [tuple(one) for one in log_signs.hosts(line)] == hosts


MISSING_KIND = [
    "Traceback (most recent call last):",
    '  File "/app/routes.py", line 8, in <module>',
    "kubernetes.client.exceptions.ApiException: (404)",
    "Reason: Not Found",
    "HTTP response headers: HTTPHeaderDict({'Content-Type': 'text/plain; charset=utf-8'})",
    "HTTP response body: 404 page not found",
]
FABRIC8 = "Failure executing: GET at: https://10.96.0.1:443/apis/example.com/v1/routes. Message: 404 page not found."


@pytest.mark.parametrize("lines", [MISSING_KIND, [FABRIC8]])
def test_a_kind_that_is_not_installed_is_seen_with_any_client(lines: list[str]) -> None:
    assert [sign for reading in log_signs.read_all(lines) for sign in reading.signs] == ["crd"]


def test_a_configuration_that_is_loaded_from_a_dependency_shows_both_signs() -> None:
    assert log_signs.of_line("failed to load config from http://config:8888: connection refused") == ("config", "dependency")


def test_the_source_of_a_program_is_no_configuration() -> None:
    frames = ["Traceback (most recent call last):", '  File "/app/pricing.py", line 12, in load']
    (reading,) = log_signs.read_all([*frames, "json.decoder.JSONDecodeError: Expecting value: line 1 column 40"])
    assert (reading.signs, log_signs.slots("config", reading).get("file")) == (("config",), None)


def test_the_port_of_the_name_server_is_not_that_of_the_host() -> None:
    (reading,) = log_signs.read_all(["ERROR dial tcp: lookup store on 10.96.0.10:53: no such host"])
    assert log_signs.slots("dependency", reading) == {"host": "store"}


def test_a_server_that_answers_is_not_down() -> None:
    assert log_signs.of_line("could not connect to server: FATAL: password authentication failed for user app") == ("credentials",)


@pytest.mark.parametrize("sign", SIGNS, ids=log_signs.NAMES)
def test_each_sign_has_a_meaning_slots_that_exist_and_an_example_that_shows_it(sign: Sign) -> None:
    assert re.fullmatch(r"[A-Z].{10,90}\.", sign.meaning)
    assert set(sign.slots) <= SLOTS.keys()
    assert set(sign.hides) <= set(log_signs.NAMES) - {sign.name}
    assert log_signs.of_line(sign.example)[:1] == (sign.name,)


PATTERNS = [
    *(pattern for sign in SIGNS for pattern in sign.patterns),
    *NOISE,
    *(phrase for phrases in log_slots.phrases().values() for phrase in phrases),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_has_at_most_one_unbounded_run_and_it_is_of_single_characters(pattern: str) -> None:
    """So its cost at each character of a line is bounded by the length of the line, which is bounded too."""
    assert _unbounded(parser.parse(pattern, re.IGNORECASE)) <= 1


def _unbounded(parsed: Iterable[Any]) -> int:
    """How many repetitions have no upper bound; one of a group counts as many."""
    found = 0
    for operation, argument in parsed:
        match str(operation):
            case "MAX_REPEAT" | "MIN_REPEAT":
                _, most, inner = argument
                is_group = len(inner) > 1 or str(inner[0][0]) in ("SUBPATTERN", "BRANCH")
                found += _unbounded(inner) + ((99 if is_group else 1) if most == parser.MAXREPEAT else 0)
            case "BRANCH":
                found += max(_unbounded(branch) for branch in argument[1])
            case "SUBPATTERN" | "ASSERT" | "ASSERT_NOT":
                found += _unbounded(argument[-1])
    return found


@pytest.mark.parametrize(
    "piece",
    [
        "env ",
        "host ",
        "open /a/b",
        "lookup x on ",
        "[thrd:",
        "a.b:1->",
        "Caused by: ",
        '{"msg":"',
        "table a",
        'key not found "A',
        "A_",
        '\\"',
    ],
)
def test_a_line_that_many_patterns_begin_to_match_is_read(piece: str) -> None:
    """With a pattern that backtracks without bound this would not end."""
    reading = log_signs.read(log_records.records([piece * 4000])[0])
    assert all(isinstance(value, str) for sign in log_signs.NAMES for value in log_signs.slots(sign, reading).values())


@pytest.mark.parametrize(
    ("line", "is_timeout", "is_name", "is_dns_silent"),
    [
        ("dial tcp 10.0.0.1:80: i/o timeout", True, False, False),
        ("dial tcp 10.0.0.1:80: connect: connection refused", False, False, False),
        ("dial tcp: lookup store on 10.96.0.10:53: no such host", False, True, False),
        ("dial tcp: lookup store on 10.96.0.10:53: read udp: i/o timeout", True, True, True),
        ("getaddrinfo EAI_AGAIN store", False, True, True),
    ],
)
def test_what_more_a_line_tells_of_a_failed_connection(line: str, is_timeout: bool, is_name: bool, is_dns_silent: bool) -> None:
    assert (log_signs.is_timeout(line), log_signs.is_name_failure(line), log_signs.is_dns_silent(line)) == (
        is_timeout,
        is_name,
        is_dns_silent,
    )
