# fmt: off
# ruff: noqa: E501
"""Class b: one client of a healthy server has a wrong port, host, user, password or database name in its Secret."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App
from lab.unseen.site import Site

b = partial(fault, group="b")
UNSAID = ("application_error", "bad_rollout", "bad_credentials", "wrong_address_in_secret", "config_changed", "unreachable_for_one_caller")


def _secret(c: Site, app: App, minutes: float, manager: str = "kubectl-edit") -> tuple[tuple[str, str], ...]:
    """The Secret of the app was changed so long ago; its values cannot be read."""
    name, _, key = next(iter(app.refs.values())).partition("/")
    c.touch(c.get("Secret", name, app.namespace), key, minutes=minutes, manager=manager)
    return (("Secret", name),)


@b("bad_credentials", at="freight/claims")
def password_that_the_database_rejects(c: Site, app: App) -> Truth:
    changed = _secret(c, app, 21)
    log = 'Unhandled exception. Npgsql.PostgresException (0x80004005): 28P01: password authentication failed for user "claims_rw"\n   at Npgsql.Internal.NpgsqlConnector.<Open>g__OpenCore|214_1(NpgsqlConnector conn)\n   at Acme.Claims.Startup.Migrate() in /src/Startup.cs:line 57\n   at Acme.Claims.Program.Main(String[] args) in /src/Program.cs:line 12\n'
    c.fail("claims", log, pods=c.roll("claims"), code=134)
    return Truth(app=app.name, objects=changed, facts=("claims_rw",))


@b("wrong_address_in_secret", "wrong_dependency_address", at="freight/tariffs")
def port_where_the_database_does_not_listen(c: Site, app: App) -> Truth:
    changed = _secret(c, app, 24)
    text = f"failed to connect to `user=tariffs database=freight`: {c.address('ledger')}:5433 (ledger.data.svc.cluster.local): dial error: dial tcp {c.address('ledger')}:5433: connect: connection refused"
    c.fail("tariffs", c.says("tariffs", text), pods=c.roll("tariffs"))
    return Truth(app=app.name, objects=changed, facts=("5433", "5432"))


@b("database_schema_missing", "wrong_address_in_secret", at="telemetry/rules")
def database_name_that_does_not_exist(c: Site, app: App) -> Truth:
    changed = _secret(c, app, 30)
    log = "2026-10-05 09:27:41,118 WARN  [io.agr.pool] (agroal-11) Datasource '<default>': Unknown database 'rules_prod'\n2026-10-05 09:27:41,220 ERROR [io.qua.run.Application] (main) Failed to start application: java.lang.RuntimeException: Failed to start quarkus\nCaused by: java.sql.SQLSyntaxErrorException: Unknown database 'rules_prod'\n\tat com.mysql.cj.jdbc.exceptions.SQLError.createSQLException(SQLError.java:112)\n\tat io.agroal.pool.ConnectionFactory.createConnection(ConnectionFactory.java:232)\n"
    c.fail("rules", log, pods=c.roll("rules"))
    return Truth(app=app.name, objects=changed, facts=("rules_prod",))


@b(*UNSAID, at="freight/dispatch")
def new_pod_exits_without_a_word_after_its_secret_changed(c: Site, app: App) -> Truth:
    changed = _secret(c, app, 31)
    c.fail("dispatch", "", pods=c.roll("dispatch"), ran=0.5)
    return Truth(app=app.name, objects=changed)


@b(*UNSAID, at="telemetry/thumbs freight/billing")
def all_pods_exit_without_a_word(c: Site, app: App) -> Truth:
    """First installation; the siblings with the same driver are ready."""
    c.fresh = True
    found = _secret(c, app, 9 * 24 * 60, manager="helm")
    c.fail(app.name, "", pods=c.change(app), ran=0.5)
    return Truth(app=app.name, objects=found)


@b("bad_credentials", at="telemetry/catalog")
def user_that_the_database_does_not_know(c: Site, app: App) -> Truth:
    changed = _secret(c, app, 26)
    log = 'INFO:     Started server process [1]\nINFO:     Waiting for application startup.\nERROR:    Traceback (most recent call last):\n  File "/app/catalog/main.py", line 31, in lifespan\n    await db.command("ping")\n  File "/usr/local/lib/python3.12/site-packages/pymongo/asynchronous/helpers.py", line 53, in inner\n    return await func(*args, **kwargs)\npymongo.errors.OperationFailure: Authentication failed., full error: {\'ok\': 0.0, \'errmsg\': \'Authentication failed.\', \'code\': 18, \'codeName\': \'AuthenticationFailed\'}\n\nERROR:    Application startup failed. Exiting.\n'
    c.write(c.pods_of("media-db")[0], '{"t":{"$date":"2026-10-05T09:27:41.118+00:00"},"s":"I","c":"ACCESS","id":5286307,"ctx":"conn8121","msg":"Failed to authenticate","attr":{"client":"10.244.2.17:40412","isSpeculative":true,"mechanism":"SCRAM-SHA-256","user":"catalog_ap","db":"admin","error":"UserNotFound: Could not find user \\"catalog_ap\\" for db \\"admin\\"","result":11}}\n')
    c.fail("catalog", log, pods=c.roll("catalog"), code=3)
    return Truth(app=app.name, objects=changed, facts=("Authentication failed",))


@b("wrong_address_in_secret", "unreachable_for_one_caller", "wrong_dependency_address", at="telemetry/decoder")
def host_that_does_not_resolve_and_is_not_printed(c: Site, app: App) -> Truth:
    changed = _secret(c, app, 33)
    text = "mqtt event loop stopped error=I/O: failed to lookup address information: Name or service not known"
    c.fail("decoder", c.says("decoder", text) + "Error: I/O: failed to lookup address information: Name or service not known\n", pods=c.roll("decoder"))
    return Truth(app=app.name, objects=changed, facts=("failed to lookup address information",))


@b("bad_credentials", at="freight/portal")
def password_rotated_after_the_pods_started(c: Site, app: App) -> Truth:
    """The environment of the pods has the old password; a restart would fix it."""
    changed = _secret(c, app, 41, manager="external-secrets")
    text = 'WRONGPASS invalid username-password pair or user is disabled. {"exception":"[object] (RedisException(code: 0): WRONGPASS invalid username-password pair or user is disabled. at /var/www/html/vendor/laravel/framework/src/Illuminate/Redis/Connectors/PhpRedisConnector.php:177)"}'
    c.limp("portal", c.says("portal", *[text] * 4), status=500)
    return Truth(app=app.name, objects=changed, facts=("WRONGPASS",))


@b("bad_credentials", at="telemetry/ingestor")
def broker_that_does_not_authorize_one_client(c: Site, app: App) -> Truth:
    """The server writes the reason, the client hardly does; other clients of the broker work."""
    changed = _secret(c, app, 35)
    c.write(c.pods_of("mosquitto")[0], "1790674061: New connection from 10.244.2.17:41022 on port 1883.\n1790674061: Client ingestor-0 disconnected, not authorised.\n" * 4)
    c.fail("ingestor", c.says("ingestor", "connection refused by broker: NotAuthorized") + "Error: Connection refused, return code: `NotAuthorized`\n", pods=c.roll("ingestor"))
    return Truth(app=app.name, objects=changed, facts=("NotAuthorized",))


@b(at="freight/quotes telemetry/devices")
def control_secret_changed_and_all_is_well(c: Site, app: App) -> Truth:
    _secret(c, app, 45, manager="external-secrets")
    c.complain(app.name, "credentials reloaded", level="INFO")
    return Truth()
