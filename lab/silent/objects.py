"""Builders of the manifests: programs, servers, settings and permissions."""

from collections.abc import Mapping, Sequence
from typing import Any

from lab.silent.images.build import reference

Json = dict[str, Any]
Env = Mapping[str, str | tuple[str, ...]]
"""A value is a text, or ("secret" | "configmap", name, key) with an optional "optional"."""
JAVA = "/usr/lib/jvm/java-17-openjdk-amd64/bin/java"
ADMIN = "oH5-nightly-elm"
PASSWORD = "teal-harbor-81"


def meta(name: str) -> Json:
    return {"name": name, "labels": {"app": name}}


def config(name: str, **data: str) -> Json:
    """Keys are written with `__` for a dot and `_` as it is."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {k.replace("__", "."): v for k, v in data.items()}}


def secret(name: str, **data: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "type": "Opaque",
        "stringData": {key.replace("__", "."): value for key, value in data.items()},
    }


def tls(name: str, host: str, issuer: str, days: int = 365) -> Json:
    """A server certificate with its key; run.py makes both, so none lies in a file. `days` < 0: expired."""
    words = f"issuer={issuer} name={host} days={days}"
    return secret(name, tls__crt="{{crt " + words + "}}", tls__key="{{key " + words + "}}")


def authority(name: str, issuer: str) -> Json:
    return config(name, ca__crt="{{ca issuer=" + issuer + "}}")


def service(name: str, port: int, target: int | str | None = None, selector: Json | None = None, **spec: Any) -> Json:
    ports = [{"name": "main", "port": port, "targetPort": target or port}]
    chosen = {} if selector == {} else {"selector": selector or {"app": name}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name), "spec": {"ports": ports, **chosen, **spec}}


def _variable(key: str, value: str | tuple[str, ...]) -> Json:
    if isinstance(value, str):
        return {"name": key, "value": value}
    kind, name, field, *rest = value
    reference = {"name": name, "key": field, **({"optional": True} if rest else {})}
    return {"name": key, "valueFrom": {"secretKeyRef" if kind == "secret" else "configMapKeyRef": reference}}


def _volume(name: str, source: tuple[Any, ...]) -> Json:
    kind, what, *rest = source
    made: Json = {
        "secret": lambda: {"secret": {"secretName": what, **({"defaultMode": rest[0]} if rest else {})}},
        "configmap": lambda: {"configMap": {"name": what}},
        "memory": lambda: {"emptyDir": {"medium": "Memory", "sizeLimit": what}},
        "empty": lambda: {"emptyDir": {"sizeLimit": what}},
    }[kind]()
    return {"name": name, **made}


def pod(
    name: str,
    image: str,
    command: Sequence[str],
    env: Env | None = None,
    mounts: Mapping[str, tuple[Any, ...]] | None = None,
    *,
    probe: Json | None = None,
    port: int | None = None,
    container: Json | None = None,
    user: int | None = None,
    wait_for: str = "",
    **spec: Any,
) -> Json:
    """A pod's spec. `wait_for`: HOST:PORT that an init container waits for."""
    main: Json = {
        "name": name,
        "image": reference(image),
        "imagePullPolicy": "IfNotPresent",
        "command": list(command),
        "resources": {"requests": {"cpu": "5m", "memory": "16Mi"}},
    }
    if env:
        main["env"] = [_variable(key, value) for key, value in env.items()]
    if port:
        main["ports"] = [{"containerPort": port}]
    if probe:
        main["readinessProbe"] = {"periodSeconds": 5, **probe}
    if mounts:
        main["volumeMounts"] = [{"name": f"volume-{number}", "mountPath": path} for number, path in enumerate(mounts)]
        spec["volumes"] = [_volume(f"volume-{number}", source) for number, source in enumerate(mounts.values())]
    if user is not None:
        spec["securityContext"] = {"runAsUser": user, "runAsGroup": user}
    if wait_for:
        host, at = wait_for.split(":")
        loop = f"until timeout 2 bash -c '</dev/tcp/{host}/{at}' 2>/dev/null; do sleep 1; done"
        spec["initContainers"] = [
            {"name": "wait", "image": reference("redis"), "imagePullPolicy": "IfNotPresent", "command": ["bash", "-c", loop]}
        ]
    spec.setdefault("terminationGracePeriodSeconds", 5)
    return {"containers": [main | (container or {})], **spec}


