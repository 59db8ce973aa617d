"""What log lines are taken for."""

import pytest

from optral.analysis.reading import logs


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("KeyError: 'STORE_DSN'", "setting"),
        ("Error: environment variable PORT must be set; it is missing", "setting"),
        ("DATABASE_URL is not defined", "setting"),
        ("dial tcp 10.0.0.3:5432: connect: connection refused", "dependency"),
        ("getaddrinfo ENOTFOUND store", "dependency"),
        ("could not connect to server: Connection timed out", "dependency"),
        ("rpc error: code = Unavailable desc = all backends down", "dependency"),
        ("listen tcp :8080: bind: address already in use", "port"),
        ("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "heap"),
        ("x509: certificate signed by unknown authority", "certificate"),
        ("pq: password authentication failed for user", "credentials"),
        ("open /data/db: permission denied", "write"),
        ("yaml: line 4: did not find expected key", "config"),
        ("exec /bin/app: exec format error", "architecture"),
        ("/bin/sh: serve: command not found", "command"),
        ("mkdir /var/lib/x: no space left on device", "disk"),
        ("java.io.FileNotFoundException: /logs/app.log (Permission denied)", "write"),
        ("Caused by: java.nio.file.AccessDeniedException: /data/tmp", "write"),
        ("org.springframework.security.access.AccessDeniedException: no role", None),
        ("Attempted to create a lock file on a read-only directory: /data/db", "write"),
        ("[InnoDB] The error means mysqld does not have the access rights to the directory.", "write"),
        ("GF_PATHS_DATA='/var/lib/grafana' is not writable.", "write"),
        ("code: 500, msg: java.net.ConnectException: no available server", "dependency"),
        ("com.mongodb.MongoSocketOpenException: Exception opening socket", "dependency"),
        ("Unhandled exception. System.OutOfMemoryException: Array dimensions exceeded supported range.", "heap"),
        ("PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)", "heap"),
        ("memory allocation of 1073741824 bytes failed", "heap"),
        ("ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.", "credentials"),
        ("ImproperlyConfigured: Set the STORE_DSN environment variable", "setting"),
        ("decouple.UndefinedValueError: STORE_DSN not found. Declare it as envvar or define a default value.", "setting"),
        ("  Field required [type=missing, input_value={}, input_type=dict]", "setting"),
        ('KeyError: key not found: "STORE_DSN"', "setting"),
        ("called `Result::unwrap()` on an `Err` value: NotPresent", "setting"),
        ("required key STORE_HOST missing value", "setting"),
        ("jdbcUrl is required with driverClassName.", "setting"),
        ("loaded the superpermissions of 3 groups", None),
        ("# There is insufficient memory for the Java Runtime Environment to continue.", "heap"),
        ("[ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?", "killed"),
        ("npm ERR! signal SIGKILL", "killed"),
        ("[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified", "setting"),
        ('nginx: [emerg] host not found in upstream "store" in /etc/nginx/nginx.conf:12', "dependency"),
        ("listening on port 8080", None),
        ("GET /healthz 200 1ms", None),
        ("loaded 3 environment variables", None),
    ],
)
def test_knows_a_line(line: str, kind: str | None) -> None:
    found = logs.signs(f"starting\n{line}\n")
    assert [one.kind for one in found] == ([kind] if kind else [])


def test_prefers_the_last_error_and_falls_back_to_the_last_line() -> None:
    assert logs.last_error("error: one\nerror: two\nbye\n") == "error: two"
    assert logs.last_error("hello\nbye\n") == "bye"
    assert logs.last_error("\n\n") is None


@pytest.mark.parametrize(
    ("line", "ports"),
    [
        ("Listening on :3000", [3000]),
        ("server started at port 8080", [8080]),
        ("Tomcat started on port(s): 8080 (http) with context path ''", [8080]),
        ("Undertow started on port(s) 8443 (https)", [8443]),
        ("Tomcat initialized with port(s): 8080 (http)", []),
        ("mysqld: ready for connections. Version: '8.0.36'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  Community Server", [3306]),
        ('{"s":"I","c":"NETWORK","msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}', [27017]),
        ("took 8080 ms", []),
    ],
)
def test_finds_where_an_application_listens(line: str, ports: list[int]) -> None:
    assert [port for port, _ in logs.listening(line)] == ports


@pytest.mark.parametrize(
    ("line", "word", "names"),
    [("dial store:6379", "store", True), ("dial bookstore:80", "store", False), ("dial store-main:80", "store", False)],
)
def test_takes_a_name_as_a_whole_word(line: str, word: str, names: bool) -> None:
    assert logs.names(line, word) is names


def test_knows_a_refusal_by_its_number_and_no_other_number() -> None:
    assert [sign.kind for sign in logs.signs("GET /v1/orders 401 Unauthorized")] == ["credentials"]
    assert logs.signs("GET /v1/orders 8401 rows, nobody unauthorized") == []


@pytest.mark.parametrize("line", ["Servlet.service() threw exception with root cause", "you are not allowed to write: permission denied"])
def test_a_line_that_only_reports_is_read(line: str) -> None:
    assert logs.reporting(line) == [line]


def test_an_error_of_the_kubelet_is_not_taken_for_a_line_of_the_application() -> None:
    refusal = "unable to retrieve container logs for containerd://61a93aa17bfb193bc125b151ec643c85"
    assert logs.last_error(refusal) is None
    assert logs.last_error(f"fatal: no license\n{refusal}\n") == "fatal: no license"


def test_the_last_error_of_a_stack_is_its_exception_and_not_its_heading() -> None:
    error = "FileNotFoundError: [Errno 2] No such file: '/data/in'"
    assert logs.last_error(f'importing\nTraceback (most recent call last):\n  File "<string>", line 3, in <module>\n{error}') == error
