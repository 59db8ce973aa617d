# ruff: noqa: E501
"""Programs that crash, run out of memory, or wait for ever."""

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json


def _memory(limit: str) -> Edit:
    def edit(spec: Json) -> None:
        spec["containers"][0]["resources"] = {"requests": {"memory": limit}, "limits": {"memory": limit}}

    return edit


@fault("memory_limit_lowered", "memory_limit_too_low", at="shop/checkout pipeline/sink edge/orders-api search/indexer")
def low_limit(c: Cluster, app: App) -> Truth:
    """The first answer of an update is that the limit was lowered; of a first installation, that it is too low."""
    for pod in c.change(app, _memory("48Mi")):
        c.crash(pod, 137, "", reason="OOMKilled", ran=0.6)
    return Truth(app=app.name, facts=("48Mi",))


@fault("memory_leak", at="shop/storefront clinic/gateway batch/render-worker")
def leak(c: Cluster, app: App) -> Truth:
    """Nothing changed for days; every run lasts hours and ends at the limit."""
    for number, pod in enumerate(c.pods(app)):
        c.crash(pod, 137, "", reason="OOMKilled", ran=340 + 5 * number, restarts=23 + number)
    return Truth(app=app.name, facts=(app.memory,))


@fault("application_out_of_memory", at="clinic/visits search/dashboards")
def heap_exhausted(c: Cluster, app: App) -> Truth:
    java = 'Exception in thread "http-nio-8092-exec-4" java.lang.OutOfMemoryError: Java heap space\n\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)\nTerminating due to java.lang.OutOfMemoryError: Java heap space\n'
    node = "<--- Last few GCs --->\n[1:0x7f2a4c000] 91235 ms: Mark-Compact 509.1 (523.4) -> 508.7 (523.9) MB, 612.1 / 0.0 ms\nFATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n"
    for pod in c.pods(app):
        c.crash(pod, 3 if app.runtime == "java" else 134, java if app.runtime == "java" else node, ran=42)
    return Truth(app=app.name)


_PANICS = {
    "catalog": 'panic: pq: relation "product_variants" does not exist\n\ngoroutine 1 [running]:\nmain.mustPrepare(...)\n\t/src/cmd/catalog/main.go:88\nmain.main()\n\t/src/cmd/catalog/main.go:41 +0x1d4\n',
    "visits": "org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'entityManagerFactory'\nCaused by: org.hibernate.tool.schema.spi.SchemaManagementException: Schema-validation: missing table [product_variants]\n\tat org.hibernate.tool.schema.internal.AbstractSchemaValidator.validateTable(AbstractSchemaValidator.java:121)\n",
    "invoice-worker": 'error: relation "product_variants" does not exist\n    at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:285:98)\n  code: \'42P01\',\n  routine: \'parserOpenTable\'\n',
    "mailer": "sqlalchemy.exc.ProgrammingError: (pymysql.err.ProgrammingError) (1146, \"Table 'blog.product_variants' doesn't exist\")\n[SQL: SELECT id FROM product_variants LIMIT 1]\n",
}  # fmt: skip


