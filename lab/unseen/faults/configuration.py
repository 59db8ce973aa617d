# ruff: noqa: E501
"""Settings: ConfigMaps, Secrets, keys, files, and changes of them."""

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json, ago


def _refer(name: str, key: str, kind: str = "configMapKeyRef") -> Edit:
    def edit(spec: Json) -> None:
        spec["containers"][0].setdefault("env", []).append({"name": key.upper(), "valueFrom": {kind: {"name": name, "key": key}}})

    return edit


def _config_error(c: Cluster, app: App, edit: Edit, why: str) -> None:
    for pod in c.change(app, edit):
        c.waiting(pod, "CreateContainerConfigError", why)
        c.event(pod, "Failed", f"Error: {why}", container=app.name, count=75)


@fault("missing_config_map", at="shop/storefront search/indexer batch/scheduler-api")
def config_map_missing(c: Cluster, app: App) -> Truth:
    name = f"{app.name}-tuning"
    _config_error(c, app, _refer(name, "log_level"), f'configmap "{name}" not found')
    return Truth(app=app.name, objects=(("ConfigMap", name),), facts=(name,))


@fault("missing_config_map", at="monitoring/loki pipeline/enricher")
def config_volume_missing(c: Cluster, app: App) -> Truth:
    name = f"{app.name}-rules"

    def edit(spec: Json) -> None:
        spec["volumes"].append({"name": "rules", "configMap": {"name": name}})
        spec["containers"][0]["volumeMounts"].append({"name": "rules", "mountPath": "/etc/rules"})

    for pod in c.change(app, edit):
        c.waiting(pod, "ContainerCreating")
        c.event(pod, "FailedMount", f'MountVolume.SetUp failed for volume "rules" : configmap "{name}" not found', count=16)
    return Truth(app=app.name, objects=(("ConfigMap", name),), facts=(name,))


@fault("missing_secret", at="clinic/gateway edge/auth blog/mailer")
def secret_missing(c: Cluster, app: App) -> Truth:
    name = f"{app.name}-oauth"
    _config_error(c, app, _refer(name, "client_secret", "secretKeyRef"), f'secret "{name}" not found')
    return Truth(app=app.name, objects=(("Secret", name),), facts=(name,))


@fault("missing_key", at="batch/invoice-worker shop/storefront")
def key_missing(c: Cluster, app: App) -> Truth:
    name = f"{app.name}-env"
    _config_error(c, app, _refer(name, "TIMEZONE"), f"couldn't find key TIMEZONE in ConfigMap {c.namespace}/{name}")
    return Truth(app=app.name, objects=(("ConfigMap", name),), facts=("TIMEZONE", name))


@fault("missing_key", at="clinic/customers edge/orders-api")
def key_missing_in_secret(c: Cluster, app: App) -> Truth:
    name = f"{app.name}-credentials"
    _config_error(c, app, _refer(name, "username", "secretKeyRef"), f"couldn't find key username in Secret {c.namespace}/{name}")
    return Truth(app=app.name, objects=(("Secret", name),), facts=("username", name))


@fault("missing_key", at="search/suggester monitoring/prometheus")
def item_missing(c: Cluster, app: App) -> Truth:
    key = "tenants.yaml"

    def edit(spec: Json) -> None:
        volume = next(one for one in spec["volumes"] if one["name"] == "config")
        volume["configMap"]["items"] = [{"key": key, "path": key}]

    for pod in c.change(app, edit):
        c.waiting(pod, "ContainerCreating")
        c.event(
            pod,
            "FailedMount",
            f'MountVolume.SetUp failed for volume "config" : configmap references non-existent config key: {key}',
            count=16,
        )
    return Truth(app=app.name, objects=(("ConfigMap", f"{app.name}-config"),), facts=(key,))


