# ruff: noqa: E501
"""Probes that check the wrong thing, or too early."""

from typing import Any

from lab.unseen.cluster import Cluster
from lab.unseen.fault import Truth, fault
from lab.unseen.manifests import App, Edit, Json


def _probe(kind: str, **parts: Any) -> Edit:
    def edit(spec: Json) -> None:
        container = spec["containers"][0]
        probe = container.setdefault(kind, {"timeoutSeconds": 1, "periodSeconds": 10, "failureThreshold": 3})
        for key, value in parts.items():
            if key in ("path", "port"):
                probe.setdefault("httpGet" if "httpGet" in probe or "path" in parts else "tcpSocket", {})[key] = value
            else:
                probe[key] = value

    return edit


def _ready_fails(c: Cluster, app: App, edit: Edit, message: str, log: str = "") -> None:
    for pod in c.change(app, edit):
        c.stay_unready(pod, log)
        c.event(pod, "Unhealthy", f"Readiness probe failed: {message.replace('IP', pod['status']['podIP'])}", container=app.name, count=90)


def _live_fails(c: Cluster, app: App, edit: Edit, message: str, log: str, *, ran: float = 0.8, kind: str = "Liveness") -> None:
    for pod in c.change(app, edit):
        c.crash(pod, 137, log, ran=ran)
        c.event(pod, "Unhealthy", f"{kind} probe failed: {message.replace('IP', pod['status']['podIP'])}", container=app.name, count=24)
        c.event(
            pod,
            "Killing",
            f"Container {app.name} failed {kind.lower()} probe, will be restarted",
            container=app.name,
            kind="Normal",
            count=7,
        )


@fault("readiness_probe_wrong_path", at="shop/catalog clinic/gateway pipeline/ingest edge/auth")
def ready_path(c: Cluster, app: App) -> Truth:
    path = f"{app.path}z-check"
    _ready_fails(c, app, _probe("readinessProbe", path=path), "HTTP probe failed with statuscode: 404")
    return Truth(app=app.name, facts=(path, "404"))


@fault("readiness_probe_wrong_port", at="shop/checkout search/indexer monitoring/grafana batch/scheduler-api")
def ready_port(c: Cluster, app: App) -> Truth:
    wrong = app.port + 11
    message = f'Get "http://IP:{wrong}{app.path}": dial tcp IP:{wrong}: connect: connection refused'
    _ready_fails(c, app, _probe("readinessProbe", port=wrong), message)
    return Truth(app=app.name, facts=(str(wrong), str(app.port)))


@fault("readiness_probe_too_tight", at="clinic/visits edge/orders-api")
def ready_timeout(c: Cluster, app: App) -> Truth:
    message = f'Get "http://IP:{app.port}{app.path}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    _ready_fails(c, app, _probe("readinessProbe", timeoutSeconds=1), message)
    return Truth(app=app.name, facts=("1",))


@fault("readiness_probe_unhealthy", at="search/query-api shop/storefront")
def reports_unready(c: Cluster, app: App) -> Truth:
    for pod in c.pods(app):
        c.stay_unready(pod)
        c.event(pod, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", container=app.name, count=90)
    return Truth(app=app.name, facts=("503",))


@fault("liveness_probe_wrong_path", at="blog/mailer batch/invoice-worker search/suggester")
def live_path(c: Cluster, app: App) -> Truth:
    path = "/live/status"
    _live_fails(c, app, _probe("livenessProbe", path=path), "HTTP probe failed with statuscode: 404", f"listening on :{app.port}\n")
    return Truth(app=app.name, facts=(path,))


@fault("liveness_probe_wrong_port", at="pipeline/enricher edge/auth clinic/customers")
def live_port(c: Cluster, app: App) -> Truth:
    wrong = app.port + 5
    message = f'Get "http://IP:{wrong}{app.path}": dial tcp IP:{wrong}: connect: connection refused'
    _live_fails(c, app, _probe("livenessProbe", port=wrong), message, f"INFO server started on port {app.port}\n")
    return Truth(app=app.name, facts=(str(wrong),))


@fault("liveness_probe_too_tight", at="pipeline/sink clinic/gateway")
def live_too_early(c: Cluster, app: App) -> Truth:
    """The program takes 70 seconds to listen; the probe kills it before."""
    message = f'Get "http://IP:{app.port}{app.path}": dial tcp IP:{app.port}: connect: connection refused'
    _live_fails(
        c,
        app,
        _probe("livenessProbe", initialDelaySeconds=5, periodSeconds=5),
        message,
        'Starting application using Java 21.0.5 with PID 1\nThe following 1 profile is active: "prod"\n',
        ran=0.4,
    )
    return Truth(app=app.name)


@fault("startup_probe_too_tight", "startup_probe_unhealthy", at="search/opensearch pipeline/kafka")
def startup_too_short(c: Cluster, app: App) -> Truth:
    edit = _probe("startupProbe", port=app.port_name, failureThreshold=3, periodSeconds=5)
    _live_fails(
        c,
        app,
        edit,
        f"dial tcp IP:{app.port}: connect: connection refused",
        "INFO loading log segments from /var/lib\n",
        ran=0.35,
        kind="Startup",
    )
    return Truth(app=app.name)


@fault("readiness_probe_wrong_command", at="shop/redis blog/mariadb")
def ready_command(c: Cluster, app: App) -> Truth:
    program = "healthcheck.sh" if app.runtime == "mysql" else "redis-ping"

    def edit(spec: Json) -> None:
        spec["containers"][0]["readinessProbe"] = {
            "exec": {"command": [program, "--connect"]},
            "periodSeconds": 10,
            "timeoutSeconds": 1,
            "failureThreshold": 3,
        }

    why = f'OCI runtime exec failed: exec failed: unable to start container process: exec: "{program}": executable file not found in $PATH'
    for pod in c.change(app, edit):
        c.stay_unready(pod)
        c.event(
            pod,
            "Unhealthy",
            f'Readiness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container: failed to start exec "5f1c": {why}',
            container=app.name,
            count=90,
        )
    return Truth(app=app.name, facts=(program,))
