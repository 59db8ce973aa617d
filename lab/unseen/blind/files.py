# fmt: off
# ruff: noqa: E501
"""Class d: from the error to the line of a file that a ConfigMap holds."""

from functools import partial

from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App
from lab.unseen.site import Site

d = partial(fault, group="d")


def _changed(c: Site, app: App, key: str, old: str, new: str) -> tuple[tuple[str, str], ...]:
    """A line of the file is changed; pods that start since then fail. Returns the ConfigMap."""
    config = c.rewrite(app.name, key, old, new)
    c.touch(config, key, minutes=23)
    return (("ConfigMap", config["metadata"]["name"]),)


@d("invalid_config", "config_changed", at="freight/edge-proxy")
def directive_that_nginx_does_not_know(c: Site, app: App) -> Truth:
    config = _changed(c, app, "routes.conf", "proxy_pass http://portal", "proxy_pas http://portal")
    log = "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration\n/docker-entrypoint.sh: Configuration complete; ready for start up\n"
    line = '1#1: unknown directive "proxy_pas" in /etc/nginx/conf.d/routes.conf:16'
    c.fail("edge-proxy", f"{log}2026/10/05 09:27:41 [emerg] {line}\nnginx: [emerg] {line.removeprefix('1#1: ')}\n", pods=c.roll("edge-proxy"))
    return Truth(app=app.name, objects=config, facts=("proxy_pas", "routes.conf"))


@d("invalid_config", "config_changed", at="telemetry/haproxy")
def keyword_that_haproxy_does_not_know(c: Site, app: App) -> Truth:
    config = _changed(c, app, "haproxy.cfg", "backend be_player\n    balance roundrobin", "backend be_player\n    ballance roundrobin")
    log = "[NOTICE]   (1) : haproxy version is 3.0.6-6e0f2f8\n[ALERT]    (1) : config : parsing [/usr/local/etc/haproxy/haproxy.cfg:19] : unknown keyword 'ballance' in 'backend' section; did you mean 'balance' maybe ?\n[ALERT]    (1) : config : Error(s) found in configuration file : /usr/local/etc/haproxy/haproxy.cfg\n[ALERT]    (1) : config : Fatal errors found in configuration.\n"
    c.fail("haproxy", log, pods=c.roll("haproxy"))
    return Truth(app=app.name, objects=config, facts=("ballance", "haproxy.cfg"))


@d("invalid_config", "config_changed", at="telemetry/catalog")
def value_with_a_unit_and_a_traceback(c: Site, app: App) -> Truth:
    """The traceback names the program's own files; the key is in the line before it."""
    config = _changed(c, app, "settings.yaml", "ttl: 30", "ttl: 30s")
    log = '2026-10-05 09:27:41,020 INFO catalog.settings: reading /etc/catalog/settings.yaml\n2026-10-05 09:27:41,022 ERROR catalog.settings: bad value for cache.ttl\nTraceback (most recent call last):\n  File "/app/catalog/main.py", line 12, in <module>\n    settings = Settings.load()\n  File "/app/catalog/settings.py", line 41, in load\n    ttl=int(raw["cache"]["ttl"]),\nValueError: invalid literal for int() with base 10: \'30s\'\n'
    c.fail("catalog", log, pods=c.roll("catalog"))
    return Truth(app=app.name, objects=config, facts=("30s",))


@d("invalid_config", "config_changed", at="freight/ledger")
def reason_one_line_before_fatal(c: Site, app: App) -> Truth:
    config = _changed(c, app, "postgresql.conf", "1GB", "1GBB")
    log = '2026-10-05 09:27:41.118 GMT [1] LOG:  invalid value for parameter "shared_buffers": "1GBB"\n2026-10-05 09:27:41.118 GMT [1] HINT:  Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".\n2026-10-05 09:27:41.118 GMT [1] FATAL:  configuration file "/etc/postgresql/postgresql.conf" contains errors\n'
    c.fail("ledger", log)
    for name, text in (("claims", "Npgsql.NpgsqlException (0x80004005): Failed to connect to {ip}:5432\n       ---> System.Net.Sockets.SocketException (111): Connection refused"), ("tariffs", "failed to connect to `user=tariffs database=freight`: {ip}:5432 (ledger.data): dial error: dial tcp {ip}:5432: connect: connection refused")):
        c.limp(name, c.says(name, *[text.format(ip=c.address("ledger"))] * 3))
    return Truth(app=app.name, objects=config, facts=("shared_buffers",))


