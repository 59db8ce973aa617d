# fmt: off
# ruff: noqa: E501
"""Class a: one database, broker or cache fails, and its clients with it. Their addresses are in Secrets."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, ago
from lab.unseen.site import Site

a = partial(fault, group="a")
FULL = "53300: sorry, too many clients already"
MINIO_FULL = "An error occurred (XMinioStorageFull) when calling the PutObject operation: Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed."


@a("dependency_connections_exhausted", at="freight/ledger")
def clients_of_a_database_without_connections(c: Site, app: App) -> Truth:
    """Only the clients report it, each in the words of its driver."""
    c.limp("claims", c.says("claims", *[f"Npgsql.PostgresException (0x80004005): {FULL}\n      Exception data:\n        Severity: FATAL\n        SqlState: 53300"] * 3))
    c.limp("quotes", c.says("quotes", *[f"An error occurred using the connection to database 'freight'.\n      Npgsql.PostgresException (0x80004005): {FULL}"] * 4))
    c.fail("tariffs", c.says("tariffs", "failed to connect to `user=tariffs database=freight`: server error: FATAL: sorry, too many clients already (SQLSTATE 53300)"))
    return Truth(app=app.name, facts=("too many clients already",))


@a("dependency_connections_exhausted", at="freight/pgbouncer")
def connection_pool_without_connections(c: Site, app: App) -> Truth:
    """The pool and its clients report it; the database behind the pool works."""
    pooled = '2026-10-05 09:27:40.118 UTC [1] WARNING C-0x55e4b1c0d0: (nodb)/(nouser)@10.244.2.61:48120 pooler error: no more connections allowed (max_client_conn)\n'
    for pod in c.pods_of("pgbouncer"):
        c.write(pod, "2026-10-05 09:27:00.001 UTC [1] LOG stats: 41 xacts/s, 97 queries/s, 0 client parses/s, in 20151 B/s, out 81212 B/s, xact 2118 us, query 811 us, wait 0 us\n" + pooled * 6)
    c.limp("documents", c.says("documents", *['SQLSTATE[08P01] [7] connection to server at "pgbouncer.data" (10.96.17.8), port 6432 failed: FATAL:  no more connections allowed (max_client_conn)'] * 4))
    c.limp("tracking", c.says("tracking", *["open pool: failed to connect to `host=pgbouncer.data user=tracking database=freight`: server error (FATAL: no more connections allowed (max_client_conn) (SQLSTATE 08P01))"] * 4))
    return Truth(app=app.name, objects=(("ConfigMap", "pgbouncer-config"),), facts=("max_client_conn",))


@a("dependency_read_only", at="telemetry/devices-db")
def database_set_to_read_only(c: Site, app: App) -> Truth:
    text = "The MySQL server is running with the --super-read-only option so it cannot execute this statement"
    for name in ("devices", "rules"):
        error = f"SQL Error: 1290, SQLState: HY000 {text}\njakarta.persistence.PersistenceException: could not execute statement [{text}] [update device set seen=? where id=?]\n\tat org.hibernate.exception.internal.StandardSQLExceptionConverter.convert(StandardSQLExceptionConverter.java:108)"
        c.limp(name, c.says(name, *[error] * 3))
    c.write(c.pods_of("devices-db")[0], "2026-10-05T09:12:02.118223Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.4.3'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.\n")
    return Truth(app=app.name, facts=("super-read-only",))


@a("dependency_memory_full", at="freight/sessions")
def cache_out_of_memory(c: Site, app: App) -> Truth:
    text = "OOM command not allowed when used memory > 'maxmemory'."
    c.limp("portal", c.says("portal", *[f"{text} {{\"exception\":\"[object] (RedisException(code: 0): {text} at /var/www/html/vendor/laravel/framework/src/Illuminate/Redis/Connections/PhpRedisConnection.php:405)\"}}"] * 3), status=500)
    c.complain("quotes", f"StackExchange.Redis.RedisServerException: {text}\n         at StackExchange.Redis.RedisDatabase.StringSetAsync(RedisKey key, RedisValue value)")
    c.limp("tracking", c.says("tracking", *[f"store position: {text}"] * 5))
    return Truth(app=app.name, facts=("OOM command not allowed",))


@a("dependency_disk_full", "disk_full", at="telemetry/minio")
def object_store_full(c: Site, app: App) -> Truth:
    trace = 'Traceback (most recent call last):\n  File "/srv/worker/store.py", line 88, in put\n    self.client.put_object(Bucket=bucket, Key=key, Body=body)\n  File "/usr/local/lib/python3.12/site-packages/botocore/client.py", line 1031, in _make_api_call\n    raise error_class(parsed_response, operation_name)\nbotocore.exceptions.ClientError: '
    for name in ("thumbs", "transcoder"):
        c.limp(name, c.says(name, *[f"upload failed\n{trace}{MINIO_FULL}"] * 3))
    c.write(c.pods_of("minio")[0], "API: PutObject(bucket=renditions, object=8f/21.mp4)\nTime: 09:27:41 UTC 10/05/2026\nRequestID: 17FA1C0E2B\nError: Storage reached its minimum free drive threshold. (cmd.StorageFull)\n       4: internal/logger/logger.go:259:logger.LogIf()\n")
    return Truth(app=app.name, facts=("minimum free drive threshold",))


@a("dependency_unavailable", at="freight/ledger")
def database_that_does_not_finish_its_shutdown(c: Site, app: App) -> Truth:
    """It waits for a session that stays open; the port still accepts connections, so that the probe passes."""
    log = "2026-10-05 09:11:20.001 UTC [1] LOG:  received smart shutdown request\n" + "".join(
        f"2026-10-05 09:{minute}:41.553 UTC [{900 + minute}] FATAL:  the database system is shutting down\n" for minute in range(20, 29)
    )
    c.write(c.pods_of("ledger")[0], log)
    for name, text in (
        ("claims", "Npgsql.PostgresException (0x80004005): 57P03: the database system is shutting down"),
        ("billing", "Npgsql.PostgresException (0x80004005): 57P03: the database system is shutting down"),
        ("dispatch", "ping database: FATAL: the database system is shutting down (SQLSTATE 57P03)"),
    ):
        c.limp(name, c.says(name, *[text] * 4))
    return Truth(app=app.name, facts=("the database system is shutting down",))


@a("dependency_connections_exhausted", at="freight/nats")
def broker_at_its_limit_of_connections(c: Site, app: App) -> Truth:
    """The limit is in the ConfigMap of the server."""
    for name in ("dispatch", "tracking"):
        c.fail(name, c.says(name, "connect to broker: nats: maximum connections exceeded"))
    c.limp("claims", c.says("claims", *["NATS.Client.Core.NatsException: can not connect uris: nats://nats.data:4222\n       ---> NATS.Client.Core.NatsServerException: Server error: maximum connections exceeded"] * 3))
    for pod in c.pods_of("nats"):
        c.write(pod, "[1] 2026/10/05 09:27:40.118231 [ERR] 10.244.3.18:40122 - cid:88121 - maximum connections exceeded\n" * 5)
    return Truth(app=app.name, objects=(("ConfigMap", "nats-config"),), facts=("maximum connections exceeded",))


@a("dependency_unavailable", "all_backends_not_ready", at="telemetry/media-db")
def database_starts_after_a_crash(c: Site, app: App) -> Truth:
    """The server replays its journal and is not ready; clients report only that no server can be selected."""
    log = '{"t":{"$date":"2026-10-05T09:27:40.118+00:00"},"s":"I","c":"STORAGE","id":22430,"ctx":"initandlisten","msg":"WiredTiger message","attr":{"message":{"msg":"WT_VERB_RECOVERY_PROGRESS: Recovering log 881 through 902"}}}\n'
    c.limp("media-db", log * 3)
    c.limp("catalog", c.says("catalog", *["pymongo.errors.ServerSelectionTimeoutError: media-db:27017: [Errno 111] Connection refused, Timeout: 30s, Topology Description: <TopologyDescription id: 67, topology_type: Unknown>"] * 3))
    c.limp("player-api", c.says("player-api", *["com.mongodb.MongoTimeoutException: Timed out while waiting for a server that matches ReadPreferenceServerSelector. Client view of cluster state is {type=UNKNOWN, servers=[{address=media-db:27017, type=UNKNOWN, state=CONNECTING, exception={com.mongodb.MongoSocketOpenException: Exception opening socket}, caused by {java.net.ConnectException: Connection refused}}]"] * 3))
    return Truth(app=app.name)


# The same, where no readiness probe depends on the server.


@a("dependency_disk_full", "disk_full", at="freight/ledger")
def full_database_and_clients_that_stay_ready(c: Site, app: App) -> Truth:
    text = 'could not extend file "base/16401/24871.3": No space left on device'
    c.complain("claims", f"Failed executing DbCommand (41ms) [Parameters=[@p0='?'], CommandType='Text', CommandTimeout='30']\n      Npgsql.PostgresException (0x80004005): 53100: {text}")
    c.complain("billing", f"Npgsql.PostgresException (0x80004005): 53100: {text}\n      HINT: Check free disk space.")
    c.complain("tariffs", f"insert lane: ERROR: {text} (SQLSTATE 53100)")
    c.write(c.pods_of("ledger")[0], f"2026-10-05 09:27:41.118 UTC [911] ERROR:  {text}\n2026-10-05 09:27:41.118 UTC [911] HINT:  Check free disk space.\n2026-10-05 09:27:41.118 UTC [911] STATEMENT:  INSERT INTO lane (origin, target) VALUES ($1, $2)\n" * 5)
    return Truth(app=app.name, facts=("No space left on device",))


@a("dependency_disk_full", at="telemetry/devices-db")
def full_table_and_clients_that_exit(c: Site, app: App) -> Truth:
    """Only the clients report it."""
    for name in ("devices", "rules"):
        text = "Failed to start application: java.lang.RuntimeException: Failed to start quarkus\nCaused by: java.sql.SQLException: The table 'flyway_schema_history' is full\n\tat com.mysql.cj.jdbc.exceptions.SQLError.createSQLException(SQLError.java:130)"
        c.fail(name, c.says(name, text))
    return Truth(app=app.name, facts=("is full",))


@a("dependency_disk_full", "dependency_memory_full", at="freight/nats")
def streams_without_storage(c: Site, app: App) -> Truth:
    c.complain("dispatch", "publish shipment.assigned: nats: insufficient storage resources available")
    c.complain("tracking", "publish position.updated: nats: insufficient storage resources available")
    c.complain("claims", "NATS.Client.JetStream.NatsJSApiException: insufficient storage resources available")
    return Truth(app=app.name, facts=("insufficient storage resources available",))


@a("dependency_connections_exhausted", at="freight/ledger")
def clients_that_exit_without_a_connection(c: Site, app: App) -> Truth:
    """The last connections are reserved; the server reports it as well."""
    text = "remaining connection slots are reserved for roles with the SUPERUSER attribute"
    for name in ("tariffs", "dispatch"):
        c.fail(name, c.says(name, f"failed to connect to `user={name} database=freight`: {c.address('ledger')}:5432 (ledger.data): server error: FATAL: {text} (SQLSTATE 53300)"))
    c.fail("quotes", f"Unhandled exception. Npgsql.PostgresException (0x80004005): 53300: {text}\n   at Npgsql.Internal.NpgsqlConnector.<Open>g__OpenCore|214_1(NpgsqlConnector conn)\n   at Acme.Quotes.Program.Main(String[] args) in /src/Program.cs:line 12\n", code=134)
    c.write(c.pods_of("ledger")[0], f"2026-10-05 09:27:41.118 UTC [4411] FATAL:  {text}\n" * 8)
    return Truth(app=app.name, facts=("connection slots are reserved",))


@a("dependency_read_only", at="telemetry/media-db")
def replica_set_without_a_primary(c: Site, app: App) -> Truth:
    c.complain("catalog", "pymongo.errors.NotPrimaryError: not primary, full error: {'ok': 0.0, 'errmsg': 'not primary', 'code': 10107, 'codeName': 'NotWritablePrimary'}")
    c.complain("player-api", "com.mongodb.MongoNotPrimaryException: Command failed with error 10107 (NotWritablePrimary): 'not primary' on server media-db:27017")
    return Truth(app=app.name, facts=("not primary",))


@a(at="freight/ledger")
def control_connections_were_short_an_hour_ago(c: Site, app: App) -> Truth:
    """The clients have recovered by themselves."""
    for name in ("claims", "tariffs"):
        for pod in c.pods_of(name):
            c.write(pod, c.says(name, f"FATAL: {FULL}").replace("09:26:", "08:12:") + c.says(name, "connected to database", level="INFO"))
            pod["status"]["containerStatuses"][0]["restartCount"] = 1
            pod["status"]["containerStatuses"][0]["lastState"] = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": ago(80), "finishedAt": ago(78)}}
            pod["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": ago(77)}}
    return Truth()