def deployment(
    name: str, image: str, command: Sequence[str], *arguments: Any, replicas: int = 1, labels: Json | None = None, **options: Any
) -> Json:
    template = {"metadata": {"labels": {"app": name, **(labels or {})}}, "spec": pod(name, image, command, *arguments, **options)}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(name), "spec": spec}


def cronjob(name: str, image: str, command: Sequence[str], *arguments: Any, policy: str = "Forbid", **options: Any) -> Json:
    template = {"metadata": {"labels": {"app": name}}, "spec": pod(name, image, command, *arguments, restartPolicy="Never", **options)}
    spec = {"schedule": "* * * * *", "concurrencyPolicy": policy, "jobTemplate": {"spec": {"backoffLimit": 1, "template": template}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta(name), "spec": spec}


def job(name: str, image: str, command: Sequence[str], *arguments: Any, **options: Any) -> Json:
    spec = {
        "backoffLimit": 1,
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": pod(name, image, command, *arguments, restartPolicy="Never", **options),
        },
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta(name), "spec": spec}


# --- programs


def shop(name: str, program: str, env: Env | None = None, *arguments: Any, **options: Any) -> Json:
    return deployment(name, "shop", ["python3", f"/app/{program}.py"], env, *arguments, **options)


def web(name: str, env: Env | None = None, *arguments: Any, listen: int = 8080, flags: Sequence[str] = (), **options: Any) -> Json:
    command = ["python3", "-m", "gunicorn", "--chdir", "/app", "-b", f":{listen}", "-w", "2", "--access-logfile", "-", *flags, "web:app"]
    return deployment(name, "shop", command, env, *arguments, port=listen, **options)


def catalog(name: str, work: str, env: Env | None = None, *arguments: Any, **options: Any) -> Json:
    return deployment(name, "catalog", ["catalog", work], env, *arguments, **options)