@d("dependency_read_only", "config_changed", at="freight/sessions")
def cache_is_a_replica_because_its_file_says_so(c: Site, app: App) -> Truth:
    config = _changed(c, app, "redis.conf", "maxmemory-policy", "replicaof sessions-old.data 6379\nmaxmemory-policy")
    c.restart("sessions")
    text = "READONLY You can't write against a read only replica."
    c.limp("portal", c.says("portal", *[text] * 3), status=500)
    c.limp("tracking", c.says("tracking", *[f"store position: {text}"] * 4))
    c.complain("quotes", f"StackExchange.Redis.RedisServerException: {text}")
    c.write(c.pods_of("sessions")[0], "1:S 05 Oct 2026 09:27:41.118 * Connecting to MASTER sessions-old.data:6379\n1:S 05 Oct 2026 09:27:41.220 # Unable to connect to MASTER: Name or service not known\n" * 4)
    return Truth(app=app.name, objects=config, facts=("READONLY",))


@d("dependency_connections_exhausted", "config_changed", at="telemetry/devices-db")
def limit_of_connections_in_the_file_of_the_server(c: Site, app: App) -> Truth:
    config = _changed(c, app, "my.cnf", "max_connections=400", "max_connections=4")
    c.restart("devices-db")
    for name in ("devices", "rules"):
        text = 'io.agroal.pool.ConnectionFactory: java.sql.SQLNonTransientConnectionException: Data source rejected establishment of connection,  message from server: "Too many connections"'
        c.limp(name, c.says(name, *[text] * 4))
    return Truth(app=app.name, objects=config, facts=("Too many connections", "max_connections"))


@d("invalid_config", "config_changed", at="telemetry/mosquitto")
def variable_that_the_broker_does_not_know(c: Site, app: App) -> Truth:
    config = _changed(c, app, "mosquitto.conf", "allow_anonymous", "allow_anonymus")
    c.fail("mosquitto", "1790674061: Error: Unknown configuration variable \"allow_anonymus\".\n1790674061: Error found at /mosquitto/config/mosquitto.conf:4.\n1790674061: Error: Unable to open configuration file.\n", code=3)
    for name in ("ingestor", "decoder"):
        c.limp(name, c.says(name, *["mqtt connection lost error=I/O: Connection refused (os error 111)"] * 4))
    return Truth(app=app.name, objects=config, facts=("allow_anonymus", "mosquitto.conf"))


@d("invalid_config", "config_changed", at="telemetry/kong")
def entry_that_the_schema_rejects(c: Site, app: App) -> Truth:
    config = _changed(c, app, "kong.yml", "port: 8090", "port: 80900")
    log = "2026/10/05 09:27:41 [error] 1#0: init_by_lua error: /usr/local/share/lua/5.1/kong/init.lua:568: error parsing declarative config file /etc/kong/kong.yml:\nin 'services':\n  - in entry 2 of 'services':\n    in 'port': value should be between 0 and 65535\nstack traceback:\n\t[C]: in function 'error'\n\t/usr/local/share/lua/5.1/kong/init.lua:568: in function 'init'\n\tinit_by_lua:3: in main chunk\n"
    c.fail("kong", log, pods=c.roll("kong"))
    return Truth(app=app.name, objects=config, facts=("/etc/kong/kong.yml", "80900"))


@d("invalid_config", "config_changed", at="freight/nats")
def file_that_the_parser_cannot_read(c: Site, app: App) -> Truth:
    """One server was restarted after the change and stays down; the others still run with the old file."""
    config = _changed(c, app, "nats.conf", "max_connections: 64", "max_connections: sixty")
    pod = c.pods_of("nats")[2]
    c.fail("nats", "nats-server: /etc/nats/nats.conf:2:0: interface conversion: interface {} is string, not int64\n", pods=[pod])
    return Truth(app=app.name, objects=config, facts=("/etc/nats/nats.conf", "sixty"))


@d(at="telemetry/catalog")
def control_traceback_that_is_handled(c: Site, app: App) -> Truth:
    for pod in c.pods(app):
        c.write(pod, 'INFO:     10.244.1.9:51234 - "GET /items/81 HTTP/1.1" 404 Not Found\n2026-10-05 09:20:11,118 WARNING catalog.search: falling back to exact match\nTraceback (most recent call last):\n  File "/app/catalog/search.py", line 77, in match\n    return self.index[term]\nKeyError: \'blade runner 2094\'\nINFO:     10.244.1.9:51240 - "GET /search?q=blade HTTP/1.1" 200 OK\n')
    return Truth()