_BAD = {
    "catalog": ("catalog.yaml", "listen: :8080\ncache 5m\n", "2026/10/05 09:27:41 load config: /etc/catalog/catalog.yaml: yaml: line 2: could not find expected ':'\n"),
    "redis": ("redis.conf", "maxmemori 200mb\n", "*** FATAL CONFIG FILE ERROR (Redis 7.4.0) ***\nReading the configuration file, at line 1\n>>> 'maxmemori 200mb'\nBad directive or wrong number of arguments\n"),
    "prometheus": ("prometheus.yml", "global:\n  scrape_intervall: 30s\n", 'time=2026-10-05T09:27:41.102Z level=ERROR source=main.go:600 msg="Error loading config (--config.file=/etc/prometheus/prometheus.yml)" file=/etc/prometheus/prometheus.yml err="parsing YAML file /etc/prometheus/prometheus.yml: yaml: unmarshal errors:\\n  line 2: field scrape_intervall not found in type config.plain"\n'),
    "frontend": ("nginx.conf", "events {}\nhttp { server { listen 8080 } }\n", '2026/10/05 09:27:41 [emerg] 1#1: unexpected "}" in /etc/nginx/nginx.conf:2\nnginx: [emerg] unexpected "}" in /etc/nginx/nginx.conf:2\n'),
    "suggester": ("suggester.toml", "[server\nport = 7700\n", "Error: TOML parse error at line 1, column 8\n  |\n1 | [server\n  |        ^\ninvalid table header\nexpected `.`, `]`\n"),
    "mariadb": ("my.cnf", "[mysqld]\nmax_conections=200\n", "2026-10-05  9:27:41 0 [Note] Starting MariaDB 11.4.4-MariaDB-ubu2404 source revision 1 as process 1\n2026-10-05  9:27:41 0 [ERROR] mariadbd: unknown variable 'max_conections=200'\n2026-10-05  9:27:41 0 [ERROR] Aborting\n"),
}  # fmt: skip


@fault("invalid_config", "config_changed", at="shop/catalog shop/redis monitoring/prometheus edge/frontend search/suggester blog/mariadb")
def bad_line_in_file(c: Cluster, app: App) -> Truth:
    """The file of a ConfigMap was edited, and the containers that started since then reject it."""
    key, content, log = _BAD[app.name]
    config = c.get("ConfigMap", f"{app.name}-config")
    config["data"][key] = content
    config["metadata"]["managedFields"] = [
        {
            "manager": "kubectl-edit",
            "operation": "Update",
            "apiVersion": "v1",
            "time": ago(20),
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {f"f:{key}": {}}},
        }
    ]
    for pod in c.pods(app):
        c.crash(pod, 1, log)
    return Truth(app=app.name, objects=(("ConfigMap", f"{app.name}-config"),))


_REQUIRED = {
    "storefront": "Error: Missing required environment variable: SESSION_SECRET\n    at requireEnv (/app/dist/config.js:14:11)\n    at Object.<anonymous> (/app/dist/server.js:9:3)\nNode.js v22.11.0\n",
    "scheduler-api": "/usr/local/bundle/gems/dotenv-3.1/lib/dotenv.rb:9:in `fetch': key not found: \"SESSION_SECRET\" (KeyError)\n\tfrom config/puma.rb:4:in `<main>'\n",
    "enricher": 'Traceback (most recent call last):\n  File "/srv/enricher/main.py", line 8, in <module>\n    SECRET = os.environ["SESSION_SECRET"]\n  File "<frozen os>", line 685, in __getitem__\nKeyError: \'SESSION_SECRET\'\n',
    "auth": "thread 'main' panicked at src/main.rs:31:38:\ncalled `Result::unwrap()` on an `Err` value: environment variable not found: SESSION_SECRET: NotPresent\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
}  # fmt: skip


@fault("missing_env_or_config", at="shop/storefront batch/scheduler-api pipeline/enricher edge/auth")
def variable_missing(c: Cluster, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["containers"][0]["image"] += ".1"

    for pod in c.change(app, edit):
        c.crash(pod, 101 if app.runtime == "rust" else 1, _REQUIRED[app.name])
    return Truth(app=app.name, facts=("SESSION_SECRET",))