def billing(name: str, work: str, env: Env | None = None, *arguments: Any, java: Sequence[str] = ("-Xmx64m",), **options: Any) -> Json:
    command = [JAVA, *java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", "/app/*", "Billing", work]
    return deployment(name, "billing", command, env, *arguments, **options)


def database_env(
    user: str = "shop", secret_name: str = "database", host: str = "postgres:5432", name: str = "shop", options: str = ""
) -> Env:
    """The variables of a Python or Go client, with the password from a Secret."""
    return {
        "DATABASE_PASSWORD": ("secret", secret_name, "password"),
        "DATABASE_URL": f"postgresql://{user}:$(DATABASE_PASSWORD)@{host}/{name}{options}",
    }


def jdbc_env(secret_name: str = "database", url: str = "jdbc:postgresql://postgres:5432/shop", user: str = "shop") -> Env:
    return {"JDBC_URL": url, "JDBC_USER": user, "JDBC_PASSWORD": ("secret", secret_name, "password")}


# --- servers

TABLES = """CREATE ROLE shop LOGIN PASSWORD '{password}';
ALTER DATABASE shop OWNER TO shop;
SET ROLE shop;
CREATE TABLE orders (id int PRIMARY KEY, item text);
CREATE TABLE products (id serial PRIMARY KEY, name text);
CREATE TABLE invoices (id serial PRIMARY KEY, total numeric);
INSERT INTO orders SELECT g, 'item ' || g FROM generate_series(1, 200) g;
RESET ROLE;
"""


def postgres(
    *options: str,
    sql: str = "",
    password: str = PASSWORD,
    name: str = "postgres",
    delay: int = 0,
    mounts: Mapping[str, tuple[Any, ...]] | None = None,
    **more: Any,
) -> list[Json]:
    """PostgreSQL with the tables of the shop, and the Secret `database` of its clients unless the case makes one itself."""
    probe = more.pop("probe", ["-h", "127.0.0.1", "-U", "postgres"])  # while the folder is prepared, only the socket answers
    before = f"sleep {delay}; " if delay else ""
    command = (
        ["sh", "-c", f'{before}{more.pop("first", "")}exec postgres-start "$@"', "start", *options]
        if before or "first" in more
        else ["postgres-start", *options]
    )
    return [
        config(f"{name}-init", init__sql=TABLES.format(password=password) + sql),
        secret(f"{name}-admin", password=ADMIN),
        deployment(
            name,
            "postgres",
            command,
            {"POSTGRES_PASSWORD": ("secret", f"{name}-admin", "password"), "POSTGRES_DB": "shop"},
            {"/initdb": ("configmap", f"{name}-init"), **(mounts or {})},
            user=999,
            port=5432,
            probe={"exec": {"command": ["/usr/lib/postgresql/15/bin/pg_isready", "-q", *probe]}, "periodSeconds": 15},
            **more,
        ),
        service(name, 5432),
    ]


def credentials(name: str = "database", password: str = PASSWORD) -> Json:
    return secret(name, username="shop", password=password)


def redis(*options: str, name: str = "redis", port: int = 6379) -> list[Json]:
    command = ["redis-server", "--save", "", "--dir", "/data", "--protected-mode", "no", *options]
    return [deployment(name, "redis", command, port=6379, probe={"tcpSocket": {"port": 6379}}), service(name, port)]


def rabbitmq(conf: str = "", name: str = "rabbitmq") -> list[Json]:
    settings = (
        f"loopback_users = none\ndefault_user = shop\ndefault_pass = {PASSWORD}\nlog.console = true\nlog.console.level = info\n{conf}"
    )
    return [
        config(f"{name}-config", rabbitmq__conf=settings),
        deployment(
            name,
            "rabbitmq",
            ["sh", "-c", "cp /config/rabbitmq.conf /etc/rabbitmq/ && exec rabbitmq-start"],
            None,
            {"/config": ("configmap", f"{name}-config")},
            port=5672,
            probe={"tcpSocket": {"port": 5672}},
        ),
        service(name, 5672),
    ]


NGINX = """worker_processes 1;
error_log /dev/stderr warn;
pid /tmp/nginx.pid;
events {{ worker_connections 128; }}
http {{
  access_log /dev/stdout;
  {http}
  server {{
    listen {listen};
    {server}
  }}
}}
"""


def nginx(
    name: str,
    server: str,
    *,
    http: str = "",
    listen: str = "8080",
    port: int = 8080,
    service_port: int | None = None,
    mounts: Mapping[str, tuple[Any, ...]] | None = None,
    **options: Any,
) -> list[Json]:
    mounted = {"/etc/nginx/site": ("configmap", f"{name}-config"), **(mounts or {})}
    command = options.pop("command", ["nginx", "-c", "/etc/nginx/site/nginx.conf", "-g", "daemon off;"])
    return [
        config(f"{name}-config", nginx__conf=NGINX.format(http=http, listen=listen, server=server)),
        deployment(name, "nginx", command, None, mounted, port=port, probe={"tcpSocket": {"port": port}}, **options),
        service(name, service_port or port, port),
    ]


# --- permissions


def account(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}


def role(name: str, *rules: tuple[str, str, str]) -> Json:
    """A rule is (group, resources, verbs), the last two with commas."""
    made = [{"apiGroups": [group], "resources": what.split(","), "verbs": verbs.split(",")} for group, what, verbs in rules]
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name}, "rules": made}


def binding(name: str, to: str, namespace: str) -> Json:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": to, "namespace": namespace}],
    }


def reconciler(name: str, task: str, namespace: str, **more: Any) -> Json:
    env = {"TASK": task, "NAMESPACE": namespace, **more.pop("env", {})}
    return shop(name, "reconciler", env, serviceAccountName=name, **more)


def policy(name: str, selects: Json, **spec: Any) -> Json:
    types = [word.capitalize() for word in spec]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {"podSelector": {"matchLabels": selects}, "policyTypes": types, **spec},
    }


def slice_of(service_name: str, address: str, port: int) -> Json:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{service_name}-1", "labels": {"kubernetes.io/service-name": service_name}},
        "addressType": "IPv4",
        "ports": [{"name": "main", "port": port}],
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
    }


def budget(name: str, **spec: Any) -> Json:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, **spec},
    }