@fault("database_schema_missing", at="shop/catalog clinic/visits batch/invoice-worker blog/mailer")
def migration_missing(c: Cluster, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["containers"][0]["image"] += "-next"

    for pod in c.change(app, edit):
        c.crash(pod, 2 if app.runtime == "go" else 1, _PANICS[app.name], ran=0.2)
    return Truth(app=app.name, facts=("product_variants",))


_BUGS = {
    "ingest": "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x7a41c2]\n\ngoroutine 22 [running]:\nacme.dev/ingest/route.(*Table).Match(0x0, {0xc0001, 0x1d})\n\t/src/route/table.go:57 +0x22\n",
    "checkout": 'Traceback (most recent call last):\n  File "/srv/checkout/app.py", line 31, in <module>\n    total = sum(line["price"] for line in ORDER)\nTypeError: \'NoneType\' object is not iterable\n',
    "orders-api": "Unhandled exception. System.NullReferenceException: Object reference not set to an instance of an object.\n   at Acme.Orders.Startup.Configure(IApplicationBuilder app) in /src/Startup.cs:line 44\n",
}  # fmt: skip


@fault("application_error", "bad_rollout", at="pipeline/ingest shop/checkout edge/orders-api")
def bug_in_release(c: Cluster, app: App) -> Truth:
    """A bug of the new release: a general answer is right, with the revision or without."""
    c.fresh = False

    def edit(spec: Json) -> None:
        spec["containers"][0]["image"] += "-hotfix2"

    for pod in c.change(app, edit):
        c.crash(pod, 134 if app.runtime == "dotnet" else 2 if app.runtime == "go" else 1, _BUGS[app.name], ran=0.3)
    return Truth(app=app.name)


@fault("library_missing", at="blog/mailer edge/auth search/query-api")
def module_missing(c: Cluster, app: App) -> Truth:
    log, name = {
        "python": ("Traceback (most recent call last):\n  File \"/srv/mailer/main.py\", line 3, in <module>\n    import pydantic_settings\nModuleNotFoundError: No module named 'pydantic_settings'\n", "pydantic_settings"),
        "rust": ("/usr/local/bin/auth: error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory\n", "libssl.so.3"),
        "ruby": ("<internal:/usr/local/lib/ruby/site_ruby/3.3.0/rubygems/core_ext/kernel_require.rb>:136:in `require': cannot load such file -- oj (LoadError)\n\tfrom /app/config.ru:2:in `block in <main>'\n", "oj"),
    }[app.runtime]  # fmt: skip

    def edit(spec: Json) -> None:
        spec["containers"][0]["image"] += "-slim"

    for pod in c.change(app, edit):
        c.crash(pod, 127 if app.runtime == "rust" else 1, log)
    return Truth(app=app.name, facts=(name,))


@fault("port_in_use", at="clinic/gateway edge/orders-api")
def sidecar_port_clash(c: Cluster, app: App) -> Truth:
    """A new sidecar listens on the port of the program."""

    def edit(spec: Json) -> None:
        ports = [{"name": "metrics", "containerPort": app.port}]
        spec["containers"].append(
            {"name": "telemetry", "image": "docker.io/otel/opentelemetry-collector:0.115.1", "ports": ports, "resources": {}}
        )

    log = f"Error: cannot start pipelines: failed to bind to address 0.0.0.0:{app.port}: listen tcp 0.0.0.0:{app.port}: bind: address already in use\n2026/10/05 09:27:41 collector server run finished with error\n"
    for pod in c.change(app, edit):
        c.crash(pod, 1, log, container="telemetry")
    return Truth(app=app.name, facts=(str(app.port),))


@fault("exits_zero", at="batch/render-worker pipeline/enricher")
def finishes(c: Cluster, app: App) -> Truth:
    def edit(spec: Json) -> None:
        spec["containers"][0]["command"] = ["python", "-m", app.name.replace("-", "_"), "--once"]

    for pod in c.change(app, edit):
        c.crash(pod, 0, "INFO loaded 4 plugins\nINFO queue is empty, exiting\n", reason="Completed", ran=0.1)
    return Truth(app=app.name)


@fault("rbac_forbidden", at="monitoring/prometheus pipeline/ingest")
def no_role(c: Cluster, app: App) -> Truth:
    account = f"system:serviceaccount:{c.namespace}:{app.name}"
    c.add("ServiceAccount", app.name)
    log = f'time=2026-10-05T09:27:41Z level=ERROR msg="failed to list *v1.Endpoints: endpoints is forbidden: User \\"{account}\\" cannot list resource \\"endpoints\\" in API group \\"\\" in the namespace \\"{c.namespace}\\""\nfatal: cannot start discovery\n'

    def edit(spec: Json) -> None:
        spec["serviceAccountName"] = app.name

    for pod in c.change(app, edit):
        c.crash(pod, 1, log, ran=0.5)
    return Truth(app=app.name, objects=(("ServiceAccount", app.name),), facts=("endpoints", app.name))


@fault("init_container_hangs", "wrong_dependency_address", "service_missing", "dependency_unavailable", at="shop/catalog clinic/customers")
def init_waits(c: Cluster, app: App) -> Truth:
    """An init container waits for a database by a name that does not exist; the general answer is right too."""
    target = next(value for value in app.calls.values() if value.partition(":")[0] in ("postgres", "mysql")).partition(":")[0]
    wrong = f"{target}-primary"
    init = {
        "name": "wait-for-db",
        "image": "docker.io/library/busybox:1.37",
        "command": ["sh", "-c", f"until nslookup {wrong}; do echo waiting for {wrong}; sleep 2; done"],
    }

    def edit(spec: Json) -> None:
        spec["initContainers"] = [init]

    for pod in c.change(app, edit):
        c.waiting(pod, "PodInitializing")
        pod["status"]["conditions"][1] |= {
            "status": "False",
            "reason": "ContainersNotInitialized",
            "message": "containers with incomplete status: [wait-for-db]",
        }
        started = pod["metadata"]["creationTimestamp"]
        pod["status"]["initContainerStatuses"] = [
            {
                "name": "wait-for-db",
                "ready": False,
                "started": True,
                "restartCount": 0,
                "image": init["image"],
                "imageID": "x",
                "state": {"running": {"startedAt": started}},
                "lastState": {},
            }
        ]
        c.write(
            pod,
            f"** server can't find {wrong}.{c.namespace}.svc.cluster.local: NXDOMAIN\n\nwaiting for {wrong}\n" * 3,
            container="wait-for-db",
        )
    return Truth(app=app.name, facts=(wrong,))


@fault("init_container_hangs", at="monitoring/grafana search/dashboards")
def init_sleeps(c: Cluster, app: App) -> Truth:
    init = {"name": "import-plugins", "image": "docker.io/library/alpine:3.21", "command": ["sh", "-c", "/scripts/import.sh"]}

    def edit(spec: Json) -> None:
        spec["initContainers"] = [init]

    for pod in c.change(app, edit, minutes=55):
        c.waiting(pod, "PodInitializing")
        pod["status"]["conditions"][1] |= {
            "status": "False",
            "reason": "ContainersNotInitialized",
            "message": "containers with incomplete status: [import-plugins]",
        }
        started = pod["metadata"]["creationTimestamp"]
        pod["status"]["initContainerStatuses"] = [
            {
                "name": "import-plugins",
                "ready": False,
                "started": True,
                "restartCount": 0,
                "image": init["image"],
                "imageID": "x",
                "state": {"running": {"startedAt": started}},
                "lastState": {},
            }
        ]
        c.write(pod, "importing 1 of 40\n", container="import-plugins")
    return Truth(app=app.name, facts=("import-plugins",))


@fault("file_permission_denied", at="shop/postgres monitoring/loki blog/wordpress search/suggester")
def cannot_write(c: Cluster, app: App) -> Truth:
    log, path = {
        "postgres": ('2026-10-05 09:27:41.311 UTC [1] FATAL:  could not open file "/var/lib/postgresql/data/global/pg_control": Permission denied\n', "/var/lib/postgresql/data/global/pg_control"),
        "go": ("level=error ts=2026-10-05T09:27:41Z caller=log.go:230 msg=\"error running loki\" err=\"mkdir /loki/rules: permission denied\\nerror creating index client\"\n", "/loki/rules"),
        "php": ("cp: cannot create regular file '/var/www/html/wp-config.php': Permission denied\n", "/var/www/html/wp-config.php"),
        "rust": ("Error: failed to create index directory\n\nCaused by:\n    Permission denied (os error 13): /srv/index\n", "/srv/index"),
    }[app.runtime]  # fmt: skip

    def edit(spec: Json) -> None:
        spec["securityContext"] = {"runAsUser": 10001}

    for pod in c.change(app, edit):
        c.crash(pod, 1, log)
    return Truth(app=app.name, facts=(path,))


@fault("file_permission_denied", at="shop/cart edge/frontend")
def read_only_root(c: Cluster, app: App) -> Truth:
    path = "/var/cache/nginx/client_temp" if app.runtime == "nginx" else "/tmp/cart.sock"
    log = (
        f'nginx: [emerg] mkdir() "{path}" failed (30: Read-only file system)\n'
        if app.runtime == "nginx"
        else f"2026/10/05 09:27:41 listen unix {path}: bind: read-only file system\n"
    )

    def edit(spec: Json) -> None:
        spec["containers"][0]["securityContext"] = {"readOnlyRootFilesystem": True}

    for pod in c.change(app, edit):
        c.crash(pod, 1, log)
    return Truth(app=app.name, facts=(path,))
